"""From deposits on an image to measurements."""

from collections.abc import Iterator, Mapping, Sequence
from math import pi

from lesionkit.core.image import Image, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Mask
from lesionkit.core.settings import CalciumSettings
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit
from lesionkit.measure.calcium import calcium_of
from lesionkit.measure.catalogue import MEASURES
from lesionkit.measure.density import percentiles, pixels_of, statistics
from lesionkit.measure.many import equivalent_diameter
from lesionkit.measure.rim import surroundings_of
from lesionkit.measure.size import Size, size_of


def measure_deposits(
    deposits: Sequence[Deposit],
    image: Image,
    *,
    image_id: str = "",
    calcium: CalciumSettings | None = None,
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
    * The rim around a deposit, but in photographs: see `lesionkit.measure.rim.surroundings_of`.
    * Calcium, of CT: see `lesionkit.measure.calcium.calcium_of`.

    Parameters
    ----------
    deposits : sequence of Deposit
        Drawn on this image.
    image : Image
        With its pixels and, where it has one, its scale.
    image_id : str
        What the measurements call the image; without it, what each deposit does.
    calcium : CalciumSettings, optional
        How the CT shows calcium; a mass is measured only with its calibration factor.

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
    grid = image.grid
    sizes = [size_of(deposit.regions, grid) for deposit in deposits]
    masks = [
        pixels_of(deposit.regions, grid, centroid=size.centroid)
        for deposit, size in zip(deposits, sizes, strict=True)
    ]
    return tuple(
        Measurement(
            image=image_id or deposit.image,
            deposit=deposit.id,
            measure=measure,
            quantity=quantity,
            scale_source=grid.scale_source,
        )
        for index, deposit in enumerate(deposits)
        for measure, quantity in _in_order(
            {
                **dict(_sizes(sizes[index], is_calibrated=grid.is_calibrated)),
                **dict(_densities(index, masks, image, calcium or CalciumSettings())),
            }
        )
    )


def _in_order(found: Mapping[str, Quantity]) -> Iterator[tuple[str, Quantity]]:
    return ((name, found[name]) for name in MEASURES if name in found)


def _densities(
    index: int, masks: Sequence[Mask], image: Image, calcium: CalciumSettings
) -> Iterator[tuple[str, Quantity]]:
    """Yield what the pixels of one deposit say, given those of all."""
    mask, unit = masks[index], image.intensity_unit
    values = image.intensity(mask.box)[mask.voxels]
    found = {**statistics(values), **percentiles(values)}
    for name, value in found.items():
        yield name, Quantity(value=value, unit=unit)
    if image.modality is Modality.XC or image.is_colour:
        return
    around = surroundings_of(mask, image, others=[*masks[:index], *masks[index + 1 :]])
    if around.level is not None and found:
        yield "rim_intensity", Quantity(value=around.level, unit=unit)
        yield "contrast", Quantity(value=found["mean_intensity"] - around.level, unit=unit)
    yield from calcium_of(mask, image, around, calcium)


def _sizes(size: Size, *, is_calibrated: bool) -> Iterator[tuple[str, Quantity]]:
    """Yield every size that has a meaning."""
    units = {
        "area": AREA[is_calibrated],
        "perimeter": LENGTH[is_calibrated],
        "long_axis": LENGTH[is_calibrated],
        "short_axis": LENGTH[is_calibrated],
        "volume": VOLUME[is_calibrated],
        "max_diameter": LENGTH[is_calibrated],
        "surface_area": AREA[is_calibrated],
        "sphericity": Unit.ONE,
        "parts": Unit.ONE,
    }
    for name, unit in units.items():
        value = getattr(size, name)
        if value is not None:
            yield name, Quantity(value=float(value), unit=unit)
    diameter = float(equivalent_diameter(size.area, size.volume))
    yield "equivalent_diameter", Quantity(value=diameter, unit=LENGTH[is_calibrated])
    ellipse = pi / 4 * size.long_axis * size.short_axis
    yield "ellipse_area", Quantity(value=ellipse, unit=AREA[is_calibrated])
    if size.perimeter is not None:
        yield "circularity", Quantity(value=4 * pi * size.area / size.perimeter**2, unit=Unit.ONE)
    if size.hull_area is not None:
        yield "solidity", Quantity(value=size.area / size.hull_area, unit=Unit.ONE)
    axes = ("centroid_plane", "centroid_row", "centroid_col")[-len(size.centroid) :]
    for name, value in zip(axes, size.centroid, strict=True):
        yield name, Quantity(value=float(value), unit=Unit.PX)
