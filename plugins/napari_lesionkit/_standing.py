"""Where a case stands among its timepoints: judged once, then kept up as lines move."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lesionkit.core.cohort import Patient
from lesionkit.core.measurement import Measurement
from lesionkit.core.settings import Settings
from lesionkit.core.units import Quantity
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._following import Followed, Others, Timepoint, follow
from napari_lesionkit._rows import Row, rows_of, size_measure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """The table and the verdict of a case.

    Parameters
    ----------
    drawn : Drawn
        What they are of.
    others : Others
        The timepoints it is held against.
    followed : Followed
        Who is who, and the verdicts.
    rows : tuple of Row
        The table.
    is_judged : bool
        False where who is who was taken over from before.
    """

    drawn: Drawn
    others: Others
    followed: Followed
    rows: tuple[Row, ...]
    is_judged: bool = True

    def holds_for(self, drawn: Drawn, others: Others) -> bool:
        """Return whether who is who can be taken over: the same deposits, called and marked the same."""
        return self.others is others and _words(self.drawn) == _words(drawn)


def _words(drawn: Drawn) -> list[tuple[object, ...]]:
    said = [(d.id, d.name, d.status, d.role, d.tracking_uid) for d in drawn.deposits]
    return [*said, (drawn.is_absent, drawn.is_assessable)]


def judge(
    now: Timepoint,
    drawn: Drawn,
    others: Others,
    *,
    patient: Patient,
    settings: Settings,
    names: Mapping[str, Drawn],
) -> Standing:
    """Return where a case stands, from scratch: as `lesionkit.run` would tell it."""
    followed = follow(now, others, patient=patient, settings=settings)
    return Standing(drawn=drawn, others=others, followed=followed, rows=rows_of(now, drawn, followed, names))


def keep_up(
    before: Standing, now: Timepoint, drawn: Drawn, *, patient: Patient, settings: Settings
) -> Standing:
    """Return where a case stands after lines have moved, taking over who is who.

    A change in percent goes with the size of its track, for what it is held against stays; so nothing but
    sizes and the site's verdict is worked out again.
    """
    followed = follow(now, before.others, patient=patient, settings=settings, tracks=before.followed.tracks)
    sizes = {(m.deposit, m.measure): m for m in now.measurements}
    measure = size_measure(now.case)
    old, new = _totals(before.rows, {}, measure), _totals(before.rows, sizes, measure)
    rows = tuple(_kept_up(row, sizes, measure, old=old, new=new) for row in before.rows)
    return Standing(
        drawn=drawn,
        others=before.others,
        followed=_with_single(before, followed),
        rows=rows,
        is_judged=False,
    )


def _with_single(before: Standing, followed: Followed) -> Followed:
    """Return what was followed now, with the verdicts on single tracks as they were."""
    single = tuple(response for response in before.followed.responses if response.track is not None)
    return replace(followed, responses=(*single, *followed.responses))


Sizes = Mapping[tuple[str, str], Measurement]


def _size(row: Row, sizes: Sizes, measure: str) -> Quantity | None:
    found = sizes.get((row.key, measure))
    return found.quantity if found else row.size


def _totals(rows: tuple[Row, ...], sizes: Sizes, measure: str) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in rows:
        size = _size(row, sizes, measure)
        if row.track is not None and size is not None:
            totals[row.track] = totals.get(row.track, 0.0) + size.value
    return totals


def _kept_up(
    row: Row, sizes: Sizes, measure: str, *, old: Mapping[str, float], new: Mapping[str, float]
) -> Row:
    axis = sizes.get((row.key, "long_axis"))
    ratio = new[row.track] / old[row.track] if row.track is not None and old.get(row.track) else 1.0
    return replace(
        row,
        size=_size(row, sizes, measure),
        long_axis=axis.quantity if axis else row.long_axis,
        change_previous_pct=_scaled(row.change_previous_pct, ratio),
        change_baseline_pct=_scaled(row.change_baseline_pct, ratio),
    )


def _scaled(change_pct: float | None, ratio: float) -> float | None:
    return None if change_pct is None else (100 + change_pct) * ratio - 100
