"""The rows of ``measures.csv``: all that was measured, one number a row, with its error and meaning."""

from lesionkit.core.outcome import Outcome
from lesionkit.report.cells import Row, columns, row_of

MEASURE_COLUMNS = columns(
    "patient,date,modality,site,image,deposit,status,measure,about,value,value_se,unit,definition,source"
)


def measure_rows(outcome: Outcome) -> tuple[Row, ...]:
    """Return ``measures.csv``: one row per measurement, in the order of images, deposits and measures.

    `deposit` is empty for what is measured of all deposits of an image together; `about` names the landmark
    or the region of interest.
    """
    places = {
        ref.id: (patient.id, timepoint.date, ref)
        for patient in outcome.cohort.patients
        for timepoint in patient.timepoints
        for ref in timepoint.images
    }
    statuses = {(deposit.image, deposit.id): deposit.status.value for deposit in outcome.deposits}
    measures = {measure.name: measure for measure in outcome.measures}
    rows = []
    for found in outcome.measurements:
        patient, day, ref = places[found.image]
        meant = measures.get(found.measure)
        rows.append(
            row_of(
                MEASURE_COLUMNS,
                {
                    "patient": patient,
                    "date": day,
                    "modality": ref.modality.value,
                    "site": ref.site,
                    "image": ref.id,
                    "deposit": found.deposit or None,
                    "status": statuses.get((found.image, found.deposit)),
                    "measure": found.measure,
                    "about": found.about or None,
                    "value": found.quantity.value,
                    "value_se": found.quantity.standard_error,
                    "unit": found.quantity.unit.value,
                    "definition": meant.meaning if meant else None,
                    "source": (meant.source or None) if meant else None,
                },
            )
        )
    return tuple(rows)
