"""Regions of interest: areas that a person marked, so that it can be told how much of them is covered."""

from collections.abc import Sequence
from typing import Any

from lesionkit.core.outcome import Problem
from lesionkit.core.region import Outline
from lesionkit.io.geojson.feature import RefusedError, read_feature
from lesionkit.io.problems import warning

PROPERTY = "region"
"""Of a Polygon or MultiPolygon feature: the region's name, the same on every picture."""


def is_area(raw: Any) -> bool:
    """Return whether a feature marks a region of interest, which is no deposit."""
    return bool(_name(raw))


def _name(raw: Any) -> str:
    if not isinstance(raw, dict):
        return ""
    geometry, properties = raw.get("geometry"), raw.get("properties")
    if not isinstance(geometry, dict) or not isinstance(properties, dict):
        return ""
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return ""
    value = properties.get(PROPERTY)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def read_areas(
    features: Sequence[Any], *, shape: tuple[int, ...], about: str, problems: list[Problem]
) -> dict[str, tuple[Outline, ...]]:
    """Return the regions of interest of an outline file, by name; features of one name are one region.

    One that is no valid area of the image is left out; that is added to `problems`.
    """
    found: dict[str, tuple[Outline, ...]] = {}
    spoilt: set[str] = set()
    for raw in features:
        name = _name(raw)
        if not name:
            continue
        try:
            found[name] = (*found.get(name, ()), *read_feature(raw, shape=shape).outlines)
        except RefusedError as fault:
            spoilt.add(name)
            text = f"The region of interest {name} {fault.message}; it is left out."
            problems.append(warning("region_unusable", about, text, fault.hint))
    return {name: outlines for name, outlines in found.items() if name not in spoilt}
