"""What reading every kind of DICOM outlines has in common: opening it, and saying why it cannot be used."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Deposit, Drawing, Status
from lesionkit.errors import OutlineError, ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.contours import Contour, ContourError
from lesionkit.io.dicom.ending import open_whole
from lesionkit.io.dicom.nesting import Joined, join
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet
from lesionkit.io.naming import Title, nearly_marked, unique_id
from lesionkit.io.places import drawing_of, unjudged_in
from lesionkit.io.problems import error, info, raised, warning

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Read = tuple[Drawing | None, tuple[Problem, ...]]


@dataclass(slots=True, kw_only=True)
class Sheet:
    """The drawing of one image while its file is being read.

    Parameters
    ----------
    image : ImageRef
        What was drawn on.
    path : Path
        The file.
    reader : str
        Who drew it.
    about : str
        How problems name the file.
    """

    image: ImageRef
    path: Path
    reader: str
    about: str
    deposits: dict[str, Deposit] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def error(self, code: str, text: str, hint: str = "") -> None:
        """Note what keeps something from being used."""
        self.problems.append(error(code, self.about, text, hint))

    def warn(self, code: str, text: str, hint: str = "") -> None:
        """Note what a user should look at."""
        self.problems.append(warning(code, self.about, text, hint))

    def note(self, code: str, text: str) -> None:
        """Note what is left out as the rules say."""
        self.problems.append(info(code, self.about, text))

    def leave_out(self, called: str, fault: OutlineError) -> None:
        """Note that a deposit was drawn and cannot be used."""
        code = fault.code if isinstance(fault, ContourError) else "outline_not_simple"
        text = f"{called} is left out: {fault.message}."
        self.error(code, text, fault.hint)
        self.left_out.append(called)

    def draw(
        self,
        contours: "list[Contour]",
        *,
        called: str,
        title: Title,
        status: Status = Status.DRAWN,
        author: str = "",
        tracking_uid: str | None = None,
    ) -> None:
        """Add a deposit by its closed lines, or note why it cannot be used.

        `status` and `author` are those of one that is there.
        """
        called = (title.name or called) if title.place else called
        try:
            joined = join(contours)
        except OutlineError as fault:
            self.leave_out(called, fault)
            return
        if not joined.outlines:
            self.note("outline_not_an_area", f"{called} encloses nothing and is left out.")
            self.left_out += [called] if title.place else []
            return
        self._remark(joined, called)
        id_ = unique_id(called, self.deposits)
        self.deposits[id_] = Deposit(
            id=id_,
            image=self.image.id,
            regions=joined.outlines,
            name=title.name,
            status=title.place or status,
            author="" if title.place else author,
            tracking_uid=tracking_uid,
        )
        self.problems.extend(nearly_marked(self.about, title.name))

    def _remark(self, joined: Joined, called: str) -> None:
        if joined.overlap:
            text = f"Lines of {called} on one plane cross one another; what they share counts once."
            self.warn("outlines_overlap", text, "Draw it as one line, or its parts apart.")
        if joined.gaps:
            planes = "a plane" if joined.gaps == 1 else f"{joined.gaps} planes"
            text = f"{called} is not drawn on {planes} between its first and its last, which count as empty."
            self.warn("contours_skip_planes", text, "If it goes through them, draw it on every plane.")

    def done(self) -> Read:
        """Return the drawing; None where nothing of the file is of this image."""
        if not self.deposits and not self.left_out:
            return None, tuple(self.problems)
        drawing = drawing_of(
            tuple(self.deposits.values()),
            image=self.image.id,
            left_out=self.left_out,
            reader=self.reader,
            files=(self.path,),
        )
        return drawing, (*self.problems, *unjudged_in(drawing, self.about))


def read_object(
    path: Path, about: str, *, kind: str, classes: frozenset[str], read: "Callable[[Dataset], Read]"
) -> Read:
    """Return what a function reads of a DICOM object, or the one problem that keeps it from being read.

    Parameters
    ----------
    path : Path
        The file.
    about : str
        How problems name it.
    kind : str
        What it should be, as in "is no <kind>".
    classes : frozenset of str
        The SOP classes it may be of.
    read : callable
        Given the dataset; pydicom is kept quiet meanwhile.
    """
    try:
        with quiet():
            dataset = open_whole(path)
            if tags.text((dataset,), "SOPClassUID") not in classes:
                return None, (error("outlines_unreadable", about, f"{about} is no {kind}."),)
            return read(dataset)
    except ReadError as fault:
        return None, (raised("outlines_unreadable", about, fault),)
    except BROKEN_FILE:
        text = f"{about} is not readable as {kind}: it is damaged or incomplete."
        return None, (error("outlines_unreadable", about, text, "Export it again."),)
