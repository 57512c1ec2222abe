from dataclasses import replace

import numpy as np
import pytest
from drawn_scenes import ball, dice, ellipse, photograph, scan

from lesionkit.core.region import Deposit, Mask, Outline, Role
from lesionkit.core.transform import Part, Transform
from lesionkit.suggest import SUGGESTERS, Earlier, carry_deposit, propose_calcium
from lesionkit.suggest.suggesters import BUILT_IN

MOVED = np.array([(1, 0, 6.0), (0, 1, -9.0), (0, 0, 1)])


def shift(*steps):
    matrix = np.eye(len(steps) + 1)
    matrix[:-1, -1] = steps
    return Transform(source="old", target="new", matrix=matrix, method="features")


def deposit_of(region, **more):
    return Deposit(id="1", image="old", regions=(region,), **more)


def test_an_outline_goes_where_the_transform_carries_it():
    before = Outline(exterior=np.subtract(ellipse(), (6, -9)))
    (found,) = carry_deposit(deposit_of(before), shift(6, -9), photograph(), refine=False)
    assert dice(found, ellipse()) > 0.995


@pytest.mark.parametrize("is_reliable", [True, False])
def test_a_deposit_goes_as_a_whole_with_its_finger_or_nowhere_if_nobody_knows_where_that_is(is_reliable):
    before = Outline(exterior=np.subtract(ellipse(), (6, -9)))
    top, left = np.add(before.exterior.min(axis=0), (5, 0))
    below = Outline(exterior=[(top, left - 9), (top, left + 99), (top + 99, left + 99), (top + 99, left - 9)])
    part = Part(here=(below,), there=(below,), matrix=MOVED, is_reliable=is_reliable)
    onto = replace(shift(300, 300), parts=(part,))
    mask = Mask.cropped(np.pad(np.ones((4, 5), dtype=bool), ((int(top) + 9, 0), (int(left) + 9, 0))))
    for region in (before, mask):
        found = carry_deposit(deposit_of(region), onto, photograph(), refine=False)
        assert len(found) == is_reliable
    if is_reliable:
        assert found[0].origin == (mask.origin[0] + 6, mask.origin[1] - 9)
        (found,) = carry_deposit(deposit_of(before), onto, photograph(), refine=False)
        assert dice(found, ellipse()) > 0.995


def test_an_outline_carried_a_little_beside_moves_to_the_edge():
    before = Outline(exterior=ellipse(half=(20, 22)))
    (found,) = carry_deposit(deposit_of(before), shift(3, -2), photograph())
    assert dice(found, ellipse()) > 0.96


def test_an_outline_without_an_edge_near_it_stays_where_it_was_carried():
    before = ellipse((30, 40), (6, 8))
    image = photograph(noise=0)
    even = type(image)(
        modality=image.modality,
        pixels=np.full_like(image.pixels, 120),
        grid=image.grid,
        intensity_unit=image.intensity_unit,
    )
    (found,) = carry_deposit(deposit_of(Outline(exterior=before)), shift(0, 0), even)
    assert dice(found, before) > 0.9


def test_what_comes_to_lie_beside_the_image_is_left_out():
    before = Outline(exterior=ellipse())
    assert carry_deposit(deposit_of(before), shift(400, 0), photograph()) == ()
    mask = Mask.cropped(ball((12, 32, 48), 6.0))
    assert carry_deposit(deposit_of(mask), shift(0, 200, 0), scan()) == ()


def test_voxels_are_carried_and_cut_anew_by_their_density():
    truth = ball((12, 34, 45), 7.0)
    before = Mask.cropped(ball((11, 32, 48), 6.0))
    image = scan(800.0 * truth)
    (carried,) = carry_deposit(deposit_of(before), shift(1, 2, -3), image, refine=False)
    assert dice(carried, ball((12, 34, 45), 6.0)) > 0.99
    (refined,) = carry_deposit(deposit_of(before), shift(1, 2, -3), image)
    assert dice(refined, truth) > 0.95


def test_voxels_with_nothing_dense_under_them_stay_as_carried():
    before = Mask.cropped(ball((12, 32, 48), 6.0))
    (found,) = carry_deposit(deposit_of(before), shift(0, 0, 0), scan())
    assert np.array_equal(found.voxels, before.voxels)


def test_propagating_keeps_name_role_and_tracking_uid():
    before = deposit_of(Outline(exterior=ellipse()), name="thumb", role=Role.TARGET, tracking_uid="1.2.3")
    earlier = Earlier(image=photograph(), deposits=(before,), transform=shift(0, 0))
    (found,) = SUGGESTERS.load("propagate")(photograph(), earlier=earlier)
    assert (found.name, found.role, found.tracking_uid) == ("thumb", Role.TARGET, "1.2.3")


def test_what_could_not_be_aligned_is_not_carried():
    doubtful = Transform(source="old", target="new", matrix=np.eye(3), method="identity", is_reliable=False)
    earlier = Earlier(
        image=photograph(), deposits=(deposit_of(Outline(exterior=ellipse())),), transform=doubtful
    )
    assert SUGGESTERS.load("propagate")(photograph(), earlier=earlier) == ()


def test_the_built_in_suggesters_come_through_the_same_door_as_any_other():
    assert set(BUILT_IN) <= set(SUGGESTERS.names())
    (found,) = SUGGESTERS.load("calcium")(scan(800.0 * ball((12, 32, 48), 6.0)))
    assert found.name is None
    assert SUGGESTERS.load("calcium")(photograph()) == ()
    with pytest.raises(ValueError, match="CT"):
        propose_calcium(photograph())
