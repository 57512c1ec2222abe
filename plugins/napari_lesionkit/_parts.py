"""Small pieces of which the panel is built."""

from typing import Any

from qtpy.QtCore import QObject, Qt, QTimer
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget


def make_timer(parent: QObject, ms: int, call: Any, *, is_single: bool) -> QTimer:
    """Return a timer that calls something after some milliseconds."""
    timer = QTimer(parent)
    timer.setInterval(ms)
    timer.setSingleShot(is_single)
    timer.timeout.connect(call)
    return timer


def make_label(text: str, *, bold: bool = False) -> QLabel:
    """Return a text that wraps and asks for no width of its own."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if bold:
        label.setStyleSheet("font-weight: bold;")
    return label


def make_button(text: str, tip: str, call: Any) -> QPushButton:
    """Return a button with a tooltip, which leaves the keys to the picture."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(lambda: call())
    return button


def make_row(*widgets: QWidget) -> QWidget:
    """Return widgets beside one another; the first takes the room that is left."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for place, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if place == 0 else 0)
    return row


def make_column(widget: QWidget, *parts: QWidget) -> QVBoxLayout:
    """Lay widgets below one another, and return the layout."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(2, 2, 2, 2)
    layout.setSpacing(3)
    for part in parts:
        layout.addWidget(part)
    return layout
