import base64
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pil

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.units import Unit
from lesionkit.report.framing import Frame, frame_views
from lesionkit.report.marks import marks_of
from lesionkit.report.pictures import WIDTH, take_picture
from lesionkit.report.placing import View


def _take(modality, pixels, grid, region, *, frame=None, unit=Unit.GREY):
    ref = ImageRef(
        id="a", modality=modality, site="hand", paths=("a",), reader="photo", location="a", grid=grid
    )
    view = View(ref=ref, grid=grid, deposits=(Deposit(id="1", image="a", regions=(region,)),))
    picture = take_picture(
        view,
        frame or frame_views([view])["a"],
        load=lambda _: Image(modality=modality, pixels=pixels, grid=grid, intensity_unit=unit),
        tracks={"1": "T1"},
        marks=marks_of(["T1"]),
        titles={"1": "area 3 mm²"},
    )
    shades = np.asarray(Pil.open(BytesIO(base64.b64decode(picture.href.partition(",")[2]))).convert("L"))
    return picture, shades


def _box_of(path):
    points = np.array([[float(v) for v in pair] for pair in re.findall(r"([-\d.]+),([-\d.]+)", path)])
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _bright(shades, level=128):
    rows, cols = np.nonzero(shades > level)
    return np.array([cols.min(), rows.min(), cols.max() + 1, rows.max() + 1])


SCALED = Grid(shape=(300, 400), spacing_mm=(0.2, 0.35), scale_source=ScaleSource.MARKER)


@pytest.mark.parametrize("place", [(100, 150, 180, 220), (2, 3, 40, 50), (250, 340, 297, 396)])
def test_an_outline_lies_on_the_deposit_it_was_drawn_around(place):
    top, left, bottom, right = place
    pixels = np.zeros((300, 400, 3), dtype=np.uint8)
    pixels[top : bottom + 1, left : right + 1] = 255
    # The line runs along the outer edges of the outermost pixels, half a pixel from their centres.
    rows, cols = (top - 0.5, bottom + 0.5), (left - 0.5, right + 0.5)
    corners = [[rows[0], cols[0]], [rows[0], cols[1]], [rows[1], cols[1]], [rows[1], cols[0]]]
    picture, shades = _take(Modality.XC, pixels, SCALED, Outline(exterior=corners))
    assert shades.shape == (picture.height, WIDTH)
    assert _box_of(picture.drawn[0].path) == pytest.approx(_bright(shades), abs=2)


def test_a_mask_lies_on_its_voxels_in_the_plane_shown():
    grid = Grid(shape=(5, 60, 80), spacing_mm=(3.0, 0.5, 0.75), scale_source=ScaleSource.PATIENT_PLANE)
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[3, 20:40, 30:50] = True
    hounsfield = np.where(voxels, 1000, -1000).astype(np.int16)
    picture, shades = _take(Modality.CT, hounsfield, grid, Mask.cropped(voxels), unit=Unit.HU)
    assert picture.plane == 4
    per_pixel = WIDTH / 80
    assert _box_of(picture.drawn[0].path) == pytest.approx(_bright(shades), abs=per_pixel / 2 + 2)


def test_a_window_beyond_the_edge_keeps_the_scale_and_shows_grey():
    pixels = np.zeros((300, 400, 3), dtype=np.uint8)
    frame = Frame(top=-100.5, left=-100.5, height=500, width=600, spacing=(0.2, 0.35))
    outline = Outline(exterior=[[-0.5, -0.5], [-0.5, 399.5], [299.5, 399.5], [299.5, -0.5]])
    picture, shades = _take(Modality.XC, pixels, SCALED, outline, frame=frame)
    dark = _bright(255 - shades)
    assert _box_of(picture.drawn[0].path) == pytest.approx(dark, abs=2)
    assert shades[0, 0] > 200


def test_the_scale_bar_is_as_long_as_it_says():
    pixels = np.zeros((300, 400, 3), dtype=np.uint8)
    outline = Outline(exterior=[[10, 10], [10, 30], [30, 30], [30, 10]])
    frame = Frame(top=-0.5, left=-0.5, height=300, width=400, spacing=(0.2, 0.35))
    picture, _ = _take(Modality.XC, pixels, SCALED, outline, frame=frame)
    assert picture.bar_label == "20 mm"
    assert picture.bar_length == pytest.approx(WIDTH * 20 / (400 * 0.35))
    plain, _ = _take(Modality.XC, pixels, Grid(shape=(300, 400)), outline)
    assert plain.bar_label.endswith(" px")


