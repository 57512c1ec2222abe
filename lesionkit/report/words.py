"""What the pages say, in one place: names, numbers and sentences a clinician reads."""

from collections.abc import Iterable, Mapping

from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Severity
from lesionkit.core.response import ALL_SITES, BurdenMeasure, Category, Criterion, Reference, Response
from lesionkit.core.track import Event, MatchedBy, Presence
from lesionkit.core.transform import Transform
from lesionkit.core.units import Quantity, Unit

DASH = "–"
STREAMS = {
    Modality.XC: "Photographs",
    Modality.CR: "X-ray",
    Modality.DX: "X-ray",
    Modality.CT: "CT",
    Modality.MR: "MR",
}
CATEGORIES = {
    Category.RESOLVED: "Resolved",
    Category.REGRESSION: "Regression",
    Category.STABLE: "Stable",
    Category.PROGRESSION: "Progression",
    Category.INDETERMINATE: "Indeterminate",
    Category.NOT_EVALUABLE: "Not evaluable",
}
SIGNS = {
    Category.RESOLVED: "✓",
    Category.REGRESSION: "▼",
    Category.STABLE: "=",
    Category.PROGRESSION: "▲",
    Category.INDETERMINATE: "?",
    Category.NOT_EVALUABLE: "×",
}
MEASURES = {
    BurdenMeasure.SIZE: "Total size",
    BurdenMeasure.AREA: "Total area",
    BurdenMeasure.VOLUME: "Total volume",
    BurdenMeasure.LONG_AXIS: "Sum of long axes",
    BurdenMeasure.AXES_PRODUCT: "Sum of long axis × short axis",
}
SCALES = {
    ScaleSource.PATIENT_PLANE: "DICOM spacing in the patient",
    ScaleSource.MAGNIFICATION_CORRECTED: "DICOM detector spacing, corrected for magnification",
    ScaleSource.DETECTOR_PLANE: "DICOM spacing at the detector (an unknown magnification too large)",
    ScaleSource.UNSPECIFIED_PLANE: "DICOM spacing of which the file does not say at which depth it holds",
    ScaleSource.MARKER: "printed marker in the picture",
    ScaleSource.RULER: "ruler in the picture",
    ScaleSource.TWO_POINTS: "two points of known distance",
    ScaleSource.REFERENCE_LENGTH: "reference of known length",
    ScaleSource.MANIFEST: "stated by the user",
    ScaleSource.BASELINE_PICTURE: "no scale: sizes in pixels of the first picture",
    ScaleSource.NONE: "no scale: sizes in pixels",
}
PRESENCES = {Presence.PRESENT: "present", Presence.ABSENT: "absent", Presence.UNSEEN: "not seen"}
EVENTS = {event: event.value for event in Event} | {Event.PERSISTING: "still there"}
MATCHES = {MatchedBy.NAME: "name", MatchedBy.OVERLAP: "overlap", MatchedBy.PROXIMITY: "proximity"}
SEVERITIES = {
    Severity.ERROR: ("Errors", "Something that was meant to be in the result is missing."),
    Severity.WARNING: ("Warnings", "The result stands, but have a look."),
    Severity.INFO: ("Notes", "Decided as the rules say; nothing to do."),
}
_UNITS = {
    Unit.MM: "mm",
    Unit.MM2: "mm²",
    Unit.MM3: "mm³",
    Unit.PX: "px",
    Unit.PX2: "px²",
    Unit.PX3: "voxels",
}


ALIGNED_BY = {
    "identity": "as it lies",
    "features": "by features of the picture",
    "intensity": "by grey values",
    "landmarks": "by landmarks a person marked",
    "frame-of-reference": "by their common frame of reference",
}


def alignment(found: Transform | None) -> str:
    """Return how an image was aligned with the first one of its site; empty where it was not tried."""
    if found is None:
        return ""
    if not found.is_reliable:
        return "could not be aligned reliably with the first picture"
    if found.source == found.target:
        return "the first picture itself"
    way = ALIGNED_BY.get(found.method, f"by {found.method}")
    left = f", {number(found.residual.value)} {unit(found.residual.unit)} left" if found.residual else ""
    return f"aligned {way}{left}{_by_itself(found)}"


def _by_itself(found: Transform) -> str:
    laid = sum(part.is_reliable for part in found.parts)
    if laid < 2:
        return "; a part that had turned at a joint laid by itself" if laid else ""
    return f"; {laid} parts that had turned at a joint laid by themselves"


def unit(value: Unit) -> str:
    """Return a unit as it is printed."""
    return _UNITS.get(value, value.value)


def number(value: float) -> str:
    """Return a number of three significant digits, whole from 100 on, with a real minus sign.

    Examples
    --------
    >>> number(1234.5), number(12.345), number(-0.5)
    ('1,234', '12.3', '−0.5')
    """
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def unturned(text: str) -> str:
    r"""Return a text without the signs that turn the direction of whatever follows, dates and sizes too.

    Examples
    --------
    >>> unturned("left\u202e, 2012-03-01")
    'left, 2012-03-01'
    """
    return text.translate(_TURNING)


