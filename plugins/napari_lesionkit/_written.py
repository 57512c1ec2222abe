"""What napari hands to a writer -> deposits: nothing is known of such layers but what they say themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.region import Deposit, Mask, Outline, Status


def outlines_from_shapes(
    data: Sequence[npt.ArrayLike], settings: Mapping[str, Any], *, image: str
) -> tuple[Deposit, ...]:
    """Return the polygons of a Shapes layer as deposits; shapes of one name are parts of one deposit.

    Parameters
    ----------
    data : sequence of array_like
        Of the layer.
    settings : Mapping
        As napari gives them to a writer; of use are ``features`` and ``shape_type``.
    image : str
        Id of the image they lie on.

    Raises
    ------
    OutlineError
        If a shape encloses nothing or crosses itself.
    """
    features = settings.get("features")
    columns = {} if features is None else {key: list(features[key]) for key in features}
    names = columns.get("deposit", [])
    states = columns.get("status", [])
    kinds = settings.get("shape_type", "polygon")
    kinds = [kinds] * len(data) if isinstance(kinds, str) else list(kinds)
    parts: dict[str, list[Outline]] = {}
    said: dict[str, Status] = {}
    for index, (points, kind) in enumerate(zip(data, kinds, strict=True)):
        if kind not in ("polygon", "rectangle", "path"):
            continue
        name = str(names[index]) if index < len(names) and _is_said(names[index]) else str(index + 1)
        parts.setdefault(name, []).append(outline_from_loop(points))
        if index < len(states) and states[index] in set(Status):
            said[name] = Status(states[index])
    return tuple(
        Deposit(
            id=name,
            image=image,
            regions=tuple(regions),
            name=None if name.isdigit() else name,
            status=said.get(name, Status.DRAWN),
        )
        for name, regions in parts.items()
    )


def outline_from_loop(loop: npt.ArrayLike) -> Outline:
    """Return the outline of a line as `loop_of` makes it, of which nothing else is known.

    Raises
    ------
    OutlineError
        If it is none.
    """
    points = np.asarray(loop, dtype=np.float64)[:, -2:]
    again = np.flatnonzero((points[1:] == points[0]).all(axis=1)) + 1
    if not len(again) or again[0] >= len(points) - 2:
        return Outline(exterior=points)
    holes, rest = [], points[again[0] + 1 :]
    while len(rest) > 3:
        end = np.flatnonzero((rest[1:] == rest[0]).all(axis=1)) + 1
        if not len(end):
            return Outline(exterior=points)
        holes.append(rest[: end[0]])
        rest = rest[end[0] + 2 :]
    return Outline(exterior=points[: again[0]], holes=tuple(holes))


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def regions_from_labels(
    labels: npt.NDArray[Any], settings: Mapping[str, Any], *, image: str
) -> tuple[Deposit, ...]:
    """Return a label map as deposits, one per value, named as its ``features`` say."""
    features = settings.get("features")
    names = [] if features is None or "deposit" not in features else list(features["deposit"])
    found = []
    for value in np.unique(labels):
        if value == 0:
            continue
        name = str(names[value]) if value < len(names) and _is_said(names[value]) else None
        found.append(
            Deposit(id=name or str(value), image=image, name=name, regions=(Mask.cropped(labels == value),))
        )
    return tuple(found)
