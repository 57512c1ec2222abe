"""The gestures of outlining: each takes what is drawn and returns the edit; nothing here knows of files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.region import Deposit, Region, Role, Status
from lesionkit.errors import InputError, OutlineError
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._making import Stamp as Stamp
from napari_lesionkit._making import made, new_key, stood_behind, united
from napari_lesionkit._shapes import cut, parts_of, together


def draw(
    drawn: Drawn, *regions: Region, by: Stamp, name: str | None = None, role: Role | None = None
) -> Edit:
    """Return the edit that adds a deposit a person drew, with one or more parts.

    A name that is already there makes them parts of that deposit.

    Raises
    ------
    OutlineError
        If a region is no simple closed line, or there is none.
    """
    new = made(regions, by=by, name=_name(name), role=role)
    twin = next(drawn.named(new.name), None) if new.name else None
    if twin is not None:
        return _said(drawn, Edit(verb="draw", puts=(united(twin, [new]),)))
    return _said(drawn, Edit(verb="draw", puts=(new,)))


def _name(name: str | None) -> str | None:
    return (name or "").strip() or None


def _said(drawn: Drawn, edit: Edit) -> Edit:
    """Return the edit of someone who sees deposits: the image can be judged, and is not without any."""
    return replace(
        edit,
        is_absent=False if drawn.is_absent else None,
        is_assessable=None if drawn.is_assessable else True,
    )


def redraw(drawn: Drawn, key: str, *regions: Region, by: Stamp) -> Edit:
    """Return the edit that gives a deposit another line; a suggestion that a person corrects is confirmed."""
    old = drawn.deposit(key)
    regions = made(regions, by=by).regions
    new = replace(old, regions=regions, properties=dict(old.properties))
    return Edit(verb="redraw", puts=(stood_behind(new, by),))


def rename(drawn: Drawn, key: str, name: str | None) -> Edit:
    """Return the edit that names a deposit; None takes its name away.

    Equal names are one deposit: where another on this image has the name, this becomes a part of it.
    """
    old, name = drawn.deposit(key), _name(name)
    twins = [other for other in drawn.named(name) if other.id != key] if name else []
    if twins and not old.status.is_place_only:
        return Edit(verb="rename", puts=(united(twins[0], [old]),), takes=(key,))
    return Edit(verb="rename", puts=(replace(old, name=name, properties=dict(old.properties)),))


def merge(drawn: Drawn, keys: Sequence[str]) -> Edit:
    """Return the edit that makes several deposits one, called as the first that has a name.

    Raises
    ------
    InputError
        If there are fewer than two, or of one only the place is marked.
    """
    chosen = [drawn.deposit(key) for key in dict.fromkeys(keys)]
    if len(chosen) < 2:
        raise InputError("one deposit cannot be merged", hint="Choose two or more.")
    _must_be_there(chosen)
    return Edit(verb="merge", puts=(united(chosen[0], chosen[1:]),), takes=tuple(d.id for d in chosen[1:]))


def _must_be_there(deposits: Sequence[Deposit]) -> None:
    for deposit in deposits:
        if deposit.status.is_place_only:
            raise InputError(
                f"{deposit.name or 'this deposit'} is {deposit.status}",
                hint="Undo that first: only its place is marked.",
            )


def split(drawn: Drawn, key: str, *, along: Floats | None = None) -> Edit:
    """Return the edit that makes each part of a deposit one of its own; the largest keeps the name.

    Parameters
    ----------
    drawn : Drawn
        What is drawn.
    key : str
        The deposit.
    along : array_like, shape (n, 2), optional
        A line across it, along which it is cut first.

    Raises
    ------
    OutlineError
        If it hangs together, or the line does not cut it.
    """
    old = drawn.deposit(key)
    _must_be_there([old])
    parts = parts_of(old.regions) if along is None else cut(together(old.regions), along)
    if len(parts) < 2:
        raise OutlineError("the deposit is in one part", hint="Draw a line across it where it is to be cut.")
    largest, *others = sorted(parts, key=_extent, reverse=True)
    kept = replace(old, regions=(largest,), properties=dict(old.properties))
    new = [
        replace(old, id=new_key(), regions=(part,), name=None, tracking_uid=None, properties={})
        for part in others
    ]
    return Edit(verb="split", puts=(kept, *new))


def _extent(region: Region) -> float:
    from lesionkit.core.region import Mask
    from lesionkit.geometry.polygon import ring_area

    return float(region.voxels.sum()) if isinstance(region, Mask) else float(ring_area(region.exterior))


def delete(drawn: Drawn, *keys: str) -> Edit:
    """Return the edit that takes deposits away: they were none.

    That the image is then without deposits nobody has said: see `say_absent`.
    """
    return Edit(verb="delete", takes=tuple(drawn.deposit(key).id for key in dict.fromkeys(keys)))


def mark(drawn: Drawn, key: str, status: Status, *, by: Stamp) -> Edit:
    """Return the edit that says what became of a deposit: excised, extruded, not assessable, again drawn."""
    old = drawn.deposit(key)
    new = replace(old, status=status, author=by.who, drawn_at=by.at, properties=dict(old.properties))
    return Edit(verb="mark", puts=(new,))


def confirm(drawn: Drawn, *keys: str, by: Stamp) -> Edit:
    """Return the edit that confirms suggestions; without a key, all there are.

    Raises
    ------
    InputError
        If there is none.
    """
    chosen = [drawn.deposit(key) for key in keys] or list(drawn.deposits)
    open_ = tuple(stood_behind(d, by) for d in chosen if d.status is Status.SUGGESTED)
    if not open_:
        raise InputError("there is no suggestion to confirm", hint="It is confirmed already.")
    return Edit(verb="confirm", puts=open_)


def suggest(drawn: Drawn, proposals: Sequence[Deposit], *, by: Stamp, author: str) -> Edit:
    """Return the edit that adds what a program proposes, as suggestions; a name that is there is passed over.

    Parameters
    ----------
    drawn : Drawn
        What is drawn.
    proposals : sequence of Deposit
        Regions, name, role and tracking UID are taken of them.
    by : Stamp
        When.
    author : str
        The program and its version.

    Raises
    ------
    InputError
        If nothing is left to add.
    """
    taken = {deposit.name for deposit in drawn.deposits if deposit.name}
    new = tuple(
        made(
            proposal.regions,
            by=by,
            author=author,
            name=proposal.name,
            role=proposal.role,
            tracking_uid=proposal.tracking_uid,
            status=Status.SUGGESTED,
        )
        for proposal in proposals
        if proposal.name is None or proposal.name not in taken
    )
    if not new:
        raise InputError("there is nothing to suggest", hint="Every deposit is outlined already.")
    return _said(drawn, Edit(verb="suggest", puts=new))


def adopt(drawn: Drawn, deposits: Sequence[Deposit], *, by: Stamp) -> Edit:
    """Return the edit that copies deposits from elsewhere as they are; only their image and key are new."""
    copies = tuple(_copies(drawn, deposits, by))
    if not copies:
        raise InputError("there is nothing to take over", hint="Draw the deposits.")
    return _said(drawn, Edit(verb="adopt", puts=copies))


def _copies(drawn: Drawn, deposits: Sequence[Deposit], by: Stamp) -> Iterator[Deposit]:
    taken = {deposit.name for deposit in drawn.deposits if deposit.name}
    for deposit in deposits:
        if deposit.name is None or deposit.name not in taken:
            yield replace(deposit, id=new_key(), image=by.image, properties=dict(deposit.properties))


def give_role(drawn: Drawn, key: str, role: Role | None) -> Edit:
    """Return the edit that says what a deposit is followed for."""
    old = drawn.deposit(key)
    return Edit(verb="give role", puts=(replace(old, role=role, properties=dict(old.properties)),))


def set_scale(drawn: Drawn, *claims: ScaleClaim) -> Edit:
    """Return the edit that says how large the pixels are; no claim takes back what was said."""
    del drawn
    return Edit(verb="set scale", scale_claims=tuple(claims))


def say_absent(drawn: Drawn) -> Edit:
    """Return the edit that says: looked, nothing there.

    Raises
    ------
    InputError
        While a deposit is outlined.
    """
    if drawn.present:
        raise InputError(
            f"{len(drawn.present)} deposits are outlined on this image",
            hint="Delete them first, or mark them excised or extruded.",
        )
    return Edit(verb="say absent", is_absent=True, is_assessable=True)


def say_not_assessable(drawn: Drawn) -> Edit:
    """Return the edit that says: this image cannot be judged; its deposits are unseen, not absent.

    Raises
    ------
    InputError
        While a deposit is outlined.
    """
    if drawn.present:
        raise InputError(
            f"{len(drawn.present)} deposits are outlined on this image",
            hint="Delete them first: what can be outlined can be judged.",
        )
    return Edit(verb="say not assessable", is_assessable=False, is_absent=False)
