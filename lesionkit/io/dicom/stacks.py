"""The volumes of a CT or MR series: from classic files of one slice each, and from files of many frames."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lesionkit.core.image import FoundImage, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.io.dicom.flaw import AGAIN, Flaw, damage, fatal
from lesionkit.io.dicom.found import volume_image
from lesionkit.io.dicom.geometry import Stack, first_missing
from lesionkit.io.dicom.header import Header
from lesionkit.io.dicom.pictures import same_copies
from lesionkit.io.dicom.pixels import same_pixels
from lesionkit.io.dicom.roles import role_of_frame
from lesionkit.io.dicom.series import Part, differing_trait, volumes
from lesionkit.io.dicom.where import Where

_Finding = FoundImage | Problem


def volumes_of(
    headers: Sequence[Header], modality: Modality, where: Where, broken: Sequence[Path] = ()
) -> Iterator[_Finding]:
    """Yield the volumes of a CT or MR series.

    Single slices are put together; a file of several frames stands for itself, and is parted by the same
    rules. Volumes are numbered in the order of the files' own identifiers, so that their numbers do not
    depend on file names.

    Parameters
    ----------
    headers : sequence of Header
        Of its files.
    modality : Modality
        CT or MR.
    where : Where
        Names files and series.
    broken : sequence of Path
        Files of which nobody knows the series: a missing slice may be one of them.
    """
    for header in headers:
        flaw = damage(header, where, consequence="its series is left out")
        if flaw is not None:
            yield flaw.problem(where.about([other.path for other in headers]))
            return
    parts: list[tuple[Part, Sequence[Header]]] = []
    for lot in _lots(headers, where):
        if isinstance(lot, Problem):
            yield lot
            continue
        found = _parts(lot)
        if isinstance(found, Flaw):
            yield found.problem(where.about([header.path for header in lot]))
            continue
        yield from _frames_left_out(lot, where)
        parts += [(part, lot) for part in found]
    yield from _volumes(parts, modality, where, broken)


def _volumes(
    parts: Sequence[tuple[Part, Sequence[Header]]], modality: Modality, where: Where, broken: Sequence[Path]
) -> Iterator[_Finding]:
    places = where.locations([part.paths for part, _ in parts])
    for number, ((part, headers), place) in enumerate(zip(parts, places, strict=True), start=1):
        if isinstance(part.result, Flaw):
            yield _with_suspects(part.result, part, broken, where).problem(place)
            continue
        used = set(part.paths)
        theirs = [header for header in headers if header.path in used]
        yield from (flaw.problem(place) for flaw in part.result.flaws)
        yield volume_image(part.result, theirs, modality, location=place, part=number)
    read = [(part, place) for (part, _), place in zip(parts, places, strict=True) if _is_volume(part)]
    if len(read) > 1:
        yield _several([part for part, _ in read], [place for _, place in read]).problem(
            where.about([header.path for header in parts[0][1]])
        )


def _is_volume(part: Part) -> bool:
    return isinstance(part.result, Stack)


def _lots(headers: Sequence[Header], where: Where) -> Iterator[Sequence[Header] | Problem]:
    """Yield files whose slices are put together: all of one slice each, and every other by itself."""
    classic = [header for header in headers if len(header.slices) == 1]
    if classic:
        yield classic
    by_uid: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        if len(header.slices) > 1:
            by_uid[header.uid].append(header)
    for _, (header, *copies) in sorted(by_uid.items()):
        name = where.file(header.path)
        if copies:
            names = ", ".join(where.file(copy.path) for copy in copies)
            if any(header.path.read_bytes() != copy.path.read_bytes() for copy in copies):
                yield _differing_files(names).problem(name)
                continue
            yield same_copies(names).problem(name)
        if header.concatenation:
            yield _several_frames("It is one piece of an image sent in several files.").problem(name)
        elif header.frames != len(header.slices):
            yield _several_frames("Its frames do not say, each for itself, where they lie.").problem(name)
        else:
            yield [header]


def _parts(headers: Sequence[Header]) -> list[Part] | Flaw:
    slices = [item for header in headers for item in header.slices if role_of_frame(item) is None]
    for item in slices:
        missing = first_missing(item)
        if missing is None and item.slope == 0:
            missing = "RescaleSlope"
        if missing is None and not headers[0].series:
            missing = "SeriesInstanceUID"
        if missing is not None:
            text = f"{item.path.name} has no usable {missing}, which a CT or MR image must have: "
            return fatal("dicom_tag_missing", f"{text}its series is left out.", AGAIN)
    # By their own identity rather than by file name, so that numbered parts are the same everywhere.
    slices.sort(key=lambda item: (item.uid, item.path.as_posix(), item.frame))
    return volumes(slices, same_pixels) if slices else []


def _frames_left_out(headers: Sequence[Header], where: Where) -> Iterator[Problem]:
    for header in headers:
        roles = [role for item in header.slices if (role := role_of_frame(item)) is not None]
        if roles:
            what = " and ".join(sorted({role.what for role in roles}))
            frames = f"{len(roles)} of its {len(header.slices)} frames" if len(header.slices) > 1 else "It"
            text = f"{frames} {'are' if len(roles) > 1 else 'is'} {what}: left out."
            yield Flaw(severity=Severity.INFO, code=roles[0].code, text=text).problem(where.file(header.path))


def _with_suspects(flaw: Flaw, part: Part, broken: Sequence[Path], where: Where) -> Flaw:
    """Return what is wrong with a volume; where it has a gap, with the unreadable files beside it."""
    folders = {path.parent for path in part.paths}
    suspects = [where.file(path) for path in broken if path.parent in folders]
    if flaw.code not in ("missing_slices", "uneven_slices") or not suspects:
        return flaw
    more = f" and {len(suspects) - 1} more" if len(suspects) > 1 else ""
    text = f"{flaw.text} {suspects[0]}{more} beside them cannot be read, and may be missing here."
    return replace(flaw, text=text)


def _several(parts: Sequence[Part], places: Sequence[str]) -> Flaw:
    told = differing_trait(parts)
    if told is None:
        listed, by = places, ""
    else:
        keyword, values = told
        listed = [f"{place} ({value})" for place, value in zip(places, values, strict=True)]
        by = f", told apart by {keyword}"
    more = f" and {len(parts) - 6} more" if len(parts) > 6 else ""
    return Flaw(
        severity=Severity.INFO,
        code="series_of_several_volumes",
        text=f"The series holds {len(parts)} volumes{by}: {', '.join(listed[:6])}{more}.",
    )


def _several_frames(why: str) -> Flaw:
    return fatal(
        "multiframe_not_read",
        f"A multi-frame file that cannot be read is left out. {why}",
        "Export it as single images (classic CT or MR objects).",
    )


def _differing_files(names: str) -> Flaw:
    return fatal(
        "duplicate_images_differ",
        f"It carries the identifier of another file that is not the same ({names}): both are left out.",
        AGAIN,
    )
