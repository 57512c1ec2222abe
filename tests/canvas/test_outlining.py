"""Deposits are outlined with a real mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import BLOBS, Hand, blob

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


def test_a_polygon_is_drawn_where_it_was_clicked(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)
    hand.press("P")
    corners = blob(0, points=12)
    hand.polygon(corners)
    found = the_one(hand)
    assert len(found) == 12
    # A click is as right as a screen pixel is large.
    pixel = 1 / (hand.compat.camera_of(hand.viewer).zoom * hand.desk.stage.lines.scale[-1])
    assert np.abs(found - corners).max() <= 0.75 * pixel
    assert hand.panel.table.deposits.rowCount() == 1


def test_a_lasso_is_drawn_and_its_crossing_end_is_mended(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)
    hand.press("Shift+P")
    around = blob(0, points=30)
    hand.drag(*around, around[0], around[1] + [3, 1], around[2] - [3, 1])
    assert dice(the_one(hand), blob(0)) > 0.95
    assert hand.desk.draft.drawn.deposits[0].author == ""


@pytest.mark.parametrize("tool", ["grow", "box", "snap", "scribble", "threshold"])
def test_each_smart_tool_finds_the_edge(open_hand: Open, cohort: Path, tool: str) -> None:
    from napari_lesionkit._tools import TOLD, Tool

    hand = on_second(open_hand, cohort)
    row, col, down, across = BLOBS[0]
    hand.press(TOLD[Tool(tool)].key)
    assert hand.desk.tool is Tool(tool)
    if tool == "grow":
        hand.click((row, col))
    elif tool == "box":
        hand.drag((row - down, col - across), (row, col), (row + down, col + across))
    elif tool == "snap":
        hand.polygon(blob(0, points=6))
    elif tool == "scribble":
        hand.drag(*np.linspace((row - 12, col), (row + 12, col), 12))
    else:
        hand.drag(*blob(0, points=24, share=1.4))
    assert dice(the_one(hand), blob(0)) > 0.9


def test_a_point_is_moved_and_the_move_undone_and_redone(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)
    hand.press("P")
    corners = np.array([[60.0, 80.0], [60.0, 120.0], [100.0, 120.0], [100.0, 80.0]])
    hand.polygon(corners)
    before = the_one(hand)
    size = float(hand.panel.desk.rows()[0].size.value)
    hand.press("D")
    hand.click((80, 100))
    hand.drag(corners[0], (50, 70), (40, 60))
    after = the_one(hand)
    assert np.abs(after[0] - [40, 60]).max() < 1
    np.testing.assert_array_equal(after[1:], before[1:])
    assert float(hand.panel.desk.rows()[0].size.value) > size
    hand.press("Ctrl+Z")
    np.testing.assert_array_equal(the_one(hand), before)
    np.testing.assert_allclose(hand.desk.stage.lines.data[0], before, atol=1e-4)
    hand.press("Ctrl+Shift+Z")
    np.testing.assert_array_equal(the_one(hand), after)


def test_a_misplaced_click_is_taken_back_while_the_line_is_drawn(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)
    hand.press("P")
    corners = np.array([[60.0, 80.0], [60.0, 120.0], [200.0, 300.0], [100.0, 120.0], [100.0, 80.0]])
    for corner in corners[:3]:
        hand.click(corner)
    hand.press("Ctrl+Z")
    hand.polygon(corners[3:])
    found = the_one(hand)
    assert len(found) == 4
    assert found.max() < 130


def test_a_line_that_is_deleted_on_the_picture_is_gone_and_comes_back(open_hand: Open, cohort: Path) -> None:
    hand = on_second(open_hand, cohort)
    hand.press("P")
    for number in (0, 1):
        hand.polygon(blob(number, points=8))
    keys = [deposit.id for deposit in hand.desk.draft.drawn.deposits]
    hand.press("S")
    hand.click(BLOBS[0][:2])
    assert hand.desk.chosen == (keys[0],)
    hand.press("Delete")
    assert [deposit.id for deposit in hand.desk.draft.drawn.deposits] == keys[1:]
    hand.press("Ctrl+Z")
    assert [deposit.id for deposit in hand.desk.draft.drawn.deposits] == keys
    assert len(hand.desk.stage.lines.data) == 2
