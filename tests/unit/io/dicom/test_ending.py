"""A file of outlines that breaks off is never read in part."""

from pathlib import Path

import pytest
from dicoms import AXIAL, planes, scan, write
from drawn import contour, group, on_plane, region, square, write_gsps, write_rtstruct, write_sr
from drawn import graphic as drawn_graphic
from pydicom.data import get_testdata_file

from lesionkit.core.image import Modality
from lesionkit.io.dicom.ending import breaks_off
from lesionkit.io.dicom.graphics import read_graphics
from lesionkit.io.dicom.rtstruct import read_rtstruct
from lesionkit.io.dicom.sr import read_sr

RING = square((6.0, 10.0), (18.0, 30.0))
PAIRS = [(col + 0.5, row + 0.5) for row, col in (*RING, RING[0])]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    root = tmp_path_factory.mktemp("ct")
    write(root / "ct", planes(AXIAL, count=5))
    (found,) = scan(root).images
    return found.placed(modality=Modality.CT, site="hand")


def report(path, image):
    shapes = [region("POLYLINE", PAIRS, image=image.instance_uids[plane]) for plane in (1, 2, 3)]
    return write_sr(path, *(group(f"deposit {n}", one) for n, one in enumerate(shapes)))


def structures(path, image):
    lines = [contour(on_plane(image.grid.affine, plane, RING)) for plane in (1, 2, 3)]
    return write_rtstruct(path, {"a": lines[:2], "b": lines[2:]}, series=image.series_uid)


def shown(path, image):
    return write_gsps(path, [drawn_graphic(PAIRS)] * 3, images=image.instance_uids[1:2])


READ = {report: read_sr, structures: read_rtstruct, shown: read_graphics}


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("make", list(READ))
def test_wherever_a_file_is_cut_it_is_read_whole_or_not_at_all(tmp_path, image, make, undefined):
    path = make(tmp_path / "a.dcm", image)
    if undefined:
        set_undefined(path)
    data = path.read_bytes()
    read = READ[make]
    whole, _ = read(path, image=image)
    ids = {deposit.id for deposit in whole.deposits}
    assert len(ids) >= 2
    for length in range(140, len(data), 5):
        path.write_bytes(data[:length])
        drawing, problems = read(path, image=image)
        assert drawing is None or {deposit.id for deposit in drawing.deposits} == ids, length
        assert all("\n" not in problem.text for problem in problems)


def set_undefined(path: Path) -> None:
    """Write a file again with sequences and items that end by delimiters."""
    import pydicom

    def open_up(dataset):
        for element in dataset:
            if element.VR == "SQ":
                element.is_undefined_length = True
                for part in element.value:
                    part.is_undefined_length_sequence_item = True
                    open_up(part)

    dataset = pydicom.dcmread(path)
    open_up(dataset)
    dataset.save_as(path)


@pytest.mark.parametrize("name", ["rtplan_truncated.dcm", "MR_truncated.dcm"])
def test_a_file_known_to_be_cut_is_told(name):
    assert breaks_off(Path(get_testdata_file(name)))


@pytest.mark.parametrize(
    "name",
    ["rtplan.dcm", "rtstruct.dcm", "reportsi.dcm", "liver_expb_1frame.dcm", "JPEG2000.dcm", "image_dfl.dcm",
     "MR_small_padded.dcm", "UN_sequence.dcm", "nested_priv_SQ.dcm", "no_meta.dcm", "test-SR.dcm"],
)  # fmt: skip
def test_a_whole_file_is_not(name):
    assert not breaks_off(Path(get_testdata_file(name)))


def test_zeros_at_the_end_are_padding(tmp_path, image):
    path = report(tmp_path / "a.dcm", image)
    path.write_bytes(path.read_bytes() + bytes(100))
    assert not breaks_off(path)
