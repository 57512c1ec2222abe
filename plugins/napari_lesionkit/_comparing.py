"""The earlier picture of a site: fetched and aligned in the background, shown beside the one now."""

from collections.abc import Sequence

from lesionkit.core.image import Image
from lesionkit.core.outcome import Severity
from lesionkit.core.region import Deposit, Region
from lesionkit.core.transform import Transform
from napari_lesionkit._case import Case
from napari_lesionkit._suggesting import Suggesting


class Comparing(Suggesting):
    """Compares an image with the one before, or with the first of its site."""

    def _fetch_others(self, turn: int, case: Case) -> None:
        """Look at the site's other timepoints: the earlier one for the eye, all of them for the table."""
        assert self.session is not None
        session = self.session

        def follow() -> None:
            if turn != self._turn:
                return  # the user has gone on since
            session.follow(case)
            session.load(case)  # the table needs it at hand, whatever was looked at since

        self._fetch_earlier(turn, case)
        self._run(follow, lambda _: self._followed(turn), self._refused, doing="Following the site")

    def _fetch_earlier(self, turn: int, case: Case) -> None:
        """Put the one before beside this one, or the first of the site if that is wished."""
        assert self.session is not None
        session = self.session
        earlier = session.baseline(case) if self.is_beside_baseline else session.previous(case)
        if earlier is None or (self.earlier is not None and self.earlier.key == earlier.key):
            return
        self.to_earlier, self.earlier = None, earlier
        self._run(
            lambda: session.load(earlier),
            lambda image: self._earlier_arrived(turn, case, earlier, image),
            self._refused,
            doing=f"Loading {earlier.label}",
        )

    def toggle_baseline(self) -> None:
        """Compare with the first picture of the site instead of the one before, or the other way round."""
        self.is_beside_baseline = not self.is_beside_baseline
        which = "first picture of the site" if self.is_beside_baseline else "picture before"
        self.say(f"Beside each picture: the {which}.")
        if self.case is not None and self.image is not None:
            self._fetch_earlier(self._turn, self.case)

    def _followed(self, turn: int) -> None:
        if turn == self._turn:
            self._changed()

    def _earlier_arrived(self, turn: int, case: Case, earlier: Case, image: Image) -> None:
        if turn != self._turn or self.session is None or self.earlier is not earlier:
            return  # another one is wished since
        session = self.session
        self.stage.set_ghosts(())
        deposits = session.peek(earlier).present
        self.stage.show_before(image, deposits, name=earlier.label)
        self._changed()
        self._run(
            lambda: session.align(case, earlier) if turn == self._turn else None,
            lambda transform: self._aligned(turn, earlier, transform),
            self._refused,
            doing=f"Aligning with {earlier.label}",
        )

    def _aligned(self, turn: int, earlier: Case, transform: Transform | None) -> None:
        if turn != self._turn or self.earlier is not earlier or transform is None:
            return  # another one is wished since
        assert self.session is not None
        if not transform.is_reliable:
            self.say(
                "The two pictures could not be aligned; they lie middle on middle.",
                "Earlier outlines are shown on their own picture only.",
                severity=Severity.WARNING,
            )
            return
        self.to_earlier = transform
        forth = transform.inverse()
        self.stage.align_before(forth.matrix)
        self.stage.set_ghosts(self._carried(self.session.peek(earlier).present, forth))
        self._changed()

    def _carried(self, deposits: Sequence[Deposit], forth: Transform) -> tuple[Region, ...]:
        from lesionkit.suggest import carry_deposit

        assert self.image is not None
        image = self.image
        return tuple(
            region for deposit in deposits for region in carry_deposit(deposit, forth, image, refine=False)
        )

    def toggle_side_by_side(self) -> None:
        """Show the earlier picture beside the one now, or hide it."""
        if self.stage.before_picture is None:
            self.say("There is no earlier picture of this site.")
            return
        self.stage.set_side_by_side(on=not self.stage.is_side_by_side)
        self.stage.viewer.reset_view()

    def flicker(self) -> None:
        """Show the earlier picture in the place of the one now, or back."""
        if self.stage.before_picture is None:
            self.say("There is no earlier picture of this site.")
            return
        self.stage.flicker()

    def toggle_ghosts(self) -> None:
        """Show or hide the outlines of the other timepoint."""
        self.stage.show_ghosts(on=not self.stage.shows_ghosts)
