"""A flat scene as a real camera takes it: perspective, lens, light, blur, noise, sharpening, JPEG.

What a photograph shows of millimetres is known here to any depth, so that what is measured in it can be
held against the truth.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.light import encoded
from lesionkit.phantom.noise import Field
from lesionkit.phantom.shot import Shot

Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """A flat thing on the plane.

    Parameters
    ----------
    paint : ndarray of float32, shape (rows, cols) or (rows, cols, 3)
        Linear reflectance, 0 to 1.
    px_per_mm : float
        Of the paint.
    at_mm : tuple of float
        ``(down, across)`` of its top left corner on the plane.
    turn_deg : float
        About that corner, from down to across.
    repeats : bool
        Whether it covers the whole plane, mirrored over and over.
    """

    paint: Field
    px_per_mm: float
    at_mm: tuple[float, float] = (0.0, 0.0)
    turn_deg: float = 0.0
    repeats: bool = False

    @property
    def _turn(self) -> Floats:
        turn = math.radians(self.turn_deg)
        return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])

    @property
    def size_mm(self) -> Floats:
        """Its height and width."""
        return np.asarray(self.paint.shape[:2]) / self.px_per_mm

    def to_plane(self, points_mm: npt.ArrayLike) -> Floats:
        """Return places on the plane of points ``(down, across)`` from the sheet's top left corner."""
        return np.asarray(np.asarray(points_mm, dtype=np.float64) @ self._turn.T + self.at_mm)

    def window(self, shot: Shot, *, margin_px: int = 8) -> Window:
        """Return the part of the picture on which it is seen, in whole JPEG blocks of 16 pixels."""
        high, wide = self.size_mm
        edge = np.linspace(0, 1, 9)
        rim = [(s * high, t * wide) for s in edge for t in edge]
        seen = shot.to_pixels(self.to_plane(rim))
        low = np.floor((seen.min(axis=0) - margin_px) / 16).astype(int) * 16
        high_px = np.ceil((seen.max(axis=0) + margin_px) / 16).astype(int) * 16
        rows, cols = (
            slice(max(int(first), 0), min(int(last), size))
            for first, last, size in zip(low, high_px, shot.camera.shape, strict=True)
        )
        return rows, cols

    def laid_over(self, scene: Field, places: Floats) -> Field:
        """Return a scene of which the points at `places` on the plane show this sheet where it lies."""
        import cv2

        own = ((places - self.at_mm) @ self._turn * self.px_per_mm - 0.5).astype(np.float32)
        border = cv2.BORDER_REFLECT if self.repeats else cv2.BORDER_REPLICATE
        seen = cv2.remap(self.paint, own[..., 1], own[..., 0], cv2.INTER_LINEAR, borderMode=border)
        seen = seen if seen.ndim == 3 else cv2.merge([seen] * 3)
        if self.repeats:
            return np.asarray(seen, dtype=np.float32)
        rows, cols = np.asarray(self.paint.shape[:2]) - 0.5
        inside = (own > -0.5).all(axis=-1) & (own[..., 0] < rows) & (own[..., 1] < cols)
        return np.asarray(cv2.copyTo(seen, inside.astype(np.uint8), scene), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What happens to a picture between the light and the file.

    Parameters
    ----------
    blur_px : float
        Standard deviation of the lens's blur.
    motion_px : float
        Length of the camera's shake.
    motion_deg : float
        Its direction: 0 down, 90 to the right.
    exposure : float
        Of white paper in the brightest place, of full scale.
    falloff : float
        Share of light lost from one edge of the picture to the other.
    falloff_deg : float
        Direction in which it is lost.
    noise : float
        Standard deviation of a middle grey's noise, of full scale.
    contrast : float
        Strength of the S-shaped tone curve over that of sRGB; 0 = none.
    sharpening : float
        Share of what a blur of 1 px takes that is added again, as cameras do.
    quality : int
        Of the JPEG; its colours are halved (4:2:0).
    """

    blur_px: float = 0.8
    motion_px: float = 0.0
    motion_deg: float = 0.0
    exposure: float = 0.8
    falloff: float = 0.2
    falloff_deg: float = 30.0
    noise: float = 0.01
    contrast: float = 0.0
    sharpening: float = 0.3
    quality: int = 90


_WHOLE: Window = (slice(0, None), slice(0, None))


def take(
    shot: Shot,
    sheets: Sequence[Sheet],
    *,
    finish: Finish,
    rng: np.random.Generator,
    window: Window | None = None,
    fine: int = 4,
) -> bytes:
    """Return a photograph as the bytes of a JPEG file.

    Parameters
    ----------
    shot : Shot
        Camera and pose.
    sheets : sequence of Sheet
        What lies on the plane, the lowest first. Those that repeat are sampled once per pixel, all others
        `fine` × `fine` times.
    finish : Finish
        Light, blur, noise, tone and compression.
    rng : numpy.random.Generator
        Of the noise.
    window : tuple of slice, optional
        Rows and columns of the frame to take alone; whole blocks of 16, so that they are compressed as
        in the whole frame.
    fine : int
        Samples per pixel and axis.
    """
    rows, cols = (
        np.arange(size)[part] for part, size in zip(window or _WHOLE, shot.camera.shape, strict=True)
    )
    ground = [sheet for sheet in sheets if sheet.repeats]
    things = [sheet for sheet in sheets if not sheet.repeats]
    scene = _shown(shot, ground, rows, cols, fine=1)
    for thing in things:
        part = thing.window(shot)
        inner_rows = _within(rows, part[0])
        inner_cols = _within(cols, part[1])
        if len(inner_rows) and len(inner_cols):
            cut = np.ix_(inner_rows - rows[0], inner_cols - cols[0])
            scene[cut] = _shown(shot, sheets, inner_rows, inner_cols, fine=fine)
    return _filed(_finished(scene, rows, cols, shot.camera.shape, finish, rng), finish.quality)


def _within(places: npt.NDArray[np.intp], part: slice) -> npt.NDArray[np.intp]:
    return np.asarray(places[(places >= part.start) & (places < part.stop)])


def _shown(
    shot: Shot,
    sheets: Sequence[Sheet],
    rows: npt.NDArray[np.intp],
    cols: npt.NDArray[np.intp],
    *,
    fine: int,
) -> Field:
    """Return the linear light of pixels, the mean of their samples; strip by strip to spare memory."""
    import cv2

    within = (np.arange(fine) + 0.5) / fine - 0.5
    all_cols = (cols[:, None] + within).ravel()
    out = np.zeros((len(rows), len(cols), 3), dtype=np.float32)
    strip = max(1, 2_000_000 // (len(all_cols) * fine))
    for first in range(0, len(rows), strip):
        all_rows = (rows[first : first + strip, None] + within).ravel()
        places = _places(shot, all_rows, all_cols)
        scene = np.zeros((*places.shape[:2], 3), dtype=np.float32)
        for sheet in sheets:
            scene = sheet.laid_over(scene, places)
        size = (len(cols), scene.shape[0] // fine)
        # Of a whole number of samples this is their mean.
        out[first : first + strip] = cv2.resize(scene, size, interpolation=cv2.INTER_AREA)
    return out


def _places(shot: Shot, rows: Floats, cols: Floats) -> Floats:
    """Return the places on the plane of a lattice of points, exact at every fourth pixel.

    Between these a straight line is right within a thousandth of a pixel.
    """
    knots = [np.arange(math.floor(axis[0]), math.ceil(axis[-1]) + 4.0, 4.0) for axis in (rows, cols)]
    exact = shot.to_plane(np.stack(np.meshgrid(*knots, indexing="ij"), axis=-1))
    down, across = (_between(axis, at) for axis, at in zip((rows, cols), knots, strict=True))
    return np.stack([down @ exact[..., axis] @ across.T for axis in (0, 1)], axis=-1)


def _between(places: Floats, knots: Floats) -> Floats:
    """Return the weights of knots in a line between the two next to each place."""
    return np.asarray(np.maximum(0.0, 1 - np.abs(places[:, None] - knots) / (knots[1] - knots[0])))


def _finished(
    scene: Field,
    rows: npt.NDArray[np.intp],
    cols: npt.NDArray[np.intp],
    shape: tuple[int, int],
    finish: Finish,
    rng: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    import cv2

    towards = math.radians(finish.falloff_deg)
    way = math.cos(towards) * (rows[:, None] / shape[0]) + math.sin(towards) * (cols[None, :] / shape[1])
    lit = scene * (finish.exposure * (1 - finish.falloff * way)).astype(np.float32)[..., None]
    lit = cv2.GaussianBlur(lit, (0, 0), finish.blur_px, borderType=cv2.BORDER_REFLECT)
    if finish.motion_px:
        lit = cv2.filter2D(lit, -1, _shake(finish), borderType=cv2.BORDER_REFLECT)
    # Shot noise: as the root of the light, with the given standard deviation of a stored middle grey,
    # where a step of linear light is some 1.2 steps of the stored value.
    spread = finish.noise / 1.2 * np.sqrt(np.maximum(lit, 0.003) / 0.22)
    stored = encoded(lit + spread * rng.standard_normal(lit.shape, dtype=np.float32))
    if finish.contrast:
        curve = stored * stored * (3 - 2 * stored)
        stored = (1 - finish.contrast) * stored + finish.contrast * curve
    if finish.sharpening:
        soft = cv2.GaussianBlur(stored, (0, 0), 1.0, borderType=cv2.BORDER_REFLECT)
        stored = stored + finish.sharpening * (stored - soft)
    return np.asarray(np.clip(np.rint(stored * 255), 0, 255), dtype=np.uint8)


def _shake(finish: Finish) -> Field:
    """Return the kernel of a straight movement, drawn finely and averaged down to pixels."""
    import cv2

    half = math.ceil(finish.motion_px / 2) + 1
    fine, size = 8, 2 * half + 1
    towards = math.radians(finish.motion_deg)
    reach = finish.motion_px / 2 * np.array([math.sin(towards), math.cos(towards)]) * fine
    middle = np.array([size * fine / 2 - 0.5] * 2)
    line = np.zeros((size * fine, size * fine), dtype=np.float32)
    first, last = (middle - reach) * 16, (middle + reach) * 16
    cv2.line(
        line,
        np.rint(first).astype(int).tolist(),
        np.rint(last).astype(int).tolist(),
        1.0,
        fine // 2,
        cv2.LINE_8,
        4,
    )
    kernel = line.reshape(size, fine, size, fine).mean(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def _filed(pixels: npt.NDArray[np.uint8], quality: int) -> bytes:
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return file.getvalue()
