"""How fast two photographs of 12 MP are laid on one another, beside the bare library calls that needs.

    python benchmarks/photo_alignment.py [--repeat 5]

Two pictures of one skin with a marker are rendered and written as JPEG. In turn and round again: lesionkit's
loading, scale and alignment of the second onto the first (its features are known, as for every follow-up but
the first); and bare OpenCV: decoding, the marker, SIFT on an even luma and on the redness, their nearest
neighbours both ways, and MAGSAC. The medians' ratio is told.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

import lesionkit
from lesionkit.align import Sighted, align
from lesionkit.align.features import LONG_SIDE, MOST_FEATURES
from lesionkit.calibrate import scale_of
from lesionkit.core.settings import ScaleSettings
from lesionkit.phantom import Box, Limb, Table, View, grow_skin
from lesionkit.phantom.clinic import DICTIONARY, MARKER_MM, photograph_by_chance
from lesionkit.phantom.light import decoded
from lesionkit.phantom.photo import paint_photograph
from lesionkit.phantom.snapshot import Sheet, take

SETTINGS = ScaleSettings(marker_dictionary=DICTIONARY, marker_size_mm=MARKER_MM)
SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32) * np.float32(MARKER_MM)


def photographs(folder: Path) -> list[Path]:
    """Return two new JPEGs of 12 MP of one skin."""
    skin = grow_skin(Limb(), Box(x=(-45.0, 45.0), z=(-40.0, 130.0)), seed=7)
    view = View(shape=(1040, 1360), spacing_mm=(0.125, 0.125), centre=(0.0, 45.0))
    paint = paint_photograph(skin, [], view=view, seed=1, table=Table(ruler=None, marker=None), noise=0.0)
    sheet = Sheet(paint=decoded(paint / 255.0), px_per_mm=8.0, repeats=True)
    paths = []
    for number in (3, 4):
        rng = np.random.default_rng(number)
        chance = photograph_by_chance(rng, tilt_deg=(2, 10))
        paths.append(folder / f"{number}.jpg")
        paths[-1].write_bytes(take(chance.shot, [sheet, chance.marker], finish=chance.finish, rng=rng))
    return paths


def ours(path: Path) -> Sighted:
    """Return a photograph, loaded, with its scale."""
    image = lesionkit.load_image(path)
    grid, _ = scale_of(image, claims=(), settings=SETTINGS, about=path.name)
    return Sighted(replace(image, grid=grid))


def laid(path: Path, first: Sighted) -> object:
    """Return the alignment of a photograph with the first."""
    here = ours(path)
    return align(here.image, first.image, image_id="b", baseline_id="a", sighted=(here, first))


def bare(path: Path) -> tuple[np.ndarray, ...]:
    """Return what OpenCV alone makes of a photograph: features of two layers."""
    pixels = cv2.cvtColor(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY)))
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    corners, _, _ = detector.detectMarkers(small)
    if corners:
        quad = ((corners[0].reshape(-1, 1, 2) + 0.5) * 4 - 0.5).astype(np.float32)
        quad = cv2.cornerSubPix(grey, quad, (5, 5), (-1, -1), (3, 30, 0.01))
        cv2.getPerspectiveTransform(quad.reshape(4, 2), SQUARE)
    size = tuple(round(side * LONG_SIDE / max(grey.shape)) for side in grey.shape[::-1])
    reduced = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    values = reduced.astype(np.float32) + 4
    red = cv2.GaussianBlur(cv2.log(values[..., 0] / values[..., 1]), (0, 0), 1.2)
    even = cv2.createCLAHE(4.0, (8, 8))
    layers = (
        cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY),
        cv2.normalize(red, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U),
    )
    sift = cv2.SIFT.create(nfeatures=MOST_FEATURES, contrastThreshold=0.02, enable_precise_upscale=True)
    found = [sift.detectAndCompute(even.apply(layer), None) for layer in layers]
    return tuple((np.array([k.pt for k in keys], np.float32), said) for keys, said in found)


def bare_laid(path: Path, first: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the homography OpenCV alone finds."""
    pairs = []
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    for (here, says), (there, said) in zip(bare(path), first, strict=True):
        back = {(m.trainIdx, m.queryIdx) for m in matcher.match(said, says)}
        for best, other in matcher.knnMatch(says, said, k=2):
            if best.distance < 0.8 * other.distance and (best.queryIdx, best.trainIdx) in back:
                pairs.append((*here[best.queryIdx], *there[best.trainIdx]))
    points = np.array(pairs, np.float32)
    return cv2.findHomography(points[:, :2], points[:, 2:], cv2.USAC_MAGSAC, 3.0, maxIters=10_000)[0]


def timed(jobs: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """Return the median time of each job, all taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repeat + 1):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(some) for name, some in times.items()}


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument(
        "--pictures", nargs=2, type=Path, help="two pictures made earlier; default: render them"
    )
    parser.add_argument("--keep", type=Path, help="a folder to render them into, and do no more")
    asked = parser.parse_args()
    if asked.keep:
        print(*photographs(asked.keep))
        return
    with tempfile.TemporaryDirectory() as folder:
        one, other = asked.pictures or photographs(Path(folder))
        first, bare_first = ours(one), bare(one)
        transform, problems = laid(other, first)
        median = timed(
            {"lesionkit": lambda: laid(other, first), "bare": lambda: bare_laid(other, bare_first)},
            asked.repeat,
        )
    print(transform.method, transform.residual, [problem.text for problem in problems])
    for name, seconds in median.items():
        print(f"{name:12s} {1e3 * seconds:7.0f} ms")
    print(f"decode + scale + alignment {median['lesionkit'] / median['bare']:.2f} × bare")


if __name__ == "__main__":
    main()
