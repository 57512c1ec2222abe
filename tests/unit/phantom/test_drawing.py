import numpy as np
import pytest

from lesionkit.core.region import Outline
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom import Block, Concretion, Limb, Pose, View, draw_outline, paint_voxels
from lesionkit.phantom.volume import true_voxels

LUMP = Concretion(lineage="a", centre=(4.0, 90.0), semi_axes=(5.0, 4.0, 2.5), lobes=((3, 0.1, 0.4),))
VIEW = View(shape=(200, 240), spacing_mm=(0.2, 0.25), centre=(5.0, 90.0), turn_deg=10.0)


def test_a_drawn_outline_errs_by_the_hand_but_not_by_more() -> None:
    areas = []
    for seed in range(40):
        drawn = draw_outline(LUMP, np.random.default_rng(seed), view=VIEW)
        Outline(exterior=drawn)  # does not cross itself
        areas.append(ring_area(drawn) * 0.2 * 0.25 / LUMP.area_mm2)
    assert np.mean(areas) == pytest.approx(1.0, abs=0.01)
    assert 0.002 < np.std(areas) < 0.04


def test_a_drawn_border_lies_as_far_off_as_asked() -> None:
    from shapely import LinearRing, Point

    truth = LinearRing(LUMP.outline())
    drawn = VIEW.to_body(draw_outline(LUMP, np.random.default_rng(1), view=VIEW, error_mm=0.2))
    off = [truth.distance(Point(p)) for p in drawn]
    assert 0.05 < np.mean(off) < 0.35
    exact = VIEW.to_body(draw_outline(LUMP, np.random.default_rng(1), view=VIEW, error_mm=0.0))
    assert max(truth.distance(Point(p)) for p in exact) < 0.01


def test_painted_voxels_differ_from_the_true_ones_at_the_border_only() -> None:
    limb, block = Limb(), Block(shape=(20, 40, 40), spacing_mm=(0.8, 0.5, 0.6), middle=(4.0, -14.0, 90.0))
    lump = Concretion(lineage="a", centre=(4.0, 90.0), semi_axes=(5.0, 4.0, 3.0), sunk_mm=4.0)
    truth = true_voxels(limb, lump, block=block, pose=Pose())
    painted = paint_voxels(limb, lump, np.random.default_rng(2), block=block, pose=Pose())
    exact = paint_voxels(limb, lump, np.random.default_rng(2), block=block, pose=Pose(), error_mm=0.0)
    assert np.array_equal(exact, truth)
    shared = (painted & truth).sum()
    assert 0.85 < 2 * shared / (painted.sum() + truth.sum()) < 1
