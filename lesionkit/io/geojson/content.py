"""An outline file as JSON has it: its header, its features, and what other programs put beside them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lesionkit.errors import OutlineError
from lesionkit.io.geojson.header import Header, read_header

NOT_ASSESSABLE = "not_assessable"
"""Member of the top level: true where a person says that the image cannot be judged."""

_OURS = ("type", "features", "lesionkit", "absent", NOT_ASSESSABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An outline file, parsed.

    Parameters
    ----------
    header : Header
        What it says of its image.
    features : tuple of object
        As JSON has them.
    others : Mapping of str to object
        Further members of the top level; kept.
    is_absent : bool
        Whether it says that nothing was there.
    is_assessable : bool
        False where it says that the image cannot be judged.
    """

    header: Header = field(default_factory=Header)
    features: tuple[Any, ...] = ()
    others: Mapping[str, Any] = field(default_factory=dict)
    is_absent: bool = False
    is_assessable: bool = True


def read_content(path: Path) -> Content:
    """Return an outline file, parsed: a FeatureCollection, or what QuPath also writes (a list, a Feature).

    Raises
    ------
    OutlineError
        If it is none.
    """
    hint = "Save the outlines again as a GeoJSON FeatureCollection."
    try:
        top = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise OutlineError(f"{path.name} is not JSON: {said}", hint=hint) from fault
    if isinstance(top, list):
        top = {"type": "FeatureCollection", "features": top}
    elif isinstance(top, dict) and top.get("type") == "Feature":
        top = {"type": "FeatureCollection", "features": [top]}
    if not isinstance(top, dict) or top.get("type") != "FeatureCollection":
        raise OutlineError(f"{path.name} is no GeoJSON FeatureCollection", hint=hint)
    says_all = top.get("absent") is True or top.get(NOT_ASSESSABLE) is True
    features = top.get("features", [] if says_all else None)
    if not isinstance(features, list):
        raise OutlineError(f"{path.name} has no list of features", hint=hint)
    try:
        header = read_header(top)
    except OutlineError as fault:
        raise OutlineError(f"{path.name} cannot be used: {fault.message}", hint=fault.hint) from fault
    return Content(
        header=header,
        features=tuple(features),
        others={k: v for k, v in top.items() if k not in _OURS},
        is_absent=top.get("absent") is True,
        is_assessable=top.get(NOT_ASSESSABLE) is not True,
    )
