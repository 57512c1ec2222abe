"""Every file that pydicom ships with is read as pydicom reads it, or refused in one clear line."""

import re
import textwrap
import warnings
from pathlib import Path
from typing import Any

import dicoms
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.data import get_testdata_files
from pydicom.pixels import apply_modality_lut, pixel_array
from pydicom.uid import MediaStorageDirectoryStorage

from lesionkit.core.image import FoundImage
from lesionkit.core.outcome import Severity
from lesionkit.errors import ReadError
from lesionkit.io.dicom import READER
from lesionkit.io.dicom.pixels import decode, open_believable

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
FILES = sorted(
    path
    for path in {Path(name) for name in get_testdata_files()}
    if path.is_file() and path.is_relative_to(FOLDER)
)
"""Those that lie in the package: the others would have to be fetched."""

NEAR = 2
"""Levels by which two decoders of lossy compression may differ."""
LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81"}


def expected(found: FoundImage) -> npt.NDArray[Any]:
    """Return a CT, an MR image or a radiograph as pydicom reads it and lesionkit counts it."""
    (path,) = found.paths
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path)
        values = apply_modality_lut(pixel_array(dataset), dataset)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        slope, intercept = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
        values = slope * (2**dataset.BitsStored - 1) + 2 * intercept - values
    return np.asarray(values if found.grid.is_planar else values.reshape(found.grid.shape))


def outcome(path: Path) -> tuple[str, list[str]]:
    """Return what becomes of a file, and what is wrong with that."""
    if READER.bid(path) == 0:
        return "not taken for DICOM by name or preamble", []
    found = READER.scan([path], root=FOLDER)
    said = [
        f"{problem.severity} {problem.code}" + f" ({problem.text})" * (problem.severity is Severity.INFO)
        for problem in found.problems
    ]
    faults = [problem.text for problem in found.problems if not is_one_clear_line(problem.text)]
    for image in found.images:
        try:
            loaded = dicoms.load(image)
        except ReadError as error:
            said.append("error when loaded")
            faults += [] if is_one_clear_line(error.message) else [error.message]
            continue
        shape = " × ".join(map(str, loaded.pixels.shape))
        said.insert(0, f"read as {loaded.modality} {shape}, {loaded.intensity_unit}")
        if not np.allclose(loaded.pixels, expected(image), rtol=1e-6, atol=1e-3):
            faults.append("other pixels than pydicom")
    if found.outlines:
        said.insert(0, "outlines")
    if not said and is_directory(path):
        said.append("a directory of other files, which are found without it")
    return "; ".join(said), faults + ([] if said else ["nothing was said of it"])


def is_directory(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        meta = pydicom.dcmread(path, force=True, stop_before_pixels=True).file_meta
    return meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage


def is_one_clear_line(text: str) -> bool:
    return "\n" not in text and len(text) < 250 and bool(re.fullmatch(r"[A-Z0-9].* .*[.?]|\w.* .*", text))


def table(outcomes: dict[str, str]) -> str:
    """Return the outcomes with the files of each, as lines."""
    by_outcome: dict[str, dict[str, list[str]]] = {}
    for name, said in outcomes.items():
        folder, _, file = name.rpartition("/")
        by_outcome.setdefault(said, {}).setdefault(folder, []).append(file)
    lines = []
    for said, folders in by_outcome.items():
        lines.append(f"{sum(map(len, folders.values())):3}  {said}")
        names = [f"{folder}/" * bool(folder) + ", ".join(files) for folder, files in folders.items()]
        lines += textwrap.wrap("; ".join(names), 105, initial_indent=" " * 7, subsequent_indent=" " * 7)
    return "\n".join(lines)


def test_each_file_is_read_as_pydicom_reads_it_or_left_out_in_one_clear_line(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder, record_property: Any
) -> None:
    assert len(FILES) > 150
    capfd.readouterr()
    found = {path.relative_to(FOLDER).as_posix(): outcome(path) for path in FILES}
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
    outcomes = {name: said for name, (said, _) in found.items()}
    record_property("table", f"What becomes of pydicom's own {len(FILES)} files\n{table(outcomes)}")
    wrong = [f"{name}: {'; '.join(faults)}" for name, (_, faults) in found.items() if faults]
    assert not wrong, "\n".join(wrong)
    assert sum(said.startswith("read as") for said in outcomes.values()) >= 30


@pytest.mark.filterwarnings("ignore")
def test_whatever_a_file_shows_its_pixels_are_decoded_as_pydicom_decodes_them() -> None:
    pytest.importorskip("imagecodecs")
    compared = 0
    for path in FILES:
        try:
            dataset = pydicom.dcmread(path)
            theirs = pixel_array(dataset, index=0)
        except Exception:  # where pydicom sees no pixels there is nothing to compare
            continue
        ours, _ = decode(open_believable(path), path)
        compared += 1
        assert ours.shape == theirs.shape, path.name
        off = np.abs(ours.astype(float) - theirs.astype(float)).max()
        lossy = dataset.file_meta.TransferSyntaxUID in LOSSY
        assert off <= (NEAR if lossy else 0), f"{path.name}: {off}"
    assert compared > 80
