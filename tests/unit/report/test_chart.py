import re
from datetime import date
from xml.etree import ElementTree

import pytest

from lesionkit.core.track import Presence
from lesionkit.report.axes import Span
from lesionkit.report.chart import timeline
from lesionkit.report.marks import marks_of
from lesionkit.report.panels import Band, Dot, Event, Line, Panel

DAYS = (date(2012, 3, 1), date(2013, 3, 1), date(2015, 3, 1))
MARKS = marks_of(["T1", "T2"])


def _draw(*lines, band=None, **more):
    panel = Panel(lines=lines, unit="mm²", band=band)
    return ElementTree.fromstring(timeline([panel], title="sizes", **more))


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
    svg = _draw(line, spans=[Span(label='"<script>', start=DAYS[0])])
    assert '"<script>, from 2012-03-01, end not known' in [text.text for text in svg.iter("text")]
    assert svg.find(".//script") is None


def test_nothing_measured_draws_nothing():
    assert timeline([Panel(lines=(_line(None, None, None),), unit="mm²")], title="sizes") == ""
    assert timeline([], title="sizes") == ""


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


def test_a_treatment_without_an_end_is_open_and_says_that_it_is_not_known():
    spans = [
        Span(label="pamidronate", start=DAYS[0], end=DAYS[1]),
        Span(label="bosentan", start=date(2013, 1, 1)),
    ]
    svg = _draw(_line(3.0, 2.0, 1.0), spans=spans)
    closed, open_ended = [p for p in svg.iter("path") if "treatment-lane" in (p.get("class") or "")]
    assert closed.get("d").endswith("Z")
    assert (open_ended.get("d")[-1], "unknown" in open_ended.get("class")) != ("Z", False)
    said = [text.text for text in svg.iter("text") if text.get("class") == "treatment-label"]
    assert said == [
        "pamidronate, from 2012-03-01 to 2013-03-01",
        "bosentan, from 2013-01-01, end not known",
    ]


def test_a_treatment_long_before_does_not_squeeze_the_chart():
    svg = _draw(_line(3.0, 2.0, 1.0), spans=[Span(label="prednisolone", start=date(1990, 1, 1))])
    assert _places(svg)[0][0] < 100
    assert any("since 1990-01-01" in (text.text or "") for text in svg.iter("text"))


def test_many_treatments_are_counted_rather_than_drawn():
    spans = [Span(label=f"drug {i}", start=DAYS[0]) for i in range(30)]
    svg = _draw(_line(3.0, 2.0, 1.0), spans=spans)
    assert "and 24 more treatments" in [text.text for text in svg.iter("text")]


def test_each_panel_has_its_own_sizes_and_all_share_their_days():
    large, small = _line(4000.0, 2000.0, 1000.0), _line(4.0, 2.0, 1.0, label="T2")
    panels = [
        Panel(lines=(large,), unit="mm²", name="Photographs"),
        Panel(lines=(small,), unit="points", name="VAS"),
    ]
    svg = ElementTree.fromstring(timeline(panels, title="all"))
    places = _places(svg)
    assert [x for x, _ in places[:3]] == [x for x, _ in places[3:]]
    shares = [(group[0][1] - group[1][1]) / (group[0][1] - group[2][1]) for group in (places[:3], places[3:])]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    assert places[3][1] > places[2][1], "panels lie under one another"


def test_what_is_told_of_a_day_stands_on_that_day():
    event = Event(date=DAYS[1], text="4 of 5 yes", told="Questionnaire: pain: yes")
    svg = _draw(_line(3.0, 2.0, 1.0), events=[event], lane="Questionnaire")
    (said,) = [text for text in svg.iter("text") if text.get("class") == "event"]
    assert float(said.get("x")) == pytest.approx(_places(svg)[1][0])
    assert said.get("data-told") == "Questionnaire: pain: yes"


def test_an_error_bar_spans_its_interval_and_stops_at_zero():
    dots = (Dot(date=DAYS[0], value=10.0, error=4.0), Dot(date=DAYS[1], value=2.0, error=4.0))
    svg = _draw(Line(label="T1", mark=MARKS["T1"], dots=dots))
    bars = [p.get("d") for p in svg.iter("path") if p.get("class") == "error"]
    spans = [tuple(map(float, re.search(r"M[-\d.]+,([-\d.]+)V([-\d.]+)", d).groups())) for d in bars]
    (_, y0), (_, y1) = _places(svg)
    per_unit = (y1 - y0) / 8
    zero = y1 + 2 * per_unit
    assert spans[0] == pytest.approx((y0 - 4 * per_unit, y0 + 4 * per_unit), abs=0.3)
    assert spans[1] == pytest.approx((y1 - 4 * per_unit, zero), abs=0.3)


def test_forty_deposits_stay_in_their_chart():
    marks = marks_of(map(str, range(40)))
    lines = [
        Line(
            label=f"T{i}",
            mark=marks[str(i)],
            dots=(Dot(date=DAYS[0], value=float(i)), Dot(date=DAYS[2], value=None, presence=Presence.UNSEEN)),
        )
        for i in range(40)
    ]
    svg = _draw(*lines)
    height = float(svg.get("viewBox").split()[3])
    assert all(0 < float(text.get("y")) < height for text in svg.iter("text"))
    named = [text.text for text in svg.iter("text") if re.fullmatch(r"T\d+", text.text or "")]
    more = next(text.text for text in svg.iter("text") if "more" in (text.text or ""))
    assert more == f"and {40 - len(named)} more"
    assert "T39" in named
    unseen = [float(text.get("x")) for text in svg.iter("text") if text.get("class") == "unseen"]
    assert max(unseen) - min(unseen) <= 55
