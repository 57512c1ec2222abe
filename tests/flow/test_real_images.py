"""Real scans and photographs laid out as a cohort give the sizes that others published."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import lesionkit as lk

Run = Callable[..., tuple[int, str, str]]


def lay_out_sarcoma(data: Path, root: Path) -> Path:
    """Lay out the sarcoma patient's CT and MR series with their NIfTI masks as a cohort folder."""
    for name, mask in (("CT", "CT_mask.nii.gz"), ("MR_T1", "MR_T1_mask.nii.gz")):
        series = root / "P01" / name.lower()
        shutil.copytree(data / "sarcoma" / name / "image", series)
        shutil.copy(data / "sarcoma" / "nifti" / mask, series.with_name(f"{series.name}.outlines.nii.gz"))
    return root


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "derivatives/lesionkit" / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sarcoma_has_its_published_volume_on_ct_and_mr(
    lesionkit: Run, shared: Path, tmp_path: Path
) -> None:
    root = lay_out_sarcoma(shared, tmp_path / "sarcoma")
    code, _, err = lesionkit("measure", root)
    assert code == 0, err
    volumes = {row["modality"]: float(row["volume_mm3"]) for row in rows(root, "measurements.csv")}
    assert volumes == pytest.approx({"CT": 365_318, "MR": 365_313}, rel=1e-3)
    assert {row["scale_source"] for row in rows(root, "measurements.csv")} == {"patient-plane"}
    assert {row["modality"] for row in rows(root, "responses.csv")} <= {"CT", "MR"}


CASES = ("brain1", "breast1", "lung1")


def baseline(shared: Path, table: str, case: str) -> dict[str, str]:
    with (shared / "radiomics" / table).open(encoding="utf-8", newline="") as file:
        return {row["featureName"]: row[case] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def radiomics(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Measure the three radiomics cases laid out as a cohort: image -> column -> value."""
    root = tmp_path_factory.mktemp("radiomics")
    lines = ["path,date,modality"]
    for case in CASES:
        folder = root / case
        folder.mkdir()
        shutil.copy(shared / "radiomics" / f"{case}_image.nrrd", folder / f"{case}.nrrd")
        shutil.copy(shared / "radiomics" / f"{case}_label.nrrd", folder / f"{case}.outlines.nrrd")
        lines.append(f"{case}/{case}.nrrd,2016-01-01,{'CT' if case == 'lung1' else 'MR'}")
    (root / "images.csv").write_text("\n".join(lines), encoding="utf-8")
    measured: dict[str, dict[str, float]] = {}
    for m in lk.run(root).measurements:
        if m.deposit == "1":
            measured.setdefault(m.image.split("/")[0], {})[m.measure] = m.quantity.value
    return measured


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("table", "feature", "measure"),
    [
        ("baseline_shape.csv", "original_shape_VoxelVolume", "volume"),
        ("baseline_firstorder.csv", "original_firstorder_Mean", "mean_intensity"),
        ("baseline_firstorder.csv", "original_firstorder_Minimum", "min_intensity"),
        ("baseline_firstorder.csv", "original_firstorder_Maximum", "max_intensity"),
    ],
)
def test_radiomics_cases_agree_with_pyradiomics_to_the_printed_digits(
    radiomics: dict[str, dict[str, float]], shared: Path, case: str, table: str, feature: str, measure: str
) -> None:
    assert radiomics[case][measure] == pytest.approx(float(baseline(shared, table, case)[feature]), rel=1e-9)


def test_photographs_in_every_orientation_read_upright_and_alike(shared: Path) -> None:
    upright = [lk.load_image(path) for path in sorted((shared / "photos/exif").glob("Landscape_*.jpg"))]
    assert len(upright) == 9
    assert len({image.grid.shape for image in upright}) == 1
    first = upright[0].pixels.astype(float)
    for image in upright[1:]:
        assert abs(image.pixels.astype(float) - first).mean() < 8
