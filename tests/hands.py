"""Radiographs of made-up hands with detail in their bones, fingers turned by known angles."""

from collections.abc import Mapping

import numpy as np
from scenes import texture
from scipy.ndimage import map_coordinates

from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit

SPACING = (0.4, 0.45)
SHAPE = (680, 620)
WIDE = 9.0
"""Half the width of a finger, mm."""

FINGERS = {
    "thumb": ((190.0, 62.0), (140.0, 22.0)),
    "index": ((130.0, 85.0), (45.0, 70.0)),
    "middle": ((126.0, 122.0), (30.0, 122.0)),
    "ring": ((130.0, 159.0), (40.0, 174.0)),
    "little": ((142.0, 194.0), (75.0, 226.0)),
}
"""Knuckle and tip, as (down, across) in mm."""

STILL = np.eye(3)


def placed(*, angle_deg: float, shift_mm: tuple[float, float], scale: float = 1.0) -> Floats:
    """Return how a hand lies on the film: a similarity of places in mm, about the middle of the palm."""
    return _about((190.0, 130.0), angle_deg, shift_mm, scale)


def radiograph(
    seed: int,
    turns: Mapping[str, float] | None = None,
    *,
    lies: Floats = STILL,
    short: Mapping[str, float] | None = None,
) -> Image:
    """Return the radiograph of a hand whose detail is made from a seed.

    Parameters
    ----------
    seed : int
        Of its bones.
    turns : Mapping of str to float
        By how many degrees a finger is turned.
    lies : ndarray
        Where it lies on the film.
    short : Mapping of str to float
        By which factor a finger is foreshortened.
    """
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    film = np.stack([rows.ravel() * SPACING[0], cols.ravel() * SPACING[1]], axis=1)
    there = homogeneous(np.linalg.inv(lies), film)
    detail = texture(seed, (600, 600))
    values = np.full(len(film), 300.0)
    # No two pictures have one noise.
    noise = np.random.default_rng([seed, round(1000 * abs(lies[0, 2])), len(turns or {})])
    values += noise.normal(0, 12, len(film))
    palm = ((there - (195, 130)) / (70, 75)) ** 2
    _paint(values, there, (palm**2).sum(axis=1) < 1, detail)
    for name in FINGERS:
        back = homogeneous(np.linalg.inv(_moved(name, turns, short)), there)
        _paint(values, back, _within(name, back), detail)
    return Image(
        modality=Modality.DX,
        pixels=np.clip(np.round(values), 0, 4095).astype(np.uint16).reshape(SHAPE),
        grid=Grid(shape=SHAPE, spacing_mm=SPACING, scale_source=ScaleSource.DETECTOR_PLANE),
        intensity_unit=Unit.STORED,
    )


def on_film(name: str, share: float, turn: float = 0.0, *, lies: Floats = STILL) -> Floats:
    """Return the pixel at a share of the way from a finger's knuckle to its tip, shape (1, 2)."""
    knuckle, tip = np.asarray(FINGERS[name])
    place = (knuckle + share * (tip - knuckle))[None]
    return homogeneous(lies @ _moved(name, {name: turn}, None), place) / SPACING


def on_palm(*, lies: Floats = STILL) -> Floats:
    """Return pixels of some places of the palm."""
    return homogeneous(lies, [[180.0, 110.0], [200.0, 150.0], [230.0, 130.0]]) / SPACING


def _about(centre: tuple[float, float], angle_deg: float, shift: tuple[float, float], scale: float) -> Floats:
    angle = np.deg2rad(angle_deg)
    matrix = np.eye(3)
    matrix[:2, :2] = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix[:2, 2] = np.add(centre, shift) - matrix[:2, :2] @ centre
    return matrix


def _moved(name: str, turns: Mapping[str, float] | None, short: Mapping[str, float] | None) -> Floats:
    knuckle, tip = np.asarray(FINGERS[name])
    axis = (tip - knuckle) / np.linalg.norm(tip - knuckle)
    squeeze = np.eye(3)
    squeeze[:2, :2] += ((short or {}).get(name, 1.0) - 1) * np.outer(axis, axis)
    squeeze[:2, 2] = knuckle - squeeze[:2, :2] @ knuckle
    return _about(FINGERS[name][0], (turns or {}).get(name, 0.0), (0.0, 0.0), 1.0) @ squeeze


def _within(name: str, places: Floats) -> np.ndarray:
    knuckle, tip = np.asarray(FINGERS[name])
    along = (places - knuckle) @ (tip - knuckle) / ((tip - knuckle) ** 2).sum()
    away = np.linalg.norm(places - knuckle - np.clip(along, 0, 1)[:, None] * (tip - knuckle), axis=1)
    return (away < WIDE) & (along > 0)


def _paint(values: Floats, places: Floats, held: np.ndarray, detail: Floats) -> None:
    values[held] += 1200 + 250 * map_coordinates(detail, 2 * places[held].T, order=1)
