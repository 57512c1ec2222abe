"""A photograph's colours brought to those under daylight, where something in it is of known colour."""

import numpy as np

from lesionkit.calibrate.card.layout import Area
from lesionkit.calibrate.card.reading import CardReading, NoCard
from lesionkit.calibrate.colour_chart import COLORCHECKER, Patches, find_colorchecker
from lesionkit.core.arrays import Floats
from lesionkit.core.colour import MOST_DELTA_E, ColourCorrection, lab_of, linear_of
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.settings import ColourSettings

_CLIPPED = 0.98
_FEWEST_PATCHES = 12
_NO_CHART = 12.0
"""Median difference after correction above which what was found is no ColorChecker."""
_PX_PER_MM = 6
_ADAPTED = np.array(
    [
        [0.9555766, -0.0230393, 0.0631636],
        [-0.0282895, 1.0099416, 0.0210077],
        [0.0122982, -0.0204830, 1.3299098],
    ]
)
"""XYZ under D50 to XYZ under D65 (Bradford)."""
_FROM_XYZ = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
_D50 = np.array([0.96422, 1.0, 0.82521])

Found = tuple[ColourCorrection | None, tuple[Problem, ...]]


def correct_colour(
    image: Image, *, card: CardReading | NoCard, settings: ColourSettings, about: str
) -> Found:
    """Return what corrects a photograph's colours, and what is wrong with it.

    Patches of known colour (a ColorChecker where the settings ask for one; the card's where they say what
    was measured on it) give a matrix in linear light. Without them the white of the card's paper gives a
    white balance only, which is no calibration.

    Parameters
    ----------
    image : Image
        The photograph.
    card : CardReading or NoCard
        What the calibration card in it says.
    settings : ColourSettings
        What is known of colours.
    about : str
        What the problems call the photograph.
    """
    if image.modality is not Modality.XC or not image.is_colour:
        return None, ()
    patches = None
    if settings.has_colorchecker:
        patches = _colorchecker(image)
        if patches is None:
            return None, (_not_found(about),)
    elif isinstance(card, CardReading) and settings.card_patches is not None:
        patches = _card_patches(image, card, settings.card_patches)
    if patches is None:
        return (None if isinstance(card, NoCard) else white_balance(image, card)), ()
    usable = (patches.seen < _CLIPPED).all(axis=1)
    if usable.sum() < _FEWEST_PATCHES:
        return None, (_overexposed(about, patches.source),)
    correction = correction_by(
        Patches(source=patches.source, seen=patches.seen[usable], known=patches.known[usable])
    )
    if correction.delta_e_after is not None and correction.delta_e_after > _NO_CHART:
        return None, (_not_found(about),) if settings.has_colorchecker else (_poor(about, correction),)
    return correction, () if correction.is_calibrated else (_poor(about, correction),)


def correction_by(patches: Patches) -> ColourCorrection:
    """Return the matrix that brings patches nearest to their known colours.

    It is found by least squares of L*a*b* differences. The difference after correction is that of each patch
    by the matrix of all others. (An exponent for the camera's tone curve was tried and told nothing more.)

    Parameters
    ----------
    patches : Patches
        At least four.

    References
    ----------
    Sharma G, Wu W, Dalal EN. The CIEDE2000 color-difference formula. Color Res Appl 2005;30:21-30.
    """
    known = _linear_of_lab(patches.known)
    matrix = _fitted(patches.seen, known)
    left_out = []
    for index in range(len(known)):
        others = np.arange(len(known)) != index
        by_others = _fitted(patches.seen[others], known[others])
        left_out.append(patches.seen[index] @ by_others)
    # As photographed, but for its brightness, which is the exposure's and no matter of colour.
    exposure = np.median(known[:, 1] / np.maximum(patches.seen[:, 1], 1e-4))
    return ColourCorrection(
        source=patches.source,
        matrix=matrix,
        delta_e_before=_median_delta_e(patches.seen * exposure, known),
        delta_e_after=_median_delta_e(np.array(left_out), known),
    )


