"""How near a real hand is laid on itself with fingers turned: one similarity against one for each finger.

    LESIONKIT_SHARED=../shared python benchmarks/fingers.py

The radiograph is taken apart at the knuckles: of each picture made, up to four fingers are turned in the
plane of the film, about their knuckles, by 4 to 15 degrees (others by nothing), each over bare film; then the
hand as a whole is turned, shifted and made 2 % larger or smaller, exposed otherwise and given other noise.
The error is the root mean square distance, over places on the bones, from where they were taken.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from lesionkit import load_image
from lesionkit.align import align
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.image import Image
from lesionkit.core.transform import Transform

SHARED = Path(os.environ.get("LESIONKIT_SHARED", "../shared")) / "data" / "radiographs"
FINGERS = {
    "thumb": ((1600, 645), (1215, 300), 95),
    "index": ((1262, 895), (560, 757), 88),
    "middle": ((1270, 1108), (440, 1103), 88),
    "ring": ((1360, 1280), (620, 1550), 88),
    "little": ((1495, 1440), (1080, 1890), 80),
}
"""Knuckle and tip, and half the finger's width, in pixels of the radiograph."""

PALM = ((1880, 950), (1320, 920), (1320, 1100), (1400, 1260), (1900, 1080), (2050, 1090), (2350, 1050), (2300, 1350))
"""Places on the bones of palm and wrist."""

SKIN = ((1600, 500), (1475, 662), (1362, 788), (1225, 788), (1125, 962), (1150, 1238), (1288, 1438), (1525, 1550), (1750, 1488), (1975, 1400), (2125, 1438), (2500, 1612), (2500, 988), (2300, 912), (2025, 762), (1825, 625))
"""Line around palm and wrist."""

JOINT = 40.0
"""Over how many pixels from the knuckle a finger comes to its full turn."""


@dataclass(frozen=True, kw_only=True)
class Pose:
    """How a hand lies: each finger's turn in degrees, and what carries the picture onto the hand."""

    turns: dict[str, float]
    onto_hand: Floats

    def carried(self, name: str, points: Floats) -> Floats:
        """Return where places of a finger on the radiograph lie on the picture."""
        return homogeneous(np.linalg.inv(self.onto_hand), _bent(name, points, self.turns.get(name, 0.0)))


def _bent(name: str, points: Floats, turn: float) -> Floats:
    """Turn places about a knuckle; nothing at the knuckle itself, so that nothing tears."""
    knuckle = np.asarray(FINGERS[name][0], dtype=np.float64)
    around = points - knuckle
    share = np.clip(np.linalg.norm(around, axis=-1) / JOINT, 0, 1)
    angle = np.deg2rad(turn) * share**2 * (3 - 2 * share)
    (row, col), cos, sin = np.moveaxis(around, -1, 0), np.cos(angle), np.sin(angle)
    return np.stack([cos * row - sin * col, sin * row + cos * col], axis=-1) + knuckle


def _within(name: str, points: Floats) -> Floats:
    """Return how much each place belongs to a finger, 0 to 1."""
    knuckle, tip, half = FINGERS[name]
    start, axis = np.asarray(knuckle, dtype=float), np.subtract(tip, knuckle)
    along = (points - start) @ axis / (axis @ axis)
    away = np.linalg.norm(points - start - np.clip(along, 0, 1)[..., None] * axis, axis=-1)
    return np.clip((half - away) / 8, 0, 1) * (along > 0)


def picture(image: Image, pose: Pose, *, seed: int) -> Image:
    """Return the radiograph with its fingers turned and the hand moved, as another exposure."""
    values = image.pixels.astype(np.float32)
    lattice = np.stack(np.mgrid[: values.shape[0], : values.shape[1]], axis=-1).astype(np.float64)
    hand = cv2.fillPoly(np.zeros(values.shape, np.uint8), [np.array(SKIN, np.int32)[:, ::-1]], 1)
    hand = np.maximum(hand, np.max([_within(name, lattice) > 0 for name in FINGERS], axis=0)).astype(np.uint8)
    film = _film(values, hand)
    there = homogeneous(pose.onto_hand, lattice.reshape(-1, 2)).reshape(lattice.shape)
    on_hand = cv2.GaussianBlur(hand.astype(np.float32), (0, 0), 6)
    moving = {name: turn for name, turn in pose.turns.items() if turn}
    still = _at(on_hand, there)
    for name in moving:
        still *= 1 - _within(name, there)
    out = _at(film, there) * (1 - still) + _at(values, there) * still
    for name, turn in moving.items():
        back = _bent(name, there, -turn)
        share = _within(name, back) * _at(on_hand, back)
        out = out * (1 - share) + _at(values, back) * share
    span = float(np.ptp(values))
    out = span * (np.clip(out / span, 0, 1) ** 0.9) * 0.9
    out += np.random.default_rng(seed).normal(0, 0.01 * span, out.shape)
    return replace(image, pixels=np.clip(np.round(out), 0, 65535).astype(np.uint16))


def _film(values: np.ndarray, hand: np.ndarray) -> np.ndarray:
    """Return the radiograph without the hand, smooth."""
    small = cv2.resize(values, None, fx=0.1, fy=0.1, interpolation=cv2.INTER_AREA)
    bare = cv2.resize(hand, small.shape[::-1], interpolation=cv2.INTER_NEAREST) == 0
    near = (bare & (small > 50)).astype(np.float32)
    mean = cv2.GaussianBlur(small * near, (0, 0), 12) / np.maximum(cv2.GaussianBlur(near, (0, 0), 12), 1e-3)
    return cv2.resize(mean, values.shape[::-1], interpolation=cv2.INTER_CUBIC)


def _at(values: np.ndarray, points: Floats) -> np.ndarray:
    row, col = np.moveaxis(points.astype(np.float32), -1, 0)
    return cv2.remap(values.astype(np.float32), col, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
