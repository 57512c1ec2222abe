"""The rows of ``comparability.csv``: how alike the photographs of a site were taken."""

from lesionkit.core.outcome import Outcome
from lesionkit.report.cells import Cell, Row, columns

COMPARABILITY_COLUMNS = columns(
    "patient,site,date,baseline_date,image,baseline_image,verdict,differences,scale_ratio,distance_ratio,tilt_deg,"
    "roll_deg,overlap,sharpness_ratio,exposure_stops,clipped_share,colour_delta,residual_px,residual_mm,method"
)


def comparability_rows(outcome: Outcome) -> tuple[Row, ...]:
    """Return ``comparability.csv``: one row per photograph after the first one read of its site."""
    places = {
        ref.id: (patient.id, ref.site, timepoint.date)
        for patient in outcome.cohort.patients
        for timepoint in patient.timepoints
        for ref in timepoint.images
    }
    rows = []
    for found in outcome.likenesses:
        patient, site, day = places[found.image]
        transform = outcome.transforms.get(found.image)
        known: dict[str, Cell] = {
            "patient": patient,
            "site": site,
            "date": day,
            "baseline_date": places[found.baseline][2],
            "image": found.image,
            "baseline_image": found.baseline,
            "verdict": found.verdict.value,
            "differences": ";".join(found.differences) or None,
            "method": transform.method if transform is not None and transform.is_reliable else None,
        }
        rows.append({c: known.get(c, getattr(found, c, None)) for c in COMPARABILITY_COLUMNS})
    return tuple(rows)