def test_a_deposit_on_another_plane_is_not_drawn():
    grid = Grid(shape=(5, 60, 80), spacing_mm=(3.0, 0.5, 0.75), scale_source=ScaleSource.PATIENT_PLANE)
    frame = Frame(top=-0.5, left=-0.5, height=60, width=80, spacing=(0.5, 0.75), plane=0)
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[3, 20:40, 30:50] = True
    values = np.zeros(grid.shape, dtype=np.int16)
    picture, _ = _take(Modality.CT, values, grid, Mask.cropped(voxels), frame=frame, unit=Unit.HU)
    assert picture.drawn[0].path == ""


def test_labels_stay_in_the_picture_and_apart():
    grid = Grid(shape=(300, 400))
    ref = ImageRef(
        id="a", modality=Modality.XC, site="hand", paths=("a",), reader="photo", location="a", grid=grid
    )
    square = np.array([[0, 0], [0, 8], [8, 8], [8, 0]])
    deposits = tuple(
        Deposit(id=f"deposit-{i}", image="a", regions=(Outline(exterior=square + np.array([i, 2 * i])),))
        for i in range(5)
    )
    view = View(ref=ref, grid=grid, deposits=deposits)
    frame = Frame(top=-0.5, left=-0.5, height=300, width=400, spacing=(1.0, 1.0))
    picture = take_picture(view, frame, load=None, tracks={}, marks={}, titles={})
    feet = sorted(one.label_y for one in picture.drawn)
    assert min(np.diff(feet)) >= 22
    assert all(0 < one.label_x < WIDTH and 20 < one.label_y < picture.height for one in picture.drawn)
    assert picture.trouble


def test_a_sixteen_bit_photograph_keeps_its_shades():
    pixels = np.full((300, 400), 32768, dtype=np.uint16)
    outline = Outline(exterior=[[10, 10], [10, 30], [30, 30], [30, 10]])
    _, shades = _take(Modality.XC, pixels, SCALED, outline)
    assert shades.mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize("degrees", [12, -48, 90, 171])
def test_an_outline_lies_on_its_deposit_in_a_turned_picture(degrees):
    pixels = np.zeros((300, 400, 3), dtype=np.uint8)
    pixels[120:181, 170:201] = 255
    corners = [[119.5, 169.5], [119.5, 200.5], [180.5, 200.5], [180.5, 169.5]]
    frame = Frame(top=89.5, left=134.5, height=120, width=100, spacing=(0.2, 0.35), turn=np.deg2rad(degrees))
    picture, shades = _take(Modality.XC, pixels, SCALED, Outline(exterior=corners), frame=frame)
    assert shades.shape == (picture.height, WIDTH)
    assert _box_of(picture.drawn[0].path) == pytest.approx(_bright(shades), abs=3)


def test_a_projection_shows_deposits_of_all_planes_where_they_lie():
    grid = Grid(shape=(6, 60, 80), spacing_mm=(3.0, 0.5, 0.75), scale_source=ScaleSource.PATIENT_PLANE)
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[1, 20:40, 30:50] = True
    voxels[4, 10:20, 60:70] = True
    hounsfield = np.where(voxels, 1000, -1000).astype(np.int16)
    frame = Frame(top=-0.5, left=-0.5, height=60, width=80, spacing=(0.5, 0.75), along=0)
    picture, shades = _take(Modality.CT, hounsfield, grid, Mask.cropped(voxels), frame=frame, unit=Unit.HU)
    assert _box_of(picture.drawn[0].path) == pytest.approx(_bright(shades), abs=WIDTH / 160 + 2)
    assert picture.plane is None


def test_skin_outside_a_picture_is_shown_as_nothing():
    frame = Frame(top=900.0, left=900.0, height=50, width=60, spacing=(0.2, 0.35), turn=0.5)
    outline = Outline(exterior=[[10, 10], [10, 30], [30, 30], [30, 10]])
    _, shades = _take(Modality.XC, np.zeros((300, 400, 3), np.uint8), SCALED, outline, frame=frame)
    assert shades.min() > 200
