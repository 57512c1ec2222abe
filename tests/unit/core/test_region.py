import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.region import Deposit, Drawing, Mask, Outline, Status, program_and_version
from lesionkit.errors import OutlineError

SQUARE = ((0, 0), (0, 4), (4, 4), (4, 0))
HOLE = ((1, 1), (1, 2), (2, 2), (2, 1))


def test_an_outline_need_not_repeat_its_first_point():
    assert len(Outline(exterior=(*SQUARE, SQUARE[0])).exterior) == len(Outline(exterior=SQUARE).exterior) == 4


def test_a_line_that_crosses_itself_is_refused():
    with pytest.raises(OutlineError, match="crosses itself") as raised:
        Outline(exterior=((0, 0), (4, 4), (0, 4), (4, 0)))
    assert raised.value.hint


@pytest.mark.parametrize(
    "points",
    [(), ((0, 0),), ((0, 0), (1, 1)), ((0, 0), (1, 1), (0, 0), (1, 1)), ((0, 0), (1, 1), (2, 2))],
)
def test_points_and_lines_are_no_outlines(points):
    with pytest.raises(OutlineError):
        Outline(exterior=points)


@pytest.mark.parametrize(
    "points", [((0, 0), (0, np.nan), (1, 1)), (0, 1, 2), ((0, 0, 0), (0, 1, 0), (1, 1, 0))]
)
def test_an_outline_is_a_list_of_finite_pairs(points):
    with pytest.raises(OutlineError):
        Outline(exterior=points)


@pytest.mark.parametrize(
    "hole",
    [
        tuple((row + 9, col) for row, col in HOLE),
        tuple((row + 3, col) for row, col in HOLE),
        ((1, 1), (2, 2), (1, 2), (2, 1)),
        ((1, 1), (2, 2)),
    ],
    ids=["outside", "across the edge", "crossing itself", "a line"],
)
def test_a_hole_that_does_not_fit_is_refused(hole):
    with pytest.raises(OutlineError):
        Outline(exterior=SQUARE, holes=(hole,))


def test_two_holes_must_not_overlap():
    with pytest.raises(OutlineError):
        Outline(exterior=SQUARE, holes=(HOLE, tuple((r + 0.5, c + 0.5) for r, c in HOLE)))


def test_rings_are_the_exterior_and_then_the_holes():
    outline = Outline(exterior=SQUARE, holes=(HOLE,))
    assert [ring.tolist() for ring in outline.rings] == [[list(p) for p in SQUARE], [list(p) for p in HOLE]]


def test_an_outline_keeps_its_points_for_itself():
    points = np.array(SQUARE, float)
    outline = Outline(exterior=points)
    points[0] = 99
    assert outline.exterior[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        outline.exterior[0] = 99


VOXELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 5)), min_size=1)


@given(VOXELS)
def test_a_mask_is_cropped_to_its_voxels_and_put_back_where_it_was(indices):
    whole = np.zeros((4, 5, 6), bool)
    for index in indices:
        whole[index] = True
    mask = Mask.cropped(whole)
    back = np.zeros_like(whole)
    back[mask.box] = mask.voxels
    np.testing.assert_array_equal(back, whole)
    for axis in range(3):
        ends = np.moveaxis(mask.voxels, axis, 0)[[0, -1]]
        assert ends.any(axis=(1, 2)).all(), "the box is tight"


@pytest.mark.parametrize("make", [Mask.cropped, lambda v: Mask(voxels=v, origin=(0, 0))])
def test_a_mask_without_a_voxel_is_refused(make):
    with pytest.raises(OutlineError, match="without a voxel"):
        make(np.zeros((3, 4), bool))


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_a_voxel_belongs_by_a_fraction_from_0_to_1(value):
    with pytest.raises(OutlineError, match="between 0 and 1"):
        Mask(voxels=np.array([[0.5, value]]), origin=(0, 0))


def test_a_fractional_mask_says_so():
    assert Mask(voxels=np.array([[0.5, 1.0]]), origin=(0, 0)).is_fractional
    assert not Mask(voxels=np.array([[True, False]]), origin=(0, 0)).is_fractional


@pytest.mark.parametrize(("voxels", "origin"), [(np.ones((2, 3), bool), (0,)), (np.ones(3, bool), (0,))])
def test_a_mask_has_two_or_three_axes_and_an_index_for_each(voxels, origin):
    with pytest.raises(ValueError, match="origin"):
        Mask(voxels=voxels, origin=origin)


def deposit(status=Status.DRAWN, **more):
    given = {"regions": (Outline(exterior=SQUARE),)} | more
    return Deposit(id="1", image="a.jpg", status=status, **given)


def test_a_deposit_has_a_region():
    with pytest.raises(ValueError, match="no region"):
        deposit(regions=())


@pytest.mark.parametrize(
    ("status", "counts"), [(Status.SUGGESTED, False), (Status.DRAWN, True), (Status.CONFIRMED, True)]
)
def test_a_suggestion_does_not_count(status, counts):
    assert deposit(status).counts is counts


def test_properties_are_kept_and_cannot_be_changed():
    properties = {"colour": [1, 2, 3]}
    kept = deposit(properties=properties).properties
    properties["colour"] = None
    assert kept == {"colour": [1, 2, 3]}
    with pytest.raises(TypeError):
        kept["colour"] = None


def test_a_drawing_is_pending_while_it_holds_suggestions_only():
    suggested, drawn = deposit(Status.SUGGESTED), deposit()
    assert Drawing(image="a.jpg", deposits=(suggested,)).is_pending
    assert not Drawing(image="a.jpg", deposits=(suggested, drawn)).is_pending


def test_an_empty_drawing_means_that_someone_looked():
    assert not Drawing(image="a.jpg").is_pending


@pytest.mark.parametrize(
    ("author", "program", "version"),
    [
        ("lesionkit 0.1.0 propagate", "lesionkit propagate", "0.1.0"),
        ("lesionkit 0.1.0", "lesionkit", "0.1.0"),
        ("lesionkit propagate 0.1.0", "lesionkit propagate", "0.1.0"),
        ("our package v2 brightest", "our package brightest", "v2"),
        ("3D Slicer 5.6", "3D Slicer", "5.6"),
        ("TotalSegmentator", "TotalSegmentator", ""),
        ("", "", ""),
    ],
)
def test_a_programs_version_is_told_from_its_name(author, program, version):
    assert program_and_version(author) == (program, version)
