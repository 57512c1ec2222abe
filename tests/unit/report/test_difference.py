"""The plot of two readings: every pair where its numbers say, read off the axes as a person would."""

import html
import re
from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from lesionkit.core.agreement import Agreement, Level, SizeAgreement
from lesionkit.core.image import Modality
from lesionkit.core.units import Unit
from lesionkit.report import to_agreement
from lesionkit.report.difference import Level as Line
from lesionkit.report.difference import differences
from lesionkit.summarise.agreement import size_statistics
from lesionkit.summarise.cases import SizeCases

LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
"""Peak flow by two meters: Bland and Altman, Lancet 1986;327:307-10."""
PEAK_FLOW = np.array([LARGE, MINI], dtype=float).T
WITHIN_PX = 0.5
"""Places are drawn to a tenth of a pixel; between two numbers of an axis, and beyond, a little is added."""


class Plot:
    """A drawing with its axes read from the numbers that stand beside them."""

    def __init__(self, svg: str) -> None:
        self.root = ElementTree.fromstring(html.unescape(svg))
        texts = [(t, float(t.get("x")), float(t.get("y"))) for t in self.root.iter("text")]
        lines = {p.get("d"): p.get("class") for p in self.root.iter("path")}
        self.grid = [_height(d) for d, kind in lines.items() if kind in ("grid", "axis")]
        self.lines = [(_height(d), kind) for d, kind in lines.items() if kind in ("treatment", "track")]
        left = [
            (y - 5, _number(t.text))
            for t, _, y in texts
            if t.get("text-anchor") == "end" and not t.get("class")
        ]
        below = [
            (x, _number(t.text))
            for t, x, _ in texts
            if t.get("text-anchor") == "middle" and _is_number(t.text)
        ]
        self.labels = [t.text for t, x, _ in texts if t.get("text-anchor") == "start"]
        assert [y for y, _ in left] == pytest.approx(self.grid)
        self.across, self.up = _axis(below), _axis(left)

    @property
    def points(self) -> list[tuple[float, float]]:
        circles = [(float(c.get("cx")), float(c.get("cy"))) for c in self.root.iter("circle")]
        return [(float(self.across(x)), float(self.up(y))) for x, y in circles]

    def assert_holds(self, expected: Sequence[tuple[float, float]]) -> None:
        """Check that there is one point for each case, and that it lies there, in whatever order."""
        assert len(self.points) == len(expected)
        per_px = np.abs([self.across[1], self.up[1]])
        off = np.abs(np.array(self.points)[:, None] - np.array(expected)) / per_px
        one_to_one = linear_sum_assignment(off.max(axis=-1))
        assert off.max(axis=-1)[one_to_one].max() < WITHIN_PX

    def level(self, kind: str) -> list[float]:
        return sorted(float(self.up(y)) for y, found in self.lines if found == kind)


def _height(d: str) -> float:
    return float(re.match(r"M[\d.]+,([\d.]+)H", d)[1])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"−?[\d,.]+", text) is not None


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def _axis(ticks: list[tuple[float, float]]) -> np.poly1d:
    """Return what carries a place in pixels to the value there."""
    assert len(ticks) >= 2
    place, value = np.array(ticks).T
    fitted = np.poly1d(np.polyfit(place, value, 1))
    assert abs(fitted(place) - value).max() / abs(fitted[1]) < WITHIN_PX
    return fitted


def test_every_case_lies_at_its_mean_and_its_difference() -> None:
    cases = [(3.0, -40.0), (12.5, 25.0), (12.5, -7.5), (81.0, 0.0), (250.0, 12.0)]
    lines = [
        Line(value=4.0, label="mean", is_limit=False),
        Line(value=-55.5, label="low"),
        Line(value=61.25, label="high"),
    ]
    plot = Plot(differences(cases, levels=lines, units=("mm²", "mm²"), title="b less a"))
    plot.assert_holds(cases)
    assert plot.level("track") == pytest.approx([4.0], abs=WITHIN_PX * abs(plot.up[1]))
    assert plot.level("treatment") == pytest.approx([-55.5, 61.25], abs=WITHIN_PX * abs(plot.up[1]))
    assert plot.labels == ["mean", "low", "high"]


def test_the_first_reading_larger_lies_below_zero_and_the_larger_case_to_the_right() -> None:
    plot = Plot(differences([(10.0, -3.0), (20.0, 3.0)], levels=[], units=("mm", "mm"), title=""))
    (left, below), (right, above) = [
        (float(c.get("cx")), float(c.get("cy"))) for c in plot.root.iter("circle")
    ]
    assert left < right
    assert above < below  # an SVG counts downwards


def test_a_single_case_is_drawn_too_and_none_makes_no_drawing() -> None:
    assert Plot(differences([(10.0, 2.0)], levels=[], units=("mm", "mm"), title="")).points == [
        (pytest.approx(10.0, abs=0.01), pytest.approx(2.0, abs=0.01))
    ]
    assert differences([], levels=[], units=("mm", "mm"), title="") == ""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Plot]:
    """The drawings on the page that two readers' sizes make: absolute, and relative."""
    patients = tuple(f"P{number:02}" for number in range(len(PEAK_FLOW)))
    common = {"level": Level.DEPOSIT, "modality": Modality.XC, "measure": "area", "unit": Unit.MM2}
    size = SizeAgreement(
        **common,
        readers=("anna", "ben"),
        cases=tuple(map(tuple, PEAK_FLOW.tolist())),
        patients=patients,
        statistics=size_statistics(SizeCases(**common, table=PEAK_FLOW, patients=patients)),
    )
    agreement = Agreement(
        readers=("anna", "ben"), pairs=(), drawings=(), sizes=(size,), categories=(), errors={}
    )
    folder = tmp_path_factory.mktemp("agreement")
    to_agreement.write(agreement, folder)
    page = (folder / "index.html").read_text(encoding="utf-8")
    return [Plot(svg) for svg in re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)]


def test_on_the_page_every_pair_of_readings_is_a_point(drawn: list[Plot]) -> None:
    first, second = PEAK_FLOW.T
    absolute, relative = drawn
    absolute.assert_holds(list(zip((first + second) / 2, second - first, strict=True)))
    relative.assert_holds(list(zip(np.sqrt(first * second), 100 * (second / first - 1), strict=True)))


def test_on_the_page_the_lines_lie_at_the_bias_and_1_96_deviations_off(drawn: list[Plot]) -> None:
    apart = PEAK_FLOW[:, 1] - PEAK_FLOW[:, 0]
    logs = np.log(PEAK_FLOW[:, 1] / PEAK_FLOW[:, 0])
    expected = [
        [apart.mean() + side * 1.96 * apart.std(ddof=1) for side in (-1, 0, 1)],
        [100 * np.expm1(logs.mean() + side * 1.96 * logs.std(ddof=1)) for side in (-1, 0, 1)],
    ]
    assert expected[0] == pytest.approx([-73.9, 2.1, 78.1], abs=0.1)
    for plot, (low, mean, high) in zip(drawn, expected, strict=True):
        within = WITHIN_PX * abs(plot.up[1])
        assert plot.level("track") == pytest.approx([mean], abs=within)
        assert plot.level("treatment") == pytest.approx([low, high], abs=within)
        shown = {label.rsplit(" ", 1)[0]: _number(label.rsplit(" ", 1)[1]) for label in plot.labels}
        assert shown == {
            "mean": pytest.approx(mean, rel=0.005),
            "−1.96 SD": pytest.approx(low, rel=0.005),
            "+1.96 SD": pytest.approx(high, rel=0.005),
        }
