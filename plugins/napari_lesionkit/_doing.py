"""What buttons and keys do with what is drawn, and what is told of it."""

from collections.abc import Callable

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Modality
from lesionkit.core.region import Role, Status
from lesionkit.errors import InputError, LesionkitError
from lesionkit.report.words import change
from napari_lesionkit import _compat as compat
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._ahead import row_ahead
from napari_lesionkit._draft import Draft
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._handling import Handling, as_mask
from napari_lesionkit._letters import windows_of
from napari_lesionkit._rows import Row
from napari_lesionkit._scale import claim_of
from napari_lesionkit._tools import filled_between


class Doing(Handling):
    """Does what buttons and keys say."""

    def undo(self) -> None:
        """Take back a point of the line that is being drawn, else the last gesture."""
        if compat.is_drawing(self.stage.lines):
            compat.take_back_point(self.stage.lines)
            return
        self._step_history(lambda draft: draft.undo(), "There is nothing to undo.")

    def redo(self) -> None:
        """Do again what was undone last."""
        self._step_history(lambda draft: draft.redo(), "There is nothing to do again.")

    def _step_history(self, step: Callable[[Draft], bool], none: str) -> None:
        if self.draft is None:
            return
        try:
            if not step(self.draft):
                self.say(none)
        except LesionkitError as error:
            self._refused(error)

    def rename(self, key: str, name: str) -> None:
        """Name a deposit; equal names are the same deposit at every timepoint."""
        self._do(lambda drawn: verbs.rename(drawn, key, name))

    def merge(self) -> None:
        """Make the chosen deposits one."""
        self._do(lambda drawn: verbs.merge(drawn, self.chosen))

    def split(self) -> None:
        """Make the parts of the chosen deposit deposits of their own."""
        self._do(lambda drawn: verbs.split(drawn, self._one()))

    def delete(self) -> None:
        """Take the chosen deposits away: they were none."""
        if not self.chosen:
            self.say("No deposit is chosen.", "Click on one, or on its row of the table.")
            return
        self._do(lambda drawn: verbs.delete(drawn, *self.chosen))

    def mark(self, status: Status) -> None:
        """Say that the chosen deposit was excised or extruded, or is there again."""
        self._do(lambda drawn: verbs.mark(drawn, self._one(), status, by=self._by))

    def give_role(self, role: Role | None) -> None:
        """Say what the chosen deposit is followed for."""
        self._do(lambda drawn: verbs.give_role(drawn, self._one(), role))

    def confirm(self) -> None:
        """Confirm the chosen suggestion, else all of them, and go on to the next."""
        open_ = [d.id for d in self._drawn_now.deposits if d.status is Status.SUGGESTED]
        keys = [key for key in self.chosen if key in open_]
        if self._do(lambda drawn: verbs.confirm(drawn, *keys, by=self._by)) and keys:
            left = [key for key in open_ if key not in keys]
            if left:
                self.zoom_to(left[0])

    def say_absent(self) -> None:
        """Say: looked, nothing there."""
        if self._do(verbs.say_absent):
            self.say("Kept: looked, nothing there.")

    def say_not_assessable(self) -> None:
        """Say: this image cannot be judged."""
        if self._do(verbs.say_not_assessable):
            self.say("Kept: this image cannot be judged.")

    def fill_between(self) -> None:
        """Fill the planes between painted ones of the chosen deposit."""
        if self.image is None or self.image.grid.is_planar:
            self.say("Slices are filled in CT and MR only.")
            return
        shape, spacing = self.image.grid.shape, self.image.grid.spacing_mm

        def make(drawn: Drawn) -> Edit:
            key = self._one()
            mask = as_mask(drawn.deposit(key), shape)
            if mask is None:
                raise InputError("the deposit has no voxel", hint="Paint it first.")
            full = filled_between(mask, spacing=spacing[1:] if spacing else (1.0, 1.0))  # type: ignore[arg-type]
            return verbs.redraw(drawn, key, full, by=self._by)

        self._do(make)

    def confirm_match(self) -> None:
        """Confirm which deposit of the earlier timepoint the chosen one is: both then bear the same name."""
        if self.session is None or self.case is None:
            return
        try:
            name = self.session.confirm_match(self.case, self._one())
        except LesionkitError as error:
            self._refused(error)
            return
        self.say(f"Both are {name} from now on.")

    def others(self) -> tuple[str, ...]:
        """Return whose outlines of this image can be taken over; nobody's in a blinded study."""
        if self.session is None or self.case is None or self.case.is_blinded:
            return ()
        return self.session.readers(self.case)

    def take_over(self, reader: str) -> None:
        """Copy what somebody else drew on this image, to go on from there."""
        if self.session is None or self.case is None:
            return
        theirs = self.session.drawn_by(self.case, reader).deposits
        self._do(lambda drawn: verbs.adopt(drawn, theirs, by=self._by))

    def set_scale(self, points: Floats, length_mm: float) -> None:
        """Take two points on something of known length as the picture's scale."""
        claim = claim_of(points, length_mm)
        self._do(lambda drawn: verbs.set_scale(drawn, claim))

    def forget_scale(self) -> None:
        """Take back what was said of the scale."""
        self._do(verbs.set_scale)

    def rows(self, ahead: Drawn | None = None) -> tuple[Row, ...]:
        """Return what is measured of each deposit.

        Parameters
        ----------
        ahead : Drawn, optional
            What is drawn while a point is being dragged: sizes and changes follow it, without an error until
            the point is let go.
        """
        if self.session is None or self.case is None or self.image is None or self.draft is None:
            return ()
        rows = self.session.rows(self.case)
        if ahead is None:
            return rows
        there = {deposit.id: deposit for deposit in ahead.deposits}
        grid = self.image.grid
        return tuple(row_ahead(row, there[row.key].regions, grid) for row in rows if row.key in there)

    def verdict(self) -> str:
        """Return the response of this site at this timepoint, in one line."""
        if self.session is None or self.case is None or self.image is None or self.case.is_blinded:
            return ""
        found = self.session.response(self.case)
        if found is not None:
            return f"{found.label.capitalize()}: {change(found)}"
        return (
            "Baseline: there is no earlier image of this site."
            if self.session.previous(self.case) is None
            else ""
        )

    def default_window(self) -> tuple[float, float]:
        """Return the values that thresholds take at first: on CT whatever is as dense as calcium."""
        from lesionkit.suggest.solid import CALCIUM_HU

        assert self.image is not None
        pixels = self.image.pixels
        if self.image.modality is Modality.CT:
            return float(CALCIUM_HU), 4000.0
        low, high = (float(value) for value in np.percentile(pixels[..., ::4, ::4], (0, 100)))
        return low, high

    def show_window(self, name: str) -> None:
        """Show grey values as a preset says."""
        if self.image is None or self.stage.picture is None:
            return
        limits = windows_of(self.image).get(name)
        if limits is not None:
            self.stage.picture.contrast_limits = limits
            if self.stage.before_picture is not None:
                self.stage.before_picture.contrast_limits = limits
