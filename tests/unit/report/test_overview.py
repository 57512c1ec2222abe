import re
from dataclasses import replace
from xml.etree import ElementTree

from outcomes import DAYS, make_course

from lesionkit.core.cohort import Answer
from lesionkit.core.image import Modality
from lesionkit.core.score import Score
from lesionkit.report.overview import overview
from lesionkit.report.source import Source


def _draw(outcome, patient=0, streams=(Modality.XC, Modality.DX)):
    source = Source.of(outcome, load=None, texts={})
    return overview(source, outcome.cohort.patients[patient], streams)


def _told(svg):
    return [one.get("data-told") for one in svg.iter() if one.get("data-told")]


def test_each_source_has_a_panel_of_its_own_and_none_are_summed(outcome):
    given = (
        Score(date=DAYS[0], name="SCTC", value=14.0, reader="a"),
        Score(date=DAYS[3], name="SCTC", value=8.0, reader="a"),
        Score(date=DAYS[3], name="SCTC", value=9.0, reader="b"),
    )
    answers = (Answer(item="pain", text="yes", date=DAYS[3]), Answer(item="undated", text="no"))
    made = replace(outcome, given_scores={"P01": given}, answers={"P01": answers})
    svg = ElementTree.fromstring(_draw(made))
    names = [text.text for text in svg.iter("text") if text.get("class") == "unit"]
    assert names == [
        "Photographs: total area, all sites (mm²)",
        "X-ray: total area, all sites (mm²)",
        "Score SCTC (points)",
    ]
    told = _told(svg)
    assert "a: 2012-03-01, 14" in told
    assert "b: 2015-06-01, 9" in told
    assert "Questionnaire: 2015-06-01, pain: yes" in told
    assert any(re.match(r"Photographs: 2013-03-04, 128 mm², \+14\.\d+ %, stable", one) for one in told)


def test_a_day_on_which_not_all_was_seen_is_a_gap(outcome):
    svg = ElementTree.fromstring(_draw(outcome, 1, (Modality.XC, Modality.CT)))
    ct = next(g for g in svg.iter("g") if g.get("data-name") == "CT")
    assert not [p for p in ct.iter("path") if p.get("class") == "track"], "no line across the gap"
    assert "CT, 2013-03-04: no comparable size" in _told(svg)


def test_an_only_source_needs_no_overview():
    course = make_course(3)
    source = Source.of(course, load=None, texts={})
    assert overview(source, course.cohort.patients[0], (Modality.XC,)) == ""
