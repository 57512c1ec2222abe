"""``measures.csv``: every number with its error, unit and meaning."""

from dataclasses import replace

from lesionkit.core.grid import ScaleSource
from lesionkit.core.measurement import Dimension, Measure, Measurement
from lesionkit.core.units import Quantity, Unit
from lesionkit.report.measure_rows import measure_rows


def test_every_number_has_its_error_unit_and_meaning(outcome):
    image = outcome.deposits[0].image
    meant = Measure(name="coverage", meaning="How much is covered.", dimension=Dimension.SHARE, source="us")
    found = Measurement(
        image=image,
        deposit="",
        measure="coverage",
        quantity=Quantity(value=12.5, unit=Unit.PERCENT, standard_error=0.5),
        scale_source=ScaleSource.NONE,
        about="phalanx",
    )
    (row,) = measure_rows(replace(outcome, measurements=(found,), measures=(meant,)))
    assert (row["deposit"], row["status"], row["about"]) == (None, None, "phalanx")
    assert (row["value"], row["value_se"], row["unit"]) == (12.5, 0.5, "%")
    assert (row["definition"], row["source"]) == ("How much is covered.", "us")


def test_a_row_belongs_to_its_deposit(outcome):
    rows = measure_rows(outcome)
    assert len(rows) == len(outcome.measurements) > 0
    statuses = {(d.image, d.id): d.status.value for d in outcome.deposits}
    assert all(row["status"] == statuses[row["image"], row["deposit"]] for row in rows)
    assert [row["value"] for row in rows] == [m.quantity.value for m in outcome.measurements]
