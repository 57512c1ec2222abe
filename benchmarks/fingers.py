"""How near a real hand is laid on itself with fingers turned: under one similarity, and part by part.

    LESIONKIT_SHARED=../shared python benchmarks/fingers.py

Of each picture, up to four fingers of a radiograph are turned in the plane of the film, about their
knuckles, by 4 to 15 degrees; then the hand is turned, shifted and made up to 2 % larger or smaller, laid
over bare film, exposed otherwise and given noise. The error is the root mean square distance, over places
on the bones of fingers and palm, between where they are carried and where they were taken from. The last
rows bend one finger towards the film too, which no motion of the plane follows.
"""

import os
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from lesionkit import load_image
from lesionkit.align import align
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.image import Image
from lesionkit.core.transform import Transform

SHARED = Path(os.environ.get("LESIONKIT_SHARED", "../shared")) / "data" / "radiographs"
PICTURES = 4
"""Of each kind."""

FINGERS = {
    "thumb": ((1600, 645), (1215, 300), 95),
    "index": ((1262, 895), (560, 757), 88),
    "middle": ((1270, 1108), (440, 1103), 88),
    "ring": ((1360, 1280), (620, 1550), 88),
    "little": ((1495, 1440), (1080, 1890), 80),
}
"""Knuckle and tip, and half the finger's width, in pixels of the radiograph."""

PALM = (
    ((1880, 950), (1320, 920), (1320, 1100), (1400, 1260)),
    ((1900, 1080), (2050, 1090), (2350, 1050), (2300, 1350)),
)
"""Places on the bones of palm and wrist."""

SKIN = (
    (
        (1600, 500),
        (1475, 662),
        (1362, 788),
        (1225, 788),
        (1125, 962),
        (1150, 1238),
        (1288, 1438),
        (1525, 1550),
    ),
    (
        (1750, 1488),
        (1975, 1400),
        (2125, 1438),
        (2500, 1612),
        (2500, 988),
        (2300, 912),
        (2025, 762),
        (1825, 625),
    ),
)
"""Line around palm and wrist."""

APART = 170.0
"""How near the middles of two fingers may come, in pixels: they lie side by side on the film."""

JOINT = 40.0
"""Over how many pixels from the knuckle a finger comes to its full turn."""

KINDS = (
    ("no finger turned", 0, 0.01, 0.0),
    ("one finger turned", 1, 0.01, 0.0),
    ("two", 2, 0.01, 0.0),
    ("three", 3, 0.01, 0.0),
    ("four", 4, 0.01, 0.0),
    ("two, noise of 5 %", 2, 0.05, 0.0),
    ("one, and bent out by 15 degrees", 1, 0.01, 15.0),
    ("one, and bent out by 30 degrees", 1, 0.01, 30.0),
)
"""What is called how; how many fingers are turned; noise; by how much one is bent towards the film too."""


@dataclass(frozen=True, kw_only=True)
class Pose:
    """How a hand lies: each finger's turn and bend in degrees, and what carries the picture onto the hand."""

    onto_hand: Floats
    turns: dict[str, float] = field(default_factory=dict)
    bends: dict[str, float] = field(default_factory=dict)

    def turned(self, name: str, points: Floats, *, back: bool = False) -> Floats:
        """Return where places of a straight finger lie once it is turned, or the other way round.

        At the knuckle itself nothing moves, so that nothing tears.
        """
        knuckle, tip, _ = FINGERS[name]
        axis = np.subtract(tip, knuckle) / np.linalg.norm(np.subtract(tip, knuckle))
        squeeze = np.cos(np.deg2rad(self.bends.get(name, 0.0)))
        angle = self.turns.get(name, 0.0)
        around = points - np.asarray(knuckle, dtype=np.float64)
        if back:
            return _along(_round(around, -angle), axis, 1 / squeeze) + knuckle
        return _round(_along(around, axis, squeeze), angle) + knuckle


def _round(around: Floats, angle_deg: float) -> Floats:
    share = np.clip(np.linalg.norm(around, axis=-1) / JOINT, 0, 1)
    angle = np.deg2rad(angle_deg) * share**2 * (3 - 2 * share)
    (row, col), cos, sin = np.moveaxis(around, -1, 0), np.cos(angle), np.sin(angle)
    return np.stack([cos * row - sin * col, sin * row + cos * col], axis=-1)


def _along(around: Floats, axis: Floats, factor: float) -> Floats:
    return around + (factor - 1) * np.maximum(around @ axis, 0)[..., None] * axis


