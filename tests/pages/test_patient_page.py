"""The patient's page in a browser: looked at, moved by mouse and keys, heard, printed, and under attack."""

from dataclasses import replace
from datetime import date

import pytest
from outcomes import DAYS, load_made_up, make_course, make_outcome

from lesionkit.core.cohort import Answer, Treatment
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.response import Category, Contrast, Discordance
from lesionkit.core.score import Score, ScoreResponse
from lesionkit.core.track import Event
from lesionkit.report import to_html
from lesionkit.report.page_environment import environment
from lesionkit.report.pages import patient_page
from lesionkit.report.source import Source

ATTACK = '"\'><script>window.pwned=1</script><img src=x onerror="window.pwned=1">{{7*7}}</svg>\u202eevil 🙂 '
LONG = ATTACK + "x" * 10_000


def _full():
    """Return what has all sources: photographs, radiograph, scores and a questionnaire that disagree."""
    outcome = make_outcome()
    treatments = (
        Treatment(drug="pamidronate", start=date(2012, 5, 15), end=date(2013, 5, 1), dose="75 mg"),
        Treatment(drug="methotrexate", start=date(2011, 12, 1)),
        Treatment(drug="prednisolone"),
    )
    patients = tuple(replace(p, treatments=treatments) for p in outcome.cohort.patients)
    scores = tuple(
        Score(date=day, name="SCTC", value=value, reader=reader)
        for day, value in ((DAYS[0], 14.0), (DAYS[3], 8.0))
        for reader in ("reader-1", "reader-2")
    )
    return replace(
        outcome,
        cohort=replace(outcome.cohort, patients=patients),
        given_scores={"P01": scores},
        answers={
            "P01": (
                Answer(item="reduction of pain", text="yes", date=DAYS[3]),
                Answer(item="improved mobility", text="no", date=DAYS[3]),
            )
        },
        scores=(
            ScoreResponse(
                patient="P01",
                score="SCTC",
                date=DAYS[3],
                baseline_date=DAYS[0],
                baseline=14.0,
                current=8.0,
                change_pct=-42.9,
                category=Category.REGRESSION,
                readers=("reader-1", "reader-2"),
                reasons=("below_regression",),
            ),
        ),
        discordances=(
            Discordance(
                patient="P01",
                verdicts=(("XC", Category.PROGRESSION), ("SCTC", Category.REGRESSION)),
                is_opposite=True,
            ),
        ),
        tracks=tuple(
            replace(
                t,
                sightings=tuple(
                    replace(s, event=Event.EXCISED) if s.event is Event.RESOLVED else s for s in t.sightings
                ),
            )
            for t in outcome.tracks
        ),
        responses=tuple(
            replace(
                r,
                contrast=Contrast(
                    controls=("T9",), control_change_pct=4.0, difference_pct=30.0, limits=(9, 55)
                ),
            )
            if r.patient == "P01"
            else r
            for r in outcome.responses
        ),
    )


def _hostile():
    outcome = make_course(3, patient=LONG, name=LONG, site=LONG)
    patient = replace(
        outcome.cohort.patients[0],
        treatments=(Treatment(drug=LONG, start=date(2012, 2, 1), dose=ATTACK, cycles=ATTACK),),
        facts={"sex": LONG, "diagnosis": ATTACK},
    )
    return replace(
        outcome,
        cohort=replace(outcome.cohort, name=LONG, patients=(patient,)),
        given_scores={LONG: (Score(date=date(2012, 2, 15), name=LONG, value=3, reader=LONG),)},
        answers={LONG: (Answer(item=LONG, text=LONG, date=date(2012, 2, 15)),)},
        discordances=(
            Discordance(
                patient=LONG,
                verdicts=((LONG, Category.REGRESSION), ("XC", Category.PROGRESSION)),
                is_opposite=True,
            ),
        ),
        problems=(Problem(severity=Severity.ERROR, code="x", about=LONG, text=LONG, hint=LONG),),
        versions={"lesionkit": ATTACK},
    )