def white_balance(image: Image, card: CardReading) -> ColourCorrection:
    """Return what makes the bare paper of a card neutral, at the brightness that it has."""
    white = np.median([_mean(image, card, area) for area in card.face.whites], axis=0)
    return ColourCorrection(source="paper white", matrix=np.diag(white.mean() / np.maximum(white, 1e-4)))


def _fitted(seen: Floats, known: Floats) -> Floats:
    """Return the matrix that carries linear sRGB to its known values, nearest in L*a*b*."""
    from scipy.optimize import least_squares

    weight = 1 / (np.abs(known).mean(axis=1, keepdims=True) + 0.05)
    start = np.linalg.lstsq(seen * weight, known * weight, rcond=None)[0]
    wanted = lab_of(known)
    found = least_squares(lambda m: (lab_of(seen @ m.reshape(3, 3)) - wanted).ravel(), start.ravel())
    return np.asarray(found.x).reshape(3, 3)


def _linear_of_lab(lab: Floats) -> Floats:
    """Return linear sRGB (D65) of L*a*b* under D50; colours beyond sRGB have parts below 0 or above 1."""
    light, a, b = np.moveaxis(np.asarray(lab, dtype=np.float64), -1, 0)
    y = (light + 16) / 116
    root = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    xyz = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29)) * _D50
    return np.asarray(xyz @ _ADAPTED.T @ _FROM_XYZ.T)


def _median_delta_e(first: Floats, second: Floats) -> float:
    """Return the median CIEDE2000 of linear sRGB colours."""
    from skimage.color import deltaE_ciede2000

    return float(np.median(deltaE_ciede2000(lab_of(first), lab_of(second))))


def _colorchecker(image: Image) -> Patches | None:
    pixels = np.asarray(image.pixels)
    if pixels.dtype != np.uint8:
        pixels = (pixels >> 8).astype(np.uint8)
    seen = find_colorchecker(pixels)
    if seen is None:
        return None
    rounded = np.clip(np.rint(seen * 257), 0, 65535).astype(np.uint16)
    return Patches(source="ColorChecker", seen=linear_of(rounded), known=np.asarray(COLORCHECKER))


def _card_patches(image: Image, card: CardReading, measured: tuple[tuple[float, ...], ...]) -> Patches | None:
    if len(measured) != len(card.face.patches):
        return None
    seen = np.array([_mean(image, card, patch) for patch in card.face.patches])
    return Patches(source="card", seen=seen, known=np.array(measured))


def _mean(image: Image, card: CardReading, area: Area) -> Floats:
    """Return the mean linear light of the inner part of an area of the card, shape (3,)."""
    import cv2

    inner = 0.6
    size = max(2, round(area.width * inner * _PX_PER_MM)), max(2, round(area.height * inner * _PX_PER_MM))
    corner = np.array([area.down + area.height * (1 - inner) / 2, area.right + area.width * (1 - inner) / 2])
    step = 1 / _PX_PER_MM
    to_card = np.array([[0, step, corner[0] + step / 2], [step, 0, corner[1] + step / 2], [0, 0, 1]])
    matrix = np.eye(3)[[1, 0, 2]] @ np.linalg.inv(card.to_drawing) @ to_card
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    view = cv2.warpPerspective(np.asarray(image.pixels), matrix, size, flags=flags)
    return np.asarray(linear_of(view).reshape(-1, 3).mean(axis=0))


def _not_found(about: str) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="chart_not_found",
        about=about,
        text="No ColorChecker is seen in this photograph, so its colours are not corrected.",
        hint="Lay the chart flat and whole into the picture, in the light of the skin.",
    )


def _overexposed(about: str, source: str) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="chart_overexposed",
        about=about,
        text=f"Most patches of the {source} are overexposed, so the colours are not corrected.",
        hint="Take the photograph with less light or a shorter exposure, without flash on the chart.",
    )


def _poor(about: str, correction: ColourCorrection) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="colour_not_calibrated",
        about=about,
        text=f"After correction by the {correction.source} its patches still differ by "
        f"{correction.delta_e_after:.1f} (CIEDE2000, median), more than {MOST_DELTA_E:g}: no colour is "
        "measured.",
        hint="Light chart and skin evenly by one kind of lamp or daylight, and check the patches' figures.",
    )
