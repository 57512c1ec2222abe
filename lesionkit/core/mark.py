"""The mark at the end of a name that says what became of a deposit: ``thumb (excised)``.

Volumes come from programs that let a person type little but a segment's name, and keep little else.
"""

import re

from lesionkit.core.region import Status

_WORDS = {status.value.replace("-", " "): status for status in Status if status.is_place_only}
_ANY_WORD = re.compile(r"(?<![^\W_])(excised|extruded|not[\s_-]*assessable)(?![^\W_])", re.IGNORECASE)


def marked_as(text: str) -> Status | None:
    """Return the status that a text is the word of; None where it says anything else.

    Only statuses that mark a place have such a word. Case, spaces, hyphens and underscores do not matter.

    Examples
    --------
    >>> str(marked_as(" Excised ")), str(marked_as("Not assessable")), marked_as("excised in part")
    ('excised', 'not-assessable', None)
    """
    return _WORDS.get(" ".join(re.split(r"[\s_-]+", text.strip().lower())))


def split_mark(text: str) -> tuple[str, Status | None]:
    """Return the name without the mark at its end, and what the mark says.

    The mark stands in brackets, or alone where there is no name.

    Examples
    --------
    >>> name, status = split_mark("left thumb (Excised)")
    >>> name, str(status)
    ('left thumb', 'excised')
    >>> split_mark("partly excised")
    ('partly excised', None)
    """
    bare = text.strip()
    name, bracket, word = bare.removesuffix(")").rpartition("(")
    if bracket and bare.endswith(")"):
        status = marked_as(word)
        return (bare, None) if status is None else (name.strip(), status)
    status = marked_as(bare)
    return (bare, None) if status is None else ("", status)


def with_mark(name: str, status: Status, *, most: int | None = None) -> str:
    """Return a name with the mark of a status, if it has one.

    Parameters
    ----------
    name : str
        Shortened where both together are too long, so that the mark stays.
    status : Status
        Of the deposit.
    most : int, optional
        How many characters there may be.

    Examples
    --------
    >>> from lesionkit.core.region import Status
    >>> with_mark("thumb", Status.EXCISED), with_mark("thumb", Status.DRAWN)
    ('thumb (excised)', 'thumb')
    """
    end = f" ({status.value})" if status.is_place_only else ""
    return name[: None if most is None else most - len(end)] + end


def is_nearly_marked(name: str) -> bool:
    """Return whether a name has the word of a mark in it, and is none.

    Examples
    --------
    >>> is_nearly_marked("thumb, excised"), is_nearly_marked("thumb (excised)"), is_nearly_marked("thumb")
    (True, False, False)
    """
    return split_mark(name)[1] is None and _ANY_WORD.search(name) is not None
