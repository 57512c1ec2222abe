"""The list of a folder's images, each with a sign for whether it has been read."""

from collections.abc import Callable

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_lesionkit._desk import Desk


class CaseList(QListWidget):  # type: ignore[misc]
    """The images in the order in which they are read.

    Parameters
    ----------
    desk : Desk
        What is worked on.
    went : callable
        Called once the user has gone to another image by the list.
    """

    def __init__(self, desk: Desk, *, went: Callable[[], object]) -> None:
        super().__init__()
        self._desk, self._went = desk, went
        self.setToolTip("The images: ○ not read, ● outlined, ∅ looked and nothing there.")
        self.currentRowChanged.connect(self._go_to_row)

    def list_all(self) -> None:
        """Show the images of the folder that is open now."""
        with QSignalBlocker(self):
            self.clear()
            for case in self._desk.cases:
                self.addItem(QListWidgetItem(case.label))
        self.mark()

    def mark(self) -> None:
        """Show which image is worked on, and how far it is."""
        session, now = self._desk.session, self._desk.case
        if session is None or self.count() != len(self._desk.cases):
            return
        for row, case in enumerate(self._desk.cases):
            item = self.item(row)
            if item.data(Qt.ItemDataRole.UserRole) is None or (now is not None and case.key == now.key):
                drawn = session.peek(case)
                sign = "●" if drawn.deposits else "∅" if drawn.is_absent else "○"
                item.setData(Qt.ItemDataRole.UserRole, sign)
                item.setText(f"{sign} {case.label}")
            if now is not None and case.key == now.key and self.currentRow() != row:
                with QSignalBlocker(self):
                    self.setCurrentRow(row)

    def _go_to_row(self, row: int) -> None:
        if 0 <= row < len(self._desk.cases):
            self._desk.go_to(self._desk.cases[row])
            self._went()
