"""What is asked and explained in windows of their own."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from napari_lesionkit._keys import ACTIONS, HELP, NAPARI_KEYS, RENAME
from napari_lesionkit._scale import implied
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
