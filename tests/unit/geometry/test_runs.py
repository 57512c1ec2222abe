"""Runs of many regions, and what is reckoned of them at once, against doing it one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionkit.core.region import Mask
from lesionkit.geometry import polygon, voxels
from lesionkit.geometry.farthest import ends_of, farthest
from lesionkit.geometry.parts import part_counts
from lesionkit.geometry.planes import in_plane_axes
from lesionkit.geometry.runs import changes, moments, runs_of_labels, runs_of_masks, voxels_of
from lesionkit.geometry.surface import surfaces
from lesionkit.geometry.widths import greatest_widths, lines_around

SPACING = np.array([2.0, 0.5, 0.7])


@st.composite
def blots(draw):
    """Return boxes of ragged voxels: sparse ones, dense ones, single ones, in rising number."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    found = []
    for _ in range(draw(st.integers(1, 5))):
        shape = rng.integers(1, [5, 8, 9])
        box = rng.random(shape) < rng.choice([0.1, 0.5, 0.9, 1.0])
        box[tuple(rng.integers(0, shape))] = True
        found.append(box)
    return found


def laid_out(boxes):
    """Return a label image with the boxes one beside another, touching, with labels that skip numbers."""
    labels = np.zeros((6, 10, 9 * len(boxes)), dtype=np.int32)
    for index, box in enumerate(boxes):
        p, r, c = box.shape
        labels[:p, :r, 9 * index : 9 * index + c][box] = 3 * index + 1
    return labels


def runs_at_origin(boxes):
    return runs_of_masks(boxes, [(0, 0, 0)] * len(boxes))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.uint32, np.int64])
@pytest.mark.parametrize("cols", [16, 17, 18, 20])
def test_the_runs_of_labels_hold_every_voxel_once_whatever_the_words_they_are_read_in(dtype, cols):
    rng = np.random.default_rng(cols)
    labels = (rng.integers(0, 9, (3, 7, cols)) * (rng.random((3, 7, cols)) < 0.6)).astype(dtype)
    names, runs = runs_of_labels(labels)
    assert names.tolist() == [label for label in np.unique(labels).tolist() if label]
    at = voxels_of(runs, labels.shape)
    assert len(np.unique(at)) == len(at) == np.count_nonzero(labels)
    np.testing.assert_array_equal(labels.ravel()[at], np.repeat(names[runs.owner], runs.lengths))


def test_a_run_ends_with_its_row():
    labels = np.zeros((2, 3, 8), dtype=np.uint16)
    labels[0, 0, 6:] = labels[0, 1, :3] = labels[0, 2, :] = labels[1, 0, :] = 5
    _, runs = runs_of_labels(labels)
    assert list(zip(runs.plane, runs.row, runs.start, runs.stop, strict=True)) == [
        (0, 0, 6, 8),
        (0, 1, 0, 3),
        (0, 2, 0, 8),
        (1, 0, 0, 8),
    ]


def test_runs_found_piece_by_piece_are_those_found_at_once(monkeypatch):
    rng = np.random.default_rng(7)
    labels = (rng.integers(0, 9, (3, 7, 16)) * (rng.random((3, 7, 16)) < 0.6)).astype(np.uint16)
    _, expected = runs_of_labels(labels)
    for piece in (1, 40, 16 * 7):
        monkeypatch.setattr("lesionkit.geometry.runs._PIECE", piece)
        _, runs = runs_of_labels(labels)
        for name in ("owner", "plane", "row", "start", "stop"):
            np.testing.assert_array_equal(getattr(runs, name), getattr(expected, name))


@pytest.mark.parametrize("most", [1, 20, 60, 10_000])
def test_batches_hold_every_region_once_and_whole(monkeypatch, most):
    rng = np.random.default_rng(8)
    labels = rng.integers(0, 9, (3, 7, 16)) * (rng.random((3, 7, 16)) < 0.6)
    _, runs = runs_of_labels(labels)
    monkeypatch.setattr("lesionkit.geometry.runs._BATCH_RUNS", most)
    parts = list(runs.batches())
    before = np.cumsum([0, *(part.count for part in parts)])
    assert before[-1] == runs.count
    owner = np.concatenate([part.owner + first for part, first in zip(parts, before, strict=False)])
    np.testing.assert_array_equal(owner, runs.owner)
    for name in ("plane", "row", "start", "stop"):
        together = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(together, getattr(runs, name))


def test_labels_too_large_to_number_and_negative_ones_are_labels():
    labels = np.array([[0, 2**40, 2**40, -3]])
    names, runs = runs_of_labels(labels)
    assert names.tolist() == [-3, 2**40]
    assert moments(runs)[0].tolist() == [1, 2]


