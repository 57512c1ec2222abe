"""How fast a photograph of 12 MP becomes an image with millimetres, beside the bare library calls it needs.

    python benchmarks/photo.py                # a minute
    python benchmarks/photo.py --repeat 21

A photograph with one marker of 20 mm on skin is rendered once and written as JPEG. Then, in turn and round
again: `lesionkit.load_image` and `lesionkit.calibrate.scale_of`; and what these stand on, bare: OpenCV's
decoder, its luma, its quarter-size copy, its detector on that copy, its sub-pixel corners in the full
picture and one homography. The medians' ratio is told, also of decoding and of the scale alone; for
comparison the detector on the full picture, which is what most would call. The calibration card, which is
looked for in every photograph, is told apart. Files are warm: no disk is measured.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

import lesionkit
from lesionkit.calibrate import scale_of
from lesionkit.calibrate.card.reading import NoCard, read_card
from lesionkit.core.settings import ScaleSettings
from lesionkit.phantom.clinic import DICTIONARY, MARKER_MM, photograph_by_chance, skin_sheet
from lesionkit.phantom.snapshot import take

SETTINGS = ScaleSettings(marker_dictionary=DICTIONARY, marker_size_mm=MARKER_MM)
SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32) * np.float32(MARKER_MM)


def photograph(folder: Path) -> Path:
    """Return a new JPEG of 12 MP."""
    rng = np.random.default_rng(3)
    chance = photograph_by_chance(rng, tilt_deg=(10, 20))
    path = folder / "hand.jpg"
    path.write_bytes(take(chance.shot, [skin_sheet(rng), chance.marker], finish=chance.finish, rng=rng))
    return path


def bare_decoded(path: Path) -> np.ndarray:
    """Return the pixels by OpenCV alone."""
    return cv2.cvtColor(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def detector() -> cv2.aruco.ArucoDetector:
    """Return OpenCV's detector as it comes."""
    book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    return cv2.aruco.ArucoDetector(book)


def bare_scale(pixels: np.ndarray) -> np.ndarray:
    """Return pixel to mm by OpenCV alone."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    corners, _, _ = detector().detectMarkers(small)
    quad = (corners[0].reshape(-1, 1, 2) + 0.5) * 4 - 0.5
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 0.01)
    quad = cv2.cornerSubPix(grey, quad.astype(np.float32), (5, 5), (-1, -1), criteria)
    return cv2.getPerspectiveTransform(quad.reshape(4, 2)[:, ::-1].copy(), SQUARE)


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
    parser.add_argument("--repeat", type=int, default=11)
    parser.add_argument("--picture", type=Path, help="a picture made earlier; default: render one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.picture or photograph(Path(folder))
        image = lesionkit.load_image(path)
        pixels = bare_decoded(path)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        grid, problems = scale_of(image, claims=(), settings=SETTINGS, about=path.name)
        assert grid.is_calibrated, problems
        median = timed(
            {
                "decode": lambda: lesionkit.load_image(path),
                "bare decode": lambda: bare_decoded(path),
                "scale": lambda: scale_of(
                    image, claims=(), settings=SETTINGS, about=path.name, card=NoCard()
                ),
                "bare scale": lambda: bare_scale(pixels),
                "looking for the card": lambda: read_card(image),
                "detector on the full picture": lambda: detector().detectMarkers(grey),
            },
            asked.repeat,
        )
    full = median["detector on the full picture"]
    both = median["decode"] + median["scale"], median["bare decode"] + median["bare scale"]
    for name, seconds in median.items():
        print(f"{name:30s} {1e3 * seconds:7.1f} ms")
    print(f"decode                         {median['decode'] / median['bare decode']:.2f} × bare")
    print(f"scale                          {median['scale'] / median['bare scale']:.2f} × bare")
    print(f"decode + scale                 {both[0] / both[1]:.2f} × bare")
    print(f"decode + scale                 {both[0] / (median['bare decode'] + full):.2f} × bare in full")


if __name__ == "__main__":
    main()
