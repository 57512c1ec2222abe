"""Small cohorts to outline, and lines to outline them with."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from making import write_photo
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._draft import Draft
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._encoding import encode_drawn

from lesionkit.core.region import Outline

FIRST, SECOND = "2012-03-01", "2013-04-02"


def write_photos(root: Path, days: Sequence[str] = (FIRST,), *, mm_per_px: float | None = 0.25) -> Path:
    """Write one photograph of a left hand a day, all alike, and return the folder."""
    for day in days:
        write_photo(root / "P01" / day / "left-hand.jpg")
    if mm_per_px is not None:
        lines = [f"P01/{day}/left-hand.jpg,{mm_per_px}" for day in days]
        (root / "images.csv").write_text("\n".join(["path,mm_per_px", *lines]), encoding="utf-8")
    return root


def box(row: float, col: float, side: float = 20.0, *, width: float | None = None) -> Outline:
    """Return a rectangle by its first corner."""
    last = col + (width or side)
    return Outline(exterior=[(row, col), (row, last), (row + side, last), (row + side, col)])


def draw(draft: Draft, *regions: Outline, name: str | None = None) -> str:
    """Draw a deposit and return its key."""
    before = {deposit.id for deposit in draft.drawn.deposits}
    draft.commit(verbs.draw(draft.drawn, *regions, by=draft.stamp, name=name))
    (key,) = {deposit.id for deposit in draft.drawn.deposits} - before
    return key


def text(drawn: Drawn) -> str:
    """Return all that is drawn as text, to be compared."""
    return json.dumps(encode_drawn(drawn), sort_keys=True)


class Clock:
    """A clock that goes on a second whenever it is read."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat("2026-03-01T10:00:00+00:00")

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now
