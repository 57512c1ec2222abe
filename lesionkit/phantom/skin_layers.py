"""What skin is made of, layer by layer: blood, melanin, pores, creases, veins, tendons, spots and hair."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Finger, Limb
from lesionkit.phantom.box import STEP_MM, Box
from lesionkit.phantom.noise import Field, fractal_noise, rng_of, smooth_noise


class SkinLayers:
    """The layers of one skin, each with its own seed."""

    def __init__(self, limb: Limb, box: Box, seed: int) -> None:
        self.limb, self.box, self.seed, self.shape = limb, box, seed, box.shape
        self.square = _sampled(limb, box)

    def rng(self, word: str) -> np.random.Generator:
        """Return the generator of one layer."""
        return rng_of(self.seed, "skin", word)

    def scales(self, *mm: float) -> tuple[float, ...]:
        """Return lengths in samples."""
        return tuple(scale / STEP_MM for scale in mm)

    def blood(self) -> Field:
        """Return how red the skin is: mottled, redder over joints and finger tips."""
        mottled = fractal_noise(self.rng("blood"), self.shape, self.scales(24, 9, 3.5, 1.4), 0.75)
        _, z = self.axes()
        blotchy = 0.15 + 0.13 / (1 + np.exp(-z / (12 * self.limb.size)))  # the hand is blotchier than the arm
        field = (0.5 + blotchy * mottled).astype(np.float32)
        for finger in self.limb.fingers:
            for index, (joint, radius) in enumerate(zip(finger.joints, finger.radii, strict=True)):
                strength = 1.0 if index == len(finger.joints) - 1 else 0.8
                self._add_glow(field, joint, 0.95 * radius, strength)
        return np.asarray(np.maximum(field, 0), dtype=np.float32)

    def _add_glow(self, field: Field, centre: tuple[float, float], radius: float, strength: float) -> None:
        window, x, z = self.window(centre, 3 * radius)
        gap = ((x - centre[0]) ** 2 + (z - centre[1]) ** 2) / radius**2
        field[window] += (strength * np.exp(-gap)).astype(np.float32)

    def melanin(self, tone: float) -> Field:
        """Return how brown the skin is, 0 or more."""
        field = 0.12 * fractal_noise(self.rng("melanin"), self.shape, self.scales(30, 8, 2), 0.7)
        return np.asarray(np.maximum(field + np.float32(0.25 + 2.2 * tone), 0), dtype=np.float32)

    def pores(self) -> Field:
        """Return the fine criss-cross furrows of the back of the hand: borders between random cells."""
        import cv2

        rng = self.rng("pores")
        pitch = 0.85 / STEP_MM
        rows, cols = (int(n / pitch) + 1 for n in self.shape)
        seeds = (
            np.moveaxis(np.indices((rows, cols)), 0, -1) + rng.uniform(0.05, 0.95, (rows, cols, 2))
        ) * pitch
        places = seeds.reshape(-1, 2).astype(int)
        places = places[(places < np.asarray(self.shape)).all(axis=1)]
        empty = np.ones(self.shape, dtype=np.uint8)
        empty[tuple(places.T)] = 0
        _, cells = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
        border = np.zeros(self.shape, dtype=np.float32)
        border[:, 1:] += cells[:, 1:] != cells[:, :-1]
        border[1:] += cells[1:] != cells[:-1]
        furrow = cv2.GaussianBlur(np.minimum(border, 1), (0, 0), 0.14 / STEP_MM)
        uneven = 1 + 0.5 * smooth_noise(rng, self.shape, 6 / STEP_MM)
        fine = 0.010 * smooth_noise(rng, self.shape, 0.3 / STEP_MM)
        return np.asarray(-0.055 * furrow * np.clip(uneven, 0.2, 2) + fine, dtype=np.float32)

    def creases(self) -> Field:
        """Return the folds over the finger joints and the wrist, 0 to 1."""
        field = np.zeros(self.shape, dtype=np.float32)
        rng = self.rng("creases")
        for finger in self.limb.fingers:
            for index in range(1, len(finger.joints) - 1):
                is_last = index == len(finger.joints) - 2
                self._fold(field, rng, finger, index, count=4 if is_last else 8, strength=0.75)
            self._fold(field, rng, finger, 0, count=5, strength=0.22)
        for _ in range(5):  # lines of the wrist
            self._line(field, rng, (0, rng.uniform(-14, 12)), (0.0, 1.0), 24.0, 0.25)
        return field

    def _fold(
        self,
        field: Field,
        rng: np.random.Generator,
        finger: Finger,
        index: int,
        *,
        count: int,
        strength: float,
    ) -> None:
        joint, radius = np.asarray(finger.joints[index]), finger.radii[index]
        before = np.asarray(finger.joints[max(index - 1, 0)])
        after = np.asarray(finger.joints[index + 1 if index == 0 else index])
        along = (after - before) / np.hypot(*(after - before))
        spread = 0.75 * radius if count > 4 else 0.4 * radius
        for place in np.linspace(-spread, spread, count) + rng.normal(0, 0.4, count):
            centre = joint + along * place
            weight = strength * rng.uniform(0.5, 1.0)
            reach = radius * rng.uniform(0.45, 0.75)
            self._line(field, rng, tuple(centre), tuple(along), reach, weight, bow=-0.06 * place / radius)

    def _line(
        self,
        field: Field,
        rng: np.random.Generator,
        centre: tuple[float, float],
        along: tuple[float, float],
        reach: float,
        weight: float,
        *,
        bow: float = 0.0,
    ) -> None:
        window, x, z = self.window(centre, 1.6 * reach)
        dx, dz = x - centre[0], z - centre[1]
        s = dx * along[0] + dz * along[1]
        across = -dx * along[1] + dz * along[0]
        phases = rng.uniform(0, 2 * np.pi, 3)
        wobble = sum(
            a * np.sin(across / w + p)
            for a, w, p in zip((0.35, 0.2, 0.12), (3.1, 1.3, 0.6), phases, strict=True)
        )
        line = np.exp(-(((s - bow * across**2 - wobble) / 0.24) ** 2)) * np.exp(-((across / reach) ** 4))
        field[window] = np.maximum(field[window], (weight * line).astype(np.float32))

    def veins(self) -> Field:
        """Return the veins of hand and forearm, 0 to 1."""
        import cv2

        rng = self.rng("veins")
        canvas = np.zeros(self.shape, dtype=np.uint8)
        knuckles = [finger.joints[0] for finger in self.limb.fingers[1:]]
        starts = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 4) for a, b in pairwise(knuckles)]
        mirror = 1 if self.limb.at((1, 0))[0] > 0 else -1
        arm = [(mirror * x * self.limb.size, -60.0 * self.limb.size) for x in (-14, 4, 16)]
        for start, turn in [(p, 0.0) for p in starts] + [(p, 0.12) for p in arm] + [(p, -0.1) for p in arm]:
            width = rng.uniform(1.3, 2.1)
            path = self._wander(rng, start, turn)
            points = np.stack(self.box.to_samples(path[:, 0], path[:, 1])[::-1], axis=1)
            thick = max(1, round(width / STEP_MM))
            _draw(canvas, points, shade=255, thick=thick)
        soft = cv2.GaussianBlur(canvas.astype(np.float32) / 255, (0, 0), 0.75 / STEP_MM)
        patchy = np.clip(0.65 + 0.35 * smooth_noise(rng, self.shape, 18 / STEP_MM), 0.1, 1)
        return np.asarray(soft * patchy, dtype=np.float32)

    def _wander(self, rng: np.random.Generator, start: tuple[float, float], turn: float) -> Floats:
        steps = 150 if start[1] < 0 else 50
        heading = np.cumsum(rng.normal(0, 0.13, steps))
        heading = heading - np.linspace(0, 1, steps) * heading[-1] * 0.7 + turn
        step = np.stack([np.sin(heading) * 1.6, -np.cos(heading) * 1.6], axis=1)
        return np.asarray(np.asarray(start) + np.cumsum(step, axis=0))

    def tendons(self) -> Field:
        """Return the height of tendons and knuckles in mm."""
        x, z = self.axes()
        ridge = np.zeros(self.shape, dtype=np.float32)
        wrist = self.limb.at((2.0, 4.0))
        for finger in self.limb.fingers[1:]:
            knuckle = finger.joints[0]
            along = (z - wrist[1]) / (knuckle[1] - wrist[1])
            middle = wrist[0] + along * (knuckle[0] - wrist[0])
            fade = np.clip(along * 2, 0, 1) * np.clip((1.02 - along) * 5, 0, 1)
            ridge += (0.75 * fade * np.exp(-(((x - middle) / 2.6) ** 2))).astype(np.float32)
            self._add_glow(ridge, knuckle, 7.5 * self.limb.size, 1.1)
        return ridge

    def spots(self, *, is_hairy: bool) -> Field:
        """Nevi, freckles, hair follicles and hairs: extra melanin."""
        rng = self.rng("spots")
        field = np.zeros(self.shape, dtype=np.float32)
        size = (self.box.x[1] - self.box.x[0]) * (self.box.z[1] - self.box.z[0])
        for density, low, high, dark in (
            (6e-4, 0.5, 1.5, 1.6),
            (6e-3, 0.2, 0.7, 0.45),
            (0.03, 0.12, 0.2, 0.5),
        ):
            for _ in range(int(density * size)):
                centre = rng.uniform(*self.box.x), rng.uniform(*self.box.z)
                radius = low + (high - low) * rng.random() ** 2
                window, x, z = self.window(centre, 2.2 * radius)
                oval = rng.uniform(0.75, 1.3)
                gap = ((x - centre[0]) ** 2 * oval + (z - centre[1]) ** 2 / oval) / radius**2
                field[window] += (dark * rng.uniform(0.5, 1) / (1 + gap**4)).astype(np.float32)
        if is_hairy:
            self._add_hairs(rng, field, int(0.035 * size))
        return field

    def _add_hairs(self, rng: np.random.Generator, field: Field, count: int) -> None:
        import cv2

        canvas = np.zeros(self.shape, dtype=np.uint8)
        for _ in range(count):
            x, z = rng.uniform(*self.box.x), rng.uniform(*self.box.z)
            if z > 60 * self.limb.size:
                continue
            heading = rng.normal(0.5, 0.5) + np.linspace(0, rng.normal(0, 0.7), 8)
            length = rng.uniform(0.4, 1.1)
            path = (
                np.array([x, z])
                + np.cumsum(np.stack([np.sin(heading), -np.cos(heading)], axis=1), axis=0) * length
            )
            points = np.stack(self.box.to_samples(path[:, 0], path[:, 1])[::-1], axis=1)
            _draw(canvas, points, shade=int(rng.uniform(90, 220)), thick=1)
        field += cv2.GaussianBlur(canvas.astype(np.float32) / 255, (0, 0), 0.6) * np.float32(1.5)

    def window(self, centre: tuple[float, float], reach: float) -> tuple[tuple[slice, slice], Floats, Floats]:
        """Return a part of the samples around a point, with the x and z of its columns and rows."""
        row, col = (float(v) for v in self.box.to_samples(*centre))
        half = reach / STEP_MM
        rows = slice(max(0, int(row - half)), max(0, min(self.shape[0], int(row + half) + 2)))
        cols = slice(max(0, int(col - half)), max(0, min(self.shape[1], int(col + half) + 2)))
        x, z = self.axes()
        return (rows, cols), x[:, cols], z[rows]

    def axes(self) -> tuple[Floats, Floats]:
        """Return x of the columns, shape (1, cols), and z of the rows, shape (rows, 1)."""
        x = self.box.x[0] + STEP_MM * np.arange(self.shape[1])
        z = self.box.z[1] - STEP_MM * np.arange(self.shape[0])
        return np.asarray(x[None, :], dtype=np.float64), np.asarray(z[:, None], dtype=np.float64)


def _sampled(limb: Limb, box: Box) -> Field:
    """Return the limb's squared half thickness on the box, from a grid four times as coarse."""
    import cv2

    rows, cols = box.shape
    coarse = 4
    x = box.x[0] + STEP_MM * coarse * np.arange(-1, cols // coarse + 3)
    z = box.z[1] - STEP_MM * coarse * np.arange(-1, rows // coarse + 3)
    square = limb.thickness_square(x[None, :], z[:, None]).astype(np.float32)
    to_coarse = np.array([[1 / coarse, 0, 1], [0, 1 / coarse, 1]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(square, to_coarse, (cols, rows), flags=flags), dtype=np.float32)


def _draw(canvas: npt.NDArray[np.uint8], points: Floats, *, shade: int, thick: int) -> None:
    import cv2

    sixteenths = np.round(points * 16).astype(np.int32)
    cv2.polylines(
        canvas, [sixteenths], isClosed=False, color=shade, thickness=thick, lineType=cv2.LINE_AA, shift=4
    )
