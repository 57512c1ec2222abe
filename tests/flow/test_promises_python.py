"""Section 7 of the interface manual, word by word: what a program may call."""

import inspect
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from making import write_outlines, write_photo, write_series

import lesionkit

PROMISED = {
    "run": ("folder", "criterion", "patients", "jobs"),
    "read_cohort": ("folder",),
    "load_image": ("source",),
    "read_outlines": ("path",),
    "write_outlines": ("path",),
    "measure_deposits": ("deposits", "image"),
    "measure_labels": ("labels", "spacing_mm", "pixels"),
    "link_deposits": (),
    "classify": (),
}


@pytest.mark.parametrize("name", PROMISED)
def test_what_is_promised_is_there_with_its_arguments(name: str) -> None:
    assert name in lesionkit.__all__
    parameters = inspect.signature(getattr(lesionkit, name)).parameters
    assert set(PROMISED[name]) <= set(parameters)
    first = {"run": 1, "measure_labels": 1, "measure_deposits": 2}.get(name)
    if first:
        named = list(parameters.values())[first:]
        assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in named)


def test_all_of_all_can_be_had_by_a_star() -> None:
    space: dict[str, object] = {}
    exec("from lesionkit import *", space)
    assert set(lesionkit.__all__) <= set(space)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = lesionkit.nonsense


def test_importing_it_brings_no_heavy_library() -> None:
    heavy = (
        "pydicom",
        "cv2",
        "skimage",
        "pandas",
        "PyQt5",
        "PyQt6",
        "PySide6",
        "qtpy",
        "SimpleITK",
        "napari",
    )
    code = f"import sys, lesionkit; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_run_returns_an_outcome_and_writes_nothing(folder: Path) -> None:
    from lesionkit.core.outcome import Outcome

    before = sorted(folder.rglob("*"))
    for named in (folder, str(folder)):
        outcome = lesionkit.run(named)
        assert isinstance(outcome, Outcome)
    assert sorted(folder.rglob("*")) == before
    assert {measurement.measure for measurement in outcome.measurements} >= {"area", "long_axis"}
    assert outcome.tracks
    assert outcome.responses
    assert outcome.problems == ()


def test_run_takes_patients_a_criterion_and_jobs(folder: Path) -> None:
    write_outlines(write_photo(folder / "P02/2012-03-01/left-hand.jpg"), {"a": (10, 10, 20, 20)})
    outcome = lesionkit.run(folder, patients=["P02"], criterion="who", jobs=1)
    assert {patient.id for patient in outcome.cohort.patients} == {"P02"}
    assert [criterion.name for criterion in outcome.criteria] == ["who"]


def test_one_patients_name_given_as_a_text_is_not_taken_for_its_letters(folder: Path) -> None:
    with pytest.raises(TypeError, match="P01"):
        lesionkit.run(folder, patients="P01")


def test_read_cohort_gives_patients_timepoints_and_images(folder: Path) -> None:
    cohort = lesionkit.read_cohort(str(folder))
    (patient,) = cohort.patients
    assert patient.id == "P01"
    assert [timepoint.date for timepoint in patient.timepoints] == [date(2012, 3, 1), date(2013, 3, 1)]
    (ref,) = patient.timepoints[0].images
    assert (ref.modality, ref.site) == ("XC", "left-hand")
    image = lesionkit.load_image(ref)
    assert image.pixels.shape[:2] == (240, 320)


def write_itk(path: Path, shape: Sequence[int], dtype: type) -> Path:
    import SimpleITK as sitk

    pixels = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    image = sitk.GetImageFromArray(pixels)
    image.SetSpacing((0.7, 0.6, 2.5))
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("name", ["knee.nii", "knee.nii.gz", "knee.nrrd"])
def test_load_image_reads_volumes(tmp_path: Path, name: str) -> None:
    image = lesionkit.load_image(write_itk(tmp_path / name, (4, 5, 6), np.int16))
    assert image.pixels.shape == (4, 5, 6)
    assert image.grid.spacing_mm == pytest.approx((2.5, 0.6, 0.7))
    assert np.linalg.det(image.grid.affine[:3, :3]) > 0


