"""From deposits on an image to measurements."""

from collections.abc import Iterator, Sequence

from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Region
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit
from lesionkit.measure.catalogue import MEASURES
from lesionkit.measure.density import agatston, pixels_of, statistics
from lesionkit.measure.size import Size, size_of


def measure_deposits(
    deposits: Sequence[Deposit], image: Image, *, image_id: str = ""
) -> tuple[Measurement, ...]:
    """Return what can be measured of deposits on their image, one measurement per deposit and measure.

    What each measure means is told by `lesionkit.measure.MEASURES`. Sizes are in mm where the image
    has a scale, else in px; pixel values are in the image's `intensity_unit`. What has no meaning for
    an image is not there (a photograph has no volume, a mask no perimeter).

    * Outlines on a plane: the polygon itself is measured, carried to mm vertex by vertex, so that
      unequal spacing and perspective are exact. Of a deposit in parts the areas and perimeters add, and the
      axes are those of all parts taken together; where parts overlap, what they share counts once.
    * Masks on a plane: pixels times the pixel's area (under perspective, of each pixel's own). Axes are those
      of the line midway between inside and outside pixels.
    * Masks of a volume: voxels, or the sum of their fractions, times the voxel's volume; the area is the
      largest of all planes'; the axes are those of the plane with the longest diameter.
    * Outlines on planes of a volume: the volume is the in-plane area times the distance of planes.
    * Pixel values: of all pixels whose centres lie inside; of fractional masks, of the voxels that
      belong by at least one half, unweighted; of a deposit smaller than a pixel, of the nearest one. The
      standard deviation is divided by n.

    Parameters
    ----------
    deposits : sequence of Deposit
        Drawn on this image.
    image : Image
        With its pixels and, where it has one, its scale.
    image_id : str
        What the measurements call the image; without it, what each deposit does.

    Raises
    ------
    ValueError
        If a deposit mixes outlines and masks, or does not lie on as many axes as the image.

    Examples
    --------
    >>> import numpy as np
    >>> from lesionkit.core.grid import Grid, ScaleSource
    >>> from lesionkit.core.image import Modality
    >>> from lesionkit.core.region import Outline
    >>> grid = Grid(shape=(9, 9), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.RULER)
    >>> image = Image(modality=Modality.DX, pixels=np.ones((9, 9)), grid=grid, intensity_unit=Unit.STORED)
    >>> square = Outline(exterior=[(2, 2), (2, 6), (6, 6), (6, 2)])
    >>> found = measure_deposits([Deposit(id="1", image="hand", regions=(square,))], image)
    >>> found[0].measure, found[0].quantity.value, str(found[0].quantity.unit)
    ('area', 2.0, 'mm2')
    """
    return tuple(
        Measurement(
            image=image_id or deposit.image,
            deposit=deposit.id,
            measure=measure,
            quantity=quantity,
            scale_source=image.grid.scale_source,
        )
        for deposit in deposits
        for measure, quantity in _in_order(measure_regions(deposit.regions, image.grid, image=image))
    )


def _in_order(found: Iterator[tuple[str, Quantity]]) -> Iterator[tuple[str, Quantity]]:
    by_name = dict(found)
    return ((name, by_name[name]) for name in MEASURES if name in by_name)


def measure_regions(
    regions: Sequence[Region], grid: Grid, *, image: Image | None
) -> Iterator[tuple[str, Quantity]]:
    """Yield name and value of everything that can be measured of one deposit's regions.

    Parameters
    ----------
    regions : sequence of Region
        Of one deposit.
    grid : Grid
        Where the pixels lie.
    image : Image, optional
        On that grid; without it pixel values are not measured.
    """
    size = size_of(regions, grid)
    yield from _sizes(size, is_calibrated=grid.is_calibrated)
    if image is None:
        return
    mask = pixels_of(regions, grid, centroid=size.centroid)
    for name, value in statistics(image.intensity(mask.box)[mask.voxels]).items():
        yield name, Quantity(value=value, unit=image.intensity_unit)
    score = agatston(mask, image)
    if score is not None:
        yield "agatston", Quantity(value=score, unit=Unit.AGATSTON)


def _sizes(size: Size, *, is_calibrated: bool) -> Iterator[tuple[str, Quantity]]:
    length, area, volume = LENGTH[is_calibrated], AREA[is_calibrated], VOLUME[is_calibrated]
    yield "area", Quantity(value=size.area, unit=area)
    if size.perimeter is not None:
        yield "perimeter", Quantity(value=size.perimeter, unit=length)
    yield "long_axis", Quantity(value=size.long_axis, unit=length)
    yield "short_axis", Quantity(value=size.short_axis, unit=length)
    if size.volume is not None:
        yield "volume", Quantity(value=size.volume, unit=volume)
    axes = ("centroid_plane", "centroid_row", "centroid_col")[-len(size.centroid) :]
    for name, value in zip(axes, size.centroid, strict=True):
        yield name, Quantity(value=float(value), unit=Unit.PX)
