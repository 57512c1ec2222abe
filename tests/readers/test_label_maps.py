"""Label maps made by others: their voxels must come to the volume their makers give."""

import csv

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.io.dicom import READER as DICOM
from lesionkit.io.labelmap import read_labelmap
from lesionkit.io.volume import READER as VOLUME


def volume_ref(path, modality):
    scanned = VOLUME.scan([path], root=path.parent)
    assert scanned.problems == ()
    return scanned.images[0].placed(modality=modality, site="")


def series_ref(folder, modality):
    scanned = DICOM.scan(sorted(folder.iterdir()), root=folder.parent)
    assert scanned.problems == ()
    return scanned.images[0].placed(modality=modality, site="")


def only_mask(path, image):
    drawing, problems = read_labelmap(path, image=image)
    assert problems == ()
    ((mask,),) = (deposit.regions for deposit in drawing.deposits)
    return mask


SARCOMA = [("CT", Modality.CT, 365_318.08), ("MR_T1", Modality.MR, 365_313.05)]


@pytest.mark.parametrize(("name", "modality", "mm3"), SARCOMA)
def test_the_sarcoma_fills_its_voxels_of_the_nifti_volume(shared, name, modality, mm3):
    folder = shared / "sarcoma" / "nifti"
    image = volume_ref(folder / f"{name}_image.nii.gz", modality)
    mask = only_mask(folder / f"{name}_mask.nii.gz", image)
    assert mask.voxels.sum() * image.grid.voxel_volume_mm3 == pytest.approx(mm3, abs=0.01)


@pytest.mark.parametrize(("name", "modality", "mm3"), SARCOMA)
def test_the_sarcoma_s_nifti_mask_lies_on_the_dicom_series(shared, name, modality, mm3):
    image = series_ref(shared / "sarcoma" / name / "image", modality)
    mask = only_mask(shared / "sarcoma" / "nifti" / f"{name}_mask.nii.gz", image)
    # The NIfTI was cropped and keeps its spacing as float32.
    assert mask.voxels.sum() * image.grid.voxel_volume_mm3 == pytest.approx(mm3, rel=1e-4)


@pytest.mark.parametrize(("name", "modality", "mm3"), SARCOMA)
def test_the_sarcoma_holds_the_same_intensities_in_both_formats(shared, name, modality, mm3):
    nifti = shared / "sarcoma" / "nifti"
    inside = []
    for reader, image in (
        (VOLUME, volume_ref(nifti / f"{name}_image.nii.gz", modality)),
        (DICOM, series_ref(shared / "sarcoma" / name / "image", modality)),
    ):
        mask = only_mask(nifti / f"{name}_mask.nii.gz", image)
        inside.append(reader.load(image).pixels[mask.box][mask.voxels])
    assert np.array_equal(np.round(inside[0]), np.round(inside[1]))


@pytest.mark.parametrize("name", ["brain1", "breast1", "lung1"])
def test_pyradiomics_labels_have_their_baseline_volume(shared, name):
    folder = shared / "radiomics"
    with (folder / "baseline_shape.csv").open(newline="") as file:
        rows = {row["featureName"]: row[name] for row in csv.DictReader(file)}
    image = volume_ref(folder / f"{name}_image.nrrd", Modality.MR)
    mask = only_mask(folder / f"{name}_label.nrrd", image)
    expected = float(rows["original_shape_VoxelVolume"])
    assert mask.voxels.sum() * image.grid.voxel_volume_mm3 == pytest.approx(expected, rel=1e-12)
