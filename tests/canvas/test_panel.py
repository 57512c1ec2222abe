"""The panel itself: scale, names, help, table, and a blinded reading."""

from collections.abc import Callable
from pathlib import Path

import pytest
from desks import BLOBS, Hand
from napari_lesionkit import _compat as compat
from napari_lesionkit._dialogs import HelpDialog, ScaleDialog
from napari_lesionkit._study import Study
from napari_lesionkit._tools import Tool
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QDialogButtonBox

pytestmark = pytest.mark.canvas
Open = Callable[..., Hand]


def test_scale_names_and_help_are_at_hand(open_hand: Open, cohort: Path) -> None:
    (cohort / "images.csv").unlink()
    hand = open_hand(cohort, number=0)
    panel, desk = hand.panel, hand.desk
    assert "No scale" in panel.scale.text()

    # two clicks and a length
    panel.tools.buttons[Tool.SCALE].click()
    hand.drag((200, 20), (200, 60), (200, 120))
    (dialog,) = panel.findChildren(ScaleDialog)
    dialog.length.setValue(50)
    assert "mm per pixel" in dialog.said.text()
    assert "±" in dialog.said.text()
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    hand.until(lambda: "two points marked by hand" in panel.scale.text())
    assert desk.stage.lines.scale[0] == pytest.approx(0.5, rel=0.02)
    assert "mm²" in panel.table.deposits.index(0, 2).data()

    # a click on a row chooses the deposit and brings it to the middle
    rect = panel.table.visualRect(panel.table.deposits.index(1, 1))
    hand.bot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    hand.wait()
    assert desk.chosen == (desk.draft.drawn.deposits[1].id,)
    middle = compat.camera_of(hand.viewer).center[-2:]
    assert middle == pytest.approx([at * desk.stage.lines.scale[0] for at in BLOBS[1][:2]], abs=1)

    # F2 writes a name
    hand.press("F2")
    editor = QApplication.focusWidget() or panel.table.findChild(type(panel.table), "")
    hand.until(lambda: panel.table.state() == panel.table.State.EditingState)
    from qtpy.QtWidgets import QLineEdit

    (editor,) = panel.table.findChildren(QLineEdit)
    editor.setText("ulnar")
    hand.bot.keyClick(editor, Qt.Key.Key_Return)
    hand.wait()
    assert desk.draft.drawn.deposits[1].name == "ulnar"

    # F1 shows the keys
    hand.press("F1")
    (shown,) = panel.findChildren(HelpDialog)
    assert shown.isVisible()
    shown.close()
    hand.until(lambda: desk.draft.is_saved)


def test_a_blinded_reader_draws_and_the_time_is_kept(open_hand: Open, cohort: Path, tmp_path: Path) -> None:
    hand = open_hand(cohort, reader="anna", study=Study(seed=1, repeats=1))
    titles = [hand.panel.cases.item(row).text() for row in range(hand.panel.cases.count())]
    assert titles == ["○ case 01", "○ case 02", "○ case 03"]
    hand.press("G")
    hand.click(BLOBS[0][:2])
    assert len(hand.desk.draft.drawn.deposits) == 1
    hand.press("PageDown")
    hand.idle()
    assert hand.panel.title.text() == "case 02"
    assert hand.panel.cases.item(0).text() == "● case 01"
    hand.desk.write_times(tmp_path / "times.csv")
    assert (tmp_path / "times.csv").read_text().count("anna") == 1
