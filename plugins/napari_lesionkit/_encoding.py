"""Deposits and edits as JSON: only what changed of a long line or of many voxels is written."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.region import Deposit, Mask, Outline, Region, Role, Status
from napari_lesionkit._drawn import Drawn, Edit

Json = dict[str, Any]

_FEW = 8
"""A line of fewer points is written whole."""


def encode_drawn(drawn: Drawn) -> Json:
    """Return all that is drawn."""
    return {
        "deposits": [_encode_deposit(deposit, None) for deposit in drawn.deposits],
        "scale": [_encode_claim(claim) for claim in drawn.scale_claims],
        "absent": drawn.is_absent,
        "assessable": drawn.is_assessable,
        "left_out": list(drawn.left_out),
        "landmarks": {name: list(at) for name, at in drawn.landmarks.items()},
    }


def decode_drawn(raw: Mapping[str, Any]) -> Drawn:
    """Return what `encode_drawn` was given."""
    return Drawn(
        deposits=tuple(_decode_deposit(one, None) for one in raw["deposits"]),
        scale_claims=tuple(_decode_claim(one) for one in raw["scale"]),
        is_absent=raw["absent"],
        is_assessable=raw["assessable"],
        left_out=tuple(raw["left_out"]),
        landmarks={name: (float(row), float(col)) for name, (row, col) in raw["landmarks"].items()},
    )


def encode_edit(edit: Edit, before: Drawn) -> Json:
    """Return an edit of what was drawn before; only what it changes is in it."""
    there = {deposit.id: deposit for deposit in before.deposits}
    raw: Json = {"verb": edit.verb}
    if edit.puts:
        raw["puts"] = [_encode_deposit(deposit, there.get(deposit.id)) for deposit in edit.puts]
    if edit.takes:
        raw["takes"] = list(edit.takes)
    if edit.scale_claims is not None:
        raw["scale"] = [_encode_claim(claim) for claim in edit.scale_claims]
    if edit.is_absent is not None:
        raw["absent"] = edit.is_absent
    if edit.is_assessable is not None:
        raw["assessable"] = edit.is_assessable
    return raw


def decode_edit(raw: Mapping[str, Any], before: Drawn) -> Edit:
    """Return the edit that was encoded, given the same that was drawn before it."""
    there = {deposit.id: deposit for deposit in before.deposits}
    scale = raw.get("scale")
    return Edit(
        verb=raw["verb"],
        puts=tuple(_decode_deposit(one, there.get(one["key"])) for one in raw.get("puts", ())),
        takes=tuple(raw.get("takes", ())),
        scale_claims=None if scale is None else tuple(_decode_claim(one) for one in scale),
        is_absent=raw.get("absent"),
        is_assessable=raw.get("assessable"),
    )


def _encode_deposit(deposit: Deposit, before: Deposit | None) -> Json:
    old = before.regions if before else ()
    raw: Json = {"key": deposit.id, "image": deposit.image, "status": deposit.status.value}
    for key, value in (
        ("name", deposit.name),
        ("role", deposit.role and deposit.role.value),
        ("author", deposit.author),
        ("drawn_at", deposit.drawn_at),
        ("tracking_uid", deposit.tracking_uid),
        ("properties", _plain(deposit.properties)),
    ):
        if value:
            raw[key] = value
    raw["regions"] = [
        _encode_region(region, number, old[number] if number < len(old) else None)
        for number, region in enumerate(deposit.regions)
    ]
    return raw


def _decode_deposit(raw: Mapping[str, Any], before: Deposit | None) -> Deposit:
    old = before.regions if before else ()
    return Deposit(
        id=raw["key"],
        image=raw["image"],
        status=Status(raw["status"]),
        name=raw.get("name"),
        role=Role(raw["role"]) if raw.get("role") else None,
        author=raw.get("author", ""),
        drawn_at=raw.get("drawn_at", ""),
        tracking_uid=raw.get("tracking_uid"),
        properties=raw.get("properties", {}),
        regions=tuple(_decode_region(one, old) for one in raw["regions"]),
    )


def _plain(value: Any) -> Any:
    """Return what JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _encode_region(region: Region, number: int, before: Region | None) -> Json:
    if isinstance(region, Mask):
        return _encode_mask(region, number, before if isinstance(before, Mask) else None)
    if before is region:
        return {"as": number}
    if isinstance(before, Outline) and before.plane == region.plane and _same_holes(before, region):
        changed = _changed(before.exterior, region.exterior)
        if changed is not None:
            first, last = changed
            kept = len(before.exterior) - (len(region.exterior) - last)
            return {"as": number, "from": first, "to": kept, "points": region.exterior[first:last].tolist()}
    raw: Json = {"rings": [ring.tolist() for ring in region.rings]}
    if region.plane is not None:
        raw["plane"] = region.plane
    return raw


