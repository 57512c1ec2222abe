"""Telling deposits that are there from mere places: where one was, or cannot be judged."""

from collections.abc import Iterator, Sequence
from typing import Any

from lesionkit.core.outcome import Problem
from lesionkit.core.region import Deposit, Drawing, Status
from lesionkit.io.problems import info


def drawing_of(
    deposits: Sequence[Deposit], *, image: str, left_out: Sequence[str] = (), **told: Any
) -> Drawing:
    """Return what was drawn on an image, with each deposit where its status says.

    Parameters
    ----------
    deposits : sequence of Deposit
        All that was drawn, of whatever status.
    image : str
        Id of the image.
    left_out : sequence of str
        What cannot be used. Deposits that cannot be judged join them.
    **told
        As of `lesionkit.core.region.Drawing`.
    """
    unjudged = tuple(deposit for deposit in deposits if deposit.status is Status.NOT_ASSESSABLE)
    return Drawing(
        image=image,
        deposits=tuple(deposit for deposit in deposits if not deposit.status.is_place_only),
        removed=tuple(deposit for deposit in deposits if deposit.status.is_removed),
        unjudged=unjudged,
        left_out=(*left_out, *(deposit.id for deposit in unjudged)),
        **told,
    )


def unjudged_in(drawing: Drawing, about: str) -> Iterator[Problem]:
    """Yield a note for each deposit that cannot be judged."""
    for deposit in drawing.unjudged:
        text = f"Its reader says that deposit {deposit.id} cannot be judged on this image: it is unseen."
        yield info("deposit_not_assessable", about, text)
