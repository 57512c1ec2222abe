"""How right the scale of a ruler is that was found in a photograph by itself, and that none is found falsely.

    python benchmarks/photo_ruler.py                        # 500 + 200 pictures, half an hour
    python benchmarks/photo_ruler.py --rulers 40 --others 40

Photographs of 12 MP are rendered through a camera with a lens (`lesionkit.phantom.snapshot`) that hold one
ruler of any make, right within 0.3 %, tilted up to 15°, and a round deposit on its plane. The error of the
deposit's area is told, and how often the 95 % interval stated for it covers the truth. Then pictures
without any scale are searched for card, markers and rulers (`lesionkit.phantom.decoy`): skin, stripes, text,
tiles, fabric, hair, keyboards, grids, combs and rules of other units. Every number follows from ``--seed``.
The time of the search is told as a multiple of decoding the same JPEG with OpenCV.
"""

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np

from lesionkit.calibrate import scale_of
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.surface import Surface
from lesionkit.core.units import Unit
from lesionkit.phantom.decoy import KINDS, decoy
from lesionkit.phantom.light import encoded
from lesionkit.phantom.noise import fractal_noise
from lesionkit.phantom.ruler import PX_PER_MM, Graduation, RulerMake, draw_ruler
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet

MAKING_REL_SE = 0.003
"""How well rulers are made: class III of Directive 2014/32/EU."""
MARKED = ScaleSettings(marker_dictionary="DICT_4X4_50", marker_size_mm=20)
"""The dictionary of fewest cells, which is the easiest to see where it is not."""
FLAT = ScaleSettings(surface=Surface(height_mm=0.0, source="deposits lie on the ruler's plane"))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rulers", type=int, default=500)
    words.add_argument("--others", type=int, default=200)
    words.add_argument("--rows", type=int, default=1200, help="of the others; 3024 is 12 MP")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--tilt", type=float, default=15.0)
    asked = words.parse_args()
    if asked.rulers:
        tell_rulers(list(rulers(asked.rulers, asked.seed, asked.tilt)), asked.tilt)
    if asked.others:
        tell_others(asked.others, asked.seed, rows=asked.rows)
    return 0


def rulers(number: int, seed: int, tilt: float, *, first: int = 0) -> Iterator[tuple[float, float, float]]:
    """Yield the error of each deposit's area, its stated standard error, and the time over decoding."""
    for index in range(first, first + number):
        rng = np.random.default_rng([seed, index])
        shot, ruler, data = photograph(rng, tilt)
        started = time.perf_counter()
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        decoded = time.perf_counter()
        image = Image(
            modality=Modality.XC, pixels=pixels, grid=Grid(shape=pixels.shape[:2]), intensity_unit=Unit.GREY
        )
        grid, _ = scale_of(image, claims=(), settings=FLAT, about="benchmark")
        done = time.perf_counter()
        ratio = (done - decoded) / (decoded - started)
        if grid.scale_source is not ScaleSource.RULER:
            yield math.nan, math.nan, ratio
            continue
        yield *error(grid, shot, ruler, rng), ratio
        if sys.stderr.isatty():
            print(f"\r{index + 1}/{number}", end="", file=sys.stderr)


def photograph(rng: np.random.Generator, tilt: float) -> tuple[Shot, Sheet, bytes]:
    """Return a picture of a ruler on skin, and how it was taken."""
    camera = Camera(
        focal_35mm=float(rng.choice([24, 26, 26, 28, 35, 50, 77])),
        k1=float(rng.uniform(-0.02, 0.02)),
        off_centre=tuple(rng.normal(0, 15, 2)),
    )
    field_mm = rng.uniform(150, 330)
    focal = camera.focal_px / camera.shape[1]
    shot = Shot(
        camera=camera,
        tilt_deg=float(rng.uniform(0, tilt)),
        towards_deg=float(rng.uniform(0, 360)),
        roll_deg=float(rng.uniform(0, 360)),
        distance_mm=float(field_mm * focal),
    )
    make = ruler_make(rng, field_mm)
    turn = float(rng.uniform(0, 360))
    paint = draw_ruler(make)
    made = PX_PER_MM * (1 + MAKING_REL_SE * float(rng.standard_normal()))
    loose = Sheet(paint=paint, px_per_mm=made, turn_deg=turn)
    middle = loose.to_plane(loose.size_mm / 2)
    room = np.array([0.22, 0.22]) * field_mm
    at = rng.uniform(-room, room) - middle
    ruler = Sheet(paint=paint, px_per_mm=made, turn_deg=turn, at_mm=(float(at[0]), float(at[1])))
    finish = Finish(
        blur_px=float(rng.uniform(0.5, 1.6)),
        motion_px=float(rng.uniform(0, 3)),
        motion_deg=float(rng.uniform(0, 180)),
        exposure=float(rng.uniform(0.5, 1.0)),
        falloff=float(rng.uniform(0, 0.5)),
        noise=float(rng.uniform(0.005, 0.025)),
        sharpening=float(rng.uniform(0, 0.6)),
        quality=int(rng.integers(80, 96)),
    )
    return shot, ruler, developed(shot, ruler, finish, rng)


