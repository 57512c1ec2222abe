"""What the words of a path say: which day, which body site, and which say nothing."""

import re
from collections.abc import Collection
from datetime import date

_DATE = re.compile(r"(?<!\d)(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)")
_TIME = re.compile(r"[-_T ]?(?<!\d)\d{6}(\d{3})?(?!\d)")
_UID = re.compile(r"\d+(\.\d+){4,}")
_SEPARATORS = re.compile(r"[\W_]+")
_YEARS = range(1900, 2200)

_NOISE = re.compile(
    r"(img|image|im|i|dsc|dscn|dscf|sdc|cimg|mg|pxl|mvimg|imag|pict|pic|gopr|dji|wa|e|mp|p\d{7}|photo|foto|bild"
    r"|photograph|picture|scan|screenshot|whatsapp|at|file|slice|instance|dicom|dcm|dicomdir|series"
    r"|ses|session|visit|visite|follow|up|followup|fu|baseline|bl|timepoint|tp|day|week|month|year|[dmtvwy])?\d*"
)
"""Words a camera, scanner or messenger gives, or that say when, with or without a number behind."""


def dates_in(name: str) -> tuple[date, ...]:
    """Return the days a file's or folder's name gives, ``YYYY-MM-DD`` or ``YYYYMMDD``, first to last.

    A DICOM UID gives none, though eight digits of it may look like one.

    Examples
    --------
    >>> dates_in("P01_2012-03-01_left-hand"), dates_in("1.2.840.113619.20120301.7"), dates_in("20121301")
    ((datetime.date(2012, 3, 1),), (), ())
    """
    return tuple(day for _, day in _dates(name))


def _dates(name: str) -> list[tuple[tuple[int, int], date]]:
    uids = [match.span() for match in _UID.finditer(name)]
    found = []
    for match in _DATE.finditer(name):
        year, _, month, day = match.groups()
        if int(year) not in _YEARS or any(a <= match.start() < b for a, b in uids):
            continue
        try:
            found.append((match.span(), date(int(year), int(month), int(day))))
        except ValueError:
            continue  # the 31st of February is a number, not a day
    return found


def without_dates(name: str) -> str:
    """Return a name without its dates, the times of day behind them, and separators left at its ends.

    Examples
    --------
    >>> without_dates("P01_2012-03-01"), without_dates("IMG_20120301_101500"), without_dates("2012-03-01")
    ('P01', 'IMG', '')
    """
    found = _dates(name)
    for (start, stop), _ in reversed(found):
        time = _TIME.match(name, stop)
        name = f"{name[:start]} {name[time.end() if time else stop :]}"
    return re.sub(r"[-_. ]* [-_. ]*", " ", name).strip(" -_.") if found else name


def site_word(name: str, *, without: Collection[str] = ()) -> str:
    """Return the body site a name speaks of: without dates and the given names, in lower case, with hyphens.

    Names of digits alone are taken off the front only: ``hand-2`` of patient 2 is not ``hand``.

    Examples
    --------
    >>> site_word("P01_2012-03-01_Left hand", without=["P01"])
    'left-hand'
    """
    for unwanted in sorted(filter(None, without), key=len, reverse=True):
        start = "^" if unwanted.isdigit() else r"(?<![^\W_])"
        name = re.sub(rf"{start}{re.escape(unwanted)}(?![^\W_])", " ", name, flags=re.IGNORECASE)
    return _SEPARATORS.sub("-", without_dates(name).lower()).strip("-")


def is_noise(word: str) -> bool:
    """Return whether a site word says nothing of the body: a camera's counting, a UID, a visit, or nothing.

    Examples
    --------
    >>> [is_noise(word) for word in ("img-1234", "dsc0001", "1-2-840-113619", "left-hand", "hand-2", "")]
    [True, True, True, False, False, True]
    """
    return all(_NOISE.fullmatch(part) for part in word.split("-"))
