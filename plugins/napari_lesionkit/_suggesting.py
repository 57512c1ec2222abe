"""Suggestions for a whole image, worked out in the background."""

from collections.abc import Sequence
from typing import Any

from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Status
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._doing import Doing
from napari_lesionkit._drawn import Edit


class Suggesting(Doing):
    """Asks for suggestions, and puts them on the picture."""

    def propagate(self) -> None:
        """Suggest the outlines of the previous timepoint, carried onto this one."""
        if self.session is None or self.case is None or self.draft is None:
            return
        session, case, turn = self.session, self.case, self._turn

        def arrived(edit: Edit) -> None:
            if turn == self._turn and self._do(lambda _: edit):
                self._tell_suggested(len(edit.puts))

        self._run(
            lambda: session.propagate(case), arrived, self._refused, doing="Carrying the earlier outlines"
        )

    def _tell_suggested(self, count: int) -> None:
        self.say(f"{count} suggested.", "Correct or confirm each: a suggestion counts in no response.")

    def suggest_calcium(self) -> None:
        """Suggest whatever in a CT is as dense as calcium and no bone."""
        if self.image is None:
            return
        image, turn = self.image, self._turn
        self._run(
            lambda: _calcium(image),
            lambda found: self._suggested(turn, found),
            self._refused,
            doing="Looking for calcium",
        )

    def _suggested(self, turn: int, found: tuple[Deposit, ...]) -> None:
        from lesionkit import __version__

        author = f"lesionkit {__version__} calcium"
        if turn != self._turn:
            return
        if not found:
            self.say("Nothing is suggested.", "That nothing is suggested does not say that nothing is there.")
        elif self._do(lambda drawn: verbs.suggest(drawn, found, by=self._by, author=author)):
            self._tell_suggested(len(found))


def _calcium(image: Image) -> tuple[Deposit, ...]:
    from lesionkit.suggest.suggesters import calcium

    return _as_deposits(calcium(image))


def _as_deposits(proposals: Sequence[Any]) -> tuple[Deposit, ...]:
    return tuple(
        Deposit(
            id=str(number),
            image="",
            regions=one.regions,
            name=one.name,
            role=one.role,
            tracking_uid=one.tracking_uid,
            status=Status.SUGGESTED,
        )
        for number, one in enumerate(proposals, 1)
    )