def developed(shot: Shot, ruler: Sheet, finish: Finish, rng: np.random.Generator) -> bytes:
    """Return the picture as JPEG: as `lesionkit.phantom.snapshot.take`, but quickly.

    The ruler is grey, what falls on one pixel is averaged on it beforehand instead of sample by sample, and
    of the skin only what lies about it has its texture.
    """
    window = ruler.window(shot, margin_px=48)
    rows, cols = (np.arange(part.start, part.stop, dtype=np.float32) for part in window)
    shape, step = (len(rows), len(cols)), 8
    knots = [np.arange(axis[0], axis[-1] + 2 * step, step) for axis in (rows, cols)]
    places = shot.to_plane(np.stack(np.meshgrid(*knots, indexing="ij"), axis=-1).astype(float))
    coarse = ((places - ruler.at_mm) @ turn_of(ruler) * ruler.px_per_mm - 0.5).astype(np.float32)
    across, down = np.meshgrid((cols - cols[0]) / step, (rows - rows[0]) / step)
    fine = cv2.remap(coarse, across, down, cv2.INTER_LINEAR)
    px_mm = shot.distance_mm / shot.camera.focal_px
    paint = cv2.GaussianBlur(ruler.paint, (0, 0), max(0.3, 0.35 * px_mm * ruler.px_per_mm))
    seen, covered = (
        cv2.remap(one, fine[..., 1], fine[..., 0], cv2.INTER_LINEAR) for one in (paint, np.ones_like(paint))
    )
    skin = 0.27 * float(rng.uniform(0.4, 1.3))
    coarse_noise = fractal_noise(rng, (shape[0] // 4 + 1, shape[1] // 4 + 1), (150.0, 40.0, 8.0, 2.0))
    noise = cv2.resize(coarse_noise, shape[::-1])
    light = skin * (1 + 0.1 * noise) * (1 - covered) + seen
    way = np.add.outer(0.8 * rows / shot.camera.shape[0], 0.6 * cols / shot.camera.shape[1])
    light *= finish.exposure * (1 - finish.falloff * way)
    light = cv2.GaussianBlur(light, (0, 0), finish.blur_px)
    if finish.motion_px > 0.5:
        light = cv2.filter2D(light, -1, shaken(finish))
    stored = encoded(light)
    stored += finish.noise * rng.standard_normal(stored.shape, dtype=np.float32)
    stored += finish.sharpening * (stored - cv2.GaussianBlur(stored, (0, 0), 1.0))
    grey = np.full(shot.camera.shape, round(255 * float(encoded(skin * finish.exposure))), np.uint8)
    grey[window] = np.clip(np.rint(stored * 255), 0, 255).astype(np.uint8)
    done, data = cv2.imencode(".jpg", cv2.merge([grey] * 3), [cv2.IMWRITE_JPEG_QUALITY, finish.quality])
    assert done
    return data.tobytes()


def turn_of(sheet: Sheet) -> np.ndarray:
    """Return the matrix that turns places on the plane (as rows) into the sheet's own."""
    turn = math.radians(sheet.turn_deg)
    return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])


def shaken(finish: Finish) -> np.ndarray:
    """Return the kernel of a straight movement."""
    down, right = np.mgrid[-4:5, -4:5] / 1.0
    way = math.radians(finish.motion_deg)
    along = down * math.cos(way) + right * math.sin(way)
    across = right * math.cos(way) - down * math.sin(way)
    kernel = np.clip(finish.motion_px / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(across), 0, 1)
    return (kernel / kernel.sum()).astype(np.float32)


