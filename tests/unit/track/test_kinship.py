"""Parts and partners judged beside their company: close by, filling the whole, making up its size."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.track import Event, Reading
from lesionkit.core.transform import Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.track import link_deposits
from lesionkit.track.assignment import assign
from lesionkit.track.evidence import Evidence
from lesionkit.track.footprint import Footprint, view_readings
from lesionkit.track.kinship import CURVES, Placed, log_odds, traits

GRID = Grid(shape=(400, 500), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)


def disc(row_mm, col_mm, radius_mm, *, longer=1.0):
    """A disc, or an ellipse along the columns, by its centre and radius in mm."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    rows = row_mm + radius_mm * np.sin(angles)
    cols = col_mm + longer * radius_mm * np.cos(angles)
    return Outline(exterior=np.column_stack([rows / 0.5, cols / 0.4]))


def reading(visit, *outlines):
    image = f"{visit}.jpg"
    deposits = tuple(
        Deposit(id=str(number), image=image, regions=(outline,)) for number, outline in enumerate(outlines)
    )
    return Reading(date=date(2012 + visit, 3, 1), image=image, grid=GRID, deposits=deposits)


def onto_first(readings, residual_mm):
    return {
        read.image: Transform(
            source=read.image,
            target="0.jpg",
            matrix=np.eye(3),
            method="features",
            residual=Quantity(value=residual_mm, unit=Unit.MM),
        )
        for read in readings
    }


def placed(whole, main, part, *, off=0.0):
    """A whole, its other part and what is asked about; the parts misaligned by `off` mm."""
    readings = (reading(0, whole), reading(1, main, part))
    views = view_readings(readings, onto_first(readings, 1.0))
    found = [
        Placed(
            footprint=Footprint(view=view, deposit=deposit, first=GRID),
            shift=np.array([0.0, off if view.index else 0.0]),
            variance=0.5,
        )
        for view in views
        for deposit in view.reading.deposits
    ]
    return found[0], found[1:2], found[2]


def odds(*outlines, off=0.0):
    """Log odds that the last is a part of the first, whose other part is the second."""
    return log_odds(*placed(*outlines, off=off))


WHOLE = disc(80, 80, 3, longer=2)
MAIN, PART = disc(80, 77, 2.4), disc(80, 83, 2.4)


def test_two_halves_that_fill_the_outline_of_the_whole_are_its_parts():
    assert odds(WHOLE, MAIN, PART) > 2


def test_a_deposit_beside_one_that_goes_on_unchanged_is_no_part_of_it():
    assert odds(disc(80, 77, 2.4), MAIN, PART) < 0 < odds(WHOLE, MAIN, PART)


def test_a_part_far_from_the_others_is_less_likely_one():
    assert (
        odds(WHOLE, MAIN, disc(80, 92, 2.4)) < odds(WHOLE, MAIN, disc(80, 86, 2.4)) < odds(WHOLE, MAIN, PART)
    )


def test_parts_that_outweigh_the_whole_are_less_likely_parts():
    assert odds(WHOLE, MAIN, disc(80, 85, 5)) < odds(WHOLE, MAIN, PART)


def test_what_lies_beside_its_company_is_told_through_a_poor_alignment():
    assert odds(WHOLE, MAIN, PART, off=2.5) > 0


def test_traits_of_discs_are_those_of_geometry():
    found = traits(*placed(disc(80, 80, 4), disc(80, 78, 2), disc(80, 84, 1)))
    assert found["gap"] == pytest.approx(1, abs=0.06)
    assert found["away"] == pytest.approx(1, abs=0.02)
    assert found["share"] == pytest.approx(np.log(1 / 4), abs=0.01)
    assert found["surplus"] == pytest.approx(np.log(5 / 16) / 2, abs=0.01)
    assert found["along"] == pytest.approx(1, abs=0.03)
    assert found["off"] == found["missed"] == 0


def test_the_whole_is_long_along_the_line_of_its_parts_or_across_it():
    lying, standing = disc(80, 80, 3, longer=2), disc(80, 80, 6, longer=0.5)
    # Of an ellipse of axes 2 to 1 the mean spread is the root of (4 + 1) / 2; 64 points tell it roughly.
    for whole, spread in ((lying, 2), (standing, 1)):
        found = traits(*placed(whole, MAIN, PART))
        assert found["along"] == pytest.approx(spread / np.sqrt(2.5), rel=0.1)
    assert odds(lying, MAIN, PART) > odds(standing, MAIN, PART)


def test_what_was_looked_for_in_vain_is_less_likely_a_part():
    whole, company, part = placed(WHOLE, MAIN, PART)
    assert log_odds(replace(whole, missed=True), company, part) < log_odds(whole, company, part)


def test_each_trait_speaks_one_way_all_along():
    rising = {"inside", "explains", "along"}
    assert set(CURVES) == set(traits(*placed(WHOLE, MAIN, PART)))
    for name, (knots, weights) in CURVES.items():
        assert np.all(np.diff(knots) > 0), name
        assert np.all(np.diff(weights) * (1 if name in rising else -1) >= 0), name


def _events(*scenes, residual_mm):
    readings = [reading(visit, *scene) for visit, scene in enumerate(scenes)]
    tracks = link_deposits(
        readings,
        onto_first(readings, residual_mm),
        patient="P01",
        modality=Modality.XC,
        site="hand",
        dates=[read.date for read in readings],
    )
    return sorted([sighting.event for sighting in track.sightings if sighting.event] for track in tracks)


def test_a_split_and_a_merge_are_found_where_the_alignment_is_off_by_a_radius():
    far = disc(30, 150, 3)
    halves = (disc(81.5, 79, 2.2), disc(81.5, 85, 2.2), disc(31.5, 152, 3))
    assert _events((WHOLE, far), halves, residual_mm=1.5) == [
        [Event.BASELINE, Event.PERSISTING],
        [Event.BASELINE, Event.SPLIT],
    ]
    assert _events(halves, (WHOLE, far), residual_mm=1.5) == [
        [Event.BASELINE, Event.MERGED],
        [Event.BASELINE, Event.PERSISTING],
    ]


def test_a_small_neighbour_that_vanishes_has_not_merged():
    assert _events((disc(80, 80, 3), disc(80, 87, 1.5)), (disc(80, 80, 3),), residual_mm=0.5) == [
        [Event.BASELINE, Event.PERSISTING],
        [Event.BASELINE, Event.RESOLVED],
    ]


def test_no_part_of_a_split_is_itself_made_of_several():
    one = np.array([[4.0, 1.0], [1.0, 1.0]])
    side = np.array([[-9.0, 6.0], [6.0, -9.0]])
    found = assign(Evidence(one=one, part=side, partner=side))
    rows, columns = [match.earlier for match in found], [match.later for match in found]
    assert not any(rows.count(match.earlier) > 1 and columns.count(match.later) > 1 for match in found), found
    assert found
