"""Numbers of a structured report with their uncertainty, and which timepoint they are of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lesionkit.core.measurement import STANDARD_ERROR, Code
from lesionkit.core.units import Quantity
from lesionkit.report import dicom_codes as codes

if TYPE_CHECKING:
    from highdicom.sr import Measurement, MeasurementProperties, TimePointContext

NORMAL_95 = 1.959963984540054
"""Half of a 95 % interval in standard errors, where errors are normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Which of a site's timepoints an image is of.

    Parameters
    ----------
    order : int
        From 1, among those on which the site was imaged.
    days_from_baseline : int, optional
        None where nothing was compared with a baseline.
    """

    order: int
    days_from_baseline: int | None = None


def number_of(code: Code, quantity: Quantity, **more: Any) -> "Measurement":
    """Return a number (TID 300), with its uncertainty where that is known.

    The uncertainty (TID 310) is told twice: as the half width of the 95 % interval (371884006, SCT), and as
    the standard error that it comes from, because DICOM does not say how wide a range of uncertainty is.

    Parameters
    ----------
    code : Code
        What was measured.
    quantity : Quantity
        The number.
    **more
        Method or derivation, as highdicom has them.
    """
    import highdicom.sr as hd

    unit, error = codes.UNITS[quantity.unit], quantity.standard_error
    told = [] if error is None else [(codes.UNCERTAINTY, NORMAL_95 * error), (STANDARD_ERROR, error)]
    return hd.Measurement(
        name=codes.concept(code),
        value=quantity.value,
        unit=codes.concept(unit),
        properties=_properties(told, unit),
        **more,
    )


def change_of(change_pct: float, limits: tuple[float, float] | None) -> "Measurement":
    """Return the change from baseline in %, and how far its 95 % limits are above and below it."""
    import highdicom.sr as hd

    told = (
        []
        if limits is None
        else [(codes.UPPER, limits[1] - change_pct), (codes.LOWER, change_pct - limits[0])]
    )
    return hd.Measurement(
        name=codes.concept(codes.CHANGE),
        value=change_pct,
        unit=codes.concept(codes.PERCENT),
        properties=_properties(told, codes.PERCENT),
    )


def _properties(told: list[tuple[Code, float]], unit: Code) -> "MeasurementProperties | None":
    import highdicom.sr as hd

    if not told:
        return None
    made = hd.MeasurementProperties()
    made.extend(
        hd.NumContentItem(
            name=codes.concept(code),
            value=value,
            unit=codes.concept(unit),
            relationship_type=hd.RelationshipTypeValues.HAS_PROPERTIES,
        )
        for code, value in told
    )
    return made


def time_point(visit: Visit) -> "TimePointContext":
    """Return which timepoint a group is of (TID 1502): its number, and its distance from baseline in days.

    No date stands there: who shifts the dates of the files need not look for it.
    """
    import highdicom.sr as hd

    days = visit.days_from_baseline
    offset = None
    if days is not None:
        offset = hd.LongitudinalTemporalOffsetFromEvent(
            value=days, unit=codes.concept(codes.DAY), event_type=codes.concept(codes.BASELINE_EVENT)
        )
    return hd.TimePointContext(
        time_point=str(visit.order),
        time_point_type=codes.concept(codes.BASELINE) if days == 0 else None,
        time_point_order=visit.order,
        temporal_offset_from_event=offset,
    )