def ruler_make(rng: np.random.Generator, field_mm: float) -> RulerMake:
    """Return a ruler that fits the picture: 5 to 30 cm, plastic or paper, printed dark or bright."""
    length = float(rng.choice([n for n in (50, 100, 150, 200, 300) if n < 0.75 * field_mm]))
    short = float(rng.uniform(2.0, 5.0))
    is_bright = rng.random() < 0.15
    return RulerMake(
        length_mm=length,
        width_mm=float(rng.uniform(18, 35)),
        ticks_mm=(short, short + float(rng.uniform(0.9, 2)), short + float(rng.uniform(2.5, 4))),
        tick_width_mm=float(rng.uniform(0.13, 0.3)),
        inset_mm=float(rng.choice([0.0, 0.0, 0.5, 1.0])),
        ink=0.8 if is_bright else float(rng.uniform(0.02, 0.15)),
        ground=0.04 if is_bright else float(rng.uniform(0.4, 0.85)),
        lower=[None, None, Graduation.MILLIMETRES, Graduation.INCHES][rng.integers(4)],
    )


def error(grid: Grid, shot: Shot, ruler: Sheet, rng: np.random.Generator) -> tuple[float, float]:
    """Return the relative error of the area of a round deposit in view, and the one stated."""
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    while True:
        radius = rng.uniform(3, 15)
        middle = ruler.to_plane(ruler.size_mm / 2) + rng.uniform(-100, 100, 2)
        seen = shot.to_pixels(middle + radius * ring)
        if grid.contains(seen).all():
            break
    area, truth = (ring_area(points) for points in (grid.locate(seen), radius * ring))
    parts = grid.scale_parts_at(seen.mean(axis=0))
    return area / truth - 1, 2 * math.hypot(*(part.rel_se for part in parts))


def ring_area(ring: np.ndarray) -> float:
    """Return the area that a closed line encloses."""
    (a, b), (c, d) = ring.T, np.roll(ring, -1, axis=0).T
    return abs(float(np.sum(a * d - b * c))) / 2


def tell_rulers(found: list[tuple[float, float, float]], tilt: float) -> None:
    errors, stated, ratios = np.array(found).T
    seen = ~np.isnan(errors)
    off, se = np.abs(errors[seen]), stated[seen]
    print(f"one ruler, tilt 0 to {tilt:.0f}°: {len(found)} pictures of 12 MP")
    print(f"  a ruler was found in          {100 * seen.mean():6.1f} %")
    print(f"  error of the area, median     {100 * np.median(off):6.2f} %")
    print(f"                     95th       {100 * np.percentile(off, 95):6.2f} %")
    print(f"                     largest    {100 * off.max():6.2f} %")
    print(f"  stated standard error, median {100 * np.median(se):6.2f} %")
    print(f"  95 % interval covers          {100 * np.mean(off < 1.96 * se):6.1f} %")
    print(f"  time over that of decoding    {np.median(ratios):6.2f} ×")


def tell_others(number: int, seed: int, *, rows: int) -> None:
    false: Counter[str] = Counter()
    noted: Counter[str] = Counter()
    of: Counter[str] = Counter()
    taken = []
    for index in range(number):
        kind = list(KINDS)[index % len(KINDS)]
        grey = decoy(kind, np.random.default_rng([seed, 10_000 + index]), shape=(rows, rows * 4 // 3))
        image = Image(
            modality=Modality.XC, pixels=grey, grid=Grid(shape=grey.shape), intensity_unit=Unit.GREY
        )
        started = time.perf_counter()
        grid, problems = scale_of(image, claims=(), settings=MARKED, about="benchmark")
        taken.append(time.perf_counter() - started)
        of[kind] += 1
        false[kind] += grid.is_calibrated
        noted[kind] += any(problem.code == "ruler_unit_unclear" for problem in problems)
    print(f"pictures without a scale, {rows} rows: {number}; false scales: {sum(false.values())}")
    print(f"  searched for card, markers and rulers in {1e3 * np.median(taken):.0f} ms (median)")
    for kind in KINDS:
        print(f"  {kind:<14} {of[kind]:4} pictures, {false[kind]:3} false, {noted[kind]:3} called unclear")


if __name__ == "__main__":
    sys.exit(main())
