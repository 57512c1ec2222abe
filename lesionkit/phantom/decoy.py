"""Pictures of things as regular as a ruler that are none: whoever finds a millimetre in them is wrong."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from lesionkit.phantom.noise import Field, fractal_noise, smooth_noise
from lesionkit.phantom.ruler import Graduation, RulerMake, draw_ruler

Shape = tuple[int, int]
Paint = Callable[[np.random.Generator, Shape], Field]


def decoy(kind: str, rng: np.random.Generator, *, shape: Shape) -> npt.NDArray[np.uint8]:
    """Return a grey picture of one of `KINDS`, seen from somewhat aslant, blurred and with noise.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    rng : numpy.random.Generator
        Everything about it follows from this.
    shape : tuple of int
        Rows and columns.
    """
    import cv2

    rows, cols = shape
    light = KINDS[kind](rng, shape)
    corners = np.array([[0, 0], [cols, 0], [cols, rows], [0, rows]], dtype=np.float32)
    turn = np.radians(rng.uniform(0, 360))
    turned = (corners - corners[2] / 2) @ np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    ) * rng.uniform(0.9, 1.3) + corners[2] / 2
    moved = (turned + rng.uniform(-0.06, 0.06, (4, 2)) * max(shape)).astype(np.float32)
    seen = cv2.warpPerspective(
        np.asarray(light, dtype=np.float32),
        cv2.getPerspectiveTransform(corners, moved),
        (cols, rows),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REFLECT,
    )
    seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 1.5))
    seen = seen + rng.uniform(0.004, 0.02) * rng.standard_normal(shape, dtype=np.float32)
    return np.asarray(np.clip(np.rint(seen * 255), 0, 255), dtype=np.uint8)


def _ground(rng: np.random.Generator, shape: Shape, level: float = 0.6) -> Field:
    side = max(shape)
    noise = fractal_noise(rng, shape, (side / 4, side / 30, side / 200))
    return np.asarray(level + 0.05 * noise, dtype=np.float32)


def _places(shape: Shape) -> tuple[Field, Field]:
    rows, cols = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return rows, cols


def _skin(rng: np.random.Generator, shape: Shape) -> Field:
    """Return the net of fine furrows of skin, close up."""
    pitch = rng.uniform(6, 40)
    rows, cols = _places(shape)
    bend = pitch * smooth_noise(rng, shape, 5 * pitch)
    one = np.abs(np.sin(np.pi * (rows + bend) / pitch))
    other = np.abs(np.sin(np.pi * (cols + 0.6 * rows - bend) / pitch))
    return np.asarray(_ground(rng, shape) - 0.1 * np.exp(-12 * np.minimum(one, other)), dtype=np.float32)


def _stripes(rng: np.random.Generator, shape: Shape) -> Field:
    pitch = rng.uniform(4, 60)
    _, cols = _places(shape)
    wave = np.tanh(rng.uniform(0.5, 5) * np.sin(2 * np.pi * cols / pitch))
    return np.asarray(_ground(rng, shape) + 0.25 * wave, dtype=np.float32)


def _striped_ribbon(rng: np.random.Generator, shape: Shape) -> Field:
    """Return bands of stripes, every tenth of them broader: edging, tape, a bar code."""
    out = _ground(rng, shape, 0.75)
    pitch = int(rng.integers(4, 24))
    high = int(rng.integers(4, 10) * pitch)
    for top in range(high, shape[0] - high, int(rng.integers(3, 8)) * high):
        for number, left in enumerate(range(0, shape[1], pitch)):
            wide = 0.7 if number % 10 == 0 else 0.3
            out[top : top + high, left : left + max(1, int(wide * pitch))] = 0.2
    return out


def _text(rng: np.random.Generator, shape: Shape) -> Field:
    import cv2

    page = np.full(shape, 235, np.uint8)
    size = float(rng.uniform(0.4, 2.5))
    letters = list("lllliiiimnuHIT1|[]||  ") if rng.random() < 0.5 else list("etaoinshrdlucmfwyp 0123456789")
    for baseline in range(40, shape[0], int(36 * size)):
        line = "".join(rng.choice(letters, 160))
        cv2.putText(page, line, (10, baseline), cv2.FONT_HERSHEY_SIMPLEX, size, 30, max(1, int(1.5 * size)))
    return np.asarray(page, dtype=np.float32) / np.float32(255)


def _tiles(rng: np.random.Generator, shape: Shape) -> Field:
    high, wide = rng.integers(12, 200, 2)
    rows, cols = (place.astype(int) for place in _places(shape))
    shift = np.where((rows // high) % 2 == 1, wide // 2, 0) * int(rng.integers(0, 2))
    joint = (rows % high < 3) | ((cols + shift) % wide < 3)
    return np.where(joint, np.float32(0.3), _ground(rng, shape)).astype(np.float32)


def _weave(rng: np.random.Generator, shape: Shape) -> Field:
    pitch = rng.uniform(4, 24)
    rows, cols = _places(shape)
    bend = pitch * smooth_noise(rng, shape, 30 * pitch)
    twill = np.sin(2 * np.pi * (rows + bend) / pitch) * np.sin(2 * np.pi * (cols + bend) / pitch)
    return np.asarray(_ground(rng, shape) + 0.15 * twill, dtype=np.float32)


def _hair(rng: np.random.Generator, shape: Shape) -> Field:
    """Return hairs of many lengths that lie nearly side by side, as when combed."""
    import cv2

    out = _ground(rng, shape)
    pitch, lean = rng.uniform(5, 30), rng.uniform(-0.1, 0.1)
    for at in np.arange(0, shape[1], pitch):
        foot = np.array([at + rng.normal(0, 0.15 * pitch), shape[0] * 0.4 + rng.normal(0, 5)])
        long = rng.uniform(3, 12) * pitch
        tip = foot + long * np.array([np.sin(lean + rng.normal(0, 0.05)), np.cos(lean)])
        ends = [tuple(np.rint(point * 8).astype(int).tolist()) for point in (foot, tip)]
        cv2.line(out, ends[0], ends[1], 0.15, max(1, int(0.15 * pitch)), cv2.LINE_AA, 3)
    return out


def _keyboard(rng: np.random.Generator, shape: Shape) -> Field:
    out = np.full(shape, 0.15, np.float32)
    key = int(rng.integers(14, 90))
    for line, top in enumerate(range(key, shape[0] - key, key)):
        for left in range((line * key) // 3 % key, shape[1] - key, key):
            out[top + key // 8 : top + key - key // 8, left + key // 8 : left + key - key // 8] = 0.7
    return out


def _grid(rng: np.random.Generator, shape: Shape) -> Field:
    """Return graph paper or a radiograph's grid: every fifth and tenth line stronger."""
    pitch = int(rng.integers(5, 40))
    rows, cols = (place.astype(int) for place in _places(shape))
    out = np.full(shape, 0.85, np.float32)
    for every, dark, wide in ((1, 0.25, 1), (5, 0.4, 2), (10, 0.6, 3)):
        line = (rows % (pitch * every) < wide) | (cols % (pitch * every) < wide)
        out = np.where(line, np.minimum(out, np.float32(0.85 - dark)), out)
    return out


