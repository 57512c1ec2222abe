"""What a deposit read from a segment is called: as a person named it, not as a program counted it."""

import re
from collections.abc import Collection

from lesionkit.core.outcome import Problem
from lesionkit.core.track import COUNTED
from lesionkit.io.problems import info

_NOBODYS_NAME = re.compile(r"(new )?(segment|label|mask)?(ation)?[ _-]*\d*", re.IGNORECASE)
_OUR_COUNT = re.compile(re.escape(COUNTED) + r".*", re.DOTALL)


def given_name(text: str) -> str | None:
    """Return a segment's name where a person gave it; None where a program counted.

    Examples
    --------
    >>> given_name("left thumb"), given_name("Segment_1"), given_name("3")
    ('left thumb', None, None)
    """
    name = text.strip()
    return None if _NOBODYS_NAME.fullmatch(name) else name


def tracked_name(text: str) -> str | None:
    """Return the name that a tracking identifier is, as it stands; None where lesionkit counted.

    Examples
    --------
    >>> tracked_name("3"), tracked_name("lesionkit:T2"), tracked_name("")
    ('3', None, None)
    """
    name = text.strip()
    return name if name and not _OUR_COUNT.fullmatch(name) else None


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


def empty_segment(about: str, name: str) -> Problem:
    """Return the problem that a segment holds no voxel."""
    return info("segment_is_empty", about, f"The segment {name} holds no voxel and is left out.")
