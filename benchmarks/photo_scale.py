"""How true millimetres are that a marker gives: simulated photographs, beside OpenCV's four corners.

    python benchmarks/photo_scale.py                         # 600 pictures, ten minutes of processor time
    python benchmarks/photo_scale.py --pictures 40 --whole 4 # a first look

Pictures of 12 MP are rendered through a camera model (`lesionkit.phantom.clinic` draws it by chance):
one marker of 20 mm, four round deposits 15 to 130 mm from it, tilts of 0 to 40°. Only the marker's
surroundings are rendered, in JPEG's own blocks, and laid into an even frame; of the first pictures
the whole frame is rendered too, to show that this makes no difference. `lesionkit.calibrate.scale_of`
then reads each, and bare `cv2.aruco` with sub-pixel corners and one homography does.

Areas are measured of the deposits' true outlines as the camera shows them: what is told is the scale's
error alone. *On the plane*: marker of the stated size, deposits on its plane. *With everything*: its
size is off by up to 0.1 mm and deposits lie 2 mm (standard deviation) above or below, as the defaults assume.
"""

import argparse
import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from lesionkit.calibrate import scale_of
from lesionkit.calibrate.card.reading import NoCard
from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.surface import Surface
from lesionkit.core.uncertainty import combined
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom.clinic import DICTIONARY, MARKER_MM, Chance, photograph_by_chance, skin_sheet
from lesionkit.phantom.snapshot import take

SEED = 20
LEVEL = 1.959964


@dataclass(frozen=True)
class Row:
    """One deposit of one picture."""

    picture: int
    tilt_deg: float
    away_mm: float
    side_px: float
    ours: float = math.nan
    bare: float = math.nan
    ours_se: float = math.nan
    with_everything: float = math.nan
    with_everything_se: float = math.nan
    whole: float = math.nan


def settings(size_mm: float, *, is_plane: bool) -> ScaleSettings:
    """Return what the user would declare."""
    plain = ScaleSettings(marker_dictionary=DICTIONARY, marker_size_mm=size_mm, find_rulers=False)
    if not is_plane:
        return plain
    return replace(plain, marker_tolerance_mm=0.0, surface=Surface(height_mm=0.0))


def framed(chance: Chance, jpeg: bytes) -> np.ndarray:
    """Return the frame with the rendered part in its place."""
    part = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    frame = np.empty((*chance.shot.camera.shape, 3), np.uint8)
    frame[:] = np.median(part[:8], axis=(0, 1))
    frame[chance.marker.window(chance.shot, margin_px=48)] = part
    return frame


def four_corners(pixels: np.ndarray) -> np.ndarray | None:
    """Return pixel to mm by bare OpenCV."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    corners, numbers, _ = cv2.aruco.ArucoDetector(book, parameters).detectMarkers(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    )
    if numbers is None:
        return None
    square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32) * np.float32(MARKER_MM)
    largest = max(corners, key=lambda quad: cv2.contourArea(quad))
    return cv2.getPerspectiveTransform(largest.reshape(4, 2)[:, ::-1].astype(np.float32), square)


def grid_of(pixels: np.ndarray, asked: ScaleSettings) -> Grid:
    """Return the grid that lesionkit gives a photograph."""
    image = Image(
        modality=Modality.XC, pixels=pixels, grid=Grid(shape=pixels.shape[:2]), intensity_unit=Unit.GREY
    )
    return scale_of(image, claims=(), settings=asked, about="picture", card=NoCard())[0]


def error(grid: Grid, seen: np.ndarray, area: float) -> tuple[float, float]:
    """Return relative error of an area, and its stated standard error; NaN without a scale."""
    if not grid.is_calibrated:
        return math.nan, math.nan
    parts = grid.scale_parts_at(seen.mean(axis=0))
    return ring_area(grid.locate(seen)) / area - 1, 2 * combined(parts)


def picture(number: int, *, whole_until: int) -> list[Row]:
    """Return the rows of one picture."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([SEED, number])
    chance = photograph_by_chance(rng)
    skin = skin_sheet(rng)
    off = rng.uniform(-0.1, 0.1)
    window = chance.marker.window(chance.shot, margin_px=48)
    sheets = [skin, chance.marker]
    pixels = framed(chance, take(chance.shot, sheets, finish=chance.finish, rng=rng, window=window, fine=3))
    bare = four_corners(pixels)
    plane = grid_of(pixels, settings(MARKER_MM, is_plane=True))
    everything = grid_of(pixels, settings(MARKER_MM + off, is_plane=False))
    whole = None
    if number < whole_until:
        jpeg = take(chance.shot, sheets, finish=chance.finish, rng=rng, fine=3)
        frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        whole = grid_of(np.ascontiguousarray(frame), settings(MARKER_MM, is_plane=True))
    side = math.sqrt(ring_area(chance.shot.to_pixels(chance.marker_corners_mm)))
    rows = []
    for deposit in chance.deposits:
        seen = chance.shot.to_pixels(deposit.outline_mm)
        raised = chance.shot.to_pixels(deposit.outline_mm, height_mm=deposit.height_mm)
        area = deposit.area_mm2
        ours, ours_se = error(plane, seen, area)
        full, full_se = error(everything, raised, area)
        rows.append(
            Row(
                picture=number,
                tilt_deg=chance.shot.tilt_deg,
                away_mm=deposit.away_mm,
                side_px=side,
                ours=ours,
                ours_se=ours_se,
                bare=math.nan if bare is None else ring_area(homogeneous(bare, seen)) / area - 1,
                with_everything=full,
                with_everything_se=full_se,
                whole=math.nan if whole is None else error(whole, seen, area)[0],
            )
        )
    return rows