@settings(deadline=None)
@given(blots())
def test_runs_of_masks_and_of_labels_are_the_same(boxes):
    origins = [(0, 0, 9 * index) for index in range(len(boxes))]
    one, (_, other) = runs_of_masks(boxes, origins), runs_of_labels(laid_out(boxes))
    for name in ("owner", "plane", "row", "start", "stop"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@settings(deadline=None)
@given(blots())
def test_counts_and_centres_are_those_of_each_mask(boxes):
    counts, centres = moments(runs_at_origin(boxes))
    assert counts.tolist() == [np.count_nonzero(box) for box in boxes]
    expected = [voxels.voxel_centroid(Mask(voxels=box, origin=(0, 0, 0))) for box in boxes]
    np.testing.assert_allclose(centres, expected, rtol=1e-12, atol=1e-12)


def grown(box):
    """Return the points midway between the voxels of a mask and their neighbours, in mm."""
    points = np.argwhere(box)
    steps = [sign * axis / 2 for axis in np.eye(points.shape[1]) for sign in (1, -1)]
    return np.concatenate([points + step for step in steps]) * SPACING[-points.shape[1] :]


def farthest_pair(points):
    return np.sqrt(np.square(points[:, None] - points[None]).sum(axis=-1).max())


@settings(deadline=None)
@given(blots())
def test_the_greatest_diameter_is_that_of_trying_every_pair(boxes):
    ends = ends_of(runs_at_origin(boxes))
    points = (ends.plane, ends.row, ends.col)
    found = farthest(points, firsts=changes(ends.owner), owner=np.arange(len(boxes)), spacing=SPACING)
    expected = [farthest_pair(grown(box)) for box in boxes]
    np.testing.assert_allclose(found.length, expected, rtol=1e-13)


def test_every_pair_that_is_farthest_apart_is_found():
    square = runs_of_masks([np.ones((3, 3), dtype=bool)], [(0, 0)])
    ends = ends_of(square)
    found = farthest((ends.row, ends.col), firsts=changes(ends.owner), owner=np.arange(1), spacing=np.ones(2))
    corners = {
        frozenset((ends.row[i].item(), ends.col[i].item()) for i in pair) for pair in found.pairs.tolist()
    }
    assert corners == {frozenset([(0, 0), (2, 2)]), frozenset([(0, 2), (2, 0)])}
    assert found.length[0] == pytest.approx(np.hypot(3, 2))


@settings(deadline=None)
@given(blots())
def test_the_axes_are_those_of_drawing_the_line_in_every_plane(boxes):
    runs = runs_at_origin(boxes)
    long, short = in_plane_axes(runs, ends_of(runs), spacing=SPACING[1:])
    for index, box in enumerate(boxes):
        planes = [polygon.axes([r * SPACING[1:] for r in voxels.plane_rings(p)]) for p in box if p.any()]
        longest = max(axes.long for axes in planes)
        widest = max(axes.short for axes in planes if axes.long >= longest * (1 - 1e-9))
        assert long[index] == pytest.approx(longest, rel=1e-12)
        assert short[index] == pytest.approx(widest, rel=1e-9, abs=1e-12)


def test_a_box_beside_a_narrower_one_keeps_to_itself():
    wide, narrow = np.ones((2, 9), dtype=bool), np.ones((4, 1), dtype=bool)
    lines = lines_around(runs_of_masks([wide, narrow, wide], [(0, 0)] * 3))
    assert np.bincount(lines.region).tolist() == [22, 10, 22]
    along = np.array([[1.0, 0.0]] * 3)
    assert greatest_widths(lines, along, np.ones(2)).tolist() == [9, 1, 9]


def test_pixels_that_touch_at_a_corner_are_parted():
    lines = lines_around(runs_of_masks([np.eye(2, dtype=bool)], [(0, 0)]))
    rings = voxels.plane_rings(np.eye(2, dtype=bool))
    assert sorted(map(tuple, lines.points.T)) == sorted(map(tuple, np.vstack(rings)))
    assert len(lines.region) == 8


@settings(deadline=None)
@given(blots())
def test_surface_and_what_it_encloses_are_those_of_marching_cubes(boxes):
    from skimage.measure import marching_cubes

    areas, volumes = surfaces(runs_at_origin(boxes), spacing=SPACING)
    for index, box in enumerate(boxes):
        points, faces, *_ = marching_cubes(np.pad(box, 1).astype(float), 0.5, method="lorensen")
        a, b, c = (np.rint(points[faces] * 2) / 2 * SPACING).swapaxes(0, 1)
        assert areas[index] == pytest.approx(
            np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2, rel=1e-12
        )
        enclosed = abs(np.einsum("ij,ij->", a, np.cross(b, c))) / 6
        assert volumes[index] == pytest.approx(enclosed, rel=1e-10)


def test_the_surface_of_one_voxel_is_an_octahedron():
    (area,), (volume,) = surfaces(runs_at_origin([np.ones((1, 1, 1), dtype=bool)]), spacing=SPACING)
    p, r, c = SPACING / 2
    assert area == pytest.approx(8 * np.sqrt((p * r) ** 2 + (p * c) ** 2 + (r * c) ** 2) / 2)
    assert volume == pytest.approx(8 * p * r * c / 6)


@settings(deadline=None)
@given(blots())
def test_parts_share_no_face(boxes):
    from scipy.ndimage import label

    assert part_counts(runs_at_origin(boxes)).tolist() == [label(box)[1] for box in boxes]


def test_a_spiral_is_one_part():
    spiral = np.array(
        [[1, 1, 1, 1, 1], [0, 0, 0, 0, 1], [1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]], dtype=bool
    )
    assert part_counts(runs_of_masks([spiral, spiral[1:3]], [(0, 0)] * 2)).tolist() == [1, 2]
