"""Real RT structure sets, and structured reports made by highdicom, against what is known of them."""

from pathlib import Path

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.units import Quantity, Unit
from lesionkit.geometry import voxels
from lesionkit.geometry.raster import pixels
from lesionkit.io.dicom import READER
from lesionkit.io.dicom.rtstruct import read_rtstruct
from lesionkit.io.dicom.sr import read_sr
from lesionkit.io.dicom.sr_numbers import read_numbers
from lesionkit.io.drawings import parse_name
from lesionkit.io.labelmap import read_labelmap
from lesionkit.measure.size import size_of

NIFTI_VOLUME = {"CT": 365_318, "MR_T1": 365_313}


def series(folder):
    files = [path for path in folder.iterdir() if READER.bid(path) > 0]
    (found,) = READER.scan(files, root=folder.parent).images
    return found.placed(modality=found.modality, site="thigh")


@pytest.mark.parametrize(("name", "called"), [("CT", "GTV_Mass_CT"), ("MR_T1", "GTV_Mass_MR_T1")])
def test_a_structure_set_has_the_volume_and_the_voxels_of_its_mask(shared, name, called):
    root = shared / "sarcoma"
    image = series(root / name / "image")
    drawing, problems = read_rtstruct(root / name / "mask" / "RS.dcm", image=image)
    assert problems == ()
    (deposit,) = drawing.deposits
    assert deposit.name == called
    assert len(deposit.regions) == 32
    assert size_of(deposit.regions, image.grid).volume == pytest.approx(NIFTI_VOLUME[name], rel=0.02)

    truth, _ = read_labelmap(root / "nifti" / f"{name}_mask.nii.gz", image=image)
    (mask,) = truth.deposits[0].regions
    ours = voxels.union([pixels(region) for region in deposit.regions])
    both = np.zeros((2, *image.grid.shape), dtype=bool)
    both[0][mask.box], both[1][ours.box] = mask.voxels, ours.voxels
    dice = 2 * (both[0] & both[1]).sum() / both.sum()
    assert dice >= 0.97


def ct_image(shared):
    folder = shared / "seg-sr"
    (found,) = READER.scan([folder / "ct_image.dcm"], root=folder).images
    return found.placed(modality=Modality.CT, site="chest")


def test_a_report_s_circle_is_read_with_its_tracking(shared):
    image = ct_image(shared)
    drawing, problems = read_sr(shared / "seg-sr" / "sr_document.dcm", image=image)
    assert problems == ()
    (deposit,) = drawing.deposits
    assert deposit.name == "Planar ROI Measurements"
    assert deposit.tracking_uid == "1.2.826.0.1.3680043.8.498.95005499519195632686309166061552196996"
    size = size_of(deposit.regions, image.grid)
    assert size.area == pytest.approx(np.pi * (11 * 0.661468) ** 2, rel=1e-4)
    assert size.centroid == pytest.approx([0, 51.5, 57.5], abs=1e-4)


def test_a_report_of_several_groups_is_read_by_group(shared):
    image = ct_image(shared)
    drawing, problems = read_sr(shared / "seg-sr" / "sr_document_with_multiple_groups.dcm", image=image)
    assert [deposit.name for deposit in drawing.deposits] == ["LungNodule0001", "Aorta0001"]
    assert [deposit.tracking_uid for deposit in drawing.deposits] == [
        "1.2.826.0.1.3680043.10.511.3.11998155355995483197548907108234588",
        "1.2.826.0.1.3680043.10.511.3.43367627814390634086021824658824538",
    ]
    nodule, aorta = (size_of(deposit.regions, image.grid) for deposit in drawing.deposits)
    assert nodule.area == pytest.approx(np.pi * (10 * 0.661468) ** 2, rel=1e-4)
    assert aorta.area == pytest.approx((20 * 0.661468) ** 2, rel=1e-6)
    assert {(p.code, p.severity) for p in problems} == {
        ("outline_not_closed", Severity.WARNING),
        ("outline_not_an_area", Severity.INFO),
    }


def test_every_file_of_outlines_is_found(shared):
    folder = shared / "seg-sr"
    found = READER.scan(sorted(folder.glob("*.dcm")), root=folder)
    assert {path.name for path in found.outlines} == {
        path.name for path in folder.glob("s*.dcm") if parse_name(Path(path.name)) is None
    }
    assert len(found.outlines) == 7


def test_what_a_report_s_groups_say_is_read_as_highdicom_wrote_it(shared):
    said = read_numbers(shared / "seg-sr" / "sr_document_with_multiple_groups.dcm")
    assert [one.identifier for one in said] == ["Image0001", "LungNodule0001", "Aorta0001", "Vertebra0001"]
    assert said[1].numbers == {"81827009": Quantity(value=10, unit=Unit.MM)}
    assert said[1].verdicts["121071"].meaning == "Nodule"
    assert said[3].numbers == {"118565006": Quantity(value=200, unit=Unit.MM3)}
