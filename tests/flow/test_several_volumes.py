"""Two echoes in one file: what is drawn on the second is written, and read again, as the second's."""

import shutil
from collections.abc import Callable
from pathlib import Path

import dicoms
import highdicom as hd
import numpy as np
import pydicom
import pytest

from lesionkit.core.region import Deposit, Mask, Status
from lesionkit.core.settings import Settings
from lesionkit.io.drawings import find_drawings, load_drawing
from lesionkit.io.folder import read_folder
from lesionkit.io.labelmap import write_labelmap

Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A patient whose MR holds two echoes in one legacy-converted file."""
    slices = []
    for number, echo in enumerate((10, 20)):
        for plane, item in enumerate(dicoms.planes(dicoms.OBLIQUE, count=5, EchoTime=echo)):
            item.SOPClassUID = item.file_meta.MediaStorageSOPClassUID = dicoms.CLASSES["MR"]
            item.SOPInstanceUID, item.InstanceNumber = (
                dicoms.uid(100 * number + plane + 1),
                5 * number + plane + 1,
            )
            item.Modality, item.StudyInstanceUID = "MR", dicoms.uid(50)
            item.StudyTime = item.AccessionNumber = item.StudyID = item.ReferringPhysicianName = ""
            item.PatientBirthDate = item.PatientSex = item.Manufacturer = item.ScanOptions = ""
            item.SeriesNumber, item.ContentDate, item.ContentTime = 1, "20120301", "101010"
            item.AcquisitionDate, item.AcquisitionTime, item.AcquisitionNumber = "20120301", "101010", 1
            item.ImageType, item.PatientPosition = ["ORIGINAL", "PRIMARY", "M", "SE"], "HFS"
            item.ScanningSequence, item.SequenceVariant, item.MRAcquisitionType = "SE", "SK", "2D"
            slices.append(item)
    made = hd.legacy.LegacyConvertedEnhancedMRImage(
        slices,
        series_instance_uid=dicoms.uid(101),
        series_number=2,
        sop_instance_uid=dicoms.uid(500),
        instance_number=1,
    )
    (tmp_path / "cohort" / "P01").mkdir(parents=True)
    made.save_as(tmp_path / "cohort" / "P01" / "one.dcm")
    return tmp_path / "cohort"


def test_a_segmentation_of_one_of_two_volumes_in_a_file_names_its_frames_and_comes_back_to_it(
    lesionkit: Run, root: Path, tmp_path: Path
) -> None:
    first, second = read_folder(root, settings=Settings()).cohort.images
    assert not set(first.frames) & set(second.frames)
    voxels = np.ones((2, 3, 4), dtype=np.bool_)
    voxels[0, 0, 0] = False
    mask = Mask(voxels=voxels, origin=(1, 5, 7))
    drawn = Deposit(id="1", image=second.id, regions=(mask,), status=Status.DRAWN)
    write_labelmap(root / "P01" / "one#2.outlines.nii.gz", [drawn], image=second)
    assert lesionkit("export", root, "--format", "dicom-seg", "--out", tmp_path / "out")[0] == 0
    (written,) = (tmp_path / "out").rglob("*.dcm")
    named = {
        item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber - 1
        for item in pydicom.dcmread(written).PerFrameFunctionalGroupsSequence
    }
    assert named == {second.frames[1], second.frames[2]}

    (root / "P01" / "one#2.outlines.nii.gz").unlink()
    shutil.copy(written, root / "P01" / "seg.dcm")
    contents = read_folder(root, settings=Settings())
    drawings, problems = find_drawings(contents.cohort, contents.outline_files)
    assert not problems
    read = [load_drawing(drawings[image.id][0], image=image)[0] for image in contents.cohort.images]
    assert read[0] is None
    assert read[1] is not None
    (region,) = read[1].deposits[0].regions
    assert isinstance(region, Mask)
    assert region.origin == mask.origin
    assert np.array_equal(region.voxels, mask.voxels)
