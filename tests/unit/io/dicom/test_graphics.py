import numpy as np
import pytest
from dicoms import dataset, planes, save, scan, uid, write
from drawn import graphic, square, write_gsps

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.region import Status
from lesionkit.io.dicom.graphics import read_graphics

RING = square((6.0, 10.0), (18.0, 30.0))
PAIRS = np.vstack([RING, RING[:1]])[:, ::-1] + 0.5


@pytest.fixture
def radiograph(tmp_path):
    save(dataset("DX", np.zeros((40, 50), np.uint16)), tmp_path / "xray.dcm")
    (found,) = scan(tmp_path).images
    return found.placed(modality=Modality.DX, site="hand")


def test_a_closed_polyline_is_drawn_and_all_else_is_noted(tmp_path, radiograph):
    shapes = [
        graphic(PAIRS), graphic(PAIRS[:-1]), graphic(PAIRS, units="DISPLAY"), graphic([3.0, 4.0], "POINT"),
        graphic(PAIRS, "INTERPOLATED"),
    ]  # fmt: skip
    path = write_gsps(tmp_path / "gsps.dcm", shapes, images=radiograph.instance_uids)
    assert scan(tmp_path).outlines == (path,)
    drawing, (problem,) = read_graphics(path, image=radiograph)
    (deposit,) = drawing.deposits
    assert (deposit.name, deposit.status) == (None, Status.DRAWN)
    assert deposit.regions[0].exterior == pytest.approx(RING, abs=1e-5)
    assert deposit.regions[0].plane is None
    assert (problem.code, problem.severity) == ("outline_not_an_area", Severity.INFO)


def test_a_presentation_state_without_a_closed_line_is_left_out_as_before(tmp_path, radiograph):
    write_gsps(tmp_path / "gsps.dcm", [graphic(PAIRS[:-1])], images=radiograph.instance_uids)
    found = scan(tmp_path)
    assert found.outlines == ()
    assert [problem.code for problem in found.problems] == ["dicom_not_an_image"]


def test_a_line_of_another_image_is_passed_over(tmp_path, radiograph):
    path = write_gsps(tmp_path / "gsps.dcm", [graphic(PAIRS)], images=[uid(777)])
    assert read_graphics(path, image=radiograph) == (None, ())


def test_a_line_shown_on_one_slice_lies_on_it_and_one_shown_on_several_on_none(tmp_path):
    write(tmp_path / "ct", planes(count=5))
    (found,) = scan(tmp_path).images
    image = found.placed(modality=Modality.CT, site="hand")
    one = write_gsps(tmp_path / "one.dcm", [graphic(PAIRS)], images=image.instance_uids[3:4])
    drawing, problems = read_graphics(one, image=image)
    assert problems == ()
    assert drawing.deposits[0].regions[0].plane == 3
    several = write_gsps(tmp_path / "several.dcm", [graphic(PAIRS)], images=image.instance_uids)
    drawing, (problem,) = read_graphics(several, image=image)
    assert drawing.left_out == ("1",)
    assert problem.code == "outlines_not_on_the_grid"
