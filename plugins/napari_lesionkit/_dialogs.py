"""What is asked and explained in windows of their own."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from napari_lesionkit._keys import ACTIONS, HELP, NAPARI_KEYS, RENAME
from napari_lesionkit._scale import implied
from napari_lesionkit._study import Study
from napari_lesionkit._tools import TOLD


def help_text() -> str:
    """Return every key and tool as a page."""
    rows = [(told.key, f"<b>{told.label}</b>: {told.help}") for told in TOLD.values() if told.key]
    rows += [(action.key, f"<b>{action.label}</b>: {action.help}") for action in ACTIONS if action.key]
    rows += [(RENAME, "<b>Rename</b>: write the chosen deposit's name."), (HELP, "Show this page.")]
    own = "".join(f"<tr><td><code>{_shown(key)}</code>&nbsp;</td><td>{text}</td></tr>" for key, text in rows)
    theirs = "".join(
        f"<tr><td><code>{_shown(key)}</code>&nbsp;</td><td>{text}</td></tr>" for key, text in NAPARI_KEYS
    )
    title = "<h3>Keys of napari that matter here</h3>"
    return f"<h3>Keys of lesionkit</h3><table>{own}</table>{title}<table>{theirs}</table>"


def _shown(key: str) -> str:
    return key.replace("Control", "Ctrl").replace("-", "+") if len(key) > 1 else key


def _ok_or_cancel(dialog: QDialog) -> QDialogButtonBox:
    kind = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(kind.Ok | kind.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


class HelpDialog(QDialog):  # type: ignore[misc]
    """The keys, over the picture; any key or a click beside closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and tools")
        text = QLabel(help_text())
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setWordWrap(True)
        text.setMargin(8)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        em = self.fontMetrics().height()
        self.resize(42 * em, 40 * em)


class ScaleDialog(QDialog):  # type: ignore[misc]
    """How long the line is that was drawn along a ruler or a marker, and what error that implies."""

    def __init__(self, image: Image, points: Floats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Scale")
        self._image, self._points = image, points
        self.length = QDoubleSpinBox()
        self.length.setRange(0.1, 10_000)
        self.length.setDecimals(2)
        self.length.setValue(50)
        self.length.setSuffix(" mm")
        self.length.selectAll()
        self.said = QLabel()
        self.said.setWordWrap(True)
        form = QFormLayout(self)
        form.addRow("Its true length", self.length)
        form.addRow(self.said)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.length.valueChanged.connect(self._tell)
        self._tell()

    def _tell(self) -> None:
        self.said.setText(implied(self._image, self._points, self.length.value()))


class ReaderDialog(QDialog):  # type: ignore[misc]
    """Who outlines, and whether blinded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Who outlines?")
        self.name = QLineEdit()
        self.name.setPlaceholderText("empty: the common outlines")
        self.is_blinded = QCheckBox("Reader study: hide patient, date, order and other people's outlines")
        self.seed, self.repeats = QSpinBox(), QSpinBox()
        self.seed.setRange(0, 1_000_000)
        self.seed.setValue(1)
        self.repeats.setRange(0, 10_000)
        self.repeats.setToolTip("So many images come a second time: for the error of a reader with herself.")
        form = QFormLayout(self)
        form.addRow("Reader", self.name)
        form.addRow(self.is_blinded)
        form.addRow("Seed of the order", self.seed)
        form.addRow("Images shown twice", self.repeats)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    @property
    def reader(self) -> str:
        """Who outlines."""
        return str(self.name.text()).strip()

    @property
    def study(self) -> Study | None:
        """How the reader is blinded."""
        if not self.is_blinded.isChecked():
            return None
        return Study(seed=self.seed.value(), repeats=self.repeats.value())