def test_load_image_reads_a_series_folder_and_one_of_its_files(tmp_path: Path) -> None:
    paths = write_series(tmp_path / "ct")
    image = lesionkit.load_image(tmp_path / "ct")
    assert image.pixels.shape == (6, 20, 30)
    assert image.pixels.dtype == np.int16
    assert np.all(image.pixels == 40)
    assert image.grid.spacing_mm == pytest.approx((2.5, 0.6, 0.7))
    assert np.linalg.det(image.grid.affine[:3, :3]) > 0
    assert lesionkit.load_image(str(paths[2])).pixels.shape == (1, 20, 30)


def test_load_image_of_nothing_says_so(tmp_path: Path) -> None:
    from lesionkit.errors import ReadError

    with pytest.raises(ReadError, match="nowhere"):
        lesionkit.load_image(tmp_path / "nowhere.jpg")
    (tmp_path / "text.jpg").write_text("text")
    with pytest.raises(ReadError, match=r"text\.jpg"):
        lesionkit.load_image(tmp_path / "text.jpg")


def test_from_outlines_to_measurements_by_hand(tmp_path: Path) -> None:
    image = write_photo(tmp_path / "left-hand.jpg")
    path = write_outlines(image, {"a": (10, 20, 30, 40)})
    deposits = lesionkit.read_outlines(path)
    assert isinstance(deposits, tuple)
    measured = lesionkit.measure_deposits(deposits, lesionkit.load_image(image))
    assert isinstance(measured, tuple)
    (area,) = (m for m in measured if m.measure == "area")
    assert (area.quantity.value, area.quantity.unit) == (1200, "px2")


def test_measure_labels_gives_one_entry_per_column() -> None:
    labels = np.zeros((4, 10, 12), np.uint8)
    labels[1:3, 2:5, 3:7] = 2
    labels[0, 0, 0] = 5
    pixels = np.where(labels == 2, 300, 10).astype(np.int16)
    found = lesionkit.measure_labels(labels, spacing_mm=(2.5, 0.6, 0.7), pixels=pixels)
    assert isinstance(found, dict)
    assert all(isinstance(column, np.ndarray) and column.shape == (2,) for column in found.values())
    assert found["label"].tolist() == [2, 5]
    assert found["volume_mm3"] == pytest.approx([24 * 1.05, 1.05])
    assert found["area_mm2"] == pytest.approx([12 * 0.42, 0.42])
    assert found["mean_intensity"] == pytest.approx([300, 10])
    plain = lesionkit.measure_labels(labels, spacing_mm=(2.5, 0.6, 0.7))
    assert "mean_intensity" not in plain
    none = lesionkit.measure_labels(np.zeros((3, 4, 5), np.uint8), spacing_mm=(1, 1, 1))
    assert set(none) == set(plain)
    assert all(column.shape == (0,) for column in none.values())


def test_measure_labels_takes_a_plane_too() -> None:
    labels = np.zeros((10, 12), np.int32)
    labels[2:5, 3:7] = 1
    found = lesionkit.measure_labels(labels, spacing_mm=(0.6, 0.7))
    assert found["area_mm2"] == pytest.approx([12 * 0.42])


def test_link_and_classify_give_what_run_gives(folder: Path) -> None:
    from lesionkit.core.image import Modality
    from lesionkit.core.track import Reading

    outcome = lesionkit.run(folder)
    (patient,) = outcome.cohort.patients
    readings = [
        Reading(
            date=timepoint.date,
            image=ref.id,
            grid=outcome.grids[ref.id],
            deposits=tuple(d for d in outcome.deposits if d.image == ref.id),
        )
        for timepoint in patient.timepoints
        for ref in timepoint.images
    ]
    tracks = lesionkit.link_deposits(
        readings,
        outcome.transforms,
        patient="P01",
        modality=Modality.XC,
        site="left-hand",
        dates=[timepoint.date for timepoint in patient.timepoints],
    )
    assert tracks == outcome.tracks
    responses = lesionkit.classify(
        tracks,
        {"left-hand": readings},
        outcome.measurements,
        patient=patient,
        modality=Modality.XC,
        criterion=outcome.criteria[0],
    )
    assert tuple(response for response in responses if response.track is None) == outcome.responses


def test_the_command_and_the_function_say_the_same(folder: Path) -> None:
    from lesionkit.report.rows import response_rows

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "lesionkit",
            "measure",
            str(folder),
            "--json",
            "--out",
            str(folder.parent / "o"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = json.loads(done.stdout)["responses"]
    mine = [
        {name: str(cell) if isinstance(cell, date) else cell for name, cell in row.items()}
        for row in response_rows(lesionkit.run(folder))
    ]
    assert rows == mine
