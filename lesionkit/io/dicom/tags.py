"""Values out of DICOM datasets as plain Python ones: a value that is broken counts as absent.

Each function looks through several datasets in turn, because an enhanced image spreads what is said
of a frame over its own functional groups, the shared ones and the top of the file.
"""

import math
import re
import struct
from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from pydicom.errors import BytesLengthException


class Elements(Protocol):
    """Elements by their keyword, as those of a pydicom dataset."""

    def get(self, key: str, /) -> Any:
        """Return a value; None where there is none of that name."""
        ...

    def __contains__(self, tag: int, /) -> bool:
        """Return whether there is an element of that tag."""
        ...


Layers = Sequence[Elements]
"""Where to look, first to last."""

_BROKEN_VALUE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    AssertionError,
    struct.error,
    BytesLengthException,
)


def values(layers: Layers, keyword: str) -> tuple[Any, ...]:
    """Return the values of the first element of that name that has any."""
    for layer in layers:
        try:
            value = layer.get(keyword)
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            found = (value,) if isinstance(value, str | bytes) or not _is_several(value) else tuple(value)
        except _BROKEN_VALUE:
            continue
        if found:
            return found
    return ()


def _is_several(value: object) -> bool:
    return hasattr(value, "__iter__") and not hasattr(value, "components")


def numbers(layers: Layers, keyword: str, count: int) -> tuple[float, ...] | None:
    """Return exactly `count` finite numbers; None where they are absent or something else."""
    try:
        found = tuple(float(value) for value in values(layers, keyword))
    except _BROKEN_VALUE:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


def number(layers: Layers, keyword: str) -> float | None:
    """Return one finite number; None where it is absent or something else."""
    found = numbers(layers, keyword, 1)
    return found[0] if found else None


def positive(layers: Layers, keyword: str) -> float | None:
    """Return one number above zero; None where it is absent or something else."""
    found = number(layers, keyword)
    return found if found is not None and found > 0 else None


def pair(layers: Layers, keyword: str) -> tuple[float, float] | None:
    """Return two numbers above zero (a spacing: row spacing, column spacing); None otherwise."""
    found = numbers(layers, keyword, 2)
    return (found[0], found[1]) if found and min(found) > 0 else None


def whole(layers: Layers, keyword: str) -> int | None:
    """Return one whole number; None where it is absent or something else."""
    found = number(layers, keyword)
    return int(found) if found is not None and found == int(found) else None


def texts(layers: Layers, keyword: str) -> tuple[str, ...]:
    """Return the values as stripped strings."""
    return tuple(str(value).strip() for value in values(layers, keyword))


def text(layers: Layers, keyword: str) -> str:
    """Return the first value as a stripped string; empty where it is absent."""
    found = texts(layers, keyword)
    return found[0] if found else ""


def day(layers: Layers, keyword: str) -> date | None:
    """Return the day of a date or date-time; None where it is absent or no date.

    ``YYYYMMDD`` (DICOM PS3.5, VR DA and DT) and the older ``YYYY.MM.DD`` are understood.
    """
    match = re.fullmatch(r"(\d{4})(\.?)(\d{2})\2(\d{2})(\d{2}.*)?", text(layers, keyword))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def uid_name(uid: str) -> str:
    """Return what DICOM calls a UID; the UID itself where it is not in its dictionary."""
    from pydicom.config import IGNORE
    from pydicom.uid import UID

    return UID(uid, validation_mode=IGNORE).name
