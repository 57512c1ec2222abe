"""The cohort's page in a browser: filtered, paged, heard, printed, without scripts, under attack."""

import importlib.util
from pathlib import Path

import pytest

from lesionkit.core.summary import CohortSummary
from lesionkit.report import to_html
from lesionkit.summarise.courses import lanes_of, stream_courses, thresholds_of
from lesionkit.summarise.questionnaire import summarise_questionnaire
from lesionkit.summarise.streams import verdicts

ATTACK = (
    '"\'><script>window.pwned=1</script><img src=x onerror="window.pwned=1">{{7*7}}</svg>\u202eevil 🙂 مريض '
)
PATIENTS = 30


@pytest.fixture(scope="module")
def world():
    place = Path(__file__).parents[2] / "benchmarks" / "cohort_world.py"
    spec = importlib.util.spec_from_file_location("cohort_world", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PICTURED = 1
    return module


def summary_of(outcome):
    people = outcome.cohort.patients
    courses = stream_courses(outcome)
    return CohortSummary(
        name=outcome.cohort.name,
        patients=len(people),
        responses=tuple(v.response for v in verdicts(outcome, sentences=lambda codes: " ".join(codes))),
        questionnaire=summarise_questionnaire(outcome.answers, people)[0],
        courses=courses,
        thresholds=thresholds_of(outcome),
        lanes=lanes_of(people, courses),
        problems=outcome.problems,
    )


@pytest.fixture(scope="module")
def outcome(world):
    return world.make(PATIENTS, seed=1)


@pytest.fixture(scope="module")
def index(world, outcome, tmp_path_factory):
    out = tmp_path_factory.mktemp("cohort")
    return to_html.write(outcome, out, load=world.load, summary=summary_of(outcome))[0]


@pytest.fixture
def page(index, look):
    return look(index, beside=True).page


def shown(page):
    return page.locator("#list tbody tr").count()


def test_filters_are_worked_by_mouse(page, outcome):
    assert shown(page) == PATIENTS
    page.select_option("#kind", "progression")
    page.select_option("#stream", "Photographs")
    expected = {
        r.patient
        for r in outcome.responses
        if (r.site, r.evaluation, r.modality, r.category) == ("all", "final", "XC", "progression")
    }
    assert set(page.locator("#list tbody th a").all_inner_texts()) == expected
    assert page.locator("#found").inner_text() == f"{len(expected)} of {PATIENTS} patients"
    page.click("text=Show all")
    page.wait_for_timeout(100)
    assert shown(page) == PATIENTS
    page.check("#discordant")
    assert set(page.locator("#list tbody th a").all_inner_texts()) == {
        d.patient for d in outcome.discordances
    }


def test_filters_and_pages_are_worked_by_keys_alone(page):
    page.focus("#find")
    page.keyboard.type("p0022")
    assert page.locator("#list tbody th a").all_inner_texts() == ["P0022"]
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.select_option("#many", "25")
    assert shown(page) == 25
    page.focus("#on")
    page.keyboard.press("Enter")
    assert shown(page) == PATIENTS - 25
    assert page.locator("#where").inner_text() == "Page 2 of 2"
    assert page.locator("#on").is_disabled()
    page.focus("#back")
    page.keyboard.press("Space")
    assert page.locator("#where").inner_text() == "Page 1 of 2"


def test_the_order_is_that_of_the_changes(page, outcome):
    page.select_option("#order", "fall")
    first = page.locator("#list tbody th a").first.inner_text()
    falls = {}
    for r in outcome.responses:
        if r.site == "all" and r.evaluation == "final" and r.change_pct is not None:
            falls[r.patient] = min(falls.get(r.patient, 0), r.change_pct)
    assert first == min(falls, key=falls.get)


def test_a_patient_is_one_link_away(page):
    page.click("#list tbody th a >> nth=0")
    page.wait_for_load_state()
    assert page.url.endswith("/P0001.html")
    assert "P0001" in page.locator("h1").inner_text()


def test_small_pictures_are_loaded_only_when_they_come_into_sight(index, look):
    page = look(index, beside=True).page
    assert not page.evaluate("document.querySelector('#list img').complete && scrollY > 0")
    page.locator("#list img").first.scroll_into_view_if_needed()
    assert page.locator("#list img").first.evaluate("img => img.decode().then(() => img.naturalWidth)") > 0


def test_without_scripts_everybody_is_listed_and_no_dead_filter_stands_there(index, look):
    page = look(index, beside=True, scripts=False).page
    assert shown(page) == PATIENTS
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#pager").is_visible()


def test_no_serious_fault_is_found(index, look):
    assert look(index, beside=True).faults() == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_out_of_sight(index, look, width):
    page = look(index, beside=True, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_paper_gets_all_that_were_chosen(page):
    page.select_option("#many", "25")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert shown(page) == PATIENTS
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert shown(page) == 25
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_every_plot_is_named_and_its_drawing_fits(page):
    plots = page.locator("svg.plot")
    assert plots.count() >= 6
    assert all(plots.nth(i).get_attribute("aria-label") for i in range(plots.count()))
    outside = page.evaluate("""[...document.querySelectorAll('svg.plot text')].filter((t) => {
        if (t.closest('details:not([open])')) return false;
        const own = t.getBoundingClientRect(), all = t.ownerSVGElement.getBoundingClientRect();
        return own.left < all.left - 1 || own.right > all.right + 1
    }).map((t) => t.textContent)""")
    assert outside == []


@pytest.mark.parametrize("text", [ATTACK, f"{ATTACK}{'x' * 10_000}"])
def test_hostile_texts_are_shown_and_run_nowhere(world, look, tmp_path, text):
    outcome = world.hostile(world.make(3, seed=2), text)
    index = to_html.write(outcome, tmp_path, summary=summary_of(outcome))[0]
    visit = look(index)
    page = visit.page
    assert page.evaluate("window.pwned") is None
    assert "<script>window.pwned=1</script>" in page.locator("#list tbody th").first.inner_text()
    assert page.locator("#list tbody tr").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill("#find", "window.pwned")
    assert page.locator("#list tbody tr").count() == 1
    assert visit.faults() == []
