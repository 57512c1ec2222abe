"""The deposits of an image as a table."""

from collections.abc import Callable, Sequence
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from napari_lesionkit._cells import HEADINGS, HELP, Cells

NAME = 0


class DepositModel(QAbstractTableModel):  # type: ignore[misc]
    """Rows of cells; the name can be written."""

    renamed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Cells, ...] = ()

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return how many deposits there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return how many things are told of each."""
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what stands in a cell."""
        row = self.rows[index.row()]
        text = row.texts[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name if role == Qt.ItemDataRole.EditRole else text
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tips[index.column()] or HELP[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (2, 3, 4, 6):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and row.is_open:
            return QColor("#ffb000")
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Hand a new name on; what is shown changes when it is taken."""
        if role != Qt.ItemDataRole.EditRole or index.column() != NAME:
            return False
        if str(value).strip() != self.rows[index.row()].name:
            self.renamed.emit(self.rows[index.row()].key, str(value))
        return True

    def flags(self, index: QModelIndex) -> Any:
        """Return what can be done with a cell."""
        plain = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return plain | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else plain

    def headerData(self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a column's heading."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return HELP[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def show_rows(self, rows: Sequence[Cells]) -> None:
        """Show rows; where their deposits are the same, only what changed is drawn anew."""
        old, new = self.rows, tuple(rows)
        if [row.key for row in old] == [row.key for row in new]:
            self.rows = new
            for at, (was, now) in enumerate(zip(old, new, strict=True)):
                if was != now:
                    self.dataChanged.emit(self.index(at, 0), self.index(at, len(HEADINGS) - 1))
            return
        self.beginResetModel()
        self.rows = new
        self.endResetModel()


class DepositTable(QTableView):  # type: ignore[misc]
    """The table: a click on a row chooses its deposit and zooms to it; a double click writes its name."""

    chose = Signal(list)
    went_to = Signal(str)

    def __init__(self, renamed: Callable[[str, str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.deposits = DepositModel(self)
        self.deposits.renamed.connect(renamed)
        self.setModel(self.deposits)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(1.6 * self.fontMetrics().height()))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self._is_following = False
        self.selectionModel().selectionChanged.connect(self._selected)
        self.clicked.connect(self._went)

    def show_rows(self, rows: Sequence[Cells], chosen: Sequence[str]) -> None:
        """Show rows, and which deposits are chosen."""
        self._is_following = True
        try:
            self.deposits.show_rows(rows)
            self._follow(chosen)
        finally:
            self._is_following = False

    def _follow(self, chosen: Sequence[str]) -> None:
        keys = [row.key for row in self.deposits.rows]
        if {keys[i.row()] for i in self.selectionModel().selectedRows()} == set(chosen) & set(keys):
            return
        self.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for key in chosen:
            if key in keys:
                self.selectionModel().select(self.deposits.index(keys.index(key), 0), flags)

    def _selected(self, *_: Any) -> None:
        if not self._is_following:
            self.chose.emit([self.deposits.rows[i.row()].key for i in self.selectionModel().selectedRows()])

    def _went(self, index: QModelIndex) -> None:
        if len(self.selectionModel().selectedRows()) == 1:
            self.went_to.emit(self.deposits.rows[index.row()].key)

    def write_name(self, key: str) -> None:
        """Let the user write a deposit's name."""
        keys = [row.key for row in self.deposits.rows]
        if key in keys:
            self.edit(self.deposits.index(keys.index(key), NAME))
