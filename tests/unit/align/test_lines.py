"""The line around a mask: midway between pixels, with the area it counts but half a pixel, holes kept."""

import numpy as np
import pytest

from lesionkit.align.lines import has_line, outlines_of
from lesionkit.core.region import Mask, Outline
from lesionkit.geometry.polygon import area


@pytest.mark.parametrize("seed", range(4))
def test_the_line_encloses_half_a_pixel_less_than_the_mask_counts_and_as_much_more_for_each_hole(seed):
    rng = np.random.default_rng(seed)
    voxels = np.zeros((40, 60), dtype=bool)
    voxels[5:35, 8:50] = True
    voxels[12:20, 15:30] = False
    voxels[2:5, rng.integers(10, 40) :][:, :3] = True
    (outline,) = outlines_of([Mask(voxels=voxels, origin=(7, 3))])
    assert len(outline.holes) == 1
    assert area(outline.rings) == pytest.approx(voxels.sum(), abs=1e-9)
    assert outline.exterior.min(axis=0).tolist() == [7 + 2 - 0.5, 3 + 8 - 0.5]


def test_pixels_that_touch_at_a_corner_are_parts_of_their_own():
    found = outlines_of([Mask(voxels=np.eye(2, dtype=bool), origin=(0, 0))])
    assert sorted(area(one.rings) for one in found) == [0.5, 0.5]


def test_outlines_stay_as_they_were_drawn():
    drawn = Outline(exterior=np.array([[0.0, 0], [0, 4], [4, 4]]))
    assert outlines_of([drawn]) == (drawn,)


def test_a_mask_of_fractions_and_one_of_a_volume_have_no_line():
    fractions = Mask(voxels=np.full((2, 2), 0.5, np.float32), origin=(0, 0))
    solid = Mask(voxels=np.ones((1, 2, 2), dtype=bool), origin=(0, 0, 0))
    assert not has_line(fractions)
    assert not has_line(solid)
    assert outlines_of([fractions, solid]) == ()
