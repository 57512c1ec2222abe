"""Several outline files of one reader -> one drawing, in which nothing is counted twice unsaid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit, Drawing
from lesionkit.geometry.overlap import share_ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One outline file, read.

    Parameters
    ----------
    about : str
        How problems name the file.
    drawing : Drawing
        What it holds.
    """

    about: str
    drawing: Drawing


def join(sheets: Sequence[Sheet], *, unusable: Sequence[str] = ()) -> tuple[Drawing, tuple[Problem, ...]]:
    """Return one reader's files of one image as one drawing: a segmentation may come as a file per deposit.

    Equal names are one deposit, as within one file: where its outlines overlap, what they share counts
    once. One tracking UID on the same ground is the same deposit told again: the first file's counts. Other
    deposits of different files that overlap are told of, for they may be one drawn twice.

    Parameters
    ----------
    sheets : sequence of Sheet
        At least one.
    unusable : sequence of str
        Files that cannot be used: what they held is not known, so it counts as left out.

    Returns
    -------
    drawing : Drawing
        With ids that are unique.
    problems : tuple of Problem
        ``outlines_overlap`` (warnings).
    """
    first = sheets[0].drawing
    if len(sheets) == 1:
        return replace(first, left_out=(*first.left_out, *unusable)), ()
    joined: dict[str, Deposit] = {}
    owners: list[tuple[str, Deposit]] = []
    for sheet in sheets:
        for deposit in sheet.drawing.deposits:
            if _is_told(deposit, sheet.about, owners):
                continue
            twin = _twin(deposit, joined)
            key = twin.id if twin else _free(deposit.id, joined)
            parts = (*twin.regions, *deposit.regions) if twin else deposit.regions
            joined[key] = replace(
                twin or deposit, id=key, regions=parts, properties=dict((twin or deposit).properties)
            )
            owners.append((sheet.about, replace(deposit, id=key, properties=dict(deposit.properties))))
    drawing = replace(
        first,
        deposits=tuple(joined.values()),
        scale_claims=tuple(claim for sheet in sheets for claim in sheet.drawing.scale_claims),
        files=tuple(file for sheet in sheets for file in sheet.drawing.files),
        left_out=(*unusable, *(name for sheet in sheets for name in sheet.drawing.left_out)),
        removed=tuple(deposit for sheet in sheets for deposit in sheet.drawing.removed),
        unjudged=tuple(deposit for sheet in sheets for deposit in sheet.drawing.unjudged),
        landmarks={name: at for sheet in reversed(sheets) for name, at in sheet.drawing.landmarks.items()},
        areas={name: area for sheet in reversed(sheets) for name, area in sheet.drawing.areas.items()},
    )
    return drawing, tuple(_overlaps(owners))


def _is_told(deposit: Deposit, file: str, owners: Sequence[tuple[str, Deposit]]) -> bool:
    """Return whether another file has the same deposit by its tracking UID, on the same ground.

    So it is in an archive, which keeps a report beside the segmentation it was made with.
    """
    return deposit.tracking_uid is not None and any(
        another != file
        and other.tracking_uid == deposit.tracking_uid
        and any(share_ground(a, b) for a in deposit.regions for b in other.regions)
        for another, other in owners
    )


def _twin(deposit: Deposit, joined: dict[str, Deposit]) -> Deposit | None:
    """Return the deposit of an earlier file that a person gave the same name, drawn in the same way."""
    for other in joined.values():
        if (
            deposit.name is not None
            and (deposit.name, deposit.status, deposit.role) == (other.name, other.status, other.role)
            and type(deposit.regions[0]) is type(other.regions[0])
        ):
            return other
    return None


def _free(wanted: str, taken: dict[str, Deposit]) -> str:
    key, count = wanted, 1
    while key in taken:
        count += 1
        key = f"{wanted}-{count}"
    return key


def _overlaps(owners: Sequence[tuple[str, Deposit]]) -> Iterator[Problem]:
    for (file, one), (another, other) in combinations(owners, 2):
        if file == another or not (one.counts and other.counts):
            continue
        if any(share_ground(a, b) for a in one.regions for b in other.regions):
            text = f"Deposit {other.id} overlaps {one.id} of {file}; the shared ground counts for both."
            if one.id == other.id:
                text = f"Deposit {one.id} is outlined on the same ground in {file} as well; it counts once."
            yield Problem(
                severity=Severity.WARNING,
                code="outlines_overlap",
                about=another,
                text=text,
                hint="If the two files show the same deposits, keep one of them.",
            )
