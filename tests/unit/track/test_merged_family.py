"""The merged family: two deposits become one, which one-to-one matching calls a growth and a loss."""

import math
from datetime import date

import numpy as np
from scipy.optimize import linear_sum_assignment

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.track import Event, Reading
from lesionkit.core.transform import Transform
from lesionkit.geometry.polygon import area
from lesionkit.track import link_deposits

GRID = Grid(shape=(300, 400), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)
BEFORE = ((100, 100, 40, 40), (100, 142, 40, 60))
"""First corners and sides, px: 1,600 and 2,400 px, two columns apart."""
AFTER = ((100, 100, 40, 100),)


def _reading(day, *boxes):
    image = f"{day:%Y}.jpg"
    rings = [[(r, c), (r, c + w), (r + h, c + w), (r + h, c)] for r, c, h, w in boxes]
    deposits = tuple(
        Deposit(id=str(number), image=image, regions=(Outline(exterior=ring),))
        for number, ring in enumerate(rings, start=1)
    )
    return Reading(date=day, image=image, grid=GRID, deposits=deposits)


READINGS = (_reading(date(2012, 3, 1), *BEFORE), _reading(date(2013, 3, 1), *AFTER))
SIZES = {(r.image, d.id): area(d.regions[0].rings) for r in READINGS for d in r.deposits}


def _naive_changes():
    """What one-to-one matching of centres says of each deposit: None where it is called gone."""
    centres = [np.array([(r + h / 2, c + w / 2) for r, c, h, w in boxes]) for boxes in (BEFORE, AFTER)]
    away = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2)
    partner = dict(zip(*linear_sum_assignment(away), strict=True))
    sizes = [[h * w for _, _, h, w in boxes] for boxes in (BEFORE, AFTER)]
    return [
        sizes[1][partner[index]] / size - 1 if index in partner else None
        for index, size in enumerate(sizes[0])
    ]


def test_one_to_one_matching_calls_a_merge_a_growth_and_a_loss():
    changes = _naive_changes()
    assert None in changes
    assert max(change for change in changes if change is not None) > 0.25


def test_a_merged_family_is_one_track_whose_sum_has_not_changed():
    (track,) = link_deposits(
        READINGS,
        {r.image: Transform.identity(r.image, "2012.jpg", axes=2) for r in READINGS},
        patient="P01",
        modality=Modality.XC,
        site="hand",
        dates=[r.date for r in READINGS],
    )
    assert [sighting.event for sighting in track.sightings] == [Event.BASELINE, Event.MERGED]
    before, after = (
        math.fsum(SIZES[sighting.image, deposit] for deposit in sighting.deposits)
        for sighting in track.sightings
    )
    assert math.isclose(after, before)
