"""Reading an outline file: every deposit that can be used, and a problem for each that cannot."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Deposit, Drawing, Outline, Region
from lesionkit.errors import OutlineError
from lesionkit.io.geojson.areas import is_area, read_areas
from lesionkit.io.geojson.content import Content, read_content
from lesionkit.io.geojson.feature import Feature, RefusedError, name_of, read_feature
from lesionkit.io.geojson.header import Header, difference, read_scale
from lesionkit.io.geojson.landmarks import is_landmark, read_landmarks
from lesionkit.io.naming import unique_id
from lesionkit.io.places import drawing_of, unjudged_in
from lesionkit.io.problems import error, info, raised, warning

if TYPE_CHECKING:
    from shapely import Polygon

FEATURES = "lesionkit:features"
"""Key in `Deposit.properties` under which is kept, per feature, what has no other place."""

_SHARED_PX2 = 1e-6
"""Area above which two outlines overlap; below it they only touch."""


def read_geojson(
    path: Path, *, image: ImageRef, reader: str = "", about: str = ""
) -> tuple[Drawing | None, tuple[Problem, ...]]:
    """Return what an outline file holds: deposits, and what it says of the image's scale.

    Features of one name, status, role and tracking UID are parts of one deposit; where parts overlap
    they are joined into one, so that no area counts twice. A file without features, or with
    ``"absent": true``, is a drawing without deposits: looked, nothing there. What lesionkit does not
    know of a feature is kept in `Deposit.properties`.

    Parameters
    ----------
    path : Path
        The file.
    image : ImageRef
        What it was drawn on, as far as the file's name says.
    reader : str
        Who drew it, by the file's name.
    about : str
        How problems name the file; its bare name unless given.

    Returns
    -------
    drawing : Drawing or None
        None where the whole file cannot be used: nothing was read, which is not absent.
        `Drawing.left_out` names the deposits that had to be left out.
    problems : tuple of Problem
        Errors, whole file: ``outlines_unreadable``, ``outline_for_another_image``. Errors, one deposit:
        ``outline_crosses_itself``, ``outline_not_simple``, ``outline_too_few_points``,
        ``outline_outside_image``, ``outline_not_an_area``, ``outline_unreadable``,
        ``outline_property_invalid``. Error, one scale: ``scale_not_understood``. Warnings:
        ``outlines_overlap``, ``absent_but_outlined``, ``outline_not_an_area`` (a point),
        ``landmark_unusable``, ``region_unusable``, ``landmarks_only``. Info: ``image_not_assessable``,
        ``deposit_not_assessable``.
    """
    about = about or path.name
    try:
        content = read_content(path)
    except OutlineError as fault:
        return None, (raised("outlines_unreadable", about, fault),)
    if not image.grid.is_planar:
        text = f"{path.name} holds outlines for a planar image, but {image.location} is a volume."
        hint = "Draw volumes as a label map or DICOM SEG."
        return None, (error("outlines_unreadable", about, text, hint),)
    differs = difference(content.header, image)
    if differs:
        text = f"The outlines belong to another image than {image.location}: {differs}."
        hint = "Restore the image they were drawn on, or draw them again on this one."
        return None, (error("outline_for_another_image", about, text, hint),)
    problems: list[Problem] = []
    claims = _claims(content.header, about, image.grid.shape, problems)
    landmarks = read_landmarks(content.features, shape=image.grid.shape, about=about, problems=problems)
    areas = read_areas(content.features, shape=image.grid.shape, about=about, problems=problems)
    deposits, left_out = read_deposits(
        content, image_id=image.id, shape=image.grid.shape, about=about, problems=problems
    )
    if (landmarks or areas) and not deposits and not left_out and not content.is_absent:
        # Who marked places has not said that there is nothing else.
        text = "The file marks places, but says neither where deposits are nor that there are none."
        hint = 'Outline the deposits, or write "absent": true.'
        problems.append(warning("landmarks_only", about, text, hint))
        left_out = ("everything",)
    if not content.is_assessable:
        text = "Its reader says that this image cannot be judged: deposits not outlined on it are unseen."
        problems.append(info("image_not_assessable", about, text))
        left_out = (*left_out, "everything")
    drawing = drawing_of(
        deposits,
        image=image.id,
        left_out=left_out,
        reader=reader,
        scale_claims=claims,
        files=(path,),
        landmarks=landmarks,
        areas=areas,
    )
    return drawing, (*problems, *unjudged_in(drawing, about))


def _claims(
    header: Header, about: str, shape: tuple[int, ...], problems: list[Problem]
) -> tuple[ScaleClaim, ...]:
    claims = []
    for raw in header.scale:
        try:
            claims.append(read_scale(raw, shape=shape))
        except OutlineError as fault:
            text = f"A scale of the image cannot be used: {fault.message}."
            problems.append(error("scale_not_understood", about, text, fault.hint))
    return tuple(claims)


def read_deposits(
    content: Content,
    *,
    image_id: str,
    shape: tuple[int, ...] | None,
    about: str,
    problems: list[Problem],
) -> tuple[tuple[Deposit, ...], tuple[str, ...]]:
    """Return the deposits of an outline file, and the names or numbers of those left out.

    What is wrong is added to `problems`.
    """
    groups: dict[tuple[object, ...], list[Feature]] = {}
    left_out: list[str] = []
    names: dict[tuple[object, ...], str] = {}
    for number, raw in enumerate(content.features, start=1):
        if is_landmark(raw) or is_area(raw):
            continue
        try:
            feature = read_feature(raw, shape=shape)
        except RefusedError as fault:
            problems.append(_refused(fault, raw, number, about))
            if not is_point(raw):
                left_out.append(name_of(raw) or str(number))
            continue
        key = (feature.name or number, feature.status, feature.role, feature.tracking_uid)
        groups.setdefault(key, []).append(feature)
        names.setdefault(key, feature.name or str(number))
    deposits: dict[str, Deposit] = {}
    for group, parts in groups.items():
        id_ = unique_id(names[group], deposits)
        deposits[id_] = _deposit(id_, image_id, parts, about, problems)
    problems.extend(_overlaps(tuple(deposits.values()), about))
    there = sum(not deposit.status.is_place_only for deposit in deposits.values())
    if content.is_absent and there:
        text = f'The file says "absent", but holds {there} outlined deposits, which are taken.'
        problems.append(warning("absent_but_outlined", about, text, "Remove one of the two."))
    return tuple(deposits.values()), tuple(left_out)


def is_point(raw: Any) -> bool:
    """Return whether a feature only marks points, which no one means as the outline of a deposit."""
    geometry = raw.get("geometry") if isinstance(raw, dict) else None
    return isinstance(geometry, dict) and geometry.get("type") in ("Point", "MultiPoint")


def _refused(fault: RefusedError, raw: Any, number: int, about: str) -> Problem:
    name = name_of(raw)
    which = f"Outline {number}" + (f" (deposit {name})" if name else "")
    report = warning if is_point(raw) else error
    return report(fault.code, about, f"{which} {fault.message}; it is left out.", fault.hint)


def _deposit(
    id_: str, image_id: str, parts: Sequence[Feature], about: str, problems: list[Problem]
) -> Deposit:
    first = parts[0]
    regions: tuple[Region, ...] = tuple(outline for part in parts for outline in part.outlines)
    joined = _joined(regions)
    if joined is not None:
        text = f"Parts of deposit {id_} overlap; they are joined, so that no area counts twice."
        problems.append(warning("outlines_overlap", about, text, "Check the outline."))
    properties = dict(first.properties)
    if len(parts) > 1 or first.members or first.geometry:
        properties[FEATURES] = tuple(_kept(part) for part in parts)
    return Deposit(
        id=id_,
        image=image_id,
        regions=joined or regions,
        name=first.name,
        status=first.status,
        role=first.role,
        author=first.author,
        drawn_at=first.drawn_at,
        tracking_uid=first.tracking_uid,
        properties=properties,
    )


def _kept(part: Feature) -> Mapping[str, Any]:
    return {
        "parts": len(part.outlines),
        "members": part.members,
        "geometry": part.geometry,
        "properties": {**part.properties, "author": part.author, "drawn_at": part.drawn_at},
    }


def _polygon(outline: Region) -> "Polygon":
    from shapely import Polygon

    assert isinstance(outline, Outline)
    return Polygon(outline.exterior, outline.holes)


def _joined(regions: Sequence[Region]) -> tuple[Region, ...] | None:
    """Return the union of outlines; None where no two of them overlap."""
    if len(regions) < 2 or not any(_overlapping([_polygon(region) for region in regions])):
        return None
    from shapely import union_all

    union: Any = union_all([_polygon(region) for region in regions])
    return tuple(
        Outline(exterior=part.exterior.coords, holes=tuple(hole.coords for hole in part.interiors))
        for part in getattr(union, "geoms", [union])
    )


def _overlapping(polygons: Sequence["Polygon"]) -> Iterator[tuple[int, int]]:
    from shapely import STRtree

    if len(polygons) == 2:
        pairs = [(0, 1)]
    else:
        left, right = STRtree(polygons).query(polygons, predicate="intersects")
        pairs = sorted((int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b)
    for a, b in pairs:
        if polygons[a].intersection(polygons[b]).area > _SHARED_PX2:
            yield a, b


def _overlaps(deposits: Sequence[Deposit], about: str) -> Iterator[Problem]:
    owners = [(deposit, region) for deposit in deposits if deposit.counts for region in deposit.regions]
    if len(owners) < 2:
        return
    found = _overlapping([_polygon(region) for _, region in owners])
    pairs = {(owners[a][0].id, owners[b][0].id) for a, b in found if owners[a][0] is not owners[b][0]}
    for one, other in sorted(pairs):
        text = f"The outlines of the deposits {one} and {other} overlap; the shared area counts for both."
        yield warning("outlines_overlap", about, text, "Draw them apart, or as one deposit.")
