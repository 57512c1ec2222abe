"""A deposit on a finger that moved by itself is followed as the finger moved."""

from datetime import date

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.track import Presence, Reading
from lesionkit.core.transform import Part, Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.track import link_deposits
from lesionkit.track.footprint import Footprint, view_readings

DAYS = (date(2020, 1, 1), date(2021, 1, 1))
GRID = Grid(shape=(400, 300), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.DETECTOR_PLANE)
LEFT = Quantity(value=0.3, unit=Unit.MM)
FINGER_LEFT = Quantity(value=0.5, unit=Unit.MM)


def box(row, col, *, high=12, wide=10):
    return Outline(exterior=[(row, col), (row, col + wide), (row + high, col + wide), (row + high, col)])


def shifted(*, down, across):
    matrix = np.eye(3)
    matrix[:2, 2] = down, across
    return matrix


def finger(*, down, across, is_reliable=True, residual=FINGER_LEFT):
    """Return the upper left quarter of the later picture, which lies elsewhere on the first one."""
    return Part(
        here=(box(0, 0, high=150, wide=99),),
        there=(box(down, across, high=150, wide=99),),
        matrix=shifted(down=down, across=across),
        residual=residual,
        is_reliable=is_reliable,
    )


def reading(visit, *outlines):
    image = f"{visit}.dcm"
    deposits = tuple(
        Deposit(id=f"{number}", image=image, regions=(outline,)) for number, outline in enumerate(outlines, 1)
    )
    return Reading(date=DAYS[visit], image=image, grid=GRID, deposits=deposits)


def laid(*parts):
    return {
        "0.dcm": Transform.identity("0.dcm", "0.dcm", axes=2),
        "1.dcm": Transform(
            source="1.dcm", target="0.dcm", matrix=np.eye(3), method="features", residual=LEFT, parts=parts
        ),
    }


def link(first, later, *parts):
    return link_deposits(
        (reading(0, *first), reading(1, *later)),
        laid(*parts),
        patient="P01",
        modality=Modality.DX,
        site="hand",
        dates=DAYS,
    )


def ids(tracks):
    return sorted(tuple(sighting.deposits for sighting in track.sightings) for track in tracks)


def test_deposits_on_a_spread_finger_go_with_it_though_each_lies_where_its_neighbour_was():
    first = (box(60, 120), box(60, 150))
    later = (box(60, 30), box(60, 60))
    tracks = link(first, later, finger(down=0, across=90))
    assert ids(tracks) == [(("1",), ("1",)), (("2",), ("2",))]
    assert all(track.sightings[1].is_confirmed for track in tracks)
    assert len(link(first, later)) == 4


def test_a_deposit_is_laid_as_what_most_of_it_lies_on_and_with_the_residual_of_that():
    read = (reading(0), reading(1, box(60, 30), box(60, 92), box(60, 96)))
    view = view_readings(read, laid(finger(down=0, across=90)))[1]
    prints = [Footprint(view=view, deposit=each, first=GRID) for each in read[1].deposits]
    assert [one.view.residual for one in prints] == [0.5, 0.5, 0.3]
    assert [round(float(one.centre[1])) for one in prints] == [125, 187, 101]
    assert view.residual == 0.3


def test_a_place_on_a_finger_is_looked_for_where_the_finger_went():
    view = view_readings((reading(0), reading(1)), laid(finger(down=0, across=190)))[1]
    assert view.shows(np.array([[60.0, 285.0]]))
    off = view_readings((reading(0), reading(1)), laid(finger(down=160, across=0)))[1]
    assert off.shows(np.array([[170.0, 20.0]]))


def test_a_deposit_on_a_finger_that_left_the_picture_is_unseen_not_absent():
    away = Part(here=(), there=(box(50, 50, high=60, wide=60),), matrix=shifted(down=300, across=0))
    (track,) = link((box(60, 60),), (), away)
    assert track.sightings[1].presence is Presence.UNSEEN


@pytest.mark.parametrize(("is_reliable", "confirmed"), [(True, True), (False, False)])
def test_a_match_through_a_part_of_which_nothing_is_known_is_unconfirmed(is_reliable, confirmed):
    part = finger(down=0, across=0, is_reliable=is_reliable, residual=None)
    tracks = link((box(60, 30), box(300, 200)), (box(60, 30), box(300, 200)), part)
    assert ids(tracks) == [(("1",), ("1",)), (("2",), ("2",))]
    on_finger = next(track for track in tracks if track.sightings[0].deposits == ("1",))
    assert on_finger.sightings[1].is_confirmed is confirmed
    assert all(track.sightings[1].is_confirmed for track in tracks if track is not on_finger)


@pytest.mark.parametrize(("is_reliable", "confirmed"), [(True, True), (False, False)])
def test_what_is_gone_from_a_finger_of_which_nothing_is_known_is_not_surely_gone(is_reliable, confirmed):
    part = finger(down=0, across=0, is_reliable=is_reliable)
    tracks = link((box(60, 30), box(300, 200)), (box(300, 200),), part)
    gone = next(track for track in tracks if track.sightings[1].presence is Presence.ABSENT)
    assert gone.sightings[1].is_confirmed is confirmed


@pytest.mark.parametrize(("is_reliable", "confirmed"), [(True, True), (False, False)])
def test_what_is_new_on_a_finger_of_which_nothing_is_known_is_not_surely_new(is_reliable, confirmed):
    part = finger(down=0, across=0, is_reliable=is_reliable)
    tracks = link((box(300, 200),), (box(60, 30), box(300, 200)), part)
    new = next(track for track in tracks if track.sightings[0].presence is Presence.ABSENT)
    assert new.sightings[1].is_confirmed is confirmed
