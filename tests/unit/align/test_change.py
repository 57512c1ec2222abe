"""Change without a scale, through a camera: ``benchmarks/photo_change.py`` in small."""

import math
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Picture
from scenes import texture

from lesionkit.align import align, carry_near
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import area
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet, take

SHAPE = (600, 800)
PX_PER_MM = 6.0
SIDE_MM = 150.0
MIDDLE = np.array([75.0, 75.0])


def circle(radius_mm: float) -> np.ndarray:
    angle = np.linspace(0, 2 * math.pi, 180, endpoint=False)
    return MIDDLE + radius_mm * np.stack([np.sin(angle), 0.8 * np.cos(angle)], axis=1)


def skin_with(radius_mm: float, *, seed: int) -> Sheet:
    """Return flat skin with a pale deposit."""
    shape = (int(SIDE_MM * PX_PER_MM),) * 2
    grain = 1 + 0.12 * texture(seed, shape)
    rows, cols = (np.mgrid[: shape[0], : shape[1]] + 0.5) / PX_PER_MM
    inside = np.hypot(rows - MIDDLE[0], (cols - MIDDLE[1]) / 0.8) < radius_mm
    paint = np.array([0.5, 0.27, 0.2]) * np.clip(grain, 0.3, 2)[..., None]
    paint = np.where(inside[..., None], 0.5 * paint + 0.3, paint)
    return Sheet(paint=np.clip(paint, 0, 1).astype(np.float32), px_per_mm=PX_PER_MM)


def photograph(radius_mm, *, seed, tilt, roll, away, exposure):
    camera = Camera(shape=SHAPE, focal_35mm=35, k1=0.004)
    shot = Shot(
        camera=camera,
        tilt_deg=tilt,
        towards_deg=40,
        roll_deg=roll,
        distance_mm=away * camera.focal_px / 6.5,
        aim_mm=(78, 72),
    )
    finish = Finish(blur_px=0.7, exposure=exposure, falloff=0.3, noise=0.008, quality=92)
    file = take(shot, [skin_with(radius_mm, seed=seed)], finish=finish, rng=np.random.default_rng(1), fine=1)
    pixels = np.asarray(Picture.open(BytesIO(file)))
    image = Image(modality=Modality.XC, pixels=pixels, grid=Grid(shape=SHAPE), intensity_unit=Unit.GREY)
    return image, Outline(exterior=shot.to_pixels(circle(radius_mm)))


FIRST = {"tilt": 4, "roll": 0, "away": 1.0, "exposure": 0.8}


@pytest.fixture(scope="module")
def first():
    return photograph(6.0, seed=3, **FIRST)


def told(first, later):
    (baseline, then), (image, now) = first, later
    transform, _ = align(image, baseline, image_id="b", baseline_id="a", focus=(then,), drawn=(now,))
    if not transform.is_reliable:
        return None
    deposits = (Deposit(id="1", image="b", regions=(now,)), Deposit(id="1", image="a", regions=(then,)))
    (near,) = carry_near(image, baseline, transform, deposits[:1], others=deposits[1:])
    if near.refused:
        return None
    return area(near.regions[0].rings) / area(then.rings), near.area_rel_se


@pytest.mark.parametrize(("tilt", "change"), [(4, 1.0), (14, 0.5), (24, 2.0)], ids=lambda value: f"{value:g}")
def test_change_is_told_within_3_percent_from_another_angle_distance_and_light(first, tilt, change):
    later = photograph(6 * math.sqrt(change), seed=3, tilt=tilt, roll=18, away=0.85, exposure=0.6)
    ratio, error = told(first, later)
    assert ratio == pytest.approx(change, rel=0.03)
    assert abs(ratio / change - 1) < 3 * error
    # Pixels as they are would tell another change.
    assert abs(area(later[1].rings) / area(first[1].rings) / change - 1) > 0.1


def test_skin_of_another_person_tells_no_change(first):
    assert told(first, photograph(6.0, seed=4, **FIRST)) is None
