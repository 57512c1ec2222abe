"""Two readings of the same images, deposit by deposit and patient by patient."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lesionkit.core.agreement import ReadTwice
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.outcome import Outcome
from lesionkit.core.region import Deposit
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit
from lesionkit.geometry.likeness import Likeness, likeness
from lesionkit.summarise.pairing import match

SIZES = ("area", "volume", "long_axis")


def measures_of(modality: Modality) -> tuple[str, ...]:
    """Return the sizes that readers are compared on: volume on CT and MR, else area; and the long axis."""
    return ("volume", "long_axis") if modality.is_volume else ("area", "long_axis")


def burden_measure(modality: Modality) -> str:
    """Return what is summed over a patient's deposits."""
    return "volume" if modality.is_volume else "area"


def unit_of(measure: str, *, is_metric: bool) -> Unit:
    """Return the unit of a size."""
    return {"area": AREA, "volume": VOLUME, "long_axis": LENGTH}[measure][is_metric]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReaderOutcome:
    """What one reader made of a cohort.

    Parameters
    ----------
    reader : str
        Who read.
    outcome : Outcome
        All that follows from it.
    drawn : Mapping of str to tuple of Deposit
        The deposits that count, by image id, of every image read; none where nothing was there.
    sizes : Mapping of (str, str, str) to Quantity
        By image, deposit and measure.
    """

    reader: str
    outcome: Outcome
    drawn: Mapping[str, tuple[Deposit, ...]]
    sizes: Mapping[tuple[str, str, str], Quantity]


def outcome_of(reader: str, outcome: Outcome) -> ReaderOutcome:
    """Return what one reader made of a cohort, from the outcome built on that reader's outlines."""
    drawn: dict[str, list[Deposit]] = {image: [] for image in outcome.grids}
    for deposit in outcome.deposits:
        if deposit.counts:
            drawn[deposit.image].append(deposit)
    return ReaderOutcome(
        reader=reader,
        outcome=outcome,
        drawn={image: tuple(deposits) for image, deposits in drawn.items()},
        sizes={
            (m.image, m.deposit, m.measure): m.quantity for m in outcome.measurements if m.measure in SIZES
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Twice:
    """A deposit in two readings, and how alike its two drawings are; None where one has not drawn it."""

    found: ReadTwice
    likeness: Likeness | None


def read_twice(first: ReaderOutcome, second: ReaderOutcome) -> Iterator[Twice]:
    """Yield every deposit of every image that both have read; distances are on the first's scale."""
    for patient in first.outcome.cohort.patients:
        for timepoint in patient.timepoints:
            for ref in timepoint.images:
                if ref.id in first.drawn and ref.id in second.drawn:
                    yield from _on_image(first, second, ref, patient=patient.id, day=timepoint.date)


def _on_image(
    first: ReaderOutcome, second: ReaderOutcome, ref: ImageRef, *, patient: str, day: date
) -> Iterator[Twice]:
    grid = first.outcome.grids[ref.id]
    ones, others = first.drawn[ref.id], second.drawn[ref.id]
    for pair in match(ones, others, grid):
        one = None if pair.first is None else ones[pair.first]
        other = None if pair.second is None else others[pair.second]
        like = likeness(one.regions, other.regions, grid) if one and other else None
        found = ReadTwice(
            patient=patient,
            date=day,
            modality=ref.modality.stream,
            site=ref.site,
            image=ref.id,
            readers=(first.reader, second.reader),
            deposits=(one.id if one else None, other.id if other else None),
            matched_by=pair.matched_by,
            sizes=_sizes(first, second, one, other) if one and other else {},
            dice=like.dice if like else 0.0,
            mean_distance=Quantity(value=like.mean_distance, unit=grid.length_unit) if like else None,
            hausdorff_95=Quantity(value=like.hausdorff_95, unit=grid.length_unit) if like else None,
        )
        yield Twice(found=found, likeness=like)


def _sizes(
    first: ReaderOutcome, second: ReaderOutcome, one: Deposit, other: Deposit
) -> dict[str, tuple[Quantity, Quantity]]:
    sizes = {}
    for measure in SIZES:
        mine = first.sizes.get((one.image, one.id, measure))
        theirs = second.sizes.get((other.image, other.id, measure))
        if mine and theirs and mine.unit is theirs.unit:
            sizes[measure] = (mine, theirs)
    return sizes
