"""How well the calibration card gives a photograph its millimetres, and how fast.

    python benchmarks/photo_card.py [--pictures 600] [--seed 4] [--jobs 2]

Pictures are taken by the phantom's camera: 12 MP, JPEG, lens distortion, blur, shake, uneven light,
sharpening, a tone curve. `accuracy`: a square of 6 mm up to 13 cm from the card's middle, tilts up to 30°;
its area by the card over its true one, and how often the stated 95 % interval covers it. `found`: tilts up to
45°, more shake and shade, cards whole and partly covered. `none`: skin, stripes, text, tiles, rulers and 22
sets of markers without a card. `speed`: read_card over bare OpenCV, in one run.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from lesionkit.calibrate.card.codes import dictionary
from lesionkit.calibrate.card.layout import CARD, STRIPS, Face
from lesionkit.calibrate.card.reading import NoCard, read_card
from lesionkit.calibrate.card.source import UNMEASURED_PRINT
from lesionkit.calibrate.scale import scale_of
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.uncertainty import combined
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom.decoy import KINDS, decoy
from lesionkit.phantom.printed import PX_PER_MM, painted
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet, take

SQUARE = np.array([[0, 0], [0, 6], [6, 6], [6, 0]]) - 3.0
PATIENT = "P07"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One picture: what is asked of it."""

    face: Face
    seed: int
    most_tilt_deg: float
    shake_px: float
    is_covered: bool = False


@cache
def paint(face: Face) -> np.ndarray:
    return painted(face, patient=PATIENT)


def skin(rng: np.random.Generator) -> Sheet:
    grain = cv2.GaussianBlur(rng.standard_normal((400, 400)).astype(np.float32), (0, 0), 2)[..., None]
    paint = np.array([0.45, 0.28, 0.2], np.float32) * (1 + 2 * grain)
    return Sheet(paint=np.clip(paint, 0.02, 1).astype(np.float32), px_per_mm=2.0, repeats=True)


def shot_of(case: Case, rng: np.random.Generator) -> tuple[Shot, np.ndarray]:
    """Return a camera in whose picture the whole card and a deposit are, and where the deposit is, mm."""
    middle = np.array([case.face.height, case.face.width]) / 2
    while True:
        focal = rng.uniform(24, 50)
        # Distortion in the corner, as what telephones and cameras leave of it.
        k1 = rng.normal(0, 0.006) * (focal / 21.63) ** 2
        camera = Camera(focal_35mm=focal, k1=k1, off_centre=tuple(rng.normal(0, 25, 2)))
        angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(20, 130)
        deposit = middle + away * np.array([np.sin(angle), np.cos(angle)])
        shot = Shot(
            camera=camera,
            tilt_deg=rng.uniform(0, case.most_tilt_deg),
            towards_deg=rng.uniform(0, 360),
            roll_deg=rng.uniform(0, 360),
            distance_mm=camera.focal_px / rng.uniform(7, 12),
            aim_mm=tuple(middle + (deposit - middle) * rng.uniform(0.2, 0.8)),
        )
        edge = [[0, 0], [0, case.face.width], [case.face.height, case.face.width], [case.face.height, 0]]
        seen = shot.to_pixels(np.concatenate([edge, deposit + SQUARE]))
        if (seen > 8).all() and (seen < np.array(camera.shape) - 8).all():
            return shot, deposit


def picture(case: Case, rng: np.random.Generator) -> tuple[Image, Shot, np.ndarray]:
    shot, deposit = shot_of(case, rng)
    things = [skin(rng), Sheet(paint=paint(case.face), px_per_mm=PX_PER_MM)]
    window = things[1].window(shot)
    if case.is_covered:
        size = rng.uniform(0.2, 0.45) * np.array([case.face.height, case.face.width])
        corner = rng.integers(0, 2, 2) * (np.array([case.face.height, case.face.width]) - size)
        patch = np.full((4, 4, 3), (0.4, 0.25, 0.18), np.float32)
        things.append(
            Sheet(
                paint=np.repeat(np.repeat(patch, 200, 0), 200, 1)[: int(size[0] * 20), : int(size[1] * 20)],
                px_per_mm=20.0,
                at_mm=tuple(corner),
            )
        )
    finish = Finish(
        blur_px=rng.uniform(0.6, 1.6),
        motion_px=rng.uniform(0, case.shake_px) * rng.integers(0, 2),
        motion_deg=rng.uniform(0, 180),
        exposure=rng.uniform(0.45, 0.95),
        falloff=rng.uniform(0, 0.6),
        falloff_deg=rng.uniform(0, 360),
        noise=rng.uniform(0.004, 0.02),
        contrast=rng.uniform(0, 0.6),
        sharpening=rng.uniform(0, 0.8),
        quality=int(rng.integers(75, 96)),
    )
    file = take(shot, things, finish=finish, rng=rng, window=window, fine=2)
    part = cv2.cvtColor(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    pixels = np.full((*shot.camera.shape, 3), 150, np.uint8)
    pixels[window] = part
    grid = Grid(shape=shot.camera.shape)
    image = Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)
    return image, shot, deposit


