import re
from datetime import date
from xml.etree import ElementTree

import pytest

from lesionkit.core.track import Presence
from lesionkit.report.chart import Band, Dot, Line, timeline
from lesionkit.report.marks import marks_of

DAYS = (date(2012, 3, 1), date(2013, 3, 1), date(2015, 3, 1))
MARKS = marks_of(["T1", "T2"])


def _draw(*lines, **more):
    return ElementTree.fromstring(timeline(lines, unit="mm²", title="sizes", **more))


def _line(*values, label="T1", presence=Presence.PRESENT):
    dots = tuple(
        Dot(date=day, value=value, presence=Presence.UNSEEN if value is None else presence)
        for day, value in zip(DAYS, values, strict=True)
    )
    return Line(label=label, mark=MARKS[label], dots=dots)


def _strokes(svg):
    return [path for path in svg.iter("path") if path.get("class") == "track"]


def _places(svg):
    marks = [path for path in svg.iter("path") if path.find("title") is not None]
    return [tuple(map(float, re.findall(r"[-\d.]+", mark.get("transform"))[:2])) for mark in marks]


def test_time_and_size_are_drawn_to_scale_from_zero():
    first, second, third = _places(_draw(_line(100.0, 50.0, 0.0)))
    assert (second[0] - first[0]) / (third[0] - first[0]) == pytest.approx(365 / 1095, abs=0.002)
    assert (third[1] - second[1]) == pytest.approx(second[1] - first[1], abs=0.2)


def test_an_unseen_timepoint_breaks_the_line_and_is_marked():
    svg = _draw(_line(100.0, None, 80.0))
    assert _strokes(svg) == []
    unseen = [text for text in svg.iter("text") if text.get("class") == "unseen"]
    assert len(unseen) == 1
    assert "not seen" in unseen[0].find("title").text


def test_an_absent_deposit_is_a_hollow_mark_at_zero():
    svg = _draw(_line(100.0, 50.0, 20.0), _line(0.0, 0.0, 0.0, label="T2", presence=Presence.ABSENT))
    hollow = [path for path in svg.iter("path") if path.get("fill") == "#ffffff"]
    assert len(hollow) == 3
    assert all("absent" in path.find("title").text for path in hollow)
    assert len(_strokes(svg)) == 4


def test_the_band_lies_between_its_thresholds():
    svg = _draw(_line(100.0, 75.0, 125.0), band=Band(low=75.0, high=125.0, label="stable"))
    band = svg.find("rect")
    top, height = float(band.get("y")), float(band.get("height"))
    _, at_low, at_high = _places(svg)
    assert (top, top + height) == pytest.approx((at_high[1], at_low[1]), abs=0.2)


def test_names_are_escaped():
    line = Line(label="<b>&", mark=MARKS["T1"], dots=(Dot(date=DAYS[0], value=1.0),))
    svg = _draw(line, starts=[(DAYS[0], '"<script>')])
    assert '"<script> starts' in [text.text for text in svg.iter("text")]
    assert svg.find(".//script") is None


def test_nothing_measured_draws_nothing():
    assert timeline([_line(None, None, None)], unit="mm²", title="sizes") == ""
    assert timeline([], unit="mm²", title="sizes") == ""


def test_one_timepoint_and_zero_sizes_can_be_drawn():
    assert _places(_draw(Line(label="T1", mark=MARKS["T1"], dots=(Dot(date=DAYS[0], value=0.0),))))


def test_thirty_tracks_look_different():
    marks = marks_of(map(str, range(30))).values()
    assert len({(mark.colour, mark.shape) for mark in marks}) == 30


def test_a_deposit_seen_without_a_comparable_size_is_not_shown_as_unseen():
    dots = (Dot(date=DAYS[0], value=10.0), Dot(date=DAYS[1], value=None, presence=Presence.PRESENT))
    svg = _draw(Line(label="T1", mark=MARKS["T1"], dots=dots))
    lane = [text for text in svg.iter("text") if text.get("class") == "unseen"]
    assert [text.text for text in lane] == ["–"]
    assert "no comparable size" in lane[0].find("title").text
