"""Rendered photographs: edges where the camera shows them, and parts as in the whole frame."""

from io import BytesIO

import numpy as np
from PIL import Image

from lesionkit.phantom.light import decoded
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet, take

PLAIN = Finish(blur_px=0.8, falloff=0, noise=0, sharpening=0, quality=100)


def pixels(jpeg):
    return np.asarray(Image.open(BytesIO(jpeg)).convert("L"))


def scene():
    camera = Camera(shape=(240, 320), k1=0.05)
    shot = Shot(camera=camera, tilt_deg=20, towards_deg=60, roll_deg=15, distance_mm=200)
    paint = np.full((40, 60), 0.9, np.float32)
    paint[:, 30:] = 0.05
    sheet = Sheet(paint=paint, px_per_mm=1.0, at_mm=(-20, -30))
    ground = Sheet(paint=np.full((8, 8), 0.3, np.float32), px_per_mm=1.0, repeats=True)
    return shot, sheet, ground


def test_an_edge_is_midway_in_light_where_the_camera_shows_it():
    shot, sheet, ground = scene()
    jpeg = take(shot, [ground, sheet], finish=PLAIN, rng=np.random.default_rng(1))
    light = decoded(pixels(jpeg) / 255)
    edge = shot.to_pixels(sheet.to_plane(np.array([[down, 30.0] for down in np.linspace(8, 32, 25)])))
    from scipy.ndimage import map_coordinates

    middle = map_coordinates(light, edge.T, order=1)
    assert abs(np.mean(middle) / (0.8 * (0.9 + 0.05) / 2) - 1) < 0.06
    # A tenth of a pixel changes the light by 0.1 x 0.68 / (0.8 sqrt(2 pi)) = 0.034.
    assert abs(np.mean(middle) - 0.38) < 0.02


def test_a_part_of_the_frame_is_as_in_the_whole():
    shot, sheet, ground = scene()
    window = sheet.window(shot, margin_px=24)
    whole = take(shot, [ground, sheet], finish=PLAIN, rng=np.random.default_rng(1))
    part = take(shot, [ground, sheet], finish=PLAIN, rng=np.random.default_rng(1), window=window)
    assert all(axis.start % 16 == 0 for axis in window)
    difference = pixels(whole)[window].astype(int) - pixels(part)
    assert np.abs(difference[8:-8, 8:-8]).max() <= 2


def test_a_shaken_camera_smears_edges_along_its_way_and_moves_nothing():
    shot, sheet, ground = scene()
    still = take(shot, [ground, sheet], finish=PLAIN, rng=np.random.default_rng(1))
    shaken = Finish(blur_px=0.8, falloff=0, noise=0, sharpening=0, quality=100, motion_px=6, motion_deg=90)
    moved = take(shot, [ground, sheet], finish=shaken, rng=np.random.default_rng(1))
    before, after = (decoded(pixels(jpeg) / 255) for jpeg in (still, moved))
    assert np.abs(np.diff(after, axis=1)).max() < 0.5 * np.abs(np.diff(before, axis=1)).max()
    rows, cols = np.mgrid[: before.shape[0], : before.shape[1]]
    for axis in (rows, cols):
        middles = [
            np.sum(light[20:-20, 20:-20] * axis[20:-20, 20:-20]) / light[20:-20, 20:-20].sum()
            for light in (before, after)
        ]
        assert abs(middles[1] - middles[0]) < 0.1
