"""Deposits as gestures make them: new ones, several as one, and what a person stands behind."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lesionkit.core.region import Deposit, Region, Role, Status
from lesionkit.errors import OutlineError
from napari_lesionkit._drawn import STANDS
from napari_lesionkit._shapes import as_kept, together

CONFIRMED_BY = "confirmed_by"
"""Property of a deposit that a program proposed: who confirmed it. Its author stays the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who does it, on which image, and when.

    Parameters
    ----------
    who : str
        The reader, or whoever is named as author.
    image : str
        Id of the image.
    at : str
        ISO 8601.
    """

    who: str
    image: str
    at: str


def new_key() -> str:
    """Return a key that no deposit has had."""
    return secrets.token_hex(4)


def made(
    regions: Sequence[Region],
    *,
    by: Stamp,
    name: str | None = None,
    role: Role | None = None,
    status: Status = Status.DRAWN,
    tracking_uid: str | None = None,
    author: str | None = None,
) -> Deposit:
    """Return a new deposit of one or more parts, under a new key.

    Raises
    ------
    OutlineError
        If there is no region, or one is no simple closed line.
    """
    if not regions:
        raise OutlineError("nothing was drawn", hint="Draw around the deposit.")
    return Deposit(
        id=new_key(),
        image=by.image,
        regions=together([as_kept(region) for region in regions]),
        name=name,
        role=role,
        status=status,
        author=by.who if author is None else author,
        drawn_at=by.at,
        tracking_uid=tracking_uid,
    )


def stood_behind(deposit: Deposit, by: Stamp) -> Deposit:
    """Return a deposit as somebody leaves it who has looked at it; a suggestion is then confirmed."""
    if deposit.status is not Status.SUGGESTED:
        return replace(deposit, author=by.who, drawn_at=by.at, properties=dict(deposit.properties))
    properties = {**deposit.properties, CONFIRMED_BY: by.who}
    return replace(deposit, status=Status.CONFIRMED, properties=properties)


def united(first: Deposit, others: Sequence[Deposit]) -> Deposit:
    """Return several deposits as one: what a person stands behind outweighs what is suggested."""
    all_ = (first, *others)
    stands = next((deposit.status for deposit in all_ if deposit.status in STANDS), first.status)
    return replace(
        first,
        regions=together([region for deposit in all_ for region in deposit.regions]),
        name=next((deposit.name for deposit in all_ if deposit.name), None),
        role=next((deposit.role for deposit in all_ if deposit.role), None),
        tracking_uid=next((deposit.tracking_uid for deposit in all_ if deposit.tracking_uid), None),
        status=stands,
        properties=dict(first.properties),
    )
