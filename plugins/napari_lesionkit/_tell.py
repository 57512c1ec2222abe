"""What is said to the user of files and of other people, in one place and in one voice."""

from lesionkit.core.outcome import Problem, Severity
from lesionkit.errors import LesionkitError
from napari_lesionkit._lock import Holder
from napari_lesionkit._shelf import Shelf


def _problem(severity: Severity, code: str, shelf: Shelf, text: str, hint: str) -> Problem:
    return Problem(severity=severity, code=code, about=shelf.ref.location, text=text, hint=hint)


def _why(fault: OSError) -> str:
    return fault.strerror or str(fault) or type(fault).__name__


def locked(shelf: Shelf, holder: Holder) -> Problem:
    """Return that somebody else is at it."""
    hint = "Wait until it is closed there, or name yourself as another reader."
    return _problem(Severity.WARNING, "outlined_by_another", shelf, holder.text, hint)


def not_ours(shelf: Shelf) -> Problem:
    """Return that what is there is left as it is."""
    return _problem(Severity.WARNING, "outlines_not_ours", shelf, shelf.refusal, shelf.hint)


def only_looking(shelf: Shelf) -> Problem:
    """Return that this was not opened for drawing."""
    text = "These outlines are only looked at."
    return _problem(Severity.INFO, "only_looking", shelf, text, "Go to this image to draw on it.")


def read_only(shelf: Shelf, fault: OSError) -> Problem:
    """Return that nothing can be written beside the image."""
    text = f"Nothing can be written beside this image ({_why(fault)}): your work is kept in memory only."
    hint = "Save it elsewhere before you close."
    return _problem(Severity.WARNING, "folder_not_writable", shelf, text, hint)


def not_journalled(shelf: Shelf, fault: OSError) -> Problem:
    """Return that the last gestures are not on the disk."""
    text = f"The last gestures could not be kept on the disk ({_why(fault)}); they are kept in memory."
    hint = "Free space or bring the folder back: it is tried again with every gesture. Or save elsewhere."
    return _problem(Severity.ERROR, "journal_not_written", shelf, text, hint)


def not_saved(shelf: Shelf, fault: OSError) -> Problem:
    """Return that the outline file could not be written."""
    text = f"The outlines could not be saved ({_why(fault)}); they are kept in memory."
    hint = "Free space or bring the folder back: it is tried again. Or save elsewhere."
    return _problem(Severity.ERROR, "outlines_not_saved", shelf, text, hint)


def not_sayable(shelf: Shelf, fault: LesionkitError) -> Problem:
    """Return that the outline file could not be made."""
    text = f"The outlines could not be saved: {fault.message.rstrip('.')}."
    return _problem(Severity.ERROR, "outlines_not_saved", shelf, text, fault.hint)


def changed_elsewhere(shelf: Shelf) -> Problem:
    """Return that somebody else has changed the file."""
    text = (
        "Somebody else has changed the outlines of this image since they were read; nothing is overwritten."
    )
    hint = "Choose whose outlines stay; the others are kept in a file of their own beside."
    return _problem(Severity.ERROR, "outlines_changed_elsewhere", shelf, text, hint)


def journal_damaged(shelf: Shelf) -> Problem:
    """Return that a journal cannot be believed to its end."""
    text = "The journal of this image is damaged; it is kept under another name, and a new one is begun."
    hint = "Look whether the outlines are as you left them."
    return _problem(Severity.WARNING, "journal_damaged", shelf, text, hint)


def journal_unreadable(shelf: Shelf, fault: OSError) -> Problem:
    """Return that a journal cannot be read at all."""
    text = f"The journal of this image cannot be read ({_why(fault)})."
    return _problem(Severity.WARNING, "journal_unreadable", shelf, text, "Check that you may read it.")
