"""How red and how white a deposit is against the skin around it, on photographs of calibrated colour."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.colour import ColourCorrection, lab_of
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Mask, Region
from lesionkit.core.units import Quantity, Unit
from lesionkit.geometry import raster, voxels

RIM_MM = 2.0
"""How far from the outline its rim reaches."""
SKIN_MM = (4.0, 10.0)
"""Between which distances from the outline the surrounding skin is looked at."""

_HUES_DEG = (10.0, 90.0)
_LEAST_CHROMA = 5.0
_FEWEST_PX = 100
_DARKEST = 1e-3

Flags = npt.NDArray[np.bool_]


def measure_colours(
    deposits: Sequence[Deposit], image: Image, correction: ColourCorrection | None, *, image_id: str = ""
) -> tuple[Measurement, ...]:
    """Return how red and how white deposits are against the skin around them.

    * ``erythema`` and ``rim_erythema``: mean erythema index inside, and in a rim of 2 mm around the
      outline, less its median in the skin. The index is ``100 · log10(R / G)`` of linear light under
      daylight: blood takes up green and lets red pass.
    * ``whiteness`` and ``rim_whiteness``: the same of CIE L*.
    * ``colour_delta_e``: median difference (CIEDE2000) of known colours in the photograph after correction.

    The skin is what lies 4 to 10 mm from this outline, more than 4 mm from every other deposit, and has the
    hue of skin (10 to 90° in a*, b*, chroma at least 5). These distances and limits are choices of this
    program, not taken from the literature, and neither index has been validated for calcinosis.

    Parameters
    ----------
    deposits : sequence of Deposit
        All that were drawn on the photograph.
    image : Image
        With pixels and scale.
    correction : ColourCorrection, optional
        Of its colours.
    image_id : str
        What the measurements call the image; without it, what each deposit does.

    Returns
    -------
    tuple of Measurement
        Empty where the image is no colour photograph, has no scale, or its colours are not calibrated; of a
        deposit without enough skin around it only the difference of known colours.

    References
    ----------
    Takiwaki H. Measurement of skin color: practical application and theoretical considerations. J Med Invest
    1998;44:121-6 (erythema index). CIE 15:2018 (L*).
    """
    is_photograph = image.modality is Modality.XC and image.is_colour and image.grid.is_calibrated
    if not is_photograph or correction is None or not correction.is_calibrated:
        return ()
    return tuple(
        Measurement(
            image=image_id or deposit.image,
            deposit=deposit.id,
            measure=name,
            quantity=Quantity(value=value, unit=Unit.ONE),
            scale_source=image.grid.scale_source,
        )
        for index, deposit in enumerate(deposits)
        for name, value in _of_one(index, deposits, image, correction)
    )


def _of_one(
    index: int, deposits: Sequence[Deposit], image: Image, correction: ColourCorrection
) -> Iterator[tuple[str, float]]:
    own = _covered(deposits[index].regions, image.grid)
    if own is not None:
        yield from _against_skin(own, index, deposits, image, correction)
    assert correction.delta_e_after is not None
    yield "colour_delta_e", correction.delta_e_after


def _against_skin(
    own: Mask, index: int, deposits: Sequence[Deposit], image: Image, correction: ColourCorrection
) -> Iterator[tuple[str, float]]:
    from scipy.ndimage import distance_transform_edt

    mm_per_px = _mm_per_px(image.grid, own)
    window = _window(own, image.grid, reach_px=SKIN_MM[1] / mm_per_px)
    inside = _on(own, window)
    away = distance_transform_edt(~inside) * mm_per_px
    others = np.zeros_like(inside)
    for other, deposit in enumerate(deposits):
        covered = _covered(deposit.regions, image.grid) if other != index else None
        if covered is not None:
            others |= _on(covered, window)
    far = distance_transform_edt(~others) * mm_per_px > SKIN_MM[0] if others.any() else True
    linear = correction.linear(image.pixels[window])
    lab = lab_of(linear)
    skin = (away > SKIN_MM[0]) & (away <= SKIN_MM[1]) & far & _is_skin(lab)
    if skin.sum() < _FEWEST_PX:
        return
    rim = (away > 0) & (away <= RIM_MM) & ~others
    light = np.maximum(linear, _DARKEST)
    for name, values in (
        ("erythema", 100 * np.log10(light[..., 0] / light[..., 1])),
        ("whiteness", lab[..., 0]),
    ):
        usual = float(np.median(values[skin]))
        yield name, float(values[inside].mean()) - usual
        if rim.any():
            yield f"rim_{name}", float(values[rim].mean()) - usual


def _is_skin(lab: Floats) -> Flags:
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return np.asarray((hue >= _HUES_DEG[0]) & (hue <= _HUES_DEG[1]) & (chroma >= _LEAST_CHROMA))


def _covered(regions: Sequence[Region], grid: Grid) -> Mask | None:
    masks = [mask for mask in (raster.pixels(region, shape=grid.shape) for region in regions) if mask]
    return (
        voxels.union([Mask(voxels=voxels.inside(mask), origin=mask.origin) for mask in masks])
        if masks
        else None
    )


def _mm_per_px(grid: Grid, mask: Mask) -> float:
    """Return the local scale in the middle of a mask: the root of the area of a pixel there."""
    middle = np.add(mask.origin, np.divide(mask.voxels.shape, 2) - 0.5)
    square = grid.locate(middle + np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5]]))
    across, down = square[1] - square[0], square[2] - square[0]
    return float(np.sqrt(abs(across[0] * down[1] - across[1] * down[0])))


def _window(mask: Mask, grid: Grid, *, reach_px: float) -> tuple[slice, slice]:
    reach = int(np.ceil(reach_px)) + 1
    low = np.maximum(np.subtract(mask.origin, reach), 0)
    high = np.minimum(np.add(mask.origin, mask.voxels.shape) + reach, grid.shape)
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))


def _on(mask: Mask, window: tuple[slice, slice]) -> Flags:
    """Return a mask in a window of the image; what lies outside is cut off."""
    out = np.zeros([part.stop - part.start for part in window], dtype=np.bool_)
    start = np.array([part.start for part in window])
    low = np.maximum(np.subtract(mask.origin, start), 0)
    high = np.minimum(np.add(mask.origin, mask.voxels.shape) - start, out.shape)
    if (high <= low).any():
        return out
    first = low + start - np.asarray(mask.origin)
    size = high - low
    out[low[0] : high[0], low[1] : high[1]] = mask.voxels[
        first[0] : first[0] + size[0], first[1] : first[1] + size[1]
    ]
    return out
