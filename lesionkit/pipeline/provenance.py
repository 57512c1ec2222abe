"""What went into a run: enough to make it again."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lesionkit import __version__
from lesionkit.io import fingerprint
from lesionkit.pipeline.examine import Examination

_COMPUTING = (
    "numpy",
    "scipy",
    "scikit-image",
    "opencv-python-headless",
    "SimpleITK",
    "pydicom",
    "highdicom",
    "shapely",
    "pillow",
)
_TABLES = (
    *("cohort.toml", "images.csv", "patients.csv", "treatments.csv"),
    *("scores.csv", "questionnaire.csv", "adverse_events.csv"),
)


def fingerprint_inputs(examined: Examination) -> Mapping[Path, str]:
    """Return the SHA-256 of every file that goes into the result, by path."""
    paths: list[Path] = []
    for ref in examined.read_images:
        paths.extend(ref.paths)
        paths.extend(path for file in examined.drawings[ref.id] for path in file.paths)
    paths.extend(path for name in _TABLES if (path := examined.cohort.root / name).is_file())
    digests: Mapping[Path, str] = fingerprint(tuple(dict.fromkeys(paths)))
    return digests


def versions(*further: str) -> dict[str, str]:
    """Return the versions of lesionkit, Python and the libraries that compute, and of `further` ones."""
    found = {"lesionkit": __version__, "python": platform.python_version()}
    for name in (*_COMPUTING, *further):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
