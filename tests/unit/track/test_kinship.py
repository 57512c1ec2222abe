"""Parts and partners judged beside their company: close by, filling the whole, making up its size."""

from datetime import date

import numpy as np

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
from lesionkit.track.kinship import Placed, log_odds

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


def odds(whole, main, part, *, off=0.0):
    """Log odds that `part` is a part of `whole`, whose other part is `main`; all misaligned by `off` mm."""
    readings = (reading(0, whole), reading(1, main, part))
    views = view_readings(readings, onto_first(readings, 1.0))
    placed = [
        Placed(
            footprint=Footprint(view=view, deposit=deposit, first=GRID),
            shift=np.array([0.0, off if view.index else 0.0]),
            variance=0.5,
        )
        for view in views
        for deposit in view.reading.deposits
    ]
    return log_odds(placed[0], placed[1:2], placed[2])


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
