from datetime import date

import pytest

from lesionkit.core.image import Modality
from lesionkit.core.track import Presence, Sighting, Track

DAYS = (date(2012, 3, 1), date(2012, 6, 1))


def present(day, *deposits):
    return Sighting(date=day, presence=Presence.PRESENT, image="a.jpg", deposits=deposits or ("1",))


def absent(day):
    return Sighting(date=day, presence=Presence.ABSENT, image="a.jpg")


def unseen(day):
    return Sighting(date=day, presence=Presence.UNSEEN)


def track(*sightings):
    return Track(id="T1", uid="1.2.3", patient="P01", modality=Modality.XC, site="hand", sightings=sightings)


def test_absent_needs_an_image_that_was_looked_at_and_unseen_has_none():
    with pytest.raises(ValueError, match="no image was looked at"):
        Sighting(date=DAYS[0], presence=Presence.ABSENT)
    with pytest.raises(ValueError, match="no image was looked at"):
        Sighting(date=DAYS[0], presence=Presence.UNSEEN, image="a.jpg")


@pytest.mark.parametrize("presence", [Presence.ABSENT, Presence.UNSEEN])
def test_only_a_present_track_has_deposits(presence):
    with pytest.raises(ValueError, match="exactly where it has deposits"):
        Sighting(date=DAYS[0], presence=presence, deposits=("1",))


def test_a_present_track_has_deposits():
    with pytest.raises(ValueError, match="exactly where it has deposits"):
        Sighting(date=DAYS[0], presence=Presence.PRESENT, image="a.jpg")


@pytest.mark.parametrize("days", [(DAYS[1], DAYS[0]), (DAYS[0], DAYS[0])])
def test_sightings_are_in_order_of_time(days):
    with pytest.raises(ValueError, match="order of time"):
        track(*map(present, days))


@pytest.mark.parametrize("nothing", [absent, unseen])
def test_a_track_was_present_at_least_once(nothing):
    with pytest.raises(ValueError, match="never present"):
        track(*map(nothing, DAYS))


def test_a_sighting_is_found_by_its_day():
    given = track(present(DAYS[0]), absent(DAYS[1]))
    assert given.at(DAYS[1]).presence is Presence.ABSENT
    with pytest.raises(KeyError):
        given.at(date(2013, 1, 1))
