"""Gestures, without files: what each puts and takes."""

import numpy as np
import pytest
from annotating import box
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._making import CONFIRMED_BY

from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.region import Deposit, Mask, Outline, Role, Status
from lesionkit.errors import InputError, OutlineError

BY = verbs.Stamp(who="anna", image="hand", at="2026-03-01T10:00:00+00:00")


def after(drawn: Drawn, edit: Edit) -> Drawn:
    return edit.on(drawn)


def drawn_with(*lines: Outline, names=None) -> Drawn:
    drawn = Drawn()
    for number, line in enumerate(lines):
        drawn = after(drawn, verbs.draw(drawn, line, by=BY, name=names[number] if names else None))
    return drawn


def suggested(*lines: Outline) -> Drawn:
    proposals = [Deposit(id="p", image="hand", regions=(line,)) for line in lines]
    return after(Drawn(), verbs.suggest(Drawn(), proposals, by=BY, author="model 1.0"))


def test_what_a_person_draws_is_drawn_by_her_now():
    (deposit,) = drawn_with(box(10, 10)).deposits
    assert (deposit.status, deposit.author, deposit.drawn_at) == (Status.DRAWN, "anna", BY.at)


def test_a_line_that_crosses_itself_is_refused_before_anything_changes():
    with pytest.raises(OutlineError, match="crosses itself"):
        verbs.draw(Drawn(), Outline(exterior=[(0, 0), (10, 10), (0, 10), (10, 0)]), by=BY)


def test_a_line_is_kept_as_it_will_be_read_again():
    (deposit,) = drawn_with(Outline(exterior=[(1 / 3, 2), (1, 9), (8, 5)])).deposits
    assert deposit.regions[0].exterior[0, 0] == pytest.approx(0.333333333, abs=1e-15)


def test_a_name_that_is_there_already_makes_a_part_of_that_deposit():
    drawn = drawn_with(box(10, 10), box(60, 60), names=["thumb", "thumb"])
    (deposit,) = drawn.deposits
    assert len(deposit.regions) == 2


def test_equal_names_are_one_deposit_and_shared_ground_counts_once():
    drawn = drawn_with(box(10, 10), box(20, 20), names=["thumb", None])
    drawn = after(drawn, verbs.rename(drawn, drawn.deposits[1].id, " thumb "))
    (deposit,) = drawn.deposits
    (region,) = deposit.regions
    from shapely import Polygon

    assert Polygon(region.exterior).area == pytest.approx(400 + 400 - 100)


def test_a_merged_deposit_is_called_as_the_first_that_has_a_name():
    drawn = drawn_with(box(10, 10), box(60, 60), box(100, 100), names=[None, "thumb", None])
    first, second, third = (deposit.id for deposit in drawn.deposits)
    drawn = after(drawn, verbs.merge(drawn, [first, second]))
    assert [(deposit.id, deposit.name, len(deposit.regions)) for deposit in drawn.deposits] == [
        (first, "thumb", 2),
        (third, None, 1),
    ]
    with pytest.raises(InputError):
        verbs.merge(drawn, [third, third])


def test_what_a_person_stands_behind_outweighs_a_suggestion_when_merged():
    drawn = suggested(box(10, 10))
    drawn = after(drawn, verbs.draw(drawn, box(60, 60), by=BY))
    drawn = after(drawn, verbs.merge(drawn, [deposit.id for deposit in drawn.deposits]))
    assert drawn.deposits[0].status is Status.DRAWN


def test_the_largest_part_of_a_split_deposit_keeps_its_name_and_key():
    drawn = drawn_with(box(10, 10, 10), box(60, 60, 20), names=["thumb", "thumb"])
    key = drawn.deposits[0].id
    drawn = after(drawn, verbs.split(drawn, key))
    large = drawn.deposit(key)
    assert (large.name, float(np.ptp(large.regions[0].exterior[:, 0]))) == ("thumb", 20.0)
    assert drawn.deposits[1].name is None


def test_a_deposit_in_one_part_is_split_only_along_a_line_across_it():
    drawn = drawn_with(box(10, 10))
    key = drawn.deposits[0].id
    with pytest.raises(OutlineError, match="one part"):
        verbs.split(drawn, key)
    with pytest.raises(OutlineError, match="does not cut"):
        verbs.split(drawn, key, along=np.array([(0.0, 0.0), (5.0, 5.0)]))
    drawn = after(drawn, verbs.split(drawn, key, along=np.array([(5.0, 15.0), (40.0, 15.0)])))
    from shapely import Polygon

    areas = [Polygon(deposit.regions[0].exterior).area for deposit in drawn.deposits]
    assert areas == pytest.approx([300, 100])