def short(name: str, longest: int = 16) -> str:
    """Return a name, cut where there is no room for it."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def quantity(value: Quantity | None) -> str:
    """Return a quantity with its unit; a dash where it is not known."""
    return DASH if value is None else f"{number(value.value)} {unit(value.unit)}"


def interval(value: Quantity | None) -> str:
    """Return the 95 % interval of a quantity: ``95 % 50.1 to 68.2``; empty where its error is not known."""
    if value is None or value.standard_error is None:
        return ""
    reach = 1.96 * value.standard_error
    return f"95 % {number(max(0.0, value.value - reach))} to {number(value.value + reach)}"


def with_error(value: Quantity) -> str:
    """Return a quantity with its unit, and its 95 % interval where its error is known."""
    reach = interval(value)
    return f"{quantity(value)} ({reach})" if reach else quantity(value)


def percent(value: float | None) -> str:
    """Return a change in percent with its sign; a dash where it is not known.

    Examples
    --------
    >>> percent(-45.0), percent(12.25), percent(25.04)
    ('−45 %', '+12.2 %', '+25.04 %')
    """
    if value is None:
        return DASH
    # A digit more, where it may tell on which side of a threshold the change lies.
    text = f"{value:+.0f}" if abs(value) >= 100 else f"{value:+.1f}"
    if text.endswith(".0"):
        finer = f"{value:+.2f}"
        text = text.removesuffix(".0") if finer.endswith(".00") or float(text) == 0 else finer
    return f"{'0' if float(text) == 0 else text} %".replace("-", "−")


def site(name: str) -> str:
    """Return a site as it is printed."""
    return "all sites" if name == ALL_SITES else name


def change(response: Response) -> str:
    """Return how the size changed: ``smaller by 45 % (from 210 to 116 mm²)``."""
    before, after = response.baseline, response.current
    if before is None or after is None:
        return _one_sided(before, after)
    is_compared = response.change_pct is not None or 0 in (before.value, after.value)
    if before.unit is not after.unit or not is_compared:
        return f"{quantity(before)} at baseline and {quantity(after)} now: these cannot be compared"
    if before.value == 0:
        return f"none at baseline, {quantity(after)} now" if after.value else "none at baseline and none now"
    span = f"from {number(before.value)} to {quantity(after)}"
    if after.value == 0:
        return f"gone ({span})"
    pct = response.change_pct or 0.0
    size = percent(abs(pct)).removeprefix("+")
    if size == "0 %":
        return f"unchanged ({span})"
    return f"{'smaller' if pct < 0 else 'larger'} by {size} ({span})"


def _one_sided(before: Quantity | None, after: Quantity | None) -> str:
    if before is not None:
        return f"{quantity(before)} at baseline; no comparable size now"
    if after is not None:
        return f"{quantity(after)} now; no baseline to compare with"
    return "no size to compare"


def beside_controls(response: Response) -> str:
    """Return how the change differs from that of the controls, in a sentence; empty without controls."""
    contrast = response.contrast
    if contrast is None:
        return ""
    between = ""
    if contrast.limits is not None:
        low, high = (percent(limit) for limit in contrast.limits)
        between = f", 95 % limits {low} to {high}"
    return (
        f"Controls ({', '.join(contrast.controls)}): {percent(contrast.control_change_pct)}; beside them the "
        f"others changed by {percent(contrast.difference_pct)}{between}."
    )


def limits(response: Response) -> str:
    """Return the 95 % limits of the change; empty where errors are not known."""
    if response.change_pct_limits is None:
        return ""
    low, high = response.change_pct_limits
    return f"95 % limits {percent(low)} to {percent(high)}"


def months(value: float | None) -> str:
    """Return a span in months; empty where it is not known."""
    return "" if value is None else f"{value:.0f} months"


def reasons(codes: Iterable[str], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return each reason as a sentence; a code without one is shown as it is."""
    return tuple(texts.get(code, code.replace("_", " ")) for code in codes)


def rule(criterion: Criterion) -> str:
    """Return what a criterion compares and where it draws its lines, as a sentence."""
    measure = MEASURES[criterion.measure].lower()
    if criterion.measure is BurdenMeasure.SIZE:
        measure = "total area (photographs, X-ray) or total volume (CT, MR)"
    if criterion.detectable_ses is not None:
        lines = f"a change counts beyond {criterion.detectable_ses:.3g} standard errors of one measurement"
    else:
        assert criterion.regression_pct is not None
        assert criterion.progression_pct is not None
        word = "at least" if criterion.inclusive else "more than"
        against = "the smallest size since baseline" if criterion.reference is Reference.NADIR else "baseline"
        lines = (
            f"regression is a fall of {word} {-criterion.regression_pct:g} % from baseline, "
            f"progression a rise of {word} {criterion.progression_pct:g} % from {against}"
        )
        lines += f" and of at least {criterion.floor:g} mm" if criterion.floor else ""
    if criterion.new_deposit_is_progression:
        lines += "; a new deposit is progression"
    targets = f", of at most {criterion.max_targets} deposits" if criterion.max_targets else ""
    return f"Compares {measure}{targets}: {lines}."


def sizes(found: Iterable[Measurement]) -> str:
    """Return the sizes of a deposit in a row, for a tooltip."""
    shown = ("area", "long_axis", "short_axis", "volume")
    by_name = {measurement.measure: measurement.quantity for measurement in found}
    return ", ".join(
        f"{name.replace('_', ' ')} {quantity(by_name[name])}" for name in shown if name in by_name
    )
