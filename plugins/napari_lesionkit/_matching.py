"""What ties an image's deposits to those of an earlier one: lines carried over, and names in common."""

from collections.abc import Collection, Sequence

from lesionkit import __version__
from lesionkit.core.image import Image
from lesionkit.core.region import Deposit
from lesionkit.core.transform import Transform
from lesionkit.errors import InputError
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._draft import Draft

PROPAGATE = f"lesionkit {__version__} propagate"
"""Author of outlines that were carried over."""


def carried(
    deposits: Sequence[Deposit], before: Image, now: Image, onto_before: Transform, *, image_id: str
) -> tuple[Deposit, ...]:
    """Return the deposits of an earlier image where they lie on a later one.

    Parameters
    ----------
    deposits : sequence of Deposit
        Of the earlier image.
    before, now : Image
        The earlier and the later image.
    onto_before : Transform
        From the later image onto the earlier one.
    image_id : str
        Of the later one.

    Raises
    ------
    InputError
        If the alignment is not to be believed.
    """
    from lesionkit.suggest import Earlier
    from lesionkit.suggest.suggesters import propagate

    if not onto_before.is_reliable:
        raise InputError(
            "the earlier outlines cannot be carried over: the two images could not be aligned",
            hint="Outline the deposits here, or mark landmarks on both images.",
        )
    earlier = Earlier(image=before, deposits=tuple(deposits), transform=onto_before.inverse())
    return tuple(
        Deposit(
            id="carried",
            image=image_id,
            regions=one.regions,
            name=one.name,
            role=one.role,
            tracking_uid=one.tracking_uid,
        )
        for one in propagate(now, earlier=earlier)
    )


def give_one_name(here: Draft, key: str, there: Draft, there_key: str, *, taken: Collection[str]) -> str:
    """Give two deposits on two images the name that either has, else a new one; return it.

    Raises
    ------
    InputError
        If either image cannot be drawn on right now; nothing is then named.
    """
    for draft in (there, here):
        problem = draft.refusal or draft.conflict
        if problem is not None:
            raise InputError(problem.text, hint=problem.hint)
    mine, theirs = here.drawn.deposit(key).name, there.drawn.deposit(there_key).name
    name = mine or theirs or _new_name(taken)
    if theirs != name:
        there.commit(verbs.rename(there.drawn, there_key, name))
    if mine != name:
        here.commit(verbs.rename(here.drawn, key, name))
    return name


def _new_name(taken: Collection[str]) -> str:
    number = 1
    while f"D{number}" in taken:
        number += 1
    return f"D{number}"