def _alone(outcome, folder):
    """Write the page of an outcome's only patient, without the cohort's page."""
    (patient,) = outcome.cohort.patients
    templates = environment(cohort=outcome.cohort.name, versions=outcome.versions)
    page = patient_page(Source.of(outcome, load=load_made_up, texts={}), patient)
    place = folder / "page.html"
    place.write_text(templates.get_template("patient.html").render(page=page), encoding="utf-8")
    return place


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Return pages by what they are of."""
    made = {"many": make_course(30), "single": make_course(1), "hostile": _hostile()}
    found = {name: _alone(outcome, tmp_path_factory.mktemp(name)) for name, outcome in made.items()}
    _, found["full"], found["volumes"] = to_html.write(
        _full(), tmp_path_factory.mktemp("full"), load=load_made_up
    )
    return found


@pytest.mark.parametrize("name", ["full", "volumes", "many", "single", "hostile"])
def test_a_page_fetches_nothing_and_can_be_heard_and_used_by_all(look, pages, name):
    visit = look(pages[name])
    assert visit.faults() == []
    assert visit.page.evaluate("window.pwned") is None


@pytest.mark.parametrize("name", ["full", "volumes", "hostile"])
def test_a_narrow_page_is_not_wider_than_its_window(look, pages, name):
    visit = look(pages[name], width=400, height=800)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 400
    assert visit.faults() == []


def _cut(page):
    """Return how the later picture of the first viewer is cut."""
    return page.eval_on_selector(".viewer .after .picture", "e => getComputedStyle(e).clipPath")


def test_the_slider_follows_the_keys(look, pages):
    page = look(pages["full"]).page
    viewer = page.locator(".viewer").first
    assert _cut(page) == "none"
    viewer.get_by_label("Side by side").focus()
    page.keyboard.press("ArrowRight")
    assert viewer.get_attribute("data-mode") == "slide"
    slider = viewer.get_by_label("How much of the later picture is shown")
    slider.focus()
    before = _cut(page)
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == "60"
    assert slider.get_attribute("aria-valuetext") == "60 %"
    assert (before, _cut(page)) == ("inset(0px 0px 0px 50%)", "inset(0px 0px 0px 40%)")


def test_the_slider_follows_the_mouse(look, pages):
    page = look(pages["full"]).page
    viewer = page.locator(".viewer").first
    viewer.get_by_label("Slider").check()
    box = viewer.locator(".before .picture").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, middle, steps=4)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.9, middle)
    assert viewer.locator("input[type=range]").input_value() == "75"
    lower = viewer.locator(".after .picture").bounding_box()
    assert lower == pytest.approx(box, abs=0.5), "both pictures lie on one another"


def test_pictures_fade_and_outlines_can_be_put_aside(look, pages):
    page = look(pages["full"]).page
    viewer = page.locator(".viewer").first
    viewer.get_by_label("Fade").check()
    opacity = page.eval_on_selector(".viewer .after .picture", "e => getComputedStyle(e).opacity")
    assert opacity == "0.5"
    with_lines = viewer.locator(".before .picture").screenshot()
    viewer.get_by_label("Outlines and names").uncheck()
    assert viewer.locator(".before .picture").screenshot() != with_lines


def test_a_picture_of_the_strip_is_shown_on_the_right(look, pages):
    page = look(pages["full"]).page
    viewer = page.locator(".viewer").first
    last = viewer.locator(".after use").get_attribute("href")
    viewer.get_by_role("button", name="Show 2013-03-04 on the right").focus()
    page.keyboard.press("Enter")
    assert viewer.locator(".after use").get_attribute("href") != last
    assert "Chosen: 2013-03-04" in viewer.locator(".after figcaption").inner_text()
    assert "2013-03-04" in viewer.locator(".after .picture").get_attribute("aria-label")
    assert viewer.locator("button[aria-pressed=true]").count() == 1


def test_the_timeline_tells_the_day_by_keys_and_by_mouse(look, pages):
    page = look(pages["full"]).page
    figure = page.locator(".site figure.timeline").first
    said = figure.get_by_role("status")
    figure.get_by_label("Day").focus()
    assert "2015-06-01" in said.inner_text()
    page.keyboard.press("ArrowLeft")
    assert "total: 2014-09-02" in said.inner_text()
    assert "thumb: 2014-09-02" in said.inner_text()
    assert figure.get_by_label("Day").get_attribute("aria-valuetext") == "2014-09-02"
    box = figure.locator("svg.chart").bounding_box()
    page.mouse.move(box["x"] + 0.12 * box["width"], box["y"] + 0.5 * box["height"])
    assert "2012-03-01" in said.inner_text()
    assert "baseline" in said.inner_text()


def test_a_click_on_the_timeline_shows_the_picture_of_that_day(look, pages):
    page = look(pages["full"]).page
    chart = page.locator(".site svg.chart").first
    box = chart.bounding_box()
    chart.click(position={"x": 0.12 * box["width"], "y": 0.5 * box["height"]})
    assert "Chosen: 2012-03-01" in page.locator(".viewer .after figcaption").first.inner_text()


def test_a_line_can_be_put_aside(look, pages):
    page = look(pages["full"]).page
    figure = page.locator(".site figure.timeline").first
    figure.get_by_label("Day").focus()
    assert "thumb" in figure.get_by_role("status").inner_text()
    figure.get_by_label("thumb").uncheck()
    assert "thumb" not in figure.get_by_role("status").inner_text()
    assert not figure.locator("g[data-name=thumb]").is_visible()


def test_all_sources_stand_side_by_side_and_discordance_is_told(look, pages):
    page = look(pages["full"]).page
    names = page.locator(".answers > li > h3").all_inner_texts()
    assert names == ["Photographs", "X-ray", "Scores", "Questionnaire"]
    tops = {round(one.bounding_box()["y"]) for one in page.locator(".answers > li").all()}
    assert len(tops) == 1
    assert "Sources say the opposite (Photographs: progression, SCTC: regression)" in page.inner_text(
        ".disagree"
    )
    assert "1 of 2 answered yes" in page.inner_text(".answers")
    assert "Controls (T9): +4 %; beside them the others changed by +30 %" in page.inner_text(".answers")
    chart = page.locator("section[aria-labelledby=over-time] svg").text_content()
    for part in (
        "Photographs: total area",
        "X-ray: total area",
        "Score SCTC",
        "1 of 2 yes",
        "pamidronate 75 mg",
    ):
        assert part in chart


def test_every_link_leads_somewhere(look, pages):
    page = look(pages["full"], beside=True).page
    inside = page.eval_on_selector_all(
        "a[href^='#']", "found => found.filter(a => !document.querySelector(a.getAttribute('href'))).length"
    )
    assert inside == 0
    page.locator("p.up a").click()
    assert page.url.endswith("/index.html")
    page.locator("a[href='P01.html']").first.click()
    assert page.locator("h1").inner_text() == "Patient P01"


def test_the_methods_can_be_copied(look, pages):
    page = look(pages["full"]).page
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied").wait_for(timeout=3000)


def test_without_scripts_everything_can_be_read(look, pages):
    page = look(pages["full"], scripts=False).page
    assert page.locator(".controls:visible").count() == 0
    for picture in page.locator(".viewer .picture").all():
        assert picture.is_visible()
    assert page.locator(".strip li").count() == 4


def test_hostile_names_are_shown_as_they_are(look, pages):
    page = look(pages["hostile"]).page
    assert "<script>window.pwned=1</script>" in page.inner_text("h1")
    assert "{{7*7}}" in page.inner_text("h1")
    assert "\u202e" not in page.inner_text("body"), "it would turn the dates and sizes behind it"
    page.locator("figure.timeline input[type=range]").first.focus()
    page.locator(".viewer button").first.click()
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_printed_pages_are_a4_and_nothing_is_cut(look, pages, tmp_path):
    import pypdfium2

    for name in ("full", "volumes", "many", "hostile"):
        place = tmp_path / f"{name}.pdf"
        look(pages[name]).page.pdf(path=place, prefer_css_page_size=True, print_background=True)
        document = pypdfium2.PdfDocument(place)
        text = ""
        for printed in document:
            assert printed.get_size() == pytest.approx((595, 842), abs=1)
            shades = printed.render(scale=0.5).to_pil().convert("L")
            width, height = shades.size
            for margin in ((width - 14, 0, width, height), (0, 0, 14, height)):
                assert shades.crop(margin).getextrema()[0] > 245, "something runs into the margin"
            text += printed.get_textpage().get_text_bounded()
        if name == "full":
            assert "Where every millimetre comes from" in text
            assert "printed marker in the picture" in text, "what is folded is printed too"
            assert text.count("How much of the later picture") == 0


def test_thirty_timepoints_stay_light(pages):
    assert pages["many"].stat().st_size < 1_500_000


def test_the_installed_browser_prints_a_page_to_pdf(browser, pages):
    import pypdfium2

    from lesionkit.report.printing import find_browser, print_pages

    (place,), problems = print_pages([pages["single"]], find_browser())
    assert problems == ()
    document = pypdfium2.PdfDocument(place)
    assert document[0].get_size() == pytest.approx((595, 842), abs=1)
    assert "Patient P30" in document[0].get_textpage().get_text_bounded()