def test_voxels_are_split_where_they_do_not_touch():
    voxels = np.zeros((3, 8, 8), dtype=bool)
    voxels[0, :2, :2] = voxels[2, 5:, 5:] = True
    drawn = after(Drawn(), verbs.draw(Drawn(), Mask(voxels=voxels, origin=(4, 0, 0)), by=BY))
    drawn = after(drawn, verbs.split(drawn, drawn.deposits[0].id))
    assert [deposit.regions[0].origin for deposit in drawn.deposits] == [(6, 5, 5), (4, 0, 0)]


def test_a_corrected_suggestion_is_confirmed_and_its_author_stays_the_program():
    drawn = suggested(box(10, 10))
    key = drawn.deposits[0].id
    drawn = after(drawn, verbs.redraw(drawn, key, box(11, 11), by=BY))
    deposit = drawn.deposit(key)
    assert (deposit.status, deposit.author) == (Status.CONFIRMED, "model 1.0")
    assert deposit.properties[CONFIRMED_BY] == "anna"


def test_all_suggestions_are_confirmed_at_once_and_nothing_twice():
    drawn = suggested(box(10, 10), box(60, 60))
    drawn = after(drawn, verbs.confirm(drawn, by=BY))
    assert {deposit.status for deposit in drawn.deposits} == {Status.CONFIRMED}
    with pytest.raises(InputError, match="no suggestion"):
        verbs.confirm(drawn, by=BY)


def test_what_is_there_under_a_name_is_not_suggested_again():
    drawn = drawn_with(box(10, 10), names=["thumb"])
    proposals = [Deposit(id=str(n), image="x", regions=(box(60, 60),), name=n) for n in ("thumb", "index")]
    drawn = after(drawn, verbs.suggest(drawn, proposals, by=BY, author="model 1.0"))
    assert [deposit.name for deposit in drawn.deposits] == ["thumb", "index"]
    assert drawn.deposits[1].image == "hand"


def test_deleting_the_last_deposit_does_not_say_that_nothing_is_there():
    drawn = drawn_with(box(10, 10))
    drawn = after(drawn, verbs.delete(drawn, drawn.deposits[0].id))
    assert drawn.is_silent
    drawn = after(drawn, verbs.say_absent(drawn))
    assert not drawn.is_silent
    assert drawn.is_absent


def test_who_outlines_a_deposit_no_longer_says_that_there_is_none():
    for say in (verbs.say_absent, verbs.say_not_assessable):
        drawn = after(Drawn(), say(Drawn()))
        drawn = after(drawn, verbs.draw(drawn, box(10, 10), by=BY))
        assert not drawn.is_absent
        assert drawn.is_assessable
        with pytest.raises(InputError, match="1 deposits are outlined"):
            say(drawn)


@pytest.mark.parametrize("status", [Status.EXCISED, Status.EXTRUDED, Status.NOT_ASSESSABLE])
def test_a_place_is_no_deposit_and_cannot_be_merged_or_split(status):
    drawn = drawn_with(box(10, 10), box(60, 60), names=["thumb", None])
    first, second = (deposit.id for deposit in drawn.deposits)
    drawn = after(drawn, verbs.mark(drawn, first, status, by=BY))
    assert [deposit.id for deposit in drawn.present] == [second]
    assert [deposit.id for deposit in drawn.places] == [first]
    for refused in (lambda: verbs.merge(drawn, [first, second]), lambda: verbs.split(drawn, first)):
        with pytest.raises(InputError, match=str(status)):
            refused()
    drawn = after(drawn, verbs.mark(drawn, first, Status.DRAWN, by=BY))
    assert len(drawn.present) == 2


def test_a_scale_alone_does_not_say_that_the_image_was_read():
    claim = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((0.0, 0.0), (0.0, 100.0)), length_mm=25.0)
    drawn = after(Drawn(), verbs.set_scale(Drawn(), claim))
    assert drawn.scale_claims == (claim,)
    assert drawn.is_silent
    assert after(drawn, verbs.set_scale(drawn)).scale_claims == ()


def test_what_is_taken_over_stays_as_it_is_under_a_new_key():
    theirs = drawn_with(box(10, 10), names=["thumb"])
    theirs = after(theirs, verbs.give_role(theirs, theirs.deposits[0].id, Role.TARGET))
    mine = after(Drawn(), verbs.adopt(Drawn(), theirs.deposits, by=BY))
    assert mine.deposits[0].role is Role.TARGET
    assert mine.deposits[0].id != theirs.deposits[0].id
    with pytest.raises(InputError, match="nothing to take over"):
        verbs.adopt(mine, theirs.deposits, by=BY)
