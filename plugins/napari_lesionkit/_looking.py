"""Pixels held for a while: an image is read once, however often it is looked at."""

from collections import OrderedDict
from collections.abc import Callable, Collection
from threading import Lock, RLock

from lesionkit.core.grid import ScaleClaim
from lesionkit.core.settings import Settings
from lesionkit.pipeline.seeing import Seen, look_into
from napari_lesionkit._case import Case
from napari_lesionkit._drawn import Drawn

HELD = 3
"""So many images are held beside those that are drawn on: the timepoint before, the first, and the next."""


class Looking:
    """The images looked at last, each with the scale that is drawn on it.

    Parameters
    ----------
    settings : Settings
        How scales are found.
    in_use : callable
        Returns the ids of images that are drawn on: these are held whatever else is looked at.
    """

    def __init__(self, settings: Settings, *, in_use: Callable[[], Collection[str]] = tuple) -> None:
        self._settings = settings
        self._in_use = in_use
        self._held: OrderedDict[str, tuple[tuple[ScaleClaim, ...], Seen]] = OrderedDict()
        self._lock = Lock()
        self._turns: dict[str, RLock] = {}

    def at(self, case: Case, drawn: Drawn) -> Seen:
        """Return a case's image; read only if it is not held, and scaled anew only if that has changed.

        Raises
        ------
        LesionkitError
            If it cannot be read.
        """
        with self._lock:
            turn = self._turns.setdefault(case.ref.id, RLock())
        with turn:  # two threads that want one image read it once
            held = self._held.get(case.ref.id)
            if held is None or held[0] != drawn.scale_claims:
                held = drawn.scale_claims, self._look(case, drawn, held[1] if held else None)
            with self._lock:
                self._held[case.ref.id] = held
                self._held.move_to_end(case.ref.id)
                used = self._in_use()
                others = [id_ for id_ in self._held if id_ not in used]
                for id_ in others[: max(len(others) - HELD, 0)]:
                    del self._held[id_]
        return held[1]

    def _look(self, case: Case, drawn: Drawn, before: Seen | None) -> Seen:
        return look_into(
            case.ref,
            claims=drawn.scale_claims,
            scale=self._settings.scale.at(case.ref.site),
            colour=self._settings.colour,
            patient=case.patient,
            names=self._settings.patients,
            before=before,
        )