def _same_holes(one: Outline, other: Outline) -> bool:
    pairs = zip(one.holes, other.holes, strict=False)
    return len(one.holes) == len(other.holes) and all(np.array_equal(a, b) for a, b in pairs)


def _changed(old: Floats, new: Floats) -> tuple[int, int] | None:
    """Return which points of a new line are not those of the old one; None where it is written whole."""
    shared = min(len(old), len(new))
    if shared < _FEW:
        return None
    alike = (old[:shared] == new[:shared]).all(axis=1)
    first = shared if alike.all() else int(np.argmin(alike))
    from_end = (old[::-1][: shared - first] == new[::-1][: shared - first]).all(axis=1)
    same_at_end = len(from_end) if from_end.all() else int(np.argmin(from_end))
    last = len(new) - same_at_end
    return (first, last) if last - first < len(new) / 2 else None


def _decode_region(raw: Mapping[str, Any], before: Sequence[Region]) -> Region:
    if "box" in raw:
        return _decode_mask(raw, before)
    if "rings" in raw:
        exterior, *holes = raw["rings"]
        return Outline(exterior=exterior, holes=tuple(holes), plane=raw.get("plane"))
    old: Region = before[raw["as"]]
    if "from" not in raw:
        return old
    assert isinstance(old, Outline)
    points = np.asarray(raw["points"], dtype=np.float64).reshape(-1, 2)
    ring = np.concatenate([old.exterior[: raw["from"]], points, old.exterior[raw["to"] :]])
    return Outline(exterior=ring, holes=old.holes, plane=old.plane)


def _encode_mask(mask: Mask, number: int, before: Mask | None) -> Json:
    box = {"box": [list(mask.origin), list(mask.voxels.shape)]}
    if before is mask:
        return box | {"as": number}
    if mask.is_fractional:
        return box | {"fractions": _packed(np.ascontiguousarray(mask.voxels, dtype="<f4").tobytes())}
    if before is None or before.is_fractional:
        return box | {"voxels": _packed(np.packbits(mask.voxels).tobytes())}
    changed = mask.voxels ^ _within(before, mask)
    return box | {"as": number, "changed": _packed(np.packbits(changed).tobytes())}


def _within(mask: Mask, other: Mask) -> npt.NDArray[np.bool_]:
    """Return what of a mask lies in the box of another."""
    held = np.zeros(other.voxels.shape, dtype=np.bool_)
    pairs = list(zip(mask.box, other.box, strict=True))
    if all(max(a.start, b.start) < min(a.stop, b.stop) for a, b in pairs):
        both = [(max(a.start, b.start), min(a.stop, b.stop)) for a, b in pairs]
        there = tuple(slice(lo - b.start, hi - b.start) for (lo, hi), b in zip(both, other.box, strict=True))
        here = tuple(slice(lo - a.start, hi - a.start) for (lo, hi), a in zip(both, mask.box, strict=True))
        held[there] = mask.voxels[here]
    return held


def _decode_mask(raw: Mapping[str, Any], before: Sequence[Region]) -> Mask:
    origin, shape = (tuple(int(n) for n in numbers) for numbers in raw["box"])
    if "fractions" in raw:
        values = np.frombuffer(_unpacked(raw["fractions"]), dtype="<f4").reshape(shape)
        return Mask(voxels=values.astype(np.float32), origin=origin)
    if "voxels" in raw:
        return Mask(voxels=_bits(raw["voxels"], shape), origin=origin)
    old = before[raw["as"]]
    assert isinstance(old, Mask)
    if "changed" not in raw:
        return old
    bits = _bits(raw["changed"], shape)
    there = Mask(voxels=np.ones(shape, dtype=np.bool_), origin=origin)
    return Mask(voxels=bits ^ _within(old, there), origin=origin)


def _bits(text: str, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    raw = np.frombuffer(_unpacked(text), dtype=np.uint8)
    return np.unpackbits(raw, count=int(np.prod(shape))).reshape(shape).astype(np.bool_)


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 6)).decode("ascii")


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def _encode_claim(claim: ScaleClaim) -> Json:
    raw: Json = {"source": claim.source.value}
    for key in ("points", "length_mm", "mm_per_px", "rel_se"):
        if getattr(claim, key) is not None:
            raw[key] = getattr(claim, key)
    return raw


def _decode_claim(raw: Mapping[str, Any]) -> ScaleClaim:
    points = raw.get("points")
    return ScaleClaim(
        source=ScaleSource(raw["source"]),
        points=None if points is None else tuple((float(row), float(col)) for row, col in points),
        length_mm=raw.get("length_mm"),
        mm_per_px=raw.get("mm_per_px"),
        rel_se=raw.get("rel_se"),
    )
