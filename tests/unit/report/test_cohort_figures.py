import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from outcomes import HOSTILE

from lesionkit.core.courses import Lane, Span, Step, StreamCourse
from lesionkit.core.response import Category
from lesionkit.core.summary import AnswerKind, CohortSummary, ItemAnswers, LeftOut, Share, StreamResponse
from lesionkit.report.cohort_bars import answer_bars, response_bars
from lesionkit.report.cohort_canvas import FILLS, round_steps
from lesionkit.report.cohort_figures import cohort_figures
from lesionkit.report.cohort_rows import cohort_rows
from lesionkit.report.cohort_spider import spider
from lesionkit.report.cohort_swimmer import LANES, swimmers
from lesionkit.report.cohort_waterfall import waterfall

DAY = date(2012, 3, 1)
SVG = "{http://www.w3.org/2000/svg}"
BAD = f"{HOSTILE}\u202e\x00\ufffe\nمريض 😀 {'x' * 10_000}"


def course(patient, change, category=Category.STABLE, *, best=None, stream="photographs"):
    final = Step(date=DAY + timedelta(days=365), months=12, change_pct=change, category=category)
    steps = (final,) if category is not Category.NOT_EVALUABLE else ()
    if best is not None:
        steps = (Step(date=DAY, months=6, change_pct=best, category=Category.STABLE), *steps)
    return StreamCourse(
        patient=patient, stream=stream, measure="area", baseline_date=DAY, steps=steps, final=final
    )


def summary(*courses, **more):
    return CohortSummary(
        name="x", patients=len(courses), courses=courses, thresholds={"photographs": (-25, 25)}, **more
    )


def drawn(figure):
    return ElementTree.fromstring(str(figure.svg))


def bars(figure):
    """Height with sign, colour and what is told of each bar, from left to right."""
    found = []
    for rect in drawn(figure).iter(f"{SVG}rect"):
        title = rect.find(f"{SVG}title")
        if title is not None:
            found.append((float(rect.get("x")), float(rect.get("height")), rect.get("fill"), title.text))
    return sorted(found)


