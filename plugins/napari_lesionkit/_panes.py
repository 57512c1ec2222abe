"""Buttons for tools and actions, and how grey values are shown."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lesionkit.core.region import Role
from napari_lesionkit._desk import Desk
from napari_lesionkit._keys import ACTIONS
from napari_lesionkit._letters import windows_of
from napari_lesionkit._tools import TOLD, Tool, tools_for


def _tool_button(text: str, tip: str, call: Callable[[], object]) -> QPushButton:
    button = QPushButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys go on to the picture
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setStyleSheet("QPushButton { padding: 3px 4px; } QPushButton:checked { background: #4a67c8; }")
    button.clicked.connect(lambda: call())
    return button


def _with_key(text: str, key: str) -> str:
    shown = key.replace("Control", "Ctrl").replace("-", "+") if len(key) > 1 else key
    return f"{text} Key: {shown}" if key else text


class ActionButtons(QWidget):  # type: ignore[misc]
    """The buttons of one group of actions."""

    def __init__(self, desk: Desk, group: str, *, columns: int) -> None:
        super().__init__()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for place, action in enumerate(action for action in ACTIONS if action.group == group):
            tip = _with_key(action.help, action.key)
            button = _tool_button(action.label, tip, partial(action.do, desk))
            layout.addWidget(button, place // columns, place % columns)


class RoleButton(QPushButton):  # type: ignore[misc]
    """Says what the chosen deposit is followed for."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("Role")
        self.setToolTip(
            "Say what the chosen deposit is followed for: target, non-target, control, or nothing."
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("QPushButton { padding: 3px 4px; }")
        menu = QMenu(self)
        for role in (*Role, None):
            menu.addAction(role.value if role else "none").triggered.connect(
                lambda _=False, role=role: desk.give_role(role)
            )
        self.setMenu(menu)


class OthersButton(QPushButton):  # type: ignore[misc]
    """Takes over what somebody else drew on this image."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("Take over")
        self.setToolTip(
            "Copy what somebody else drew on this image into your own reading, and go on from it."
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("QPushButton { padding: 3px 4px; }")
        self._desk = desk
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)

    def _fill(self) -> None:
        self._menu.clear()
        for reader in self._desk.others():
            self._menu.addAction(reader or "the common outlines").triggered.connect(
                lambda _=False, reader=reader: self._desk.take_over(reader)
            )
        if self._menu.isEmpty():
            self._menu.addAction("Nobody else has drawn here.").setEnabled(False)


class MoreButton(QPushButton):  # type: ignore[misc]
    """What is seldom needed: copies elsewhere, the audit trail, the times of readers."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("More")
        self.setToolTip("Save a copy elsewhere; write the audit trail or the reading times as CSV.")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("QPushButton { padding: 3px 4px; }")
        self._desk = desk
        menu = QMenu(self)
        menu.addAction("Save a copy elsewhere…").triggered.connect(self._copy)
        menu.addAction("Write the audit trail…").triggered.connect(
            lambda: self._table("trail.csv", desk.write_trail)
        )
        menu.addAction("Write reading times…").triggered.connect(
            lambda: self._table("times.csv", desk.write_times)
        )
        self.setMenu(menu)

    def _copy(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for a copy of this image's outlines")
        if chosen:
            self._desk.save_below(Path(chosen))

    def _table(self, name: str, write: Callable[[Path], None]) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Table", name, "CSV (*.csv)")
        if chosen:
            write(Path(chosen))


class ToolButtons(QWidget):  # type: ignore[misc]
    """The tools that make sense on the image that is shown."""

    def __init__(self, desk: Desk, *, columns: int = 4) -> None:
        super().__init__()
        self._desk = desk
        self._columns = columns
        self._grid = QGridLayout()
        self._grid.setSpacing(2)
        self.help = QLabel()
        self.help.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._grid)
        layout.addWidget(self.help)
        self.buttons: dict[Tool, QPushButton] = {}
        for tool, told in TOLD.items():
            button = _tool_button(told.label, _with_key(told.help, told.key), partial(desk.take, tool))
            button.setCheckable(True)
            self.buttons[tool] = button
        self._shown: tuple[Tool, ...] = ()

    def refresh(self) -> None:
        """Show the tools for this image, and which is taken."""
        image = self._desk.image
        tools = tools_for(image.modality) if image is not None else ()
        if tools != self._shown:
            for button in self.buttons.values():
                self._grid.removeWidget(button)
                button.hide()
            for place, tool in enumerate(tools):
                self._grid.addWidget(self.buttons[tool], place // self._columns, place % self._columns)
                self.buttons[tool].show()
            self._shown = tools
        for tool, button in self.buttons.items():
            button.setChecked(tool is self._desk.tool)
        self.help.setText(TOLD[self._desk.tool].help if tools else "")


class WindowPane(QWidget):  # type: ignore[misc]
    """Presets of grey, and the window of values that thresholds take."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._of: object = None
        self.presets = QComboBox()
        self.presets.setToolTip("How grey values are shown: presets, and what the file itself asks for.")
        self.presets.textActivated.connect(self._show)
        self.low, self.high = QDoubleSpinBox(), QDoubleSpinBox()
        for box in (self.low, self.high):
            box.setRange(-1e6, 1e6)
            box.setDecimals(0)
            box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
            box.setMinimumWidth(1)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setToolTip("Dense paint and the loose lasso take values from the first to the second.")
            box.valueChanged.connect(self._take_window)
        self.presets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(QLabel("Show"), 0, 0)
        layout.addWidget(self.presets, 0, 1, 1, 3)
        for place, widget in enumerate((QLabel("Threshold"), self.low, QLabel("to"), self.high)):
            layout.addWidget(widget, 1, place)

    def refresh(self) -> None:
        """Offer what there is for this image."""
        image = self._desk.image
        if image is self._of:
            return
        self._of = image
        windows = windows_of(image) if image is not None else {}
        self.setVisible(bool(windows))
        self.presets.clear()
        self.presets.addItems(list(windows))
        if image is not None and windows:
            low, high = self._desk.default_window()
            for box, value in ((self.low, low), (self.high, high)):
                with QSignalBlocker(box):
                    box.setValue(value)
            self._take_window()

    def _show(self, name: str) -> None:
        self._desk.show_window(name)

    def _take_window(self) -> None:
        low, high = self.low.value(), self.high.value()
        self._desk.window = (low, high) if high > low else None
