"""Two timepoints of a site, back and forth, closed and opened again."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import Hand, blob
from napari_lesionkit import _compat as compat

from lesionkit.core.region import Status

pytestmark = pytest.mark.canvas
Open = Callable[..., Hand]


def test_earlier_outlines_are_carried_confirmed_and_measured_as_shown(open_hand: Open, cohort: Path) -> None:
    hand = open_hand(cohort, number=1)
    stage = hand.desk.stage
    assert stage.is_side_by_side
    assert len(stage.before_lines.data) == 2
    assert len(stage.ghosts.data) == 2  # where the earlier outlines lie here
    hand.press("Shift+W")
    hand.idle()
    drawn = hand.desk.draft.drawn.deposits
    assert {deposit.name for deposit in drawn} == {"thumb", "wrist"}
    assert {deposit.status for deposit in drawn} == {Status.SUGGESTED}
    hand.press("W")
    assert {d.status for d in hand.desk.draft.drawn.deposits} == {Status.CONFIRMED}

    # drawn into the right one of two pictures, a line lies where it was clicked
    hand.press("P")
    square = np.array([[200.0, 40.0], [200.0, 60.0], [220.0, 60.0], [220.0, 40.0]])
    hand.polygon(square)
    new = hand.desk.draft.drawn.deposits[-1]
    pixel = 1 / (compat.camera_of(hand.viewer).zoom * stage.lines.scale[-1])
    assert np.abs(new.regions[0].exterior - square).max() <= pixel

    hand.until(lambda: hand.desk.draft.is_saved)
    shown = {row.called: row for row in hand.desk.rows()}
    verdict = hand.desk.verdict()
    hand.panel.close_session()

    # opened again, everything is as it was
    again = open_hand(cohort, number=1)
    assert {row.called: row.size for row in again.desk.rows()} == {
        name: row.size for name, row in shown.items()
    }
    assert again.desk.verdict() == verdict
    again.panel.close_session()

    # and `lesionkit measure` gives the numbers that the table showed
    from lesionkit.cli import main

    assert main(["measure", str(cohort), "--quiet"]) == 0
    table = cohort / "derivatives/lesionkit/measurements.csv"
    rows = [row for row in csv.DictReader(table.open(encoding="utf-8")) if row["date"] == "2013-03-01"]
    assert len(rows) == 3
    for row in rows:
        assert float(row["area_mm2"]) == pytest.approx(shown[row["deposit"]].size.value, rel=1e-6)
        assert float(row["long_axis_mm"]) == pytest.approx(shown[row["deposit"]].long_axis.value, rel=1e-6)
    assert verdict.startswith("Progressive")


def test_a_window_lives_through_fifty_switches_and_views(open_hand: Open, cohort: Path) -> None:
    hand = open_hand(cohort, number=0)
    lines = hand.desk.stage.lines
    for number in range(50):
        hand.press("," if number % 2 else ".")
        hand.until(
            lambda number=number: hand.desk.image is not None and hand.desk.case.number == 2 - number % 2
        )
    hand.idle()
    assert hand.desk.stage.lines is lines
    assert len(lines.data) == 2
    assert hand.desk.case.number == 1
    hand.press(".")
    hand.idle()
    hand.press("Shift+F")  # flicker
    assert not hand.desk.stage.picture.visible
    hand.press("Shift+F")
    assert hand.desk.stage.picture.visible
    hand.press("Shift+B")  # beside again
    assert hand.desk.stage.is_side_by_side
    hand.press("Shift+G")
    assert not hand.desk.stage.ghosts.visible
    hand.press("Shift+G")
    assert hand.desk.stage.ghosts.visible
    # The same place of the hand is looked at in both: what is at one spot of the skin is at one of the world.
    before = hand.desk.stage.before_lines
    there = np.asarray([before.data_to_world(point) for point in blob(0)])
    here = np.asarray([lines.data_to_world(point) for point in blob(0)])
    assert np.abs(there - here).max() < 1.0  # mm
