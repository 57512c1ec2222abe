from itertools import pairwise

import numpy as np
import pytest

from lesionkit.phantom import Limb, Side

LEFT = Limb(side=Side.LEFT)


def test_the_thumb_of_a_left_hand_is_on_the_patients_left() -> None:
    thumb, *_, little = LEFT.fingers
    assert thumb.joints[-1][0] > 0 > little.joints[-1][0]


def test_a_right_limb_mirrors_the_left() -> None:
    x, z = np.meshgrid(np.linspace(-70, 90, 33), np.linspace(-260, 190, 91))
    right = Limb(side=Side.RIGHT).thickness_square(-x, z)
    assert right == pytest.approx(LEFT.thickness_square(x, z))


def test_fingers_are_apart_and_held_together_by_the_palm() -> None:
    for one, other in pairwise(LEFT.fingers[1:]):
        (xa, za), (xb, zb) = one.joints[-1], other.joints[-1]
        assert LEFT.half_thickness((xa + xb) / 2, min(za, zb)) == 0
        assert LEFT.half_thickness((one.joints[0][0] + other.joints[0][0]) / 2, 60.0) > 5


def test_bones_lie_within_the_flesh() -> None:
    for bone in LEFT.bones:
        for x, z in (bone.start, bone.end):
            assert LEFT.half_thickness(x, z) > max(bone.ends) * 0.8


def test_marrow_lies_within_its_bone() -> None:
    x, z = np.meshgrid(np.linspace(-60, 90, 151), np.linspace(-250, 190, 221))
    for bone in LEFT.bones:
        whole, marrow = bone.squares(x, z)
        assert (marrow < whole).all()


def test_a_limb_grows_in_proportion() -> None:
    big = Limb(size=1.1)
    assert big.at((10.0, 50.0)) == pytest.approx((11.0, 55.0))
    assert big.half_thickness(0.0, -110.0) == pytest.approx(1.1 * LEFT.half_thickness(0.0, -100.0), rel=1e-3)


def test_no_limb_is_the_size_of_a_mountain() -> None:
    with pytest.raises(ValueError, match="size"):
        Limb(size=100.0)
