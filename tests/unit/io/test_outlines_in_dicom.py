import numpy as np
import pytest
from dicoms import dataset, planes, save, uid, write
from drawn import contour, graphic, on_plane, square, write_gsps, write_rtstruct

import lesionkit
from lesionkit.errors import ReadError

RING = square((6.25, 10.0), (18.5, 30.75))


def test_a_structure_set_is_read_by_its_path(tmp_path):
    folder = write(tmp_path / "ct", planes(count=5))
    affine = lesionkit.load_image(folder).grid.affine
    lines = {"thumb": [contour(on_plane(affine, plane, RING)) for plane in (1, 2)]}
    path = write_rtstruct(tmp_path / "RS.dcm", lines, series=uid(100))
    (deposit,) = lesionkit.read_outlines(path, image=folder)
    assert deposit.name == "thumb"
    assert sorted(region.plane for region in deposit.regions) == [1, 2]


def test_graphics_are_read_by_their_path(tmp_path):
    image = save(dataset("DX", np.zeros((40, 50), np.uint16)), tmp_path / "xray.dcm")
    pairs = np.vstack([RING, RING[:1]])[:, ::-1] + 0.5
    path = write_gsps(tmp_path / "gsps.dcm", [graphic(pairs)], images=[uid(1)])
    (deposit,) = lesionkit.read_outlines(path, image=image)
    assert deposit.regions[0].exterior == pytest.approx(RING, abs=1e-5)


def test_an_image_is_no_file_of_outlines(tmp_path):
    image = save(dataset("DX", np.zeros((40, 50), np.uint16)), tmp_path / "xray.dcm")
    with pytest.raises(ReadError, match="holds no outlines"):
        lesionkit.read_outlines(image, image=image)
