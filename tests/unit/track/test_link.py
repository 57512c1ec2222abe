"""Who is who through time, and what became of them: every presence, every event, in closed scenes."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.core.track import Event, Link, MatchedBy, Presence, Reading
from lesionkit.core.transform import Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.track import link_deposits

GRID = Grid(shape=(400, 500), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)
DAYS = tuple(date(2012 + year, 3, 1) for year in range(6))

# One letter per timepoint: what was seen, and what happened.
P, A, U = Presence.PRESENT, Presence.ABSENT, Presence.UNSEEN
BASE, NEW, STAY = Event.BASELINE, Event.NEW, Event.PERSISTING
SPLIT, MERGED, GONE, BACK = Event.SPLIT, Event.MERGED, Event.RESOLVED, Event.REAPPEARED


def box(row, col, rows=20, cols=20):
    """A rectangle by its first corner and its sides, px."""
    ring = [[row, col], [row, col + cols], [row + rows, col + cols], [row + rows, col]]
    return Outline(exterior=np.array(ring, dtype=float))


def deposits(image, *drawn):
    """Deposits of an image: a region, or a name and a region."""
    made = []
    for number, item in enumerate(drawn, start=1):
        name, region = item if isinstance(item, tuple) else (None, item)
        made.append(Deposit(id=name or str(number), image=image, regions=(region,), name=name))
    return tuple(made)


def readings(*scenes, grids=()):
    """One reading per scene; None where nobody read the image of that day."""
    made = []
    for visit, scene in enumerate(scenes):
        if scene is not None:
            image = f"{visit}.jpg"
            grid = grids[visit] if grids else GRID
            made.append(Reading(date=DAYS[visit], image=image, grid=grid, deposits=deposits(image, *scene)))
    return tuple(made)


def onto_first(read, *, matrices=None, unreliable=(), residual=None):
    axes = len(read[0].grid.shape)
    return {
        reading.image: Transform(
            source=reading.image,
            target=read[0].image,
            matrix=(matrices or {}).get(reading.image, np.eye(axes + 1)),
            method="identity" if reading is read[0] else "features",
            residual=residual,
            is_reliable=reading.image not in unreliable,
        )
        for reading in read
    }


def link(*scenes, grids=(), days=None, site="left-hand", modality=Modality.XC, **transforms):
    read = readings(*scenes, grids=grids)
    return link_deposits(
        read,
        onto_first(read, **transforms),
        patient="P01",
        modality=modality,
        site=site,
        dates=DAYS[: days or len(scenes)],
    )


def told(track):
    """Presences and events of a track, one after the other."""
    return [sighting.presence for sighting in track.sightings], [s.event for s in track.sightings]


CLOSE = Quantity(value=0.2, unit=Unit.MM)
"""What a good alignment leaves."""

HERE, THERE = box(100, 100), box(250, 300)


def test_no_reading_makes_no_track():
    assert link_deposits((), {}, patient="P01", modality=Modality.XC, site="s", dates=DAYS) == ()


def test_readings_without_deposits_make_no_track():
    assert link((), ()) == ()


def test_a_deposit_that_stays_persists_by_overlap():
    (track,) = link((HERE,), (box(104, 100),))
    assert told(track) == ([P, P], [BASE, STAY])
    first, later = track.sightings
    assert (first.matched_by, first.match_score, first.is_confirmed) == (None, None, True)
    assert later.matched_by is MatchedBy.OVERLAP
    assert later.match_score is not None
    assert later.match_score > 0.99
    assert later.links == (Link(image="0.jpg", earlier="1", later="1"),)
    assert later.is_confirmed
    assert (track.id, track.patient, track.modality, track.site) == ("T1", "P01", Modality.XC, "left-hand")


def test_a_deposit_that_is_looked_for_in_vain_is_resolved_once_and_absent_after():
    (track,) = link((HERE,), (), ())
    assert told(track) == ([P, A, A], [BASE, GONE, None])
    assert track.sightings[1].image == "1.jpg"


def test_a_deposit_where_an_earlier_reading_saw_nothing_is_new():
    old, new = link((HERE,), (HERE, THERE))
    assert told(old) == ([P, P], [BASE, STAY])
    assert told(new) == ([A, P], [None, NEW])


def test_a_deposit_that_comes_back_at_its_place_is_the_same_and_reappeared():
    (track,) = link((HERE,), (), (HERE,), (HERE,))
    assert told(track) == ([P, A, P, P], [BASE, GONE, BACK, STAY])


@pytest.mark.parametrize("cause", [Status.EXCISED, Status.EXTRUDED])
@pytest.mark.parametrize("name", [None, "thumb"])
def test_a_deposit_marked_as_taken_out_is_absent_by_that_cause_and_no_neighbour_takes_its_place(cause, name):
    scene = (("thumb", HERE) if name else HERE, THERE)
    read = list(readings(scene, (box(100, 121), THERE), (THERE,)))
    where = Deposit(id="1", image="1.jpg", regions=(HERE,), name=name, status=cause)
    read[1] = replace(read[1], removed=(where,))
    tracks = link_deposits(
        read, onto_first(read), patient="P01", modality=Modality.XC, site="s", dates=DAYS[:3]
    )
    taken = next(track for track in tracks if track.sightings[0].deposits == (read[0].deposits[0].id,))
    assert [s.event for s in taken.sightings] == [BASE, Event(cause.value), None]
    assert taken.sightings[1].presence is A
    assert [taken.is_removed(day) for day in DAYS[:3]] == [False, True, True]
    assert not any(track.is_removed(DAYS[2]) for track in tracks if track is not taken)
    assert len(tracks) == 3


def test_a_deposit_that_comes_back_after_excision_reappeared():
    read = list(readings((HERE,), (), (HERE,)))
    where = Deposit(id="1", image="1.jpg", regions=(HERE,), status=Status.EXCISED)
    read[1] = replace(read[1], removed=(where,))
    (track,) = link_deposits(
        read, onto_first(read), patient="P01", modality=Modality.XC, site="s", dates=DAYS[:3]
    )
    assert told(track)[1] == [BASE, Event.EXCISED, BACK]
    assert not track.is_removed(DAYS[2])


def test_a_timepoint_without_a_reading_is_unseen_not_absent():
    (track,) = link((HERE,), None, (HERE,))
    assert told(track) == ([P, U, P], [BASE, None, STAY])
    assert track.sightings[1].image is None


def test_a_gap_of_unseen_neither_resolves_nor_makes_reappear():
    (track,) = link((HERE,), (), None, (), None, (HERE,))
    assert told(track) == ([P, A, U, A, U, P], [BASE, GONE, None, None, None, BACK])
    (track,) = link((HERE,), None, ())
    assert told(track) == ([P, U, A], [BASE, None, GONE])


def test_timepoints_before_the_first_and_after_the_last_reading_are_unseen():
    (track,) = link(None, (HERE,), days=3)
    assert told(track) == ([U, P, U], [None, BASE, None])


SMALL = Grid(shape=(200, 500), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)


def test_a_deposit_outside_the_imaged_site_is_unseen_not_absent():
    (track,) = link((THERE,), (), (THERE,), grids=(GRID, SMALL, GRID))
    assert told(track) == ([P, U, P], [BASE, None, STAY])


def test_a_deposit_first_drawn_where_no_earlier_picture_looked_is_baseline_not_new():
    (track,) = link((), (THERE,), grids=(SMALL, GRID))
    assert told(track) == ([U, P], [None, BASE])


def test_a_deposit_one_earlier_picture_did_look_for_is_new_though_another_did_not():
    (track,) = link((), (), (THERE,), grids=(SMALL, GRID, GRID))
    assert told(track) == ([U, A, P], [None, None, NEW])


def test_a_family_of_which_a_part_lies_outside_the_picture_is_unseen():
    (track,) = link((box(150, 100, rows=200),), (box(150, 100), box(320, 100)), (), grids=(GRID, GRID, SMALL))
    assert told(track) == ([P, P, U], [BASE, SPLIT, None])


WHOLE = box(100, 100, cols=80)
PARTS = (box(100, 100, cols=30), box(100, 150, cols=30))


def test_a_deposit_that_splits_stays_one_track():
    (track,) = link((WHOLE,), PARTS, PARTS)
    assert told(track) == ([P, P, P], [BASE, SPLIT, STAY])
    assert [sighting.deposits for sighting in track.sightings] == [("1",), ("1", "2"), ("1", "2")]
    assert [(link.earlier, link.later) for link in track.sightings[1].links] == [("1", "1"), ("1", "2")]
    assert [(link.earlier, link.later) for link in track.sightings[2].links] == [("1", "1"), ("2", "2")]


def test_deposits_that_merge_are_one_track_with_two_at_baseline():
    (track,) = link(PARTS, (WHOLE,), (WHOLE,))
    assert told(track) == ([P, P, P], [BASE, MERGED, STAY])
    assert track.sightings[0].deposits == ("1", "2")


def test_a_split_that_merges_again_stays_one_track():
    (track,) = link((WHOLE,), PARTS, (WHOLE,))
    assert told(track) == ([P, P, P], [BASE, SPLIT, MERGED])


def test_a_part_that_vanishes_is_not_a_merge():
    (track,) = link((WHOLE,), PARTS, PARTS[:1])
    assert told(track) == ([P, P, P], [BASE, SPLIT, STAY])


def test_a_part_that_vanished_and_comes_back_belongs_to_its_family():
    (track,) = link((WHOLE,), PARTS, PARTS[:1], PARTS)
    assert told(track)[0] == [P, P, P, P]
    assert track.sightings[3].deposits == ("1", "2")


def test_a_deposit_that_grew_over_its_old_place_or_shrank_into_it_is_the_same():
    large, small = box(50, 50, rows=200, cols=300), box(120, 160, rows=3, cols=4)
    for scenes in (((large,), (small,)), ((small,), (large,))):
        (track,) = link(*scenes, residual=CLOSE)
        assert told(track) == ([P, P], [BASE, STAY])
        # So large a change is told, and not sworn to.
        assert not track.sightings[1].is_confirmed


def test_neighbours_that_almost_touch_stay_two_though_drawn_a_little_off():
    left, right = box(100, 100), box(100, 121)
    for shift in (-4, -2, 0, 2, 4):
        tracks = link((left, right), (box(101, 100 + shift), box(99, 121 + shift)))
        assert [told(track)[1] for track in tracks] == [[BASE, STAY], [BASE, STAY]]


def test_of_neighbours_the_one_that_vanished_is_resolved_though_the_other_is_drawn_a_little_off():
    left, right = box(100, 100), box(100, 121)
    stayed, vanished = link((left, right), (box(100, 104),), residual=CLOSE)
    assert told(stayed) == ([P, P], [BASE, STAY])
    assert told(vanished) == ([P, A], [BASE, GONE])


def test_a_new_neighbour_that_touches_is_new():
    old, new = link((box(100, 100),), (box(100, 100), box(100, 119)))
    assert told(old)[1] == [BASE, STAY]
    assert told(new)[1] == [None, NEW]


def test_a_hole_is_not_part_of_a_deposit():
    ring = Outline(exterior=box(100, 100, rows=60, cols=60).exterior, holes=(box(110, 110, 40, 40).exterior,))
    tracks = link((ring,), (ring, box(120, 120)), residual=CLOSE)
    assert [told(track)[1] for track in tracks] == [[BASE, STAY], [None, NEW]]


def test_without_shared_ground_the_nearest_of_like_size_is_taken():
    (track,) = link((HERE,), (box(100, 124),))
    later = track.sightings[1]
    assert later.matched_by is MatchedBy.PROXIMITY


def test_far_beyond_its_width_it_is_another_deposit_and_in_between_nobody_is_sure():
    (track,) = link((HERE,), (box(100, 124),))
    assert track.sightings[1].is_confirmed
    for column in (136, 150):
        tracks = link((HERE,), (box(100, column),))
        assert not any(track.sightings[1].is_confirmed for track in tracks)
    old, new = link((HERE,), (box(100, 180),))
    assert (told(old)[1], told(new)[1]) == ([BASE, GONE], [None, NEW])
    assert old.sightings[1].is_confirmed
    assert new.sightings[1].is_confirmed


def test_a_larger_residual_of_the_alignment_widens_the_gate():
    residual = Quantity(value=2.0, unit=Unit.MM)
    assert len(link((HERE,), (box(100, 136),), residual=CLOSE)) == 2
    assert len(link((HERE,), (box(100, 136),), residual=residual)) in (1, 2)
    assert len(link((HERE,), (box(100, 136),), residual=Quantity(value=4.0, unit=Unit.MM))) == 1
    assert len(link((HERE,), (box(100, 250),), residual=residual)) == 2


def test_beside_its_place_a_deposit_of_unlike_size_is_less_likely_the_same():
    (like,) = link((HERE,), (box(100, 121, rows=20, cols=20),))
    others = link((HERE,), (box(100, 121, rows=60, cols=80),))
    assert like.sightings[1].is_confirmed
    assert not any(track.sightings[1].is_confirmed for track in others)


def test_deposits_that_strayed_side_by_side_are_assigned_one_to_one():
    first = (box(100, 100, cols=8), box(100, 120, cols=8))
    later = (box(100, 109, cols=8), box(100, 129, cols=8))
    one, other = link(first, later)
    assert [s.deposits for s in one.sightings] == [("1",), ("1",)]
    assert [s.deposits for s in other.sightings] == [("2",), ("2",)]


def test_without_a_scale_nearness_is_counted_in_pixels():
    grid = Grid(shape=(400, 500))
    (track,) = link((HERE,), (box(100, 124),), grids=(grid, grid))
    assert track.sightings[1].is_confirmed
    assert len(link((HERE,), (box(100, 190),), grids=(grid, grid))) == 2


def test_outlines_are_carried_by_the_alignment():
    shift = np.array([[0.0, 1.0, -30], [-1.0, 0.0, 260], [0, 0, 1]])
    (track,) = link((HERE,), (box(140, 130),), matrices={"1.jpg": shift})
    assert track.sightings[1].match_score == pytest.approx(1.0, abs=0.02)
    shrunk = Grid(shape=(100, 125), spacing_mm=(2.0, 1.6), scale_source=ScaleSource.RULER)
    larger = np.diag([4.0, 4.0, 1.0])
    (track,) = link((HERE,), (box(25, 25, 5, 5),), matrices={"1.jpg": larger}, grids=(GRID, shrunk))
    assert track.sightings[1].match_score == pytest.approx(1.0, abs=0.02)


def test_what_lies_behind_the_horizon_of_a_perspective_is_unseen():
    tilted = np.array([[1.0, 0, 0], [0, 1, 0], [-0.004, 0, 1]])
    view = Grid(shape=(200, 500), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)
    tall = Grid(shape=(5000, 9000), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)
    (track,) = link((box(4000, 5000),), (), matrices={"1.jpg": tilted}, grids=(tall, view))
    assert told(track) == ([P, U], [BASE, None])


def test_a_name_ties_deposits_wherever_they_lie():
    (track,) = link((("knuckle", HERE),), (("knuckle", THERE),))
    assert (track.id, told(track)[1]) == ("knuckle", [BASE, STAY])
    later = track.sightings[1]
    assert (later.matched_by, later.match_score, later.is_confirmed) == (MatchedBy.NAME, 1.0, True)


def test_two_names_are_never_one_track_though_they_overlap():
    a, b = link((("a", HERE),), (("b", HERE),))
    assert (a.id, told(a)) == ("a", ([P, A], [BASE, GONE]))
    assert (b.id, told(b)) == ("b", ([A, P], [None, NEW]))


def test_of_two_named_deposits_drawn_as_one_the_name_kept_goes_on():
    a, b = link((("a", PARTS[0]), ("b", PARTS[1])), (("b", WHOLE),))
    assert told(a) == ([P, A], [BASE, GONE])
    assert told(b) == ([P, P], [BASE, STAY])


def test_two_named_deposits_under_one_unnamed_go_on_as_the_one_that_shares_more():
    a, b = link((("a", PARTS[0]), ("b", PARTS[1])), (box(100, 118, cols=70),))
    assert (a.id, told(a)[1]) == ("a", [BASE, GONE])
    assert (b.id, told(b)[1]) == ("b", [BASE, STAY])


def test_an_unnamed_deposit_joins_a_named_track_by_overlap():
    (track,) = link((("a", HERE),), (HERE,), (("a", HERE),))
    assert track.id == "a"
    assert [s.matched_by for s in track.sightings] == [None, MatchedBy.OVERLAP, MatchedBy.NAME]


def test_an_unnamed_deposit_does_not_join_a_name_that_is_used_beside_it():
    named, unnamed = link((("a", HERE),), (("a", THERE), HERE))
    assert (named.id, told(named)[1]) == ("a", [BASE, STAY])
    assert (unnamed.id, told(unnamed)[1]) == ("T1", [None, NEW])


def test_a_name_given_late_names_the_whole_track():
    (track,) = link((HERE,), (HERE,), (("a", HERE),))
    assert (track.id, told(track)[1]) == ("a", [BASE, STAY, STAY])


def test_one_name_borne_by_several_deposits_is_one_track():
    parts = tuple(("a", part) for part in PARTS)
    (track,) = link((("a", WHOLE),), parts, (("a", WHOLE),))
    assert told(track)[1] == [BASE, SPLIT, MERGED]


def test_a_track_number_does_not_take_a_name_a_person_gave():
    tracks = link((("T1", HERE), THERE))
    assert [track.id for track in tracks] == ["T1", "T2"]


def test_tracks_are_numbered_by_first_sighting_and_then_by_place():
    tracks = link((box(200, 10), box(10, 300), box(10, 10)), (box(1, 400), box(200, 10)))
    assert [(t.id, t.sightings[0].deposits, t.sightings[1].deposits) for t in tracks] == [
        ("T1", ("3",), ()),
        ("T2", ("2",), ()),
        ("T3", ("1",), ("2",)),
        ("T4", (), ("1",)),
    ]


def test_what_rests_on_a_failed_alignment_is_unconfirmed():
    stayed, gone, new = link((HERE, THERE), (HERE, box(20, 20)), unreliable=("1.jpg",))
    assert [told(track)[1][1] for track in (stayed, gone, new)] == [STAY, GONE, NEW]
    assert [track.sightings[1].is_confirmed for track in (stayed, gone, new)] == [False, False, False]
    assert stayed.sightings[0].is_confirmed


def test_a_missing_transform_is_identity_and_unconfirmed():
    read = readings((HERE,), (HERE,))
    (track,) = link_deposits(read, {}, patient="P01", modality=Modality.XC, site="s", dates=DAYS[:2])
    assert [sighting.is_confirmed for sighting in track.sightings] == [True, False]


def test_names_are_confirmed_whatever_the_alignment():
    a, b = link((("a", HERE), ("b", THERE)), (("a", HERE),), (("c", THERE),), unreliable=("1.jpg", "2.jpg"))[
        :2
    ]
    assert [sighting.is_confirmed for sighting in a.sightings] == [True, True, True]
    assert [sighting.is_confirmed for sighting in b.sightings] == [True, True, True]


def test_a_name_missing_beside_an_unnamed_deposit_is_not_surely_gone():
    (a, _) = link((("a", HERE),), (THERE,), unreliable=("1.jpg",))
    assert told(a) == ([P, A], [BASE, GONE])
    assert not a.sightings[1].is_confirmed


def test_nothing_at_all_is_surely_nothing_whatever_the_alignment():
    (track,) = link((HERE,), (), unreliable=("1.jpg",))
    assert told(track) == ([P, A], [BASE, GONE])
    assert track.sightings[1].is_confirmed


def test_a_failed_alignment_in_between_does_not_spoil_the_next_one():
    far = np.array([[1.0, 0, 9], [0, 1, 0], [0, 0, 1]])
    (track,) = link((HERE,), (HERE,), (HERE,), unreliable=("1.jpg",), matrices={"1.jpg": far})
    assert [sighting.is_confirmed for sighting in track.sightings] == [True, False, True]
    assert track.sightings[2].match_score == pytest.approx(1.0, abs=0.02)


def _with_uid(deposit, uid):
    return replace(deposit, tracking_uid=uid)


def _uid_of(*scenes, uids=(), **how):
    read = readings(*scenes)
    rows = uids or [[None] * len(reading.deposits) for reading in read]
    given = [
        replace(r, deposits=tuple(map(_with_uid, r.deposits, row))) for r, row in zip(read, rows, strict=True)
    ]
    who = {"patient": "P01", "modality": Modality.XC, "site": "s"} | how
    tracks = link_deposits(given, onto_first(read), dates=DAYS[: len(read)], **who)
    return [track.uid for track in tracks]


def test_a_tracking_uid_given_before_is_kept():
    assert _uid_of((HERE,), (HERE,), uids=[[None], ["1.2.840.1"]]) == ["1.2.840.1"]


def test_contradicting_tracking_uids_give_way_to_a_made_one():
    (uid,) = _uid_of((HERE,), (HERE,), uids=[["1.2.840.2"], ["1.2.840.1"]])
    assert uid.startswith("2.25.")


def test_a_tracking_uid_copied_onto_two_deposits_is_not_given_twice():
    first, second = _uid_of((HERE, THERE), uids=[["1.2.840.1", "1.2.840.1"]])
    assert first == "1.2.840.1"
    assert second.startswith("2.25.")


def test_a_made_uid_stays_with_its_place_when_another_deposit_is_drawn_before_it():
    (alone,) = _uid_of((HERE,), (HERE,))
    assert alone in _uid_of((THERE, HERE), (THERE, HERE))


def test_made_uids_are_valid_always_the_same_and_different_for_each_track():
    scene = ((("a", HERE), THERE, box(20, 20)),)
    uids = _uid_of(*scene)
    assert uids == _uid_of(*scene)
    others = (
        _uid_of(*scene, patient="P02") + _uid_of(*scene, site="t") + _uid_of(*scene, modality=Modality.CT)
    )
    assert len({*uids, *others}) == 12
    assert all(uid.startswith("2.25.") and len(uid) <= 64 and uid[5] != "0" for uid in uids)
    assert _uid_of(*scene, modality=Modality.CR) == _uid_of(*scene, modality=Modality.DX)


def test_cr_and_dx_are_one_stream():
    (track,) = link((HERE,), modality=Modality.CR)
    assert track.modality is Modality.DX


@pytest.mark.parametrize("dates", [(DAYS[1], DAYS[0]), (DAYS[0], DAYS[0]), (DAYS[1],)])
def test_dates_out_of_order_or_missing_are_an_error(dates):
    read = readings((HERE,))
    with pytest.raises(ValueError, match=r"timepoints|order"):
        link_deposits(read, {}, patient="P01", modality=Modality.XC, site="s", dates=dates)


def test_a_transform_of_other_axes_is_an_error():
    read = readings((HERE,), ())
    volume = Transform.identity("1.jpg", "0.jpg", axes=3)
    with pytest.raises(ValueError, match="axes"):
        link_deposits(read, {"1.jpg": volume}, patient="P", modality=Modality.XC, site="s", dates=DAYS[:2])


def _volume(shape, spacing_mm):
    return Grid(shape=shape, spacing_mm=spacing_mm, scale_source=ScaleSource.PATIENT_PLANE)


def _voxels(origin, shape):
    return Mask(voxels=np.ones(shape, dtype=bool), origin=origin)


def test_masks_on_different_grids_are_compared_without_resampling():
    grids = (_volume((20, 60, 60), (5.0, 1.0, 1.0)), _volume((100, 30, 40), (1.0, 2.0, 1.5)))
    onto = np.diag([1 / 5, 2.0, 1.5, 1.0])
    onto[:3, 3] = [(0.5 * 1 - 2.5) / 5, 0.5, 0.25]
    coarse, fine = _voxels((4, 20, 30), (1, 12, 12)), _voxels((20, 10, 20), (5, 6, 8))
    (track,) = link((coarse,), (fine,), grids=grids, matrices={"1.jpg": onto}, modality=Modality.CT)
    assert told(track)[1] == [BASE, STAY]
    assert track.sightings[1].match_score == pytest.approx(1.0, abs=0.01)


def test_planes_of_a_volume_keep_deposits_apart():
    grid = _volume((20, 60, 60), (5.0, 1.0, 0.8))
    low, high = _voxels((3, 20, 20), (1, 6, 6)), _voxels((9, 20, 20), (1, 6, 6))
    tracks = link((low,), (high,), grids=(grid, grid), modality=Modality.CT)
    assert [told(track)[1] for track in tracks] == [[BASE, GONE], [None, NEW]]


def test_an_outline_on_a_plane_and_a_mask_are_compared():
    grid = _volume((20, 60, 60), (5.0, 1.0, 0.8))
    ring = Outline(exterior=box(19.5, 19.5, 6, 6).exterior, plane=3)
    for plane, count in ((3, 1), (9, 2)):
        mask = _voxels((plane, 20, 20), (1, 6, 6))
        assert len(link((ring,), (mask,), grids=(grid, grid), modality=Modality.CT)) == count


def test_a_single_voxel_that_moved_to_the_next_is_the_same():
    grid = _volume((20, 60, 60), (5.0, 1.0, 0.8))
    (track,) = link(
        (_voxels((3, 20, 20), (1, 1, 1)),),
        (_voxels((3, 20, 21), (1, 1, 1)),),
        grids=(grid, grid),
        modality=Modality.CT,
    )
    assert track.sightings[1].matched_by is MatchedBy.PROXIMITY


boxes = st.builds(
    box, st.integers(0, 60), st.integers(0, 60), rows=st.integers(3, 25), cols=st.integers(3, 25)
)
items = st.one_of(boxes, st.tuples(st.sampled_from("ab"), boxes))
scenes = st.lists(st.lists(items, max_size=4), min_size=1, max_size=4)


def _link(read):
    return link_deposits(
        read,
        onto_first(read),
        patient="P",
        modality=Modality.XC,
        site="s",
        dates=[r.date for r in read],
    )


def _drawn(history):
    """Readings whose deposits are numbered, so that names may repeat within one."""
    return [
        Reading(
            date=DAYS[visit],
            image=f"{visit}.jpg",
            grid=GRID,
            deposits=tuple(
                Deposit(
                    id=str(number),
                    image=f"{visit}.jpg",
                    name=item[0] if isinstance(item, tuple) else None,
                    regions=(item[1] if isinstance(item, tuple) else item,),
                )
                for number, item in enumerate(scene)
            ),
        )
        for visit, scene in enumerate(history)
    ]


def _shuffled(reading, random):
    deposits = list(reading.deposits)
    random.shuffle(deposits)
    return replace(reading, deposits=tuple(deposits))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(scenes, st.randoms(use_true_random=False))
def test_tracks_do_not_depend_on_the_order_of_deposits(history, random):
    read = _drawn(history)
    assert _link(read) == _link([_shuffled(reading, random) for reading in read])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(scenes)
def test_every_deposit_belongs_to_one_track_and_no_track_to_two_names(history):
    read = _drawn(history)
    tracks = _link(read)
    names = {(r.image, d.id): d.name for r in read for d in r.deposits}
    seen = [(s.image, d) for track in tracks for s in track.sightings for d in s.deposits]
    assert sorted(seen) == sorted(names)
    for track in tracks:
        borne = {names[s.image, d] for s in track.sightings for d in s.deposits} - {None}
        assert borne <= {track.id}
    assert len({track.id for track in tracks}) == len(tracks) == len({track.uid for track in tracks})


@settings(max_examples=30, deadline=None, derandomize=True)
@given(scenes, st.integers(0, 200), st.integers(0, 200))
def test_tracks_do_not_depend_on_where_the_limb_lies(history, rows, cols):
    def at(offset):
        return link(*[[_moved(item, offset) for item in scene] for scene in history])

    def seen(tracks):
        return [
            (t.id, [(s.presence, s.event, s.matched_by, s.deposits) for s in t.sightings]) for t in tracks
        ]

    assert seen(at((0, 0))) == seen(at((rows, cols)))


def _moved(item, offset):
    if isinstance(item, tuple):
        return (item[0], _moved(item[1], offset))
    return Outline(exterior=item.exterior + offset)
