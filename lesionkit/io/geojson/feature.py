"""One feature of an outline file: its outlines, what is said of them, and what else must be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Outline, Role, Status
from lesionkit.errors import OutlineError
from lesionkit.io.geojson.position import to_points

W = TypeVar("W", Status, Role)

KNOWN = ("deposit", "status", "author", "drawn_at", "role", "tracking_uid")
"""Properties with a meaning, in the order they are written."""


class RefusedError(OutlineError):
    """A feature that is no outline of a deposit; `code` is that of the problem."""

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature, read.

    Parameters
    ----------
    outlines : tuple of Outline
        One, or several of a MultiPolygon.
    name : str, optional
        Of the deposit.
    status, role, author, drawn_at, tracking_uid
        As of `lesionkit.core.region.Deposit`.
    properties, members, geometry : Mapping of str to object
        What lesionkit does not know of the feature's properties, of itself and of its geometry.
    """

    outlines: tuple[Outline, ...]
    name: str | None = None
    status: Status = Status.DRAWN
    role: Role | None = None
    author: str = ""
    drawn_at: str = ""
    tracking_uid: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    geometry: Mapping[str, Any] = field(default_factory=dict)


def name_of(raw: Any) -> str | None:
    """Return the name a person gave: property ``deposit``, or QuPath's ``name``; None where there is none."""
    properties = raw.get("properties") if isinstance(raw, dict) else None
    for key in ("deposit", "name"):
        value = properties.get(key) if isinstance(properties, dict) else None
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value).strip()
    return None


def read_feature(raw: Any, *, shape: tuple[int, ...] | None) -> Feature:
    """Return one feature of an outline file.

    Parameters
    ----------
    raw : object
        As JSON has it.
    shape : tuple of int, optional
        ``(rows, columns)`` of the image; None where it is not known.

    Raises
    ------
    RefusedError
        If it does not hold the valid outline of a deposit.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("geometry"), dict):
        raise RefusedError(
            "has no geometry", code="outline_not_an_area", hint="Remove it, or draw it as a closed line."
        )
    properties = raw.get("properties") or {}
    if not isinstance(properties, dict):
        raise RefusedError("has properties that are no object", code="outline_property_invalid")
    role = properties.get("role")
    return Feature(
        outlines=tuple(_outline(rings, shape) for rings in _polygons(raw["geometry"])),
        name=name_of(raw),
        status=_word(Status, "status", properties.get("status") or Status.DRAWN),
        role=_word(Role, "role", role) if role else None,
        author=str(properties.get("author") or ""),
        drawn_at=str(properties.get("drawn_at") or ""),
        tracking_uid=str(properties["tracking_uid"]) if properties.get("tracking_uid") else None,
        properties={k: v for k, v in properties.items() if k not in KNOWN},
        members={k: v for k, v in raw.items() if k not in ("type", "geometry", "properties")},
        geometry={k: v for k, v in raw["geometry"].items() if k not in ("type", "coordinates")},
    )


def _word(kind: type[W], key: str, value: Any) -> W:
    try:
        return kind(str(value).strip().lower())
    except ValueError as error:
        raise RefusedError(
            f"has the {key} {value!r}, which is none of {', '.join(kind)}",
            code="outline_property_invalid",
            hint=f"Correct its {key} in the file.",
        ) from error


def _polygons(geometry: Mapping[str, Any]) -> list[list[Any]]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if kind not in ("Polygon", "MultiPolygon"):
        raise RefusedError(
            f"is a {kind}, which encloses no area",
            code="outline_not_an_area",
            hint="Draw it as a closed line (Polygon).",
        )
    if not isinstance(polygons, list) or not polygons or not all(isinstance(p, list) and p for p in polygons):
        raise _too_few()
    return polygons


def _too_few() -> RefusedError:
    return RefusedError(
        "has fewer than three different points",
        code="outline_too_few_points",
        hint="Draw it again around the deposit.",
    )


def _outline(rings: list[Any], shape: tuple[int, ...] | None) -> Outline:
    try:
        exterior, *holes = [to_points(ring) for ring in rings]
    except OutlineError as error:
        raise RefusedError(
            f"cannot be read: {error.message}", code="outline_unreadable", hint=error.hint
        ) from error
    if any(len(np.unique(ring, axis=0)) < 3 for ring in (exterior, *holes)):
        raise _too_few()
    _must_lie_inside(exterior, shape)
    try:
        return Outline(exterior=exterior, holes=tuple(holes))
    except OutlineError as error:
        for fault, code in _FAULTS.items():
            if fault in error.message:
                raise RefusedError(fault, code=code, hint=error.hint) from error
        raise RefusedError(
            f"is no simple closed line: {error.message}", code="outline_not_simple", hint=error.hint
        ) from error


_FAULTS = {"crosses itself": "outline_crosses_itself", "encloses no area": "outline_not_an_area"}


def _must_lie_inside(exterior: Floats, shape: tuple[int, ...] | None) -> None:
    # The image ends half a pixel beyond its outermost centres; a hand may slip by another half.
    if shape is None or ((exterior >= -1.0) & (exterior <= np.asarray(shape))).all():
        return
    rows, cols = shape
    raise RefusedError(
        f"reaches outside the image of {rows} × {cols} pixels",
        code="outline_outside_image",
        hint="Draw it again inside the image, or check that it was drawn on this image, upright.",
    )