def _comb(rng: np.random.Generator, shape: Shape) -> Field:
    out = _ground(rng, shape, 0.8)
    pitch, top = int(rng.integers(6, 40)), shape[0] // 3
    out[top : top + 4 * pitch] = 0.1
    for number, left in enumerate(range(0, shape[1], pitch)):
        long = (14 if number % 2 == 0 else 13) * pitch
        out[top : top + long, left : left + pitch // 2] = 0.1
    return out


def _blinds(rng: np.random.Generator, shape: Shape) -> Field:
    """Return slats whose spacing grows, and of which every fifth is cut shorter."""
    out = _ground(rng, shape, 0.7)
    at, pitch = 0.0, rng.uniform(6, 20)
    for number in range(400):
        at += pitch * (1 + 0.002 * number)
        if at >= shape[1]:
            break
        low = shape[0] // 2 + int(pitch * (4 + 2 * (number % 5 == 0)))
        out[shape[0] // 2 : low, int(at) : int(at) + max(1, int(pitch / 3))] = 0.2
    return out


def _rule(graduation: Graduation) -> Paint:
    def paint(rng: np.random.Generator, shape: Shape) -> Field:
        import cv2

        thing = draw_ruler(RulerMake(graduation=graduation, length_mm=float(rng.choice([100, 150, 200]))))
        share = rng.uniform(0.75, 0.9) * shape[1] / thing.shape[1]
        size = (round(thing.shape[1] * share), round(thing.shape[0] * share))
        thing = np.asarray(cv2.resize(thing, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        out = _ground(rng, shape, 0.35)
        top, left = (shape[0] - thing.shape[0]) // 2, (shape[1] - thing.shape[1]) // 2
        out[top : top + thing.shape[0], left : left + thing.shape[1]] = thing
        return out

    return paint


KINDS: Mapping[str, Paint] = {
    "skin": _skin,
    "stripes": _stripes,
    "ribbon": _striped_ribbon,
    "text": _text,
    "tiles": _tiles,
    "weave": _weave,
    "hair": _hair,
    "keyboard": _keyboard,
    "grid": _grid,
    "comb": _comb,
    "blinds": _blinds,
    "inches": _rule(Graduation.INCHES),
    "even ticks": _rule(Graduation.EVEN),
    "tenths": _rule(Graduation.TENTHS),
    "2 mm": _rule(Graduation.TWO_MILLIMETRES),
}
"""What looks regular, by name."""
