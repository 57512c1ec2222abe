"""What can be done in the panel, without the panel: every button and key calls one method here.

The rules are the session's; the desk only hands gestures to its verbs, and what comes back to the layers.
"""

from collections.abc import Callable
from typing import Any

from napari_lesionkit._gestures import Gestures, at_once
from napari_lesionkit._going import Going
from napari_lesionkit._seat import Message, Runner, right_away

__all__ = ["Desk", "Message", "right_away"]


class Desk(Going):
    """One window's work: a session, what it shows, and what is chosen.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
        Where it is shown.
    run : Runner
        Does slow work.
    later : callable
        Runs a callable once napari is done with what it does.

    Attributes
    ----------
    on_change : list of callable
        Called when anything that the panel shows has changed.
    on_message : list of callable
        Called with a `Message`.
    """

    def __init__(
        self,
        viewer: Any,
        *,
        run: Runner = right_away,
        later: Callable[[Callable[[], None]], None] = at_once,
    ) -> None:
        super().__init__(viewer, run=run)
        self.gestures = Gestures(self.stage, self, later=later)
        self.stage.lines.events.mode.connect(self._mode_changed)
        self.stage.on_paint.append(self.gestures.bind_paint)
