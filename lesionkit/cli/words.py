"""Numbers and names as a clinician reads them in the terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence

from lesionkit.core.image import Modality
from lesionkit.core.response import Category, Evaluation, Response
from lesionkit.core.units import Quantity

STREAMS = {Modality.XC: "photographs", Modality.DX: "X-ray", Modality.CT: "CT", Modality.MR: "MR"}
CATEGORY_ORDER = tuple(Category)
_UNITS = {"mm2": "mm²", "mm3": "mm³", "px2": "px²", "px3": "voxels"}
_CATEGORIES = {Category.NOT_EVALUABLE: "not evaluable"}
_COLOURS = {
    Category.RESOLVED: "green",
    Category.REGRESSION: "green",
    Category.STABLE: "blue",
    Category.PROGRESSION: "red",
    Category.INDETERMINATE: "yellow",
    Category.NOT_EVALUABLE: "yellow",
}


def quantity(value: Quantity | None) -> str:
    """Return a quantity with its unit, three significant digits or whole numbers; a dash where unknown."""
    if value is None:
        return "–"
    digits = f"{value.value:,.0f}" if abs(value.value) >= 100 else f"{value.value:.3g}"
    return f"{digits} {_UNITS.get(value.unit, value.unit)}"


def percent(value: float | None) -> str:
    """Return a change in percent with its sign; a dash where unknown."""
    if value is None:
        return "–"
    return f"{value:+.0f} %".replace("-", "−")


def category(value: Category) -> str:
    """Return a category in colour."""
    return f"[{_COLOURS[value]}]{_CATEGORIES.get(value, value.value)}[/]"


def explain(codes: Iterable[str]) -> str:
    """Return the reasons in words."""
    from lesionkit.classify import REASONS

    return " ".join(REASONS.get(code, code) for code in codes)


def count_outcomes(responses: Sequence[Response]) -> dict[str, Counter[Category]]:
    """Return how many patients' final responses fell into each category: photographs, then radiology.

    Radiology counts each patient once per stream it was followed in (X-ray, CT, MR).
    """
    counts: dict[str, Counter[Category]] = {}
    for response in final(responses):
        stream = "photographs" if response.modality is Modality.XC else "radiology"
        counts.setdefault(stream, Counter())[response.category] += 1
    return counts


def final(responses: Sequence[Response]) -> list[Response]:
    """Return the final responses over all sites, photographs first."""
    order = list(STREAMS)
    chosen = [r for r in responses if r.evaluation is Evaluation.FINAL and r.site == "all"]
    return sorted(chosen, key=lambda r: (order.index(r.modality), r.patient))
