import numpy as np
from drawn_scenes import SPACING, ball, bone, dice, phantom_ct, scan

from lesionkit.suggest import find_skeleton, propose_calcium
from lesionkit.suggest.parting import parts

SPREAD = (24, 60, 70)


def test_two_balls_that_hardly_touch_are_two_and_those_half_in_one_another_one():
    one = ball((12, 30, 25), 6.0)
    for away, count in ((11.0, 2), (6.0, 1)):
        both = one | ball((12, 30, 25 + away / SPACING[2]), 6.0)
        numbers = parts(both, spacing_mm=SPACING)
        assert len(np.unique(numbers[numbers > 0])) == count
        assert ((numbers > 0) == both).all()


def test_nothing_has_no_parts():
    assert not parts(np.zeros((3, 4, 5), dtype=bool), spacing_mm=None).any()


def test_all_deposits_of_a_phantom_are_proposed_and_nothing_of_its_bones():
    made = phantom_ct()
    found = propose_calcium(made.image)
    assert len(found) == len(made.deposits)
    for deposit in made.deposits:
        truth = np.zeros(made.image.grid.shape, dtype=bool)
        truth[deposit.regions[0].box] = deposit.regions[0].voxels
        assert max(dice(mask, truth) for mask in found) > 0.93


def test_bones_are_found_with_their_marrow_and_deposits_are_not_among_them():
    deposit = ball((12, 42, 50), 5.0)
    image = scan(bone(), 800.0 * deposit)
    skeleton = find_skeleton(image)
    whole = np.zeros(image.grid.shape, dtype=bool)
    whole[skeleton.box] = skeleton.voxels
    assert not (whole & deposit).any()
    assert whole[12, 18, 20], "marrow"
    assert dice(skeleton, bone() > 0) > 0.9


def test_a_deposit_that_touches_a_bone_is_proposed_and_the_bone_is_not():
    deposit = ball((12, 18, 32), 6.0) & (bone() == 0)
    (found,) = propose_calcium(scan(bone(), np.where(deposit, 800.0, 0.0)))
    assert dice(found, deposit) > 0.85


def test_largest_first_and_nothing_where_nothing_is():
    large, small = ball((12, 42, 30), 5.0), ball((6, 40, 56), 3.5)
    found = propose_calcium(scan(800.0 * large, 800.0 * small))
    assert [dice(mask, truth) > 0.85 for mask, truth in zip(found, (large, small), strict=True)] == [
        True,
        True,
    ]
    assert propose_calcium(scan()) == ()
    assert find_skeleton(scan()) is None


def test_metal_on_the_skin_in_air_is_no_deposit():
    air = scan().pixels.copy()
    air[:] = -1000
    made = scan()
    lying = air + (3000 * ball((12, 30, 30), 4.0)).astype(np.int16)
    image = type(made)(
        modality=made.modality, pixels=lying, grid=made.grid, intensity_unit=made.intensity_unit
    )
    assert propose_calcium(image) == ()
