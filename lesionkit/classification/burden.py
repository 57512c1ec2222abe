"""What is carried at a timepoint: sizes summed over tracks, without ever reading missing as zero."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lesionkit.core.image import Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.response import Burden, BurdenMeasure
from lesionkit.core.track import Presence, Sighting, Track
from lesionkit.core.uncertainty import summed
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit, total

_ZERO_UNIT = {
    BurdenMeasure.AREA: AREA[True],
    BurdenMeasure.VOLUME: VOLUME[True],
    BurdenMeasure.LONG_AXIS: LENGTH[True],
    BurdenMeasure.AXES_PRODUCT: AREA[True],
}


def measure_of(measure: BurdenMeasure, modality: Modality) -> BurdenMeasure:
    """Return what is summed on a modality: ``size`` is the area on planar images, the volume on CT and MR.

    Examples
    --------
    >>> measure_of(BurdenMeasure.SIZE, Modality.DX)
    <BurdenMeasure.AREA: 'area'>
    """
    if measure is not BurdenMeasure.SIZE:
        return measure
    return BurdenMeasure.VOLUME if modality.is_volume else BurdenMeasure.AREA


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The size of every deposit by one measure.

    Parameters
    ----------
    measure : BurdenMeasure
        Never ``size``: the resolved one.
    by_deposit : Mapping of (str, str) to Measurement
        By image and deposit id.
    nothing : Mapping of str to Quantity
        By image: a size of zero, with the error of what may have been missed there.
    """

    measure: BurdenMeasure
    by_deposit: Mapping[tuple[str, str], Measurement]
    nothing: Mapping[str, Quantity] = field(default_factory=dict)

    def of(self, track: Track, day: date) -> tuple[Measurement | None, ...]:
        """Return the sizes of a track's deposits at a timepoint; None for one that was not measured."""
        sighting = sighting_at(track, day)
        return tuple(self.by_deposit.get((sighting.image or "", deposit)) for deposit in sighting.deposits)


def sizes_of(measurements: Iterable[Measurement], *, measure: BurdenMeasure) -> Sizes:
    """Return the deposits' sizes by one measure.

    ``axes_product`` is long axis × short axis of each deposit. What the two axes share (one scale, one
    reading) adds up in its error; where their errors are not taken apart it is not known.

    Parameters
    ----------
    measurements : iterable of Measurement
        Of any measure; those of others are passed over.
    measure : BurdenMeasure
        Not ``size``, which depends on the modality: see `measure_of`.

    Raises
    ------
    ValueError
        If `measure` is ``size``.
    """
    if measure is BurdenMeasure.SIZE:
        raise ValueError("size is area or volume: resolve it with measure_of first")
    if measure is not BurdenMeasure.AXES_PRODUCT:
        return Sizes(
            measure=measure,
            by_deposit={(m.image, m.deposit): m for m in measurements if m.measure == measure.value},
        )
    kept = tuple(measurements)
    short = {(m.image, m.deposit): m for m in kept if m.measure == "short_axis"}
    long = {(m.image, m.deposit): m for m in kept if m.measure == "long_axis"}
    return Sizes(
        measure=measure,
        by_deposit={key: _product(long[key], short[key]) for key in long if key in short},
    )


def _product(long: Measurement, short: Measurement) -> Measurement:
    a, b = long.quantity, short.quantity
    is_known = bool(a.errors and b.errors)
    terms = [*((term, b.value) for term in a.errors), *((term, a.value) for term in b.errors)]
    return Measurement(
        image=long.image,
        deposit=long.deposit,
        measure=BurdenMeasure.AXES_PRODUCT.value,
        quantity=Quantity(
            value=a.value * b.value,
            unit=AREA[a.unit is Unit.MM],
            errors=summed(terms) if is_known else (),
        ),
        scale_source=long.scale_source,
    )


def sighting_at(track: Track, day: date) -> Sighting:
    """Return a track's sighting at a timepoint; unseen where it has none."""
    for sighting in track.sightings:
        if sighting.date == day:
            return sighting
    return Sighting(date=day, presence=Presence.UNSEEN)


def burden_at(tracks: Sequence[Track], sizes: Sizes, day: date, *, is_read: bool = True) -> Burden:
    """Return what some tracks carry together at one timepoint.

    Defined as the sum over the deposits of every track present; an absent track counts zero, with the
    error of what may have been missed; an unseen one is not counted and is named in ``unseen``. Where all
    are known, independent errors add in quadrature and shared ones (one scale, one reading) add up.

    Parameters
    ----------
    tracks : sequence of Track
        Of one patient and stream.
    sizes : Sizes
        Sizes of their deposits.
    day : date
        The timepoint.
    is_read : bool
        Whether any image of the stream (and site) was read at this timepoint.

    Returns
    -------
    Burden
        Without a quantity where nothing was seen, where a deposit has no size, or where mm and px
        would be added. Nothing there is zero in the measure's mm unit.
    """
    several = len({track.site for track in tracks}) > 1
    ids: dict[Presence, list[str]] = {presence: [] for presence in Presence}
    summands: list[Measurement | None] = []
    nothing: list[Quantity] = []
    for track in tracks:
        sighting = sighting_at(track, day)
        ids[sighting.presence].append(f"{track.site}/{track.id}" if several else track.id)
        summands.extend(sizes.of(track, day))
        zero = sizes.nothing.get(sighting.image or "")
        if sighting.presence is Presence.ABSENT and zero is not None:
            nothing.append(zero)
    nothing_seen = bool(tracks) and len(ids[Presence.UNSEEN]) == len(tracks)
    return Burden(
        date=day,
        quantity=None if nothing_seen or not is_read else _sum(summands, nothing, sizes.measure),
        present=tuple(ids[Presence.PRESENT]),
        absent=tuple(ids[Presence.ABSENT]),
        unseen=tuple(ids[Presence.UNSEEN]),
        scale_sources=frozenset(size.scale_source for size in summands if size),
        is_read=is_read,
    )


def _sum(
    summands: Sequence[Measurement | None], nothing: Sequence[Quantity], measure: BurdenMeasure
) -> Quantity | None:
    quantities = [size.quantity for size in summands if size]
    units = {quantity.unit for quantity in quantities} or {_ZERO_UNIT[measure]}
    if len(quantities) < len(summands) or len(units) > 1:
        return None
    unit = units.pop()
    # What may have been missed on an image in another unit cannot be added, and is small.
    quantities += [zero for zero in nothing if zero.unit is unit]
    return total(quantities) if quantities else Quantity(value=0.0, unit=unit)


def burdens(
    tracks: Sequence[Track],
    measurements: Iterable[Measurement],
    *,
    measure: BurdenMeasure,
    modality: Modality,
) -> tuple[Burden, ...]:
    """Return what some tracks carry together at every timepoint at which one of them has a sighting.

    Parameters
    ----------
    tracks : sequence of Track
        Of one patient and stream.
    measurements : iterable of Measurement
        Of their deposits; others are passed over.
    measure : BurdenMeasure
        What is summed.
    modality : Modality
        Decides what ``size`` means.

    Returns
    -------
    tuple of Burden
        In order of time.
    """
    sizes = sizes_of(measurements, measure=measure_of(measure, modality))
    days = sorted({sighting.date for track in tracks for sighting in track.sightings})
    seen = {
        sighting.date
        for track in tracks
        for sighting in track.sightings
        if sighting.presence is not Presence.UNSEEN
    }
    return tuple(burden_at(tracks, sizes, day, is_read=day in seen) for day in days)
