"""Measurements, each with its standard error."""

from collections.abc import Sequence
from dataclasses import replace

from lesionkit.core.image import Image
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit
from lesionkit.core.settings import ReaderError
from lesionkit.core.units import Quantity
from lesionkit.measure.error.model import BOUNDARY, ErrorModel

SIZES = ("area", "perimeter", "long_axis", "short_axis", "volume")


def with_errors(
    measurements: Sequence[Measurement],
    deposits: Sequence[Deposit],
    image: Image,
    *,
    reader: ReaderError | None = None,
    model: ErrorModel = BOUNDARY,
) -> tuple[Measurement, ...]:
    """Return measurements with the standard errors of their sizes, taken apart by cause.

    Parameters
    ----------
    measurements : sequence of Measurement
        Of these deposits on this image, as `measure_deposits` returns them; pixel values and centroids are
        left as they are.
    deposits : sequence of Deposit
        Drawn on the image.
    image : Image
        With its pixels and its grid.
    reader : ReaderError, optional
        What is known of how well readers repeat an outline.
    model : ErrorModel
        What tells the errors.
    """
    sizes: dict[str, dict[str, Quantity]] = {}
    for measurement in measurements:
        if measurement.measure in SIZES:
            sizes.setdefault(measurement.deposit, {})[measurement.measure] = measurement.quantity
    known = reader or ReaderError()
    image_id = measurements[0].image if measurements else ""
    found = {
        deposit.id: model.errors_of(deposit, image, sizes[deposit.id], image_id=image_id, reader=known)
        for deposit in deposits
        if deposit.id in sizes
    }
    return tuple(
        replace(m, quantity=replace(m.quantity, errors=terms))
        if (terms := found.get(m.deposit, {}).get(m.measure))
        else m
        for m in measurements
    )
