"""What a deposit read from a segment is called: as a person named it, not as a program counted it."""

import re
from collections.abc import Collection

from lesionkit.core.outcome import Problem
from lesionkit.io.problems import info

_NOBODYS_NAME = re.compile(r"(new )?(segment|label|mask)?(ation)?[ _-]*\d*", re.IGNORECASE)


def given_name(text: str) -> str | None:
    """Return a segment's name where a person gave it; None where a program counted.

    Examples
    --------
    >>> given_name("left thumb"), given_name("Segment_1"), given_name("3")
    ('left thumb', None, None)
    """
    name = text.strip()
    return None if _NOBODYS_NAME.fullmatch(name) else name


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
