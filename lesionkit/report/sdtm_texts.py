"""How texts are written in SDTM: on one line, within 200 bytes, and places in the standard's words."""

import hashlib
import re
from collections.abc import Sequence

from lesionkit.report import sdtm_domains as sdtm

_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def printed(text: str) -> str:
    r"""Return a text on one line, without control characters, of at most 200 bytes.

    Examples
    --------
    >>> printed("left\nhand"), len(printed("é" * 300).encode())
    ('left hand', 200)
    """
    plain = " ".join(_UNPRINTED.sub(" ", text).split())
    return plain.encode()[: sdtm.LONGEST].decode(errors="ignore")


def identifier(*parts: str) -> str:
    r"""Return parts with strokes between them, printed; other parts never give the same.

    Where something had to be left out, a digest of the parts stands at the end.

    Examples
    --------
    >>> identifier("CT", "hand", "T1")
    'CT/hand/T1'
    >>> identifier("CT", "hand\n", "T1") == identifier("CT", "hand ", "T1")
    False
    """
    whole = "/".join(parts)
    if printed(whole) == whole and not any("/" in part for part in parts):
        return whole
    mark = "~" + hashlib.sha256(repr(parts).encode()).hexdigest()[:9]
    return printed(whole).encode()[: sdtm.LONGEST - len(mark)].decode(errors="ignore") + mark


def place(site: str) -> str | None:
    """Return where a site is: the standard's word where its name holds exactly one, else the name itself.

    Examples
    --------
    >>> place("left-hand"), place("hand and wrist"), place("")
    ('HAND', 'HAND AND WRIST', None)
    """
    found = [word for word in _words(site) if word.upper() in sdtm.PLACES]
    return found[0].upper() if len(found) == 1 else printed(site.replace("-", " ")).upper() or None


def side(site: str) -> str | None:
    """Return the side of a site in the standard's words; None where it names none, or both.

    Examples
    --------
    >>> side("left-hand"), side("hand"), side("left and right hand")
    ('LEFT', None, None)
    """
    found = {sdtm.SIDES[word] for word in _words(site) if word in sdtm.SIDES}
    return found.pop() if len(found) == 1 else None


def _words(site: str) -> Sequence[str]:
    return re.findall(r"[^\W\d_]+", site.lower())
