"""Writing an outline file without losing what other programs put there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import ImageRef
from lesionkit.core.region import Deposit, Outline, Region
from lesionkit.errors import InputError, OutlineError
from lesionkit.io.files import write_whole
from lesionkit.io.geojson.areas import is_area
from lesionkit.io.geojson.content import NOT_ASSESSABLE, Content, read_content
from lesionkit.io.geojson.feature import KNOWN, RefusedError, name_of, read_feature
from lesionkit.io.geojson.header import MEMBER, difference, write_header
from lesionkit.io.geojson.position import to_positions
from lesionkit.io.geojson.read import FEATURES


def write_outlines(
    path: Path | str,
    deposits: Sequence[Deposit],
    *,
    image: ImageRef | Path | str,
    scale_claims: Sequence[ScaleClaim] | None = None,
    places: Sequence[Deposit] | None = None,
    is_assessable: bool = True,
    replace: bool = False,
) -> None:
    """Write the deposits of a planar image as GeoJSON; none means: looked, nothing there.

    What an existing file holds beyond lesionkit's knowledge stays: unknown members of its top level,
    features that are no usable outline (points, regions of interest, or a line that crosses itself, unless
    a deposit of its name is written now), and its scale where `scale_claims` is None. The file is written
    whole or not at all.

    Parameters
    ----------
    path : Path or str
        Where to: ``<image stem>.outlines.geojson`` or ``<image stem>.outlines.<reader>.geojson``.
    deposits : sequence of Deposit
        With outlines as regions; written in this order.
    image : ImageRef, Path or str
        The image they were drawn on.
    scale_claims : sequence of ScaleClaim, optional
        The image's scales.
    places : sequence of Deposit, optional
        Those of which only the place is told: excised, extruded, not assessable. None keeps what an
        existing file says of such.
    is_assessable : bool
        False says that the image cannot be judged: what is not outlined on it is unseen.
    replace : bool
        Keep nothing of an existing file.

    Raises
    ------
    OutlineError
        If a region is a mask or lies on a plane of a volume, if the image is a volume, or if an
        existing file cannot be read or belongs to another image (and `replace` is not set).
    ValueError
        If a deposit was seen on another image than the ImageRef given.

    Examples
    --------
    >>> write_outlines("left-hand.outlines.geojson", [], image="left-hand.jpg")  # doctest: +SKIP
    """
    path = Path(path)
    if not isinstance(image, ImageRef):
        from lesionkit.io.load import read_image

        image = read_image(Path(image))
    elif any(deposit.image != image.id for deposit in (*deposits, *(places or ()))):
        raise ValueError(f"not all deposits were seen on {image.id}")
    if not image.grid.is_planar:
        raise OutlineError("a volume's deposits are no GeoJSON", hint="Write a label map or DICOM SEG.")
    before = Content() if replace else _before(path, image)
    written = (*deposits, *(places or ()))
    features = [feature for deposit in written for feature in _features(deposit)]
    names = {deposit.name for deposit in written if deposit.name}
    features += [
        raw
        for raw in before.features
        if _is_kept(raw, image.grid.shape, with_places=places is None) and name_of(raw) not in names
    ]
    top: dict[str, Any] = {
        "type": "FeatureCollection",
        MEMBER: write_header(image, scale_claims, before.header),
        **before.others,
    }
    if not is_assessable:
        top[NOT_ASSESSABLE] = True
    elif not features:
        top["absent"] = True
    write_whole(path, _text(top, features))


def _before(path: Path, image: ImageRef) -> Content:
    if not path.exists() or path.stat().st_size == 0:
        return Content()
    hint = "Move the file away first; what it holds would be lost."
    try:
        content = read_content(path)
    except OutlineError as error:
        raise OutlineError(f"the outlines are not written: {error.message}", hint=hint) from error
    differs = difference(content.header, image)
    if differs:
        raise InputError(
            f"the outlines are not written: {path.name} belongs to another image, {differs}", hint=hint
        )
    return content


def _is_kept(raw: Any, shape: tuple[int, ...], *, with_places: bool) -> bool:
    """Return whether a feature of an existing file stays: no usable outline, or (if wanted) a mere place."""
    if is_area(raw):
        return True
    try:
        feature = read_feature(raw, shape=shape)
    except RefusedError:
        return True
    return with_places and feature.status.is_place_only


def _features(deposit: Deposit) -> Iterator[dict[str, Any]]:
    """Yield a deposit's features: as many as it was read from, where its parts are still as many."""
    kept: Sequence[Mapping[str, Any]] = deposit.properties.get(FEATURES, ())
    counts = [part["parts"] for part in kept]
    if sum(counts) != len(deposit.regions):
        kept, counts = kept[:1], [len(deposit.regions)]
    kept = kept or ({},)
    regions = iter(deposit.regions)
    for index, (part, count) in enumerate(zip(kept, counts, strict=True)):
        own = {k: v for k, v in deposit.properties.items() if k != FEATURES and k not in KNOWN}
        said = {"author": deposit.author, "drawn_at": deposit.drawn_at}
        if index > 0:
            own = {k: v for k, v in part["properties"].items() if k not in said}
            said = {k: part["properties"][k] for k in said}
        yield {
            "type": "Feature",
            **part.get("members", {}),
            "properties": _properties(deposit, said) | own,
            "geometry": _geometry([next(regions) for _ in range(count)]) | dict(part.get("geometry", {})),
        }


def _properties(deposit: Deposit, said: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "deposit": deposit.name,
        "status": deposit.status.value,
        "role": deposit.role.value if deposit.role else None,
        "tracking_uid": deposit.tracking_uid,
        **said,
    }
    return {key: values[key] for key in KNOWN if values[key]}


def _geometry(regions: Sequence[Region]) -> dict[str, Any]:
    polygons = [_rings(region) for region in regions]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rings(region: Region) -> list[list[list[float]]]:
    if not isinstance(region, Outline) or region.plane is not None:
        raise OutlineError(
            "GeoJSON holds outlines on planar images only", hint="Write a label map or DICOM SEG."
        )
    rings = [to_positions(ring) for ring in region.rings]
    return [[*ring, ring[0]] for ring in rings]


def _text(top: Mapping[str, Any], features: Sequence[Any]) -> str:
    """Return the file's text, one feature a line: small, and a change shows as a changed line."""
    lines = [f" {_json(key)}: {_json(value)}" for key, value in top.items()]
    body = ",\n".join(f"  {_json(feature)}" for feature in features)
    lines.append(f' "features": [\n{body}\n ]' if features else ' "features": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
