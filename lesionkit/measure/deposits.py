"""From deposits on an image to measurements."""

from collections.abc import Mapping, Sequence

from lesionkit.core.colour import ColourCorrection
from lesionkit.core.image import Image
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.settings import CalciumSettings, ErrorSettings, GradeSettings
from lesionkit.measure.catalogue import MEASURES
from lesionkit.measure.error.attach import with_errors
from lesionkit.measure.error.model import ERROR_MODELS
from lesionkit.measure.measurer import Scene, measurers


def measure_deposits(
    deposits: Sequence[Deposit],
    image: Image,
    *,
    image_id: str = "",
    errors: ErrorSettings | None = None,
    calcium: CalciumSettings | None = None,
    grade: GradeSettings | None = None,
    colour: ColourCorrection | None = None,
    landmarks: Mapping[str, tuple[float, float]] | None = None,
    areas: Mapping[str, Sequence[Outline]] | None = None,
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
    * Area, perimeter, axes and volume carry their standard error, taken apart by cause in
      `Quantity.errors`, as the tables have it: see `lesionkit.measure.error.with_errors`. Other measures
      have none, but for the distance from a landmark and the share of a region.

    What measures is found by entry points (group ``lesionkit.measures``): what else is installed there
    measures here too.

    Parameters
    ----------
    deposits : sequence of Deposit
        Drawn on this image.
    image : Image
        With its pixels and, where it has one, its scale.
    image_id : str
        What the measurements call the image; without it, what each deposit does.
    errors : ErrorSettings, optional
        What is known of the errors of measuring, as ``[errors]`` of ``cohort.toml``; without it they are
        assumed.
    calcium : CalciumSettings, optional
        How the CT shows calcium; a mass is measured only with its calibration factor.
    grade : GradeSettings, optional
        The cuts that make a density a grade; without them there is none.
    colour : ColourCorrection, optional
        Of a photograph's colours; without it redness and whiteness are not measured.
    landmarks : Mapping of str to (float, float), optional
        Places ``(row, col)`` on a planar image, by name: the distance of each deposit from each is measured.
    areas : Mapping of str to sequence of Outline, optional
        Regions of interest on a planar image, by name: what each deposit, and (with an empty `deposit`)
        all that count together, cover of each is measured.

    Raises
    ------
    ExtensionError
        If the error model cannot be loaded, or two measurers measure something of one name.
    ValueError
        If a deposit mixes outlines and masks, or does not lie on as many axes as the image.

    Examples
    --------
    On an image in which no edge can be seen, an outline may lie far off:

    >>> import numpy as np
    >>> from lesionkit.core.grid import Grid, ScaleSource
    >>> from lesionkit.core.image import Modality
    >>> from lesionkit.core.region import Outline
    >>> from lesionkit.core.units import Unit
    >>> grid = Grid(shape=(9, 9), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.RULER)
    >>> image = Image(modality=Modality.DX, pixels=np.ones((9, 9)), grid=grid, intensity_unit=Unit.STORED)
    >>> square = Outline(exterior=[(2, 2), (2, 6), (6, 6), (6, 2)])
    >>> found = measure_deposits([Deposit(id="1", image="hand", regions=(square,))], image)
    >>> area = found[0].quantity
    >>> found[0].measure, area.value, str(area.unit), round(area.standard_error, 2)
    ('area', 2.0, 'mm2', 2.37)
    """
    scene = Scene(
        image=image,
        deposits=tuple(deposits),
        image_id=image_id or next((deposit.image for deposit in deposits), ""),
        calcium=calcium or CalciumSettings(),
        errors=errors or ErrorSettings(),
        grade=grade,
        colour=colour,
        landmarks=landmarks or {},
        areas={name: tuple(outlines) for name, outlines in (areas or {}).items()},
    )
    found = [m for _, measurer in measurers() for m in measurer.measure(scene)]
    places = {deposit.id: place for place, deposit in enumerate(deposits)}
    order = {name: place for place, name in enumerate(MEASURES)}
    found.sort(key=lambda m: (places.get(m.deposit, len(places)), order.get(m.measure, len(order))))
    return with_errors(
        found,
        deposits,
        image,
        reader=scene.errors.reader(image.modality),
        model=ERROR_MODELS.load(scene.errors.model),
    )
