"""Which way the patient lies, as a radiograph's file says."""

from dataclasses import replace
from pathlib import Path

import pytest

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef, Modality
from lesionkit.io.dicom.sides import read_sides


def radiograph(path: Path, said: list[str] | None) -> ImageRef:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    if said is not None:
        ds.PatientOrientation = said
    ds.save_as(path, enforce_file_format=True)
    return ImageRef(
        id="one", modality=Modality.DX, site="hand", paths=(path,), reader="dicom", location="one",
        grid=Grid(shape=(4, 5)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "sides"),
    [
        (["L", "F"], ("L", "F")),
        (["PR", "HL"], ("PR", "HL")),
        (["L"], None),
        (["L", ""], None),
        (["X", "F"], None),
        (None, None),
    ],
)
def test_sides_are_told_where_the_file_tells_both(
    tmp_path: Path, said: list[str] | None, sides: tuple[str, str] | None
) -> None:
    assert read_sides(radiograph(tmp_path / "one.dcm", said)) == sides


def test_photographs_volumes_and_broken_files_tell_none(tmp_path: Path) -> None:
    ref = radiograph(tmp_path / "one.dcm", ["L", "F"])
    assert read_sides(replace(ref, reader="photo")) is None
    assert read_sides(replace(ref, grid=Grid(shape=(3, 4, 5)))) is None
    (tmp_path / "one.dcm").write_bytes(b"nothing")
    assert read_sides(ref) is None
