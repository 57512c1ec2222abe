"""Deposits are outlined with a real mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import BLOBS, Hand, blob
from napari_lesionkit._tools import TOLD, Tool

pytestmark = pytest.mark.canvas
Open = Callable[..., Hand]


def dice(outline: np.ndarray, truth: np.ndarray) -> float:
    from shapely import Polygon

    one, other = Polygon(outline), Polygon(truth)
    return 2 * one.intersection(other).area / (one.area + other.area)


def the_one(hand: Hand) -> np.ndarray:
    (deposit,) = hand.desk.draft.drawn.deposits
    (region,) = deposit.regions
    return region.exterior


def on_second(open_hand: Open, cohort: Path) -> Hand:
    hand = open_hand(cohort, number=1)
    hand.desk.stage.set_side_by_side(on=False)
    hand.wait(200)
    return hand


def use(hand: Hand, tool: Tool) -> None:
    """Take a tool by its key, and draw the first deposit with it."""
    row, col, down, across = BLOBS[0]
    hand.press({Tool.POLYGON: "P", Tool.LASSO: "Shift+P"}.get(tool) or TOLD[tool].key)
    assert hand.desk.tool is tool
    if tool is Tool.GROW:
        hand.click((row, col))
    elif tool is Tool.BOX:
        hand.drag((row - down, col - across), (row, col), (row + down, col + across))
    elif tool in (Tool.SNAP, Tool.POLYGON):
        hand.polygon(blob(0, points=6 if tool is Tool.SNAP else 12))
    elif tool is Tool.SCRIBBLE:
        hand.drag(*np.linspace((row - 12, col), (row + 12, col), 12))
    elif tool is Tool.LASSO:
        around = blob(0, points=30)  # whose end crosses its beginning
        hand.drag(*around, around[0], around[1] + [3, 1], around[2] - [3, 1])
    else:
        hand.drag(*blob(0, points=24, share=1.4))


def test_a_deposit_is_outlined_by_every_tool(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)
    for tool in (Tool.POLYGON, Tool.LASSO, Tool.GROW, Tool.BOX, Tool.SNAP, Tool.SCRIBBLE, Tool.THRESHOLD):
        use(hand, tool)
        assert dice(the_one(hand), blob(0)) > (0.95 if tool in (Tool.POLYGON, Tool.LASSO) else 0.9), tool
        if tool is Tool.POLYGON:
            # A click is as right as a screen pixel is large.
            pixel = 1 / (hand.compat.camera_of(hand.viewer).zoom * hand.desk.stage.lines.scale[-1])
            assert np.abs(the_one(hand) - blob(0, points=12)).max() <= 0.75 * pixel
        assert hand.desk.chosen == (hand.desk.draft.drawn.deposits[0].id,)
        hand.press("Shift+X")
        assert hand.desk.draft.drawn.deposits == ()
        assert len(hand.desk.stage.lines.data) == 0
    for _ in range(14):
        hand.press("Ctrl+Z")
    assert not hand.desk.draft.can_undo


def test_lines_are_corrected_deleted_undone_and_redone(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)

    # a misplaced click is taken back while the line is drawn
    hand.press("P")
    corners = np.array([[60.0, 80.0], [60.0, 120.0], [200.0, 300.0], [100.0, 120.0], [100.0, 80.0]])
    for corner in corners[:3]:
        hand.click(corner)
    hand.press("Ctrl+Z")
    hand.polygon(corners[3:])
    before = the_one(hand)
    assert before.shape == (4, 2)
    assert before.max() < 130

    # a point is moved; the others stay to the last digit; the table follows
    size = hand.desk.rows()[0].size.value
    hand.press("D")
    hand.click((80, 100))
    hand.drag(corners[0], (50, 70), (40, 60))
    after = the_one(hand)
    assert np.abs(after[0] - [40, 60]).max() < 1
    np.testing.assert_array_equal(after[1:], before[1:])
    assert hand.desk.rows()[0].size.value > size
    hand.press("Ctrl+Z")
    np.testing.assert_array_equal(the_one(hand), before)
    np.testing.assert_allclose(hand.desk.stage.lines.data[0], before, atol=1e-4)
    hand.press("Ctrl+Shift+Z")
    np.testing.assert_array_equal(the_one(hand), after)

    # a point is put in and taken out
    hand.press("I")
    hand.click((40 + 30, 60 + 10))
    assert len(the_one(hand)) == 5
    hand.press("Ctrl+Z")

    # a line that crosses itself is refused, and what was there stays
    hand.press("D")
    hand.click((80, 100))
    hand.drag(after[0], (80, 90), (110, 110))
    np.testing.assert_array_equal(the_one(hand), after)
    assert "crosses itself" in hand.panel.message.text()
    np.testing.assert_allclose(hand.desk.stage.lines.data[0], after, atol=1e-4)

    # a line is deleted on the picture by napari's own key, and comes back
    hand.press("P")
    hand.polygon(blob(1, points=8))
    keys = [deposit.id for deposit in hand.desk.draft.drawn.deposits]
    hand.press("S")
    hand.click(BLOBS[1][:2])
    assert hand.desk.chosen == (keys[1],)
    hand.press("Delete")
    assert [deposit.id for deposit in hand.desk.draft.drawn.deposits] == keys[:1]
    hand.press("Ctrl+Z")
    assert [deposit.id for deposit in hand.desk.draft.drawn.deposits] == keys
    assert len(hand.desk.stage.lines.data) == 2
