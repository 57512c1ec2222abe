"""How fast a photograph of 12 MP is read, gets its millimetres and is laid on the first one of its site.

    python benchmarks/photo.py [--repeat 7]
    python benchmarks/photo.py --keep FOLDER          # render the two pictures, and do no more
    python benchmarks/photo.py --pictures ONE OTHER

Two pictures of one skin with a marker of 20 mm are rendered and written as JPEG. Then in turn, round and
round again: `lesionkit.load_image`, `lesionkit.calibrate.scale_of` and `lesionkit.align.align` of the second
onto the first (whose features are known, as for every follow-up but the first); and what these stand on,
bare: OpenCV's decoder, its luma, its quarter-size copy, its detector on that, its sub-pixel corners in the
full picture and one homography; SIFT on an even luma and on the redness, nearest neighbours both ways, and
MAGSAC. Medians and minima of the rounds and their ratios are told. The calibration card and rulers, which
bare calls do not look for, are told apart; so is the detector on the full picture, which is what most would
call. Files are warm: no disk is measured.
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
from lesionkit.calibrate.card.reading import NoCard, read_card
from lesionkit.calibrate.ruler import find_rulers
from lesionkit.core.image import Image
from lesionkit.core.settings import ScaleSettings
from lesionkit.phantom import Box, Limb, Table, View, grow_skin
from lesionkit.phantom.clinic import DICTIONARY, MARKER_MM, photograph_by_chance
from lesionkit.phantom.light import decoded
from lesionkit.phantom.photo import paint_photograph
from lesionkit.phantom.snapshot import Sheet, take

SETTINGS = ScaleSettings(marker_dictionary=DICTIONARY, marker_size_mm=MARKER_MM)
SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32) * np.float32(MARKER_MM)

Features = tuple[tuple[np.ndarray, np.ndarray], ...]


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


def scaled(image: Image) -> Image:
    """Return a photograph with its scale by the marker."""
    grid, problems = scale_of(image, claims=(), settings=SETTINGS, about="benchmark", card=NoCard())
    assert grid.is_calibrated, problems
    return replace(image, grid=grid)


def laid(image: Image, first: Sighted) -> None:
    """Lay a photograph on the first one."""
    here = Sighted(image)
    transform, problems = align(here.image, first.image, image_id="b", baseline_id="a", sighted=(here, first))
    assert transform.method == "features", problems


def bare_decoded(path: Path) -> np.ndarray:
    """Return the pixels by OpenCV alone."""
    return cv2.cvtColor(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def detector() -> cv2.aruco.ArucoDetector:
    """Return OpenCV's detector as it comes."""
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY)))


def bare_scaled(pixels: np.ndarray) -> np.ndarray:
    """Return pixel to mm by OpenCV alone."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    corners, _, _ = detector().detectMarkers(small)
    quad = (corners[0].reshape(-1, 1, 2) + 0.5) * 4 - 0.5
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 0.01)
    quad = cv2.cornerSubPix(grey, quad.astype(np.float32), (5, 5), (-1, -1), criteria)
    return cv2.getPerspectiveTransform(quad.reshape(4, 2)[:, ::-1].copy(), SQUARE)


def bare_features(pixels: np.ndarray) -> Features:
    """Return SIFT of two layers by OpenCV alone."""
    size = tuple(round(side * LONG_SIDE / max(pixels.shape[:2])) for side in pixels.shape[1::-1])
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


def bare_laid(pixels: np.ndarray, first: Features) -> np.ndarray:
    """Return the homography OpenCV alone finds."""
    pairs = []
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    for (here, says), (there, said) in zip(bare_features(pixels), first, strict=True):
        back = {(m.trainIdx, m.queryIdx) for m in matcher.match(said, says)}
        for best, other in matcher.knnMatch(says, said, k=2):
            if best.distance < 0.8 * other.distance and (best.queryIdx, best.trainIdx) in back:
                pairs.append((*here[best.queryIdx], *there[best.trainIdx]))
    points = np.array(pairs, np.float32)
    return cv2.findHomography(points[:, :2], points[:, 2:], cv2.USAC_MAGSAC, 3.0, maxIters=10_000)[0]


def timed(jobs: dict[str, Callable[[], object]], repeat: int) -> dict[str, list[float]]:
    """Return the times of each job, all taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repeat + 1):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            if turn:
                times[name].append(time.perf_counter() - start)
    return times


STEPS = ("decode", "scale", "alignment")


def tell(times: dict[str, list[float]]) -> None:
    """Print a table of steps and the times of what is done besides."""
    both = {
        step: [[f(times[name]) for f in (statistics.median, min)] for name in (step, f"bare {step}")]
        for step in STEPS
    }
    sums = {
        f"{step} and before": np.sum([both[one] for one in STEPS[: n + 1]], 0) for n, step in enumerate(STEPS)
    }
    print("| | lesionkit | bare | × bare | of the quickest rounds |\n|---|---|---|---|---|")
    for step, (ours, bare) in (both | sums).items():
        print(
            f"| {step} | {1e3 * ours[0]:.0f} ms | {1e3 * bare[0]:.0f} ms | {ours[0] / bare[0]:.2f} "
            f"| {ours[1] / bare[1]:.2f} |"
        )
    for name in times:
        if name not in STEPS and not name.startswith("bare"):
            least = 1e3 * min(times[name])
            print(f"{name}: {1e3 * statistics.median(times[name]):.0f} ms (least {least:.0f} ms)")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--pictures", nargs=2, type=Path, help="two pictures made earlier")
    parser.add_argument("--keep", type=Path, help="a folder to render them into, and do no more")
    asked = parser.parse_args()
    if asked.keep:
        print(*photographs(asked.keep))
        return
    with tempfile.TemporaryDirectory() as folder:
        one, other = asked.pictures or photographs(Path(folder))
        image, pixels = lesionkit.load_image(other), bare_decoded(other)
        first, bare_first = Sighted(scaled(lesionkit.load_image(one))), bare_features(bare_decoded(one))
        in_mm, grey = scaled(image), cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        tell(
            timed(
                {
                    "decode": lambda: lesionkit.load_image(other),
                    "bare decode": lambda: bare_decoded(other),
                    "scale": lambda: scaled(image),
                    "bare scale": lambda: bare_scaled(pixels),
                    "alignment": lambda: laid(in_mm, first),
                    "bare alignment": lambda: bare_laid(pixels, bare_first),
                    "looking for the card": lambda: read_card(image),
                    "looking for rulers": lambda: find_rulers(grey),
                    "OpenCV's detector on the full picture": lambda: detector().detectMarkers(grey),
                },
                asked.repeat,
            )
        )


if __name__ == "__main__":
    main()
