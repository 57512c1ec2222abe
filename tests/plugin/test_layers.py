"""Outlines and masks become layers and come back, to the last digit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Labels, Shapes
from napari_lesionkit._layers import (
    label_map,
    labels_layer,
    outlines_layer,
    picture_layer,
    repainted,
    space_of,
)
from napari_lesionkit._loops import loop_of, mended, outline_from
from napari_lesionkit._written import outline_from_loop, outlines_from_shapes, regions_from_labels

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.units import Unit
from lesionkit.errors import OutlineError

SQUARE = np.array([[0.1, 0.1], [0.1, 10.7], [10.3, 10.7], [10.3, 0.1]])
HOLE = np.array([[2.2, 2.2], [2.2, 4.4], [4.4, 4.4], [4.4, 2.2]])
OTHER = np.array([[6.1, 6.1], [6.1, 8.2], [8.2, 8.2]])
RING = Outline(exterior=SQUARE, holes=(HOLE, OTHER))
PHOTO = Grid(shape=(40, 60), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.MANIFEST)


def same(one: Outline, other: Outline) -> bool:
    return len(one.rings) == len(other.rings) and all(map(np.array_equal, one.rings, other.rings))


def area(loop: np.ndarray) -> float:
    row, col = loop.T
    return abs(float(row @ np.roll(col, -1) - col @ np.roll(row, -1))) / 2


def shown(loop: np.ndarray) -> np.ndarray:
    """Return a line as napari holds it."""
    return Shapes([loop], shape_type="polygon").data[0]


def test_a_line_with_holes_is_walked_so_that_holes_count_less() -> None:
    loop = loop_of(RING)
    assert 0 < area(loop) != area(SQUARE)
    assert same(outline_from(shown(loop), before=RING), RING)


def test_what_was_not_moved_is_kept_to_the_last_digit() -> None:
    fine = Outline(exterior=SQUARE + 1234.000001)
    assert not np.array_equal(shown(loop_of(fine)), fine.exterior)
    assert same(outline_from(shown(loop_of(fine)), before=fine), fine)


@pytest.mark.parametrize("place", range(len(loop_of(RING))))
def test_any_point_of_a_line_with_holes_can_be_moved(place: int) -> None:
    loop = shown(loop_of(RING)).astype(float)
    moved = loop[place] + [0.25, 0.125]
    loop[place] = moved
    found = outline_from(loop, before=RING)
    assert [len(ring) for ring in found.rings] == [4, 4, 3]
    changed = [
        p for new, old in zip(found.rings, RING.rings, strict=True) for p in new[(new != old).any(axis=1)]
    ]
    np.testing.assert_allclose(changed, [moved], atol=1e-6)


def test_a_point_can_be_put_into_a_hole_and_taken_out() -> None:
    loop = shown(loop_of(RING)).astype(float)
    more = np.insert(loop, 7, [3.0, 4.6], axis=0)  # between the second and the third point of the first hole
    found = outline_from(more, before=RING)
    assert [len(ring) for ring in found.rings] == [4, 5, 3]
    np.testing.assert_allclose(found.holes[0][2], [3.0, 4.6])
    fewer = outline_from(np.delete(loop, 7, axis=0), before=RING)
    assert [len(ring) for ring in fewer.rings] == [4, 3, 3]


def test_a_line_that_was_dragged_across_itself_is_refused() -> None:
    loop = shown(SQUARE).astype(float)
    loop[0] = [5, 20]
    with pytest.raises(OutlineError, match="crosses itself"):
        outline_from(loop, before=Outline(exterior=SQUARE))


def test_of_a_line_that_crosses_its_own_beginning_the_largest_part_is_kept() -> None:
    hook = np.array([[0, 0], [0, 10], [10, 10], [10, 0], [-1, 1]], dtype=float)
    points, was_mended = mended(hook)
    assert was_mended
    assert Outline(exterior=points)
    assert area(points) > 90
    whole, untouched = mended(SQUARE)
    assert not untouched
    assert np.array_equal(whole, SQUARE)


def test_a_layer_lies_in_millimetres_where_there_are_any() -> None:
    assert space_of(PHOTO) == {"scale": (0.5, 0.25), "units": ("mm", "mm"), "axis_labels": ("row", "col")}
    bare = space_of(Grid(shape=(4, 5), aspect=2.0))
    assert bare == {"scale": (2.0, 1.0), "units": ("pixel", "pixel"), "axis_labels": ("row", "col")}


def test_a_point_of_a_shapes_layer_lies_where_the_grid_says() -> None:
    deposit = Deposit(id="a", image="one", regions=(Outline(exterior=SQUARE),))
    data, settings, _ = outlines_layer([deposit], grid=PHOTO, name="outlines")
    layer = Shapes(data, **settings)
    np.testing.assert_allclose(layer.data_to_world(SQUARE[2]), PHOTO.locate(SQUARE[2])[0], rtol=1e-6)


@given(st.lists(st.tuples(st.floats(1, 30), st.floats(1, 30)), min_size=3, max_size=8, unique=True))
def test_shapes_written_and_read_are_the_same_deposits(points: list[tuple[float, float]]) -> None:
    from shapely import MultiPoint

    hull = MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e-3:
        return
    ring = np.asarray(hull.exterior.coords)[:-1].astype(np.float32).astype(float)
    deposits = (
        Deposit(id="thumb", name="thumb", image="one", regions=(Outline(exterior=ring), RING)),
        Deposit(id="3", image="one", regions=(Outline(exterior=SQUARE),)),
    )
    data, settings, _ = outlines_layer(deposits, grid=PHOTO, name="outlines")
    found = outlines_from_shapes(data, settings | {"shape_type": ["polygon"] * len(data)}, image="one")
    assert [(d.name, len(d.regions)) for d in found] == [("thumb", 2), (None, 1)]
    assert same(found[0].regions[1], RING)
    assert same(outline_from_loop(loop_of(RING)), RING)


def test_masks_become_labels_and_come_back_by_name() -> None:
    grid = Grid(shape=(3, 8, 9), spacing_mm=(2.5, 0.6, 0.7), scale_source=ScaleSource.PATIENT_PLANE)
    one = Mask(voxels=np.ones((1, 2, 3), dtype=bool), origin=(1, 2, 3))
    two = Mask(voxels=np.ones((2, 1, 1), dtype=bool), origin=(0, 7, 8))
    deposits = (
        Deposit(id="x", name="elbow", image="ct", regions=(one,)),
        Deposit(id="y", image="ct", regions=(two,)),
    )
    data, settings, _ = labels_layer(deposits, grid=grid, name="deposits")
    assert Labels(data, **settings).data[1, 3, 5] == 1
    found = regions_from_labels(data, settings, image="ct")
    assert [(d.name, d.regions[0].origin) for d in found] == [("elbow", (1, 2, 3)), ("y", (0, 7, 8))]
    np.testing.assert_array_equal(label_map(deposits, grid=grid), data)


def test_paint_changes_only_the_voxels_it_touched() -> None:
    half = np.full((1, 2, 2), 0.6, dtype=np.float32)
    mask = Mask(voxels=half, origin=(1, 4, 4))
    new = repainted(mask, shape=(3, 9, 9), added=np.array([[1, 6, 4]]), taken=np.array([[1, 4, 4]]))
    assert new is not None
    assert new.origin == (1, 4, 4)
    np.testing.assert_allclose(new.voxels, [[[0, 0.6], [0.6, 0.6], [1, 0]]])
    none = np.empty((0, 3), dtype=np.intp)
    every = np.argwhere(half > 0) + np.array([1, 4, 4])
    assert repainted(mask, shape=(3, 9, 9), added=none, taken=every) is None


def test_a_picture_is_shown_as_the_library_shows_it() -> None:
    pixels = np.arange(3 * 40 * 50, dtype=np.int16).reshape(3, 40, 50)
    grid = Grid(shape=(3, 40, 50), spacing_mm=(2, 1, 1), scale_source=ScaleSource.PATIENT_PLANE)
    data, settings, kind = picture_layer(
        Image(modality=Modality.CT, pixels=pixels, grid=grid, intensity_unit=Unit.HU), name="ct"
    )
    assert kind == "image"
    assert np.shares_memory(data, pixels)
    assert settings["contrast_limits"] == (-450, 1050)