def accuracy(case: Case) -> tuple[float, float, float, float] | None:
    """Return an area's relative error on the card's plane and its standard error by plane and lens.

    Then both again of a deposit at a height, and by a card of a size, that are drawn from what is assumed of
    them: all causes together.
    """
    cv2.setNumThreads(1)
    rng = np.random.default_rng(case.seed)
    image, shot, deposit = picture(case, rng)
    settings = ScaleSettings()
    grid, _ = scale_of(image, claims=(), settings=settings, about="picture")
    if grid.homography is None:
        return None
    truth, height = ring_area(deposit + SQUARE), rng.normal(0, settings.surface.height_mm)
    flat, raised = (shot.to_pixels(deposit + SQUARE, height_mm=np.full(4, high)) for high in (0.0, height))
    parts = grid.scale_parts_at(flat.mean(axis=0))
    seen = combined(part for part in parts if part.name in ("perspective", "lens"))
    printed = np.exp(2 * rng.normal(0, UNMEASURED_PRINT.rel_se))
    return (
        ring_area(grid.locate(flat)) / truth - 1,
        2 * seen,
        ring_area(grid.locate(raised)) / truth * printed - 1,
        2 * combined(parts),
    )


def found(case: Case) -> tuple[bool, bool]:
    """Return whether the card is found where it lies, and its code read right."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(case.seed)
    image, shot, _ = picture(case, rng)
    reading = read_card(image)
    if isinstance(reading, NoCard):
        return False, False
    middle = np.array([[case.face.height, case.face.width]]) / 2
    place = np.append(shot.to_pixels(middle)[0], 1.0) @ reading.plane.homography.T
    is_there = reading.face is case.face and np.linalg.norm(place[:2] / place[2] - middle[0]) < 1.0
    return bool(is_there), reading.patient == PATIENT


def told(name: str, results: list[tuple[float, float, float, float] | None]) -> None:
    rows = np.array([row for row in results if row is not None])
    error, seen, raised, full = rows.T
    size = 100 * np.abs(error)
    cover = 100 * np.mean(np.abs(error) < 1.96 * seen), 100 * np.mean(np.abs(raised) < 1.96 * full)
    print(
        f"{name}: {len(rows)} of {len(results)} pictures; area error median {np.median(size):.3f} %, 95th "
        f"percentile {np.percentile(size, 95):.3f} %, greatest {size.max():.2f} %; 95 % interval covers "
        f"{cover[0]:.1f} % (plane and lens alone), {cover[1]:.1f} % (height and print size drawn as assumed)",
        flush=True,
    )


def nothing_found(index: int, base: int) -> bool:
    """Return whether no card is seen in a picture of something else, or of markers of other sets."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(base + index)
    if index % 4:
        grey = decoy(list(KINDS)[index % len(KINDS)], rng, shape=(1500, 2000))
    else:
        names = [name for name in dir(cv2.aruco) if name.startswith("DICT_")]
        other = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, names[index // 4 % len(names)]))
        grey = np.full((1500, 2000), 220, np.uint8)
        for row in range(80, 1400, 200):
            for col in range(80, 1900, 200):
                number = int(rng.integers(len(other.bytesList)))
                grey[row : row + 120, col : col + 120] = cv2.aruco.generateImageMarker(other, number, 120)
    image = Image(modality=Modality.XC, pixels=grey, grid=Grid(shape=grey.shape), intensity_unit=Unit.GREY)
    return read_card(image) == NoCard()


def speed() -> None:
    case = Case(face=CARD, seed=1, most_tilt_deg=20, shake_px=0)
    image, _, _ = picture(case, np.random.default_rng(1))
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    detector = cv2.aruco.ArucoDetector(dictionary(), parameters)

    def bare() -> None:
        detector.detectMarkers(cv2.cvtColor(np.asarray(image.pixels), cv2.COLOR_RGB2GRAY))

    ours = best(lambda: read_card(image))
    theirs = best(bare)
    ratio = ours / theirs
    print(f"speed: read_card {1e3 * ours:.0f} ms, detectMarkers {1e3 * theirs:.0f} ms: {ratio:.2f} ×")


def best(call: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=["accuracy", "found", "none", "speed"])
    asked = parser.parse_args()
    base = 1_000_000 * asked.seed
    with ProcessPoolExecutor(asked.jobs) as pool:
        for face, share in ((CARD, 1), (STRIPS[0], 3)):
            count = asked.pictures // share
            if asked.only in (None, "accuracy"):
                cases = [Case(face=face, seed=base + i, most_tilt_deg=30, shake_px=4) for i in range(count)]
                told(f"accuracy, {face.name}", list(pool.map(accuracy, cases)))
            if asked.only in (None, "found"):
                for is_covered in (False, True):
                    seeds = range(base + 500_000, base + 500_000 + count)
                    cases = [
                        Case(face=face, seed=i, most_tilt_deg=45, shake_px=8, is_covered=is_covered)
                        for i in seeds
                    ]
                    rows = np.array(list(pool.map(found, cases)))
                    kind = "partly covered" if is_covered else "whole"
                    print(
                        f"found, {face.name}, {kind}: {rows[:, 0].sum()} of {len(rows)} "
                        f"({100 * rows[:, 0].mean():.1f} %); code read in {100 * rows[:, 1].mean():.1f} %",
                        flush=True,
                    )
        if asked.only in (None, "none"):
            clean = list(pool.map(nothing_found, range(240), [base] * 240))
            print(f"none: no card in {sum(clean)} of {len(clean)} pictures of other things", flush=True)
    if asked.only in (None, "speed"):
        speed()


if __name__ == "__main__":
    main()