def many(count):
    kinds = (Category.REGRESSION, Category.STABLE, Category.PROGRESSION)
    return [course(f"P{i:04d}", -80 + 150 * i / count, kinds[3 * i // count]) for i in range(count)]


def test_waterfall_bars_stand_from_the_greatest_rise_to_the_greatest_fall_and_are_as_long_as_the_changes():
    figure = waterfall(
        summary(
            course("A", -50, Category.REGRESSION), course("B", 100, Category.PROGRESSION), course("C", 10)
        ),
        "photographs",
    )
    found = bars(figure)
    assert [told.split(":")[0] for *_, told in found] == ["B", "C", "A"]
    assert [fill for *_, fill, _ in found] == [
        FILLS[c] for c in (Category.PROGRESSION, Category.STABLE, Category.REGRESSION)
    ]
    heights = [height for _, height, *_ in found]
    assert heights[0] / heights[2] == pytest.approx(2, rel=0.01)
    assert heights[0] / heights[1] == pytest.approx(10, rel=0.02)


def test_the_numbers_of_a_waterfall_are_those_of_its_table():
    made = summary(
        course("A", -50.25, Category.REGRESSION, best=-60.5), course("B", None, Category.NOT_EVALUABLE)
    )
    rows = {row["patient"]: row for row in cohort_rows(made)["changes"]}
    assert rows["A"]["final_change_pct"] == -50.25
    assert rows["A"]["best_change_pct"] == -60.5
    assert rows["B"]["final_change_pct"] is None
    ((*_, told),) = bars(waterfall(made, "photographs"))
    assert "−50.25 %" in told or "−50.2 %" in told
    assert "best −60.5 %" in told
    assert "1 could not be compared and have no bar." in waterfall(made, "photographs").caption


def test_a_rise_from_nothing_stands_first_and_one_beyond_the_axis_is_cut_and_said():
    figure = waterfall(
        summary(
            course("A", 900, Category.PROGRESSION),
            course("N", None, Category.PROGRESSION),
            course("C", -10),
        ),
        "photographs",
    )
    assert [told[0] for *_, told in bars(figure)] == ["N", "A", "C"]
    assert "1 with deposits where there were none stand first" in figure.caption
    assert "1 rose by more than +200 %" in figure.caption
    assert {text.text for text in drawn(figure).iter(f"{SVG}text")} >= {"new", "+900 %"}


def test_progression_by_a_new_deposit_under_a_small_change_is_explained():
    caption = waterfall(summary(course("A", 3, Category.PROGRESSION)), "photographs").caption
    assert "1 progressed although the total did not rise by that much: a deposit is new." in caption


def test_two_thousand_patients_are_a_few_shapes_without_names():
    figure = waterfall(summary(*many(2000)), "photographs")
    root = drawn(figure)
    assert len(list(root.iter())) < 60
    assert len(figure.svg) < 200_000
    titles = [t.text for t in root.iter(f"{SVG}title")]
    assert titles == ["Progression: 666", "Stable: 667", "Regression: 667"]


def test_a_spider_of_many_is_parted_by_category_and_says_how_many():
    figure = spider(summary(*many(300)), "photographs")
    texts = [t.text for t in drawn(figure).iter(f"{SVG}text")]
    assert {"Regression (100)", "Stable (100)", "Progression (100)"} <= set(texts)
    few = spider(summary(*many(3)), "photographs")
    assert {"P0000", "P0001", "P0002"} <= {t.text for t in drawn(few).iter(f"{SVG}text")}


def test_every_line_of_a_spider_begins_at_baseline():
    root = drawn(spider(summary(course("A", -50, best=-20), course("B", 30)), "photographs"))
    starts = {
        re.match(r"M[\d.]+,[\d.]+", path.get("d"))[0]
        for path in root.iter(f"{SVG}path")
        if path.get("fill") == "none"
        and re.match(r"M[\d.]+,[\d.]+L[\d.]+,[\d.]+(L|$)", path.get("d"))
        and path.get("stroke-width") == "2"
    }
    assert len(starts) == 1


def lane(patient, last, *, end=None, drug="pamidronate"):
    return Lane(
        patient=patient,
        origin=DAY,
        is_from_treatment=True,
        spans=(Span(drug=drug, start=0, end=end),),
        visits=((0, "photographs"), (last, "photographs")),
        verdicts=((last, "photographs", Category.STABLE),),
    )


def test_swimmers_are_paged_and_the_longest_follow_up_stands_first():
    figures = swimmers(
        CohortSummary(name="x", patients=95, lanes=tuple(lane(f"P{i:02d}", i) for i in range(95)))
    )
    assert [figure.key for figure in figures] == ["swimmer-1", "swimmer-2", "swimmer-3"]
    first = [t.text for t in drawn(figures[0]).iter(f"{SVG}text") if t.get("font-weight") == "700"]
    assert first[0] == "P94"
    assert len(first) == LANES
    assert "patients 81 to 95 of 95" in figures[2].title


def test_a_treatment_without_an_end_is_open_and_one_with_an_end_is_full():
    (figure,) = swimmers(CohortSummary(name="x", patients=2, lanes=(lane("A", 20), lane("B", 20, end=10))))
    told = [t.text for t in drawn(figure).iter(f"{SVG}title")]
    assert "A, pamidronate, from month 0, end not known" in told
    assert "B, pamidronate, from month 0 to 10" in told


def shares(**counts):
    n = sum(counts.values())
    return {
        category: Share(count=counts.get(category.value, 0), of=n)
        for category in (Category.RESOLVED, Category.REGRESSION, Category.STABLE, Category.PROGRESSION)
    }


def response(**counts):
    n = sum(counts.values())
    return StreamResponse(
        stream="photographs",
        shares=shares(**counts),
        improved=Share(count=0, of=n),
        not_worse=Share(count=0, of=n),
        left_out=(LeftOut(patient="Z", why="no photographs"),),
    )


def test_bars_are_as_wide_as_the_shares_and_name_their_denominator():
    figure = response_bars(summary(responses=(response(regression=2, stable=1, progression=3),)))
    wide = [float(rect.get("width")) for rect in drawn(figure).iter(f"{SVG}rect")]
    assert [w / sum(wide) for w in wide] == pytest.approx([2 / 6, 1 / 6, 3 / 6], abs=1e-3)
    texts = [t.text for t in drawn(figure).iter(f"{SVG}text")]
    assert "n = 6, 1 not judged" in texts
    assert {"▼ 2 (33 %)", "= 1 (17 %)", "▲ 3 (50 %)"} <= set(texts)


def test_a_missing_answer_is_no_part_of_a_bar():
    item = ItemAnswers(
        item="less pain", kind=AnswerKind.YES_NO, answered=3, missing=4, yes=Share(count=1, of=3)
    )
    figure = answer_bars(summary(questionnaire=(item,)))
    texts = [t.text for t in drawn(figure).iter(f"{SVG}text")]
    assert {"1 (33 %)", "2 (67 %)", "n = 3, 4 missing"} <= set(texts)


def test_nothing_to_show_is_no_plot():
    assert cohort_figures(CohortSummary(name="x", patients=0)) == ()
    assert waterfall(summary(course("A", None, Category.NOT_EVALUABLE)), "photographs") is None


def test_hostile_texts_are_letters_in_a_drawing_that_is_still_xml():
    item = ItemAnswers(item=BAD, kind=AnswerKind.YES_NO, answered=1, missing=0, yes=Share(count=1, of=1))
    made = CohortSummary(
        name=BAD,
        patients=1,
        courses=(course(BAD, 40, Category.PROGRESSION, stream=f"score: {BAD}"),),
        lanes=(lane(BAD, 5, drug=BAD),),
        questionnaire=(item,),
    )
    figures = cohort_figures(made)
    assert {figure.source for figure in figures} == {"questionnaire", "changes", "courses", "timelines"}
    for figure in figures:
        root = drawn(figure)
        assert not list(root.iter(f"{SVG}script"))
        assert "\u202e" not in str(figure.svg)
        assert all(len(text.text or "") < 60 for text in root.iter(f"{SVG}text"))


def test_categories_differ_in_lightness_so_that_grey_tells_them_apart():
    def lightness(colour):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    judged = (Category.RESOLVED, Category.PROGRESSION, Category.REGRESSION, Category.STABLE)
    values = [lightness(FILLS[category]) for category in judged]
    assert all(later - earlier > 20 for earlier, later in pairwise(values))


def test_round_steps_lie_within_their_ends():
    for low, high in ((-100, 62), (-3, 0.5), (0, 66), (-100, 200)):
        steps = round_steps(low, high)
        assert low <= steps[0] < steps[-1] <= high
        assert 3 <= len(steps) <= 8
