"""The ``lesionkit`` member of an outline file: which image it was drawn on, and its scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.image import ImageRef
from lesionkit.errors import OutlineError
from lesionkit.io.files import fingerprint
from lesionkit.io.geojson.position import to_points, to_positions

MEMBER = "lesionkit"
SCHEMA = 1
_BY_POINTS = (ScaleSource.TWO_POINTS, ScaleSource.RULER, ScaleSource.REFERENCE_LENGTH)
_SOURCES = (*_BY_POINTS, ScaleSource.MANIFEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What an outline file says of its image.

    Parameters
    ----------
    image : str
        File name of the image; empty where the file does not say.
    sha256 : str
        Of the image's file, lower case; empty where the file does not say.
    shape : tuple of int, optional
        ``(rows, columns)`` of the upright image.
    scale : tuple of object
        Scales as written.
    others : Mapping of str to object
        Members lesionkit does not know; kept.
    """

    image: str = ""
    sha256: str = ""
    shape: tuple[int, ...] | None = None
    scale: tuple[Any, ...] = ()
    others: Mapping[str, Any] = field(default_factory=dict)


def read_header(top: Mapping[str, Any]) -> Header:
    """Return what the top level of an outline file says of its image; nothing where it came from QuPath.

    Raises
    ------
    OutlineError
        If it is of a later schema, or its members are not what they should be.
    """
    raw = top.get(MEMBER)
    if raw is None:
        return Header()
    if not isinstance(raw, dict):
        raise OutlineError(f'its member "{MEMBER}" is not an object', hint="Remove it, or write it anew.")
    others = dict(raw)
    schema = others.pop("schema", SCHEMA)
    if schema != SCHEMA:
        raise OutlineError(
            f"it is of schema {schema}, this version of lesionkit reads schema {SCHEMA}",
            hint="Update lesionkit.",
        )
    scale = others.pop("scale", None)
    return Header(
        image=str(others.pop("image", None) or ""),
        sha256=str(others.pop("sha256", None) or "").lower(),
        shape=_shape(others.pop("shape", None)),
        scale=() if scale is None else tuple(scale) if isinstance(scale, list) else (scale,),
        others=others,
    )


def _shape(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value):
        return tuple(value)
    raise OutlineError(f"its shape is not [rows, columns] but {value}", hint="Write it as two whole numbers.")


def difference(header: Header, image: ImageRef) -> str:
    """Return in what an image differs from the one the outlines were drawn on; empty where in nothing."""
    if header.shape is not None and header.shape != image.grid.shape:
        drawn, found = (" × ".join(str(n) for n in shape) for shape in (header.shape, image.grid.shape))
        return f"that image has {drawn} pixels (rows × columns), this one {found}"
    if header.sha256 and header.sha256 != fingerprint(image.paths[:1])[image.paths[0]]:
        return "its file has another SHA-256"
    return ""


def read_scale(raw: Any, *, shape: tuple[int, ...]) -> ScaleClaim:
    """Return one scale of an image of some shape as a claim.

    Raises
    ------
    OutlineError
        If its source is unknown, its numbers make no scale, or a point lies outside the image.
    """
    hint = (
        'Write {"source": "two-points", "points": [[x, y], [x, y]], "length_mm": 50} '
        'or {"source": "manifest", "mm_per_px": 0.1}.'
    )
    if not isinstance(raw, dict) or raw.get("source") not in _SOURCES:
        source = raw.get("source") if isinstance(raw, dict) else raw
        raise OutlineError(f"its source {source!r} is none of {', '.join(_SOURCES)}", hint=hint)
    source = ScaleSource(raw["source"])
    length, rel_se = _number(raw, "length_mm", hint), _number(raw, "rel_se", hint)
    try:
        if source is ScaleSource.MANIFEST:
            return ScaleClaim(source=source, mm_per_px=_number(raw, "mm_per_px", hint), rel_se=rel_se)
        points = _points(raw, shape, hint)
        if length is None and source is not ScaleSource.REFERENCE_LENGTH:
            raise OutlineError("it has no length_mm", hint=hint)
        return ScaleClaim(source=source, points=points, length_mm=length, rel_se=rel_se)
    except ValueError as error:
        raise OutlineError(str(error), hint=hint) from error


def _points(raw: Mapping[str, Any], shape: tuple[int, ...], hint: str) -> tuple[tuple[float, float], ...]:
    points = to_points(raw.get("points"))
    if len(points) not in (2, 3):
        raise OutlineError(f"it has {len(points)} points instead of two (or three on a circle)", hint=hint)
    if ((points < -1.0) | (points > shape)).any():
        raise OutlineError("a point of it lies outside the image", hint="Mark the points again.")
    return tuple((row, col) for row, col in points.tolist())


def _number(raw: Mapping[str, Any], key: str, hint: str) -> float | None:
    value = raw.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OutlineError(f"its {key} is not a number but {value!r}", hint=hint)
    return float(value)


def write_header(image: ImageRef, claims: Sequence[ScaleClaim] | None, before: Header) -> dict[str, Any]:
    """Return the header of an outline file: what is new, and what stood there before.

    Parameters
    ----------
    image : ImageRef
        Drawn on.
    claims : sequence of ScaleClaim, optional
        Its scales; None keeps those that stood there.
    before : Header
        What the file said until now.
    """
    scales = list(before.scale) if claims is None else [_written(claim) for claim in claims]
    header: dict[str, Any] = {
        "schema": SCHEMA,
        "image": image.paths[0].name,
        "sha256": fingerprint(image.paths[:1])[image.paths[0]],
        "shape": list(image.grid.shape),
    }
    if scales:
        header["scale"] = scales[0] if len(scales) == 1 else scales
    return header | dict(before.others)


def _written(claim: ScaleClaim) -> dict[str, Any]:
    out: dict[str, Any] = {"source": claim.source.value}
    if claim.points is not None:
        import numpy as np

        out["points"] = to_positions(np.asarray(claim.points))
    for key in ("length_mm", "mm_per_px", "rel_se"):
        if getattr(claim, key) is not None:
            out[key] = getattr(claim, key)
    return out
