"""Deposits against what a person marked on the image: how far from a landmark, how much of a region."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Outline, Region
from lesionkit.core.uncertainty import ErrorTerm, summed
from lesionkit.core.units import AREA, LENGTH, Quantity, Unit
from lesionkit.measure.error.model import ERROR_MODELS
from lesionkit.measure.measurer import Scene
from lesionkit.measure.scoring import distance_to, outlines_of, shared
from lesionkit.measure.size import size_of


def distances(scene: Scene) -> Iterator[Measurement]:
    """Yield how far each deposit of a planar image lies from each landmark.

    Its error is that of an axis: a line's end here, and a landmark there that is taken to be placed as well.
    """
    grid = scene.image.grid
    if not grid.is_planar:
        return
    for deposit in scene.deposits:
        for name, place in scene.landmarks.items():
            value = distance_to(deposit.regions, place, grid)
            errors = _ends(scene, deposit, value)
            quantity = Quantity(value=value, unit=LENGTH[grid.is_calibrated], errors=errors)
            yield scene.found(deposit, "landmark_distance", quantity, about=name)


def coverages(scene: Scene) -> Iterator[Measurement]:
    """Yield how much of each region of interest each deposit covers, and all that count together.

    What several deposits share counts once in the sum. A region nothing lies in is covered by 0 percent.
    """
    if not scene.image.grid.is_planar:
        return
    for name, area in scene.areas.items():
        for deposit in scene.deposits:
            yield scene.found(deposit, "coverage", _coverage(scene, [deposit], area), about=name)
        counting = [deposit for deposit in scene.deposits if deposit.counts]
        yield scene.found(None, "coverage", _coverage(scene, counting, area), about=name)


def _coverage(scene: Scene, deposits: Sequence[Deposit], area: Sequence[Outline]) -> Quantity:
    """Return the share of a region that deposits cover, in percent: 100 × covered ÷ region.

    Either area is off by its own boundary; what both share, such as the image's scale, cancels.
    """
    drawn = list(chain.from_iterable(outlines_of(deposit.regions) for deposit in deposits))
    covered = shared(drawn, area)
    authors = {deposit.author for deposit in deposits}
    whole = _area(scene, area, author="")
    if not covered:
        return Quantity(value=0.0, unit=Unit.PERCENT)
    part = _area(scene, covered, author=authors.pop() if len(authors) == 1 else "")
    share = part.value / whole.value
    if not part.errors or not whole.errors:
        return Quantity(value=100.0 * share, unit=Unit.PERCENT)
    terms = [
        *((term, 100.0 / whole.value) for term in part.errors),
        *((term, -100.0 * share / whole.value) for term in whole.errors),
    ]
    return Quantity(value=100.0 * share, unit=Unit.PERCENT, errors=summed(terms))


def _area(scene: Scene, outlines: Sequence[Outline], *, author: str) -> Quantity:
    sizes = _sizes(scene, outlines)
    return Quantity(
        value=sizes["area"].value,
        unit=sizes["area"].unit,
        errors=_terms(scene, outlines, sizes, author=author).get("area", ()),
    )


def _sizes(scene: Scene, regions: Sequence[Region]) -> dict[str, Quantity]:
    grid = scene.image.grid
    size = size_of(regions, grid)
    return {
        "area": Quantity(value=size.area, unit=AREA[grid.is_calibrated]),
        "long_axis": Quantity(value=size.long_axis, unit=LENGTH[grid.is_calibrated]),
    }


def _terms(
    scene: Scene, regions: Iterable[Region], sizes: dict[str, Quantity], *, author: str
) -> dict[str, tuple[ErrorTerm, ...]]:
    """Return what the errors of a region's sizes are made of, by the model that the deposits have."""
    region = Deposit(id="region", image=scene.image_id, regions=tuple(regions), author=author)
    return dict(
        ERROR_MODELS.load(scene.errors.model).errors_of(
            region,
            scene.image,
            sizes,
            image_id=scene.image_id,
            reader=scene.errors.reader(scene.image.modality),
        )
    )


def _ends(scene: Scene, deposit: Deposit, value: float) -> tuple[ErrorTerm, ...]:
    """Return the error of a distance between two drawn points."""
    sizes = _sizes(scene, deposit.regions)
    # Of an axis of no length: the scale's part, which grows with it, is that of the distance instead.
    ends = sizes | {"long_axis": Quantity(value=value, unit=sizes["long_axis"].unit)}
    return _terms(scene, deposit.regions, ends, author=deposit.author).get("long_axis", ())
