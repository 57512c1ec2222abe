from datetime import date
from pathlib import Path

import numpy as np
import pytest

import lesionkit as lk
from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Mask
from lesionkit.phantom import Block, Side
from lesionkit.phantom.dicom import DetectorScale, Shot, write_radiograph, write_volume
from lesionkit.phantom.segmentation import write_segmentation

SHOT = Shot(patient="P09", day=date(2012, 3, 1), body_part="FOREARM", side=Side.LEFT, seed=1)
BLOCK = Block(shape=(4, 20, 24), spacing_mm=(1.5, 0.8, 0.9), middle=(2.0, 1.0, -100.0))
RNG = np.random.default_rng(1)
VOLUME = RNG.integers(0, 900, BLOCK.shape).astype(np.int16)
PICTURE = RNG.integers(0, 4096, (30, 20)).astype(np.uint16)


@pytest.mark.parametrize("modality", [Modality.CT, Modality.MR])
def test_a_series_is_read_back_as_it_was(tmp_path: Path, modality: Modality) -> None:
    pixels = VOLUME - 500 if modality is Modality.CT else VOLUME
    write_volume(tmp_path / "series", pixels, shot=SHOT, modality=modality, block=BLOCK)
    image = lk.load_image(tmp_path / "series")
    assert image.modality is modality
    assert np.array_equal(image.pixels, pixels)
    assert image.grid.spacing_mm == pytest.approx(BLOCK.spacing_mm)
    assert image.grid.affine == pytest.approx(BLOCK.affine, abs=1e-5)


@pytest.mark.parametrize("is_inverted", [False, True])
@pytest.mark.parametrize(
    ("is_calibrated", "source"),
    [(True, ScaleSource.PATIENT_PLANE), (False, ScaleSource.MAGNIFICATION_CORRECTED)],
)
def test_a_radiograph_is_read_back_bright_where_dense_and_at_its_scale(
    tmp_path: Path, is_inverted: bool, is_calibrated: bool, source: ScaleSource
) -> None:
    path = tmp_path / "IM0001.dcm"
    scale = DetectorScale(is_calibrated=is_calibrated)
    write_radiograph(path, PICTURE, shot=SHOT, spacing_mm=(0.22, 0.2), scale=scale, is_inverted=is_inverted)
    image = lk.load_image(path)
    assert np.array_equal(image.pixels, PICTURE)
    assert image.grid.spacing_mm == pytest.approx((0.22, 0.2), rel=1e-4)
    assert image.grid.scale_source is source


def test_files_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    for name in ("a", "b"):
        series = write_volume(tmp_path / name / "ct", VOLUME, shot=SHOT, modality=Modality.CT, block=BLOCK)
        masks = {"lump": Mask(voxels=np.ones((2, 3, 4), dtype=bool), origin=(1, 5, 6))}
        write_segmentation(tmp_path / name / "seg.dcm", masks, series=series, shot=SHOT, shape=BLOCK.shape)
    for first in sorted((tmp_path / "a").rglob("*.dcm")):
        assert first.read_bytes() == (tmp_path / "b" / first.relative_to(tmp_path / "a")).read_bytes()


def test_another_seed_or_day_gives_other_identifiers() -> None:
    later = Shot(patient="P09", day=date(2012, 3, 2), body_part="FOREARM", side=Side.LEFT, seed=1)
    other = Shot(patient="P09", day=date(2012, 3, 1), body_part="FOREARM", side=Side.LEFT, seed=2)
    assert len({shot.uid("CT") for shot in (SHOT, later, other)}) == 3
    assert all(len(shot.uid("CT")) <= 64 for shot in (SHOT, later, other))


def test_a_segmentation_names_its_deposits(tmp_path: Path) -> None:
    from pydicom import dcmread

    series = write_volume(tmp_path / "ct", VOLUME, shot=SHOT, modality=Modality.CT, block=BLOCK)
    masks = {
        "lump": Mask(voxels=np.ones((2, 3, 4), dtype=bool), origin=(1, 5, 6)),
        "other": Mask(voxels=np.ones((1, 2, 2), dtype=bool), origin=(0, 15, 16)),
    }
    write_segmentation(tmp_path / "seg.dcm", masks, series=series, shot=SHOT, shape=BLOCK.shape)
    seg = dcmread(tmp_path / "seg.dcm")
    assert [segment.TrackingID for segment in seg.SegmentSequence] == ["lump", "other"]
    assert int(np.asarray(seg.pixel_array).sum()) == 24 + 4
