"""The panel: cases, tools, the table of deposits, scale and response. It draws and asks; it owns no rule."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QMessageBox,
    QProgressBar,
    QScrollArea,
    QSplitter,
    QWidget,
)

from lesionkit.core.arrays import Floats
from lesionkit.core.outcome import Severity
from napari_lesionkit import _compat as compat
from napari_lesionkit._case_list import CaseList
from napari_lesionkit._cells import cells_of
from napari_lesionkit._desk import Desk, Message
from napari_lesionkit._dialogs import HelpDialog, ReaderDialog, ScaleDialog
from napari_lesionkit._draft import Draft, Keep
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._keys import bind_all, bind_undo
from napari_lesionkit._panes import (
    ActionButtons,
    MoreButton,
    OthersButton,
    RoleButton,
    ToolButtons,
    WindowPane,
)
from napari_lesionkit._parts import make_button, make_column, make_label, make_row, make_timer
from napari_lesionkit._scale import told
from napari_lesionkit._study import Study
from napari_lesionkit._table import DepositTable
from napari_lesionkit._work import Threads, soon

if TYPE_CHECKING:
    import napari

QUIET_MS = 1000
"""After so long without a gesture what is drawn is written to its file; the journal has it at once."""

PREVIEW_MS = 40
BEAT_MS = 60_000

_COLOURS = {
    Severity.INFO: "",
    Severity.WARNING: "color: #ffb000;",
    Severity.ERROR: "color: #ff6b6b; font-weight: bold;",
}


class DepositsWidget(QWidget):  # type: ignore[misc]
    """The panel beside the picture.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The window it stands in.
    """

    def __init__(self, napari_viewer: "napari.Viewer") -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.work = Threads(self._tell_work)
        self.desk = Desk(napari_viewer, run=self.work, later=soon)
        self._timers()
        self._lay_out()
        self.desk.on_change.append(self._refresh_soon)
        self.desk.on_message.append(self._say)
        self.desk.on_preview.append(self._preview)
        self.desk.on_scale.append(self._ask_length)
        self.desk.on_opened.append(self._ask_recovered)
        bind_all(napari_viewer, self.desk, rename=self._write_name, show_help=self.show_help)
        window = compat.window_of(napari_viewer)
        if window is not None:
            window.installEventFilter(self)
        self.refresh()

    # --- layout

    def _timers(self) -> None:
        self._quiet = make_timer(self, QUIET_MS, self._save, is_single=True)
        self._fresh = make_timer(self, 0, self.refresh, is_single=True)
        self._ahead = make_timer(self, PREVIEW_MS, self._show_preview, is_single=True)
        self._beat = make_timer(self, BEAT_MS, self._give_sign, is_single=False)
        self._beat.start()
        self._drawn_ahead: Drawn | None = None
        self._bound_labels: Any = None

    def _lay_out(self) -> None:
        self.title = make_label("", bold=True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(True)
        self.busy.hide()
        self.open_button = make_button("Open folder…", "Open a folder of follow-up images.", self.ask_folder)
        self.help_button = make_button("Keys (F1)", "Show all keys and tools.", self.show_help)
        self.cases = CaseList(self.desk, went=self._back_to_canvas)
        self.go = ActionButtons(self.desk, "go", columns=6)
        self.tools = ToolButtons(self.desk)
        self.table = DepositTable(self.desk.rename)
        self.table.chose.connect(lambda keys: self.desk.choose(*keys))
        self.table.went_to.connect(self._zoom_to)
        self.scale = make_label("")
        self.forget_scale = make_button(
            "Forget", "Take back the scale marked by hand.", self.desk.forget_scale
        )
        self.greys = WindowPane(self.desk)
        self.response = make_label("", bold=True)
        self.message = make_label("")
        self._stack()

    def _stack(self) -> None:
        above, below = QWidget(), QWidget()
        first = make_column(
            above, make_row(self.title, self.open_button, self.help_button), self.busy, self.cases, self.go
        )
        first.setStretchFactor(self.cases, 1)
        edit = make_row(
            ActionButtons(self.desk, "edit", columns=2),
            RoleButton(self.desk),
            OthersButton(self.desk),
            MoreButton(self.desk),
        )
        second = make_column(
            below, self.tools, edit, self.table,
            ActionButtons(self.desk, "deposit", columns=5), ActionButtons(self.desk, "image", columns=4),
            ActionButtons(self.desk, "view", columns=4), self.greys, make_row(self.scale, self.forget_scale),
            self.response,
        )  # fmt: skip
        second.setStretchFactor(self.table, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(above)
        split.addWidget(below)
        split.setStretchFactor(1, 5)
        split.setChildrenCollapsible(False)
        line = self.fontMetrics().lineSpacing()
        self.cases.setMinimumHeight(3 * line)
        self.table.setMinimumHeight(8 * line)
        split.setSizes([10 * line, 60 * line])
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(split)
        make_column(self, area, self.message)
        em = self.fontMetrics().averageCharWidth()
        self.setMinimumWidth(81 * em)

    # --- folders

    def ask_folder(self) -> None:
        """Let the user choose a cohort."""
        chosen = QFileDialog.getExistingDirectory(self, "Folder of follow-up images")
        if not chosen:
            return
        dialog = ReaderDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(
            lambda: self.open_folder(Path(chosen), reader=dialog.reader, study=dialog.study)
        )
        dialog.open()

    def open_folder(
        self, folder: Path, *, patient: str | None = None, reader: str = "", study: Study | None = None
    ) -> None:
        """Open a cohort; see `Desk.open_folder`."""
        self.desk.open_folder(folder, patient=patient, reader=reader, study=study)
        self.cases.list_all()

    # --- showing

    def _refresh_soon(self) -> None:
        self._fresh.start()
        if self.desk.draft is not None and not self.desk.draft.is_saved:
            self._quiet.start()

    def refresh(self) -> None:
        """Show everything as it is now."""
        desk = self.desk
        if self.cases.count() != len(desk.cases):
            self.cases.list_all()
        self.title.setText(desk.case.label if desk.case else "No folder is open.")
        self.cases.mark()
        self.tools.refresh()
        self.greys.refresh()
        self.scale.setText(told(desk.image.grid if desk.image else None) if desk.case else "")
        claims = desk.draft.drawn.scale_claims if desk.draft else ()
        self.forget_scale.setVisible(bool(claims))
        self.table.show_rows(cells_of(desk.rows()), desk.chosen)
        self.response.setText(desk.verdict())
        labels = desk.stage.labels
        if labels is not None and labels is not self._bound_labels:
            bind_undo(desk, labels)
        self._bound_labels = labels

    def _preview(self, drawn: Drawn) -> None:
        """Let the table follow what is being dragged, a few times a second."""
        self._drawn_ahead = drawn
        if not self._ahead.isActive():
            self._ahead.start()

    def _show_preview(self) -> None:
        if self._drawn_ahead is not None:
            self.table.show_rows(cells_of(self.desk.rows(self._drawn_ahead)), self.desk.chosen)
            self._drawn_ahead = None

    def _say(self, message: Message) -> None:
        self.message.setStyleSheet(_COLOURS[message.severity])
        self.message.setText(f"{message.text} {message.hint}".strip())

    def _tell_work(self, doing: tuple[str, ...]) -> None:
        self.busy.setVisible(bool(doing))
        self.busy.setFormat(" · ".join(doing))

    def show_help(self) -> None:
        """Show all keys and tools."""
        dialog = HelpDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # --- asking

    def _write_name(self) -> None:
        if self.desk.chosen:
            self.table.write_name(self.desk.chosen[0])

    def _zoom_to(self, key: str) -> None:
        self.desk.zoom_to(key)

    def _ask_length(self, points: Floats) -> None:
        assert self.desk.image is not None
        dialog = ScaleDialog(self.desk.image, points, self)
        dialog.accepted.connect(lambda: self.desk.set_scale(points, dialog.length.value()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _ask_recovered(self, draft: Draft) -> None:
        """Ask what to do with gestures that had not reached the file, or with someone else's changes."""
        if draft.conflict is not None:
            mine, theirs = (lambda: draft.settle(Keep.MINE)), (lambda: draft.settle(Keep.THEIRS))
            self._ask(draft.conflict.text, {"Keep mine": mine, "Keep theirs": theirs})
        elif draft.recovered:
            text = f"{draft.recovered} gestures had not been saved when this image was left. They are shown."
            self._ask(text, {"Keep them": lambda: None, "Forget them": draft.forget_recovered})

    def _ask(self, text: str, answers: Mapping[str, Callable[[], object]]) -> None:
        """Ask without holding up the window."""
        box = QMessageBox(self)
        box.setText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for label, do in answers.items():
            button = box.addButton(label, QMessageBox.ButtonRole.AcceptRole)
            button.clicked.connect(lambda _=False, do=do: do())
        box.open()

    def _back_to_canvas(self) -> None:
        canvas = compat.canvas_widget_of(self.viewer)
        if canvas is not None:
            canvas.setFocus()

    # --- keeping

    def _save(self) -> None:
        self.desk.save()
        self.cases.mark()

    def _give_sign(self) -> None:
        if self.desk.session is not None:
            self.desk.session.beat()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the window close only once everything is on the disk, or the user says so."""
        if event.type() == QEvent.Type.Close and not self.close_session():
            event.ignore()
            return True
        return bool(super().eventFilter(watched, event))

    def close_session(self) -> bool:
        """Leave everything; where something is not on the disk, ask whether to go all the same."""
        self._quiet.stop()
        self._beat.stop()
        if self.desk.close():
            return True
        answer = QMessageBox.warning(
            self,
            "Not everything is saved",
            "Some outlines could not be written and are kept in memory only. Close and lose them?",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return bool(answer == QMessageBox.StandardButton.Discard)