def lines(rows: list[Row]) -> Iterator[str]:
    """Yield the table."""
    yield "| tilt | areas | four corners: median | 95 % | whole marker: median | 95 % | covered |"
    yield "|---|---|---|---|---|---|---|"
    for low, high in ((0, 10), (10, 20), (20, 30), (0, 30), (30, 40)):
        some = [row for row in rows if low <= row.tilt_deg < high and not math.isnan(row.ours)]
        if not some:
            continue
        bare = np.abs([row.bare for row in some if not math.isnan(row.bare)]) * 100
        ours = np.abs([row.ours for row in some]) * 100
        covered = np.mean([abs(row.ours) <= LEVEL * row.ours_se for row in some]) * 100
        yield (
            f"| {low} to {high}° | {len(some)} | {np.median(bare):.2f} % | {np.percentile(bare, 95):.2f} % "
            f"| {np.median(ours):.2f} % | {np.percentile(ours, 95):.2f} % | {covered:.1f} % |"
        )


def report(rows: list[Row]) -> None:
    """Print what was found."""
    print("\n".join(lines(rows)))
    found = [row for row in rows if not math.isnan(row.ours)]
    print(f"\npictures {len({row.picture for row in rows})}, with a scale {len({r.picture for r in found})}")
    ratio = np.array([row.ours / row.ours_se for row in found])
    print(f"on the plane: covered {100 * np.mean(np.abs(ratio) < LEVEL):.1f} %, spread {ratio.std():.2f}")
    ratio = np.array([row.with_everything / row.with_everything_se for row in found])
    size = np.abs([row.with_everything for row in found if row.tilt_deg < 30]) * 100
    print(
        f"with everything: covered {100 * np.mean(np.abs(ratio) < LEVEL):.1f} %, spread {ratio.std():.2f}, "
        f"median {np.median(size):.2f} %, 95 % {np.percentile(size, 95):.2f} %"
    )
    both = np.abs([row.ours - row.whole for row in rows if not math.isnan(row.whole)]) * 100
    if len(both):
        whole = np.abs([row.whole for row in rows if not math.isnan(row.whole)]) * 100
        part = np.abs([row.ours for row in rows if not math.isnan(row.whole)]) * 100
        print(
            f"whole frames: {len(both) // 4}, median {np.median(whole):.2f} % "
            f"(part {np.median(part):.2f} %), "
            f"95 % {np.percentile(whole, 95):.2f} % (part {np.percentile(part, 95):.2f} %), "
            f"median difference {np.median(both):.2f} %"
        )


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--whole", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    numbers = range(asked.pictures)
    with ProcessPoolExecutor(asked.processes) as pool:
        rows = [row for part in pool.map(partial(picture, whole_until=asked.whole), numbers) for row in part]
    report(rows)


if __name__ == "__main__":
    main()
