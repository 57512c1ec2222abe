"""Sizes on photographs without a scale, told in pixels of the first picture of their site."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.measurement import Measurement
from lesionkit.core.track import Reading
from lesionkit.core.transform import Carried
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity
from lesionkit.pipeline.measuring import Measured
from lesionkit.pipeline.readings import Site

_POWERS = {"area": 1.0, "perimeter": 0.5, "long_axis": 0.5, "short_axis": 0.5}
"""What is told, and how many times the relative error of an area each has."""


def relate(
    readings: Mapping[Site, Sequence[Reading]],
    measured: Mapping[str, Measured],
    near: Mapping[Site, Mapping[str, tuple[Carried, ...]]],
) -> tuple[Measurement, ...]:
    """Return the relative sizes of every site of which pictures without a scale could be aligned.

    Parameters
    ----------
    readings : Mapping of Site to sequence of Reading
        In order of time.
    measured : Mapping of str to Measured
        By image.
    near : Mapping of Site to Mapping of str to tuple of Carried
        By site and image: its outlines on the site's first picture.
    """
    return tuple(
        measurement
        for site, found in readings.items()
        if near[site]
        for measurement in relative_sizes(found, near[site], _sizes(found, measured))
    )


def _sizes(readings: Sequence[Reading], measured: Mapping[str, Measured]) -> list[Measurement]:
    sizes = [measured[reading.image].sizes for reading in readings]
    return [measurement for size in sizes if size for measurement in size.measurements]


def relative_sizes(
    readings: Sequence[Reading],
    near: Mapping[str, tuple[Carried, ...]],
    measurements: Iterable[Measurement],
) -> tuple[Measurement, ...]:
    """Return sizes of the deposits of one site in pixels of its first picture, where they can be told.

    Those of the first picture stay as they are. Those of later ones are of the carried outline; their error
    is that of the outline as drawn, in proportion, and that of carrying it.

    Parameters
    ----------
    readings : sequence of Reading
        Of one site, in order of time.
    near : Mapping of str to tuple of Carried
        By image: its outlines on the first picture.
    measurements : iterable of Measurement
        On these pictures, each in its own pixels.
    """
    first = readings[0]
    carried = {(image, one.deposit): one for image, found in near.items() for one in found if one.regions}
    return tuple(
        measurement
        for own in measurements
        if own.measure in _POWERS and own.scale_source is ScaleSource.NONE
        for measurement in _told(own, first, carried.get((own.image, own.deposit)))
    )


def _told(own: Measurement, first: Reading, carried: Carried | None) -> Iterator[Measurement]:
    if own.image == first.image:
        yield replace(own, scale_source=ScaleSource.BASELINE_PICTURE)
    elif carried is not None:
        quantity = _resized(own, carried, Grid(shape=first.grid.shape))
        yield replace(own, quantity=quantity, scale_source=ScaleSource.BASELINE_PICTURE)


def _resized(own: Measurement, carried: Carried, grid: Grid) -> Quantity:
    from lesionkit.measure.size import size_of

    value = float(getattr(size_of(carried.regions, grid), own.measure))
    drawn, unit = own.quantity, own.quantity.unit
    if drawn.standard_error is None:
        return Quantity(value=value, unit=unit)
    ratio = value / drawn.value
    terms = drawn.errors or (
        ErrorTerm(name="stated", source="given with the size", effect=drawn.standard_error),
    )
    aligned = ErrorTerm(
        name="alignment",
        source="how well the skin around the deposit fits that of the first picture",
        effect=value * carried.area_rel_se * _POWERS[own.measure],
    )
    return Quantity(
        value=value,
        unit=unit,
        errors=(*(replace(term, effect=term.effect * ratio) for term in terms), aligned),
    )


def in_place_of(measurements: Iterable[Measurement], relative: Iterable[Measurement]) -> list[Measurement]:
    """Return measurements, with those told in pixels of the first picture in place of the pictures' own."""
    told = {(m.image, m.deposit, m.measure): m for m in relative}
    return [told.get((m.image, m.deposit, m.measure), m) for m in measurements]
