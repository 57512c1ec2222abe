"""Photographs as clinics take them, by chance: some camera, held somehow, over a marker and deposits."""

import math
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.phantom.noise import Field, fractal_noise
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet

DICTIONARY = "DICT_4X4_50"
MARKER_MM = 20.0
_MARGIN_MM = 5.0
_PAINT_PX_PER_MM = 36
_FARTHEST_MM = 130.0
_FOCAL_35MM = (24.0, 26.0, 28.0, 35.0, 50.0, 77.0)
_STRAIGHT_WITHIN = 0.004
_VERTICES = 120


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoundDeposit:
    """A round deposit near the marker's plane.

    Parameters
    ----------
    outline_mm : ndarray of float, shape (n, 2)
        ``(down, across)`` on the plane.
    away_mm : float
        From the marker's middle to its own.
    height_mm : float
        How far above the marker's plane it lies.
    """

    outline_mm: Floats
    away_mm: float
    height_mm: float

    @property
    def area_mm2(self) -> float:
        """Its true area (of the polygon, by the shoelace formula)."""
        down, across = self.outline_mm.T
        return float(abs(down @ np.roll(across, -1) - across @ np.roll(down, -1)) / 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chance:
    """One photograph as it might be taken.

    Parameters
    ----------
    shot : Shot
        Camera and pose.
    marker : Sheet
        A white card with one marker of 20 mm.
    number : int
        The marker's.
    deposits : tuple of RoundDeposit
        All in the picture, at most 13 cm from the marker.
    finish : Finish
        Light, blur, noise and compression.
    """

    shot: Shot
    marker: Sheet
    number: int
    deposits: tuple[RoundDeposit, ...]
    finish: Finish

    @property
    def marker_corners_mm(self) -> Floats:
        """The marker's corners on the plane, going round from its top left."""
        square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * MARKER_MM + _MARGIN_MM
        return self.marker.to_plane(square)


def photograph_by_chance(
    rng: np.random.Generator, *, tilt_deg: tuple[float, float] = (0.0, 40.0), megapixels: float = 12.2
) -> Chance:
    """Return a photograph drawn at random.

    Focal lengths are those of telephones' main and portrait lenses and of cameras; the long side shows 150 to
    400 mm. The lens's radial distortion in the corner has a standard deviation of 0.4 %, its axis
    is off by 1 % of half the diagonal. Blur has a standard deviation of 0.5 to 2 px, one picture in two
    is shaken by up to 4 px, light falls off by up to half, noise is 0.4 to 2.5 % of full scale, tone curves
    and sharpening are as cameras have them, JPEG qualities 75 to 95.

    Parameters
    ----------
    rng : numpy.random.Generator
        All chance.
    tilt_deg : tuple of float
        Least and greatest tilt; uniform between them.
    megapixels : float
        Of the camera.
    """
    while True:
        drawn = _drawn(rng, tilt_deg, megapixels)
        if drawn is not None:
            return drawn


def _drawn(rng: np.random.Generator, tilt_deg: tuple[float, float], megapixels: float) -> Chance | None:
    camera = _camera(rng, megapixels)
    long_side = max(camera.shape)
    shot = Shot(
        camera=camera,
        tilt_deg=rng.uniform(*tilt_deg),
        towards_deg=rng.uniform(0, 360),
        roll_deg=rng.uniform(0, 360),
        distance_mm=rng.uniform(150, 400) * camera.focal_px / long_side,
    )
    number = int(rng.integers(50))
    at = shot.to_plane(rng.uniform([0, 0], camera.shape))
    marker = Sheet(
        paint=marker_sheet(number),
        px_per_mm=_PAINT_PX_PER_MM,
        at_mm=(float(at[0]), float(at[1])),
        turn_deg=rng.uniform(0, 360),
    )
    high, wide = marker.size_mm
    whole = marker.to_plane([[0, 0], [0, wide], [high, wide], [high, 0]])
    if not _is_inside(shot, whole, 0.0):
        return None
    deposits = [_deposit(rng, whole.mean(axis=0)) for _ in range(60)]
    seen = [one for one in deposits if _is_inside(shot, one.outline_mm, one.height_mm)]
    if len(seen) < 4:
        return None
    return Chance(shot=shot, marker=marker, number=number, deposits=tuple(seen[:4]), finish=_finish(rng))


def _camera(rng: np.random.Generator, megapixels: float) -> Camera:
    short = round(math.sqrt(megapixels * 1e6 * 3 / 4) / 16) * 16
    shape = (short, short * 4 // 3) if rng.random() < 0.5 else (short * 4 // 3, short)
    plain = Camera(shape=shape, focal_35mm=float(rng.choice(_FOCAL_35MM)))
    half = math.hypot(*shape) / 2
    corner = half / plain.focal_px
    off = rng.normal(0, 0.01 * half, 2)
    return Camera(
        shape=shape,
        focal_35mm=plain.focal_35mm,
        k1=rng.normal(0, _STRAIGHT_WITHIN) / corner**2,
        p1=rng.normal(0, 3e-4),
        p2=rng.normal(0, 3e-4),
        off_centre=(float(off[0]), float(off[1])),
    )


def _deposit(rng: np.random.Generator, middle: Floats) -> RoundDeposit:
    away, towards, radius = rng.uniform(15, _FARTHEST_MM), rng.uniform(0, 2 * math.pi), rng.uniform(2, 12)
    round_ = np.linspace(0, 2 * math.pi, _VERTICES, endpoint=False)
    outline = middle + away * np.array([math.cos(towards), math.sin(towards)])
    outline = outline + radius * np.stack([np.cos(round_), np.sin(round_)], axis=1)
    return RoundDeposit(outline_mm=outline, away_mm=away, height_mm=rng.normal(0, 2.0))


def _is_inside(shot: Shot, places: Floats, height_mm: float) -> bool:
    seen = np.concatenate([shot.to_pixels(places), shot.to_pixels(places, height_mm=height_mm)])
    return bool(((seen > 8) & (seen < np.asarray(shot.camera.shape) - 9)).all())


def _finish(rng: np.random.Generator) -> Finish:
    return Finish(
        blur_px=rng.uniform(0.5, 2.0),
        motion_px=float(rng.choice([0.0, rng.uniform(0, 4)])),
        motion_deg=rng.uniform(0, 180),
        exposure=rng.uniform(0.35, 0.95),
        falloff=rng.uniform(0, 0.5),
        falloff_deg=rng.uniform(0, 360),
        noise=rng.uniform(0.004, 0.025),
        contrast=rng.uniform(0, 0.5),
        sharpening=rng.uniform(0, 0.8),
        quality=int(rng.integers(75, 96)),
    )


def marker_sheet(number: int) -> Field:
    """Return the paint of a white card of 30 mm with a marker of 20 mm, 36 px per mm."""
    import cv2

    book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    side, margin = int(MARKER_MM * _PAINT_PX_PER_MM), int(_MARGIN_MM * _PAINT_PX_PER_MM)
    printed = cv2.aruco.generateImageMarker(book, number, side, borderBits=1)
    paint = np.full((side + 2 * margin,) * 2, 0.85, dtype=np.float32)
    paint[margin:-margin, margin:-margin] = np.where(printed > 127, 0.85, 0.04)
    return paint


def skin_sheet(rng: np.random.Generator) -> Sheet:
    """Return skin that covers the whole plane."""
    texture = fractal_noise(rng, (900, 900), (120.0, 30.0, 6.0, 2.0))
    tone = np.array([0.50, 0.29, 0.21], dtype=np.float32)
    paint = np.clip(tone * (1 + 0.08 * texture[..., None]), 0.02, 0.9).astype(np.float32)
    return Sheet(paint=paint, px_per_mm=3.0, repeats=True)