class Hand:
    """The radiograph, apart from the film beneath."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.values = image.pixels.astype(np.float32)
        self.lattice = np.stack(np.mgrid[: self.values.shape[0], : self.values.shape[1]], axis=-1).astype(
            np.float32
        )
        self.shares = {name: _within(name, self.lattice) for name in FINGERS}
        palm = np.zeros(self.values.shape, np.float32)
        cv2.fillPoly(palm, [np.vstack(SKIN).astype(np.int32)[:, ::-1]], 1.0)
        self.palm = cv2.GaussianBlur(palm, (0, 0), 6)
        self.film = self._film(palm + np.sum(list(self.shares.values()), axis=0) > 0)

    def _film(self, hand: np.ndarray) -> np.ndarray:
        small = cv2.resize(self.values, None, fx=0.1, fy=0.1, interpolation=cv2.INTER_AREA)
        held = cv2.resize(hand.astype(np.uint8), small.shape[::-1], interpolation=cv2.INTER_NEAREST)
        bare = ((held == 0) & (small > 50)).astype(np.float32)
        mean = cv2.GaussianBlur(small * bare, (0, 0), 12) / np.maximum(
            cv2.GaussianBlur(bare, (0, 0), 12), 1e-3
        )
        return cv2.resize(mean, self.values.shape[::-1], interpolation=cv2.INTER_CUBIC)

    def seen(self, pose: Pose, *, noise: float, seed: int) -> Image:
        """Return another exposure of the hand."""
        still = np.max([self.palm, *(s for n, s in self.shares.items() if n not in pose.turns)], axis=0)
        out = self.film * (1 - still) + self.values * still
        for name in pose.turns:
            back = pose.turned(name, self.lattice, back=True)
            share = _at(self.shares[name], back)
            out = out * (1 - share) + _at(self.values, back) * share
        swap = np.eye(3)[[1, 0, 2]]
        matrix = (swap @ pose.onto_hand @ swap)[:2]
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        out = cv2.warpAffine(out, matrix, out.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
        span = float(np.ptp(self.values))
        out = 0.9 * span * np.clip(out / span, 0, 1) ** 0.9
        out += np.random.default_rng(seed).normal(0, noise * span, out.shape)
        return replace(self.image, pixels=np.clip(np.round(out), 0, 65535).astype(np.uint16))


def _within(name: str, points: Floats) -> np.ndarray:
    """Return how much each place belongs to a finger, 0 to 1."""
    knuckle, tip, half = FINGERS[name]
    start, axis = np.asarray(knuckle, dtype=float), np.subtract(tip, knuckle)
    along = (points - start) @ axis / (axis @ axis)
    away = np.linalg.norm(points - start - np.clip(along, 0, 1)[..., None] * axis, axis=-1)
    return (np.clip((half - away) / 8, 0, 1) * (along > 0)).astype(np.float32)


def _at(values: np.ndarray, points: Floats) -> np.ndarray:
    row, col = np.moveaxis(points.astype(np.float32), -1, 0)
    return cv2.remap(values, col, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def posed(rng: np.random.Generator, turned: int, bend: float) -> Pose:
    """Return how a hand might lie, with some fingers turned."""
    while True:
        pose = _drawn(rng, turned, bend)
        bones = [here for here, _ in places(pose)[1:]]
        gaps = [np.linalg.norm(a[:, None] - b, axis=-1).min() for a, b in combinations(bones, 2)]
        if min(gaps) >= APART:
            return pose


def _drawn(rng: np.random.Generator, turned: int, bend: float) -> Pose:
    names = rng.choice(sorted(FINGERS), turned, replace=False).tolist()
    angle, scale = np.deg2rad(rng.uniform(-15, 15)), rng.uniform(0.98, 1.02)
    onto, middle = np.eye(3), np.array([1400.0, 1050.0])
    onto[:2, :2] = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    onto[:2, 2] = middle + rng.uniform(-80, 80, 2) - onto[:2, :2] @ middle
    return Pose(
        onto_hand=onto,
        turns={name: float(rng.choice((-1, 1)) * rng.uniform(4, 15)) for name in names},
        bends={name: bend for name in names[:1] if bend},
    )


def places(pose: Pose) -> list[tuple[Floats, Floats]]:
    """Return where places of the palm and of each finger lie on the picture and on the radiograph."""
    back = np.linalg.inv(pose.onto_hand)
    palm = np.vstack(PALM).astype(float)
    found = [(homogeneous(back, palm), palm)]
    for name, (knuckle, tip, _) in FINGERS.items():
        points = knuckle + np.linspace(0.12, 0.97, 18)[:, None] * np.subtract(tip, knuckle)
        found.append((homogeneous(back, pose.turned(name, points)), points))
    return found


def judged(transform: Transform, pose: Pose, image: Image) -> np.ndarray:
    """Return per place: squared errors (one similarity, parts) and residual, in mm², and doubt."""
    rows = []
    for here, truth in places(pose):
        for one, true in zip(here, truth, strict=True):
            at = transform.at(one)
            carried = (homogeneous(transform.matrix, one), at.carry(one))
            off = [((image.grid.locate(each) - image.grid.locate(true)) ** 2).sum() for each in carried]
            stated = at.residual.value**2 if at.residual is not None else np.nan
            rows.append([*off, stated, not at.is_reliable])
    return np.array(rows, dtype=float)


def run() -> None:
    """Print the table."""
    image = load_image(SHARED / "hand-cr-jpeg2000.dcm")
    hand = Hand(image)
    print(f"{PICTURES} pictures of each".ljust(34) + "one simil.   parts  stated  unknown  found  refused")
    for title, turned, noise, bend in KINDS:
        rng, rows, found, refused = np.random.default_rng(turned + 100), [], 0, 0
        for seed in range(PICTURES):
            pose = posed(rng, turned, bend)
            later = hand.seen(pose, noise=noise, seed=seed)
            transform, _ = align(later, image, image_id="a", baseline_id="b")
            refused += not transform.is_reliable or transform.method != "features"
            found += sum(part.is_reliable for part in transform.parts)
            rows.append(judged(transform, pose, image))
        one, parts, stated, doubt = np.vstack(rows).T
        sure = doubt == 0
        errors = [np.sqrt(np.mean(each)) for each in (one, parts[sure], stated[sure])]
        print(title.ljust(34) + "{:7.2f} mm {:7.3f} {:7.3f}".format(*errors), end="")
        print(f"{np.mean(~sure):9.1%}{found:4d}/{turned * PICTURES}{refused:7d}", flush=True)


if __name__ == "__main__":
    run()
