"""Two readings' sizes as an SVG drawing: their difference against their mean, after Bland and Altman."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from lesionkit.report.svg import element, path, text
from lesionkit.report.words import number

_WIDTH, _HEIGHT = 560.0, 320.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 130.0, 24.0, 48.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A horizontal line: the mean difference, or a limit of agreement."""

    value: float
    label: str
    is_limit: bool = True


def differences(
    places: Sequence[tuple[float, float]],
    *,
    levels: Sequence[Level],
    units: tuple[str, str],
    title: str,
) -> Markup:
    """Return the drawing as an ``<svg>`` element; empty where there is no case.

    Parameters
    ----------
    places : sequence of (float, float)
        Of each case the mean of its two readings, and their difference.
    levels : sequence of Level
        Lines across.
    units : tuple of (str, str)
        Of the means and of the differences, as printed.
    title : str
        What the drawing shows, for those who cannot see it.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;327:307-10.
    """
    if not places:
        return Markup("")
    across = _Axis.over([x for x, _ in places], start=_LEFT + 10, end=_WIDTH - _RIGHT - 10)
    up = _Axis.over(
        [*(y for _, y in places), *(level.value for level in levels), 0.0],
        start=_HEIGHT - _BOTTOM - 6,
        end=_TOP + 6,
    )
    parts = [
        *(
            path(f"M{_LEFT:g},{up(value):g}H{_WIDTH - _RIGHT:g}", "axis" if value == 0 else "grid")
            for value in up.ticks
        ),
        *(text(_LEFT - 8, up(value) + 5, number(value), anchor="end") for value in up.ticks),
        *(
            text(across(value), _HEIGHT - _BOTTOM + 18, number(value), anchor="middle")
            for value in across.ticks
        ),
        text(_LEFT - 8, 14, units[1], anchor="end", kind="unit"),
        text(
            (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, f"mean of both readings ({units[0]})", anchor="middle"
        ),
        *(part for level in levels for part in _level(level, up)),
        *(
            element("circle", cx=across(x), cy=up(y), r=4.0, class_="case", fill="#004c78", fill_opacity=0.55)
            for x, y in places
        ),
    ]
    return element(
        "svg",
        Markup("\n").join(parts),
        class_="chart",
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        role="img",
        aria_label=title,
    )


def _level(level: Level, up: "_Axis") -> tuple[Markup, Markup]:
    y = up(level.value)
    return (
        path(f"M{_LEFT:g},{y:g}H{_WIDTH - _RIGHT:g}", "treatment" if level.is_limit else "track", "#8f3300"),
        text(_WIDTH - _RIGHT + 8, y + 5, level.label),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], *, start: float, end: float) -> "_Axis":
        low, high = min(values), max(values)
        if low == high:
            low, high = low - 1, high + 1
        return cls(low=low, high=high, start=start, end=end)

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        """About four round values within the axis."""
        rough = (self.high - self.low) / 4
        power = 10.0 ** floor(log10(rough))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
        return [index * step for index in range(ceil(self.low / step), floor(self.high / step) + 1)]
