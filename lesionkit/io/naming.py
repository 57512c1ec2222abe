"""What a deposit read from a segment is called: as a person named it, not as a program counted it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lesionkit.core.mark import is_nearly_marked, marked_as, split_mark
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Status
from lesionkit.core.track import COUNTED
from lesionkit.io.problems import info, warning

_NOBODYS_NAME = re.compile(r"(new )?(segment|label|mask)?(ation)?[ _-]*\d*", re.IGNORECASE)
_OUR_COUNT = re.compile(re.escape(COUNTED) + r".*", re.DOTALL)


def given_name(text: str) -> str | None:
    """Return a segment's name where a person gave it; None where a program counted.

    Examples
    --------
    >>> given_name("left thumb"), given_name("Segment_1"), given_name("3"), given_name("lesionkit:T2")
    ('left thumb', None, None, None)
    """
    name = text.strip()
    return None if _NOBODYS_NAME.fullmatch(name) or _OUR_COUNT.fullmatch(name) else name


def tracked_name(text: str) -> str | None:
    """Return the name that a tracking identifier is, as it stands; None where lesionkit counted.

    Examples
    --------
    >>> tracked_name("3"), tracked_name("lesionkit:T2"), tracked_name("")
    ('3', None, None)
    """
    name = text.strip()
    return name if name and not _OUR_COUNT.fullmatch(name) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What the texts of a segment say.

    Parameters
    ----------
    name : str, optional
        Given by a person.
    place : Status, optional
        What became of the deposit, where only its place is marked.
    """

    name: str | None
    place: Status | None


def titled(*, tracked: str = "", label: str = "", described: str = "") -> Title:
    """Return what the texts of a segment say; its name without the mark of what became of it.

    Parameters
    ----------
    tracked : str
        A tracking identifier: comes first as a name.
    label : str
        What is shown.
    described : str
        A description: says something only where it is the word of a mark.

    Examples
    --------
    >>> titled(label="thumb (excised)").name
    'thumb'
    """
    (own, said), (shown, seen) = split_mark(tracked), split_mark(label)
    name = tracked_name(own) if own else given_name(shown)
    return Title(name=name, place=seen or said or marked_as(described))


def nearly_marked(about: str, name: str | None) -> Iterator[Problem]:
    """Yield a warning if a name speaks of a mark and is none: it may be meant as one."""
    if name is not None and is_nearly_marked(name):
        text = f"{name} is a name like any other: what bears it is taken for a deposit that is there."
        hint = "If it only marks a place, end its name with (excised), (extruded) or (not-assessable)."
        yield warning("name_nearly_a_mark", about, text, hint)


def unique_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id for a deposit, unique in its image.

    Examples
    --------
    >>> unique_id("thumb", {"thumb"})
    'thumb (2)'
    """
    if wanted not in taken:
        return wanted
    number = 2
    while (numbered := f"{wanted} ({number})") in taken:
        number += 1
    return numbered


def empty_segment(about: str, name: str, place: Status | None = None) -> Problem:
    """Return the problem that a segment holds no voxel; of one that marks a place, it must be looked at."""
    if place is None:
        return info("segment_is_empty", about, f"The segment {name} holds no voxel and is left out.")
    text = (
        f"The segment {name} is marked as {place}, but holds no voxel: where the deposit was is not told, "
        "so what is not outlined counts as unseen, not as absent."
    )
    return warning("segment_is_empty", about, text, "Copy the deposit's last outline into it.")
