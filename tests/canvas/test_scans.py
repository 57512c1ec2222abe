"""A deposit is outlined on a CT, over slices."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import Hand
from napari_lesionkit import _compat as compat
from napari_lesionkit._layers import LEFT
from qtpy.QtWidgets import QPushButton

from lesionkit.core.region import Status

pytestmark = pytest.mark.canvas
Open = Callable[..., Hand]


def test_a_deposit_of_a_ct_is_clicked_painted_filled_and_kept(open_hand: Open, ct_cohort: Path) -> None:
    hand = open_hand(ct_cohort)
    desk, stage = hand.desk, hand.desk.stage
    assert {compat.overlays_of(hand.viewer)[f"lesionkit_{side}"].text for side in ("left", "top")} == {
        "R",
        "A",
    }
    assert stage.picture.contrast_limits == [-450.0, 1050.0]
    hand.panel.greys.presets.textActivated.emit("soft tissue")
    assert stage.picture.contrast_limits == [-160.0, 240.0]

    # a click finds the whole deposit: 4 planes of 4 x 5 voxels of 2.5 x 0.6 x 0.7 mm
    stage.go_to_plane(3)
    hand.press("G")
    hand.click((10, 14))
    (row,) = desk.rows()
    assert row.size.value == pytest.approx(4 * 20 * 2.5 * 0.6 * 0.7)
    assert int((stage.labels.data == 1).sum()) == 80

    # dense paint takes what is dense, and nothing beside it
    hand.press("Ctrl+Z")
    assert not stage.labels.data.any()
    stage.go_to_plane(2)
    hand.press("Q")
    stage.labels.brush_size = 4
    hand.drag((9, 13), (10, 14), (10, 15.5), (9, 16), (11, 12), (10, 13))
    (deposit,) = desk.draft.drawn.deposits
    painted = np.argwhere(stage.labels.data)
    assert len(painted) >= 15
    assert {int(plane) for plane, _, _ in painted} == {2}
    assert painted[:, 1:].min(axis=0).tolist() >= [8, 12]
    assert painted[:, 1:].max(axis=0).tolist() <= [11, 16]

    # paint, rub out, and fill the slices between
    stage.go_to_plane(5)
    hand.drag((9, 13), (10, 14), (10, 15.5), (9, 16), (11, 12), (10, 13))
    assert [d.id for d in desk.draft.drawn.deposits] == [deposit.id]
    hand.press("Shift+E")
    assert sorted({int(plane) for plane in np.argwhere(stage.labels.data)[:, 0]}) == [2, 3, 4, 5]
    voxels = int((stage.labels.data > 0).sum())
    hand.panel.tools.buttons[next(t for t in hand.panel.tools.buttons if t.value == "erase")].click()
    hand.click((10, 14))
    fewer = int((stage.labels.data > 0).sum())
    assert 0 < fewer < voxels
    assert desk.rows()[0].size.value == pytest.approx(fewer * 2.5 * 0.6 * 0.7)

    hand.until(lambda: desk.draft.is_saved)
    hand.panel.close_session()
    again = open_hand(ct_cohort)
    assert int((again.desk.stage.labels.data > 0).sum()) == fewer


def test_a_deposit_of_a_ct_is_marked_excised_by_its_button_and_stays_so(
    open_hand: Open, ct_cohort: Path
) -> None:
    hand = open_hand(ct_cohort)
    hand.desk.stage.go_to_plane(3)
    hand.press("G")
    hand.click((10, 14))
    (row,) = hand.desk.rows()
    hand.desk.choose(row.key)
    _button(hand, "Excised").click()
    hand.until(lambda: hand.desk.draft.is_saved)
    (row,) = hand.desk.rows()
    assert (row.status, row.size) == (Status.EXCISED, None)
    hand.panel.close_session()
    again = open_hand(ct_cohort)
    (place,) = again.desk.draft.drawn.places
    assert place.status is Status.EXCISED
    labels = again.desk.stage.labels
    assert int((labels.data > 0).sum()) == 80
    grey = labels.colormap.map(np.array([1]))[0]
    assert grey[:3] == pytest.approx([int(LEFT[at : at + 2], 16) / 255 for at in (1, 3, 5)], abs=0.01)
    again.desk.choose(place.id)
    _button(again, "Present").click()
    (row,) = again.desk.rows()
    assert row.size.value == pytest.approx(80 * 2.5 * 0.6 * 0.7)


def _button(hand: Hand, label: str) -> QPushButton:
    return next(button for button in hand.panel.findChildren(QPushButton) if button.text() == label)
