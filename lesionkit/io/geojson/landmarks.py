"""Landmarks: places on the skin that a person marked, so that pictures can be laid on one another."""

from collections.abc import Iterator, Sequence
from typing import Any

from lesionkit.core.outcome import Problem
from lesionkit.errors import OutlineError
from lesionkit.io.geojson.position import to_points
from lesionkit.io.problems import warning

PROPERTY = "landmark"
"""Of a Point feature: its name, the same on every picture."""


def is_landmark(raw: Any) -> bool:
    """Return whether a feature marks a landmark."""
    return bool(_name(raw))


def _name(raw: Any) -> str:
    if not isinstance(raw, dict):
        return ""
    geometry, properties = raw.get("geometry"), raw.get("properties")
    if not isinstance(geometry, dict) or geometry.get("type") != "Point" or not isinstance(properties, dict):
        return ""
    value = properties.get(PROPERTY)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def read_landmarks(
    features: Sequence[Any], *, shape: tuple[int, ...], about: str, problems: list[Problem]
) -> dict[str, tuple[float, float]]:
    """Return the landmarks of an outline file, ``(row, col)`` by name.

    One that stands there twice, or lies outside the image, is left out; that is added to `problems`.
    """
    found: dict[str, tuple[float, float]] = {}
    spoilt: set[str] = set()
    for name, raw in _marked(features):
        try:
            ((row, col),) = to_points([raw["geometry"].get("coordinates")]).tolist()
        except OutlineError as fault:
            spoilt.add(name)
            problems.append(_unusable(name, f"cannot be read: {fault.message}", about))
            continue
        if not (-1 <= row <= shape[0] and -1 <= col <= shape[1]):
            spoilt.add(name)
            problems.append(_unusable(name, "lies outside the image", about))
        elif name in found:
            spoilt.add(name)
            problems.append(_unusable(name, "is marked at two places", about))
        else:
            found[name] = (row, col)
    return {name: place for name, place in found.items() if name not in spoilt}


def _marked(features: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    return ((_name(raw), raw) for raw in features if is_landmark(raw))


def _unusable(name: str, why: str, about: str) -> Problem:
    hint = "Mark each landmark once, inside the picture."
    return warning("landmark_unusable", about, f"The landmark {name} {why}; it is left out.", hint)
