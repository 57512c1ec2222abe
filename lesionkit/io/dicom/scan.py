"""From DICOM files to images found, outline files and problems: headers only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lesionkit.core.image import FoundImage, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.io.dicom.found import planar_image, volume_image
from lesionkit.io.dicom.geometry import Flaw, Stack, first_missing
from lesionkit.io.dicom.header import Header
from lesionkit.io.dicom.pixels import is_absurd, is_cut_short, same_pixels
from lesionkit.io.dicom.quick import read_headers
from lesionkit.io.dicom.roles import LeftOut, Outlines, role_of
from lesionkit.io.dicom.series import volumes
from lesionkit.io.dicom.where import Where
from lesionkit.io.readers import Scan

_AGAIN = "Export it again from the archive."

Finding = FoundImage | Path | Problem
"""An image, a file of outlines, or what is wrong."""


def scan_files(paths: Iterable[Path], *, root: Path) -> Scan:
    """Return what lies in DICOM files, from their headers.

    Files are grouped by SeriesInstanceUID, and what is left out is told once per series. A CT or MR
    series of which a file is cut short is left out whole: a volume that silently ends early would be
    measured too small.
    """
    headers: list[Header] = []
    findings: list[Finding] = []
    in_order = sorted(paths)
    for path, header in zip(in_order, read_headers(in_order), strict=True):
        if isinstance(header, Header):
            headers.append(header)
        else:
            flaw = _error("dicom_unreadable", f"{header.message}.", header.hint)
            findings.append(_problem(flaw, Where(root=root).file(path)))
    where = Where.among(headers, root=root)
    by_series: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        # A file that names no series stands for itself.
        by_series[header.series or where.file(header.path)].append(header)
    for series in by_series.values():
        findings.extend(_series(series, where))
    return Scan(
        images=tuple(found for found in findings if isinstance(found, FoundImage)),
        outlines=tuple(found for found in findings if isinstance(found, Path)),
        problems=tuple(found for found in findings if isinstance(found, Problem)),
    )


def _series(headers: Sequence[Header], where: Where) -> Iterator[Finding]:
    """Yield what the files of one series hold."""
    left_out: dict[tuple[Severity, str], list[tuple[Header, LeftOut]]] = defaultdict(list)
    images: dict[Modality, list[Header]] = defaultdict(list)
    for header in headers:
        role = role_of(header)
        if isinstance(role, Outlines):
            yield header.path
        elif isinstance(role, LeftOut):
            left_out[role.severity, role.code].append((header, role))
        else:
            images[role].append(header)
    for same in left_out.values():
        yield _told(same, where)
    damaged = any(severity is Severity.ERROR for severity, _ in left_out)
    for modality, found in images.items():
        paths = [header.path for header in found]
        flaw = _mixed(found, where) or _damaged(found, where)
        if flaw is not None:
            yield _problem(flaw, where.about(paths))
        elif not modality.is_volume:
            yield from _planar(found, modality, where)
        elif not damaged:
            yield from _volumes(found, modality, where)
        yield from (_problem(told, where.about(paths)) for told in _drawn_on(found))


def _drawn_on(headers: Sequence[Header]) -> Iterator[Flaw]:
    """Yield what is drawn over or into images, of a series once."""
    if any(header.has_overlay for header in headers):
        text = "Something is drawn over it as an overlay: that is not shown, and not measured."
        yield Flaw(severity=Severity.INFO, code="overlays_not_shown", text=text)
    if any(header.is_burned_in for header in headers):
        yield Flaw(
            severity=Severity.INFO,
            code="burned_in_annotation",
            text="Its header says that marks or words are burned into its pixels.",
            hint="Keep outlines clear of them, and look for names before the pictures are passed on.",
        )


def _told(same: Sequence[tuple[Header, LeftOut]], where: Where) -> Problem:
    """Return one problem for all files of a series that are left out for one reason."""
    first = same[0][1]
    what = " and ".join(sorted({role.what for _, role in same}))
    what = f"{what[:1].upper()}{what[1:]}"
    flaw = Flaw(severity=first.severity, code=first.code, text=f"{what}: left out.", hint=first.hint)
    return _problem(flaw, where.about([header.path for header, _ in same]))


def _mixed(headers: Sequence[Header], where: Where) -> Flaw | None:
    by_patient = {header.patient: header for header in headers if header.patient}
    if len(by_patient) < 2:
        return None
    first, second, *_ = (where.file(header.path) for header in by_patient.values())
    return _error(
        "two_patients_in_series",
        f"One series carries the PatientIDs of {len(by_patient)} patients ({first} and {second} differ): "
        "the series is left out.",
        "Find out whose images these are and export them again.",
    )


def _damaged(headers: Sequence[Header], where: Where) -> Flaw | None:
    for header in headers:
        if is_absurd(header):
            text = f"The header of {where.file(header.path)} announces more pixels than any image has."
            return _error("dicom_absurd_size", text, _AGAIN)
        if is_cut_short(header):
            text = f"{where.file(header.path)} is cut short: it holds fewer pixels than announced."
            return _error("dicom_truncated", text, _AGAIN)
    return None


def _planar(headers: Sequence[Header], modality: Modality, where: Where) -> Iterator[Finding]:
    """Yield every file as an image of its own, copies of one image once."""
    by_uid: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        by_uid[header.uid or header.path.as_posix()].append(header)
    for header, *copies in by_uid.values():
        name = where.file(header.path)
        if len(header.slices) > 1:
            yield _problem(_several_frames("Only single pictures are read."), name)
            continue
        if copies:
            names = ", ".join(where.file(copy.path) for copy in copies)
            if not all(same_pixels(header.slices[0], copy.slices[0]) for copy in copies):
                yield _problem(_differing_copies(names), name)
                continue
            yield _problem(_same_copies(names), name)
        image = planar_image(header, modality, where)
        if image.grid.spacing_mm is None and header.aspect and header.aspect[0] != header.aspect[1]:
            yield _problem(_oblong(header.aspect), name)
        yield image


def _volumes(headers: Sequence[Header], modality: Modality, where: Where) -> Iterator[Finding]:
    """Yield the volumes of a CT or MR series."""
    classic = [header for header in headers if len(header.slices) == 1]
    found: list[tuple[Stack | Flaw, Sequence[Header]]] = []
    if classic:
        found.extend((result, classic) for result in _parts(classic))
    found.extend((_multiframe(header), [header]) for header in headers if len(header.slices) > 1)
    part = 0
    for result, sources in found:
        about = where.about([header.path for header in sources])
        if isinstance(result, Flaw):
            yield _problem(result, about)
            continue
        part += 1
        used = {item.path for item in result.slices}
        theirs = [header for header in sources if header.path in used]
        image = volume_image(result, theirs, modality, where, part=part)
        yield from (_problem(flaw, where.about(image.paths)) for flaw in result.flaws)
        yield image


def _parts(headers: Sequence[Header]) -> list[Stack | Flaw]:
    slices = [item for header in headers for item in header.slices]
    for item in slices:
        missing = first_missing(item)
        if missing is None and item.slope == 0:
            missing = "RescaleSlope"
        if missing is None and not headers[0].series:
            missing = "SeriesInstanceUID"
        if missing is not None:
            return [
                _error(
                    "dicom_tag_missing",
                    f"{item.path.name} has no usable {missing}, which a CT or MR image must have: "
                    "its series is left out.",
                    _AGAIN,
                )
            ]
    # By their own identity rather than by file name, so that numbered parts are the same everywhere.
    slices.sort(key=lambda item: (item.uid, item.path.as_posix(), item.frame))
    return volumes(slices, same_pixels)


def _multiframe(header: Header) -> Stack | Flaw:
    if header.concatenation:
        return _several_frames("It is one piece of an image sent in several files.")
    results = _parts([header])
    if len(results) != 1:
        return _several_frames(f"It holds {len(results)} volumes in one file.")
    return results[0]


def _several_frames(why: str) -> Flaw:
    return _error(
        "multiframe_not_read",
        f"A multi-frame file that cannot be read as one image is left out. {why}",
        "Export it as single images (classic CT or MR objects).",
    )


def _differing_copies(names: str) -> Flaw:
    return _error(
        "duplicate_images_differ",
        f"It carries the identifier of another image with different pixels ({names}): both are left out.",
        _AGAIN,
    )


def _same_copies(names: str) -> Flaw:
    return Flaw(
        severity=Severity.WARNING,
        code="duplicate_images",
        text=f"The same image is there more than once: {names} not used.",
        hint="Take the copies out of the folder.",
    )


def _oblong(aspect: tuple[float, float]) -> Flaw:
    return Flaw(
        severity=Severity.WARNING,
        code="pixels_not_square",
        text=f"It has no scale, and its pixels are not square ({aspect[0]:g} : {aspect[1]:g}): "
        "areas and lengths in pixels are distorted.",
        hint="Give it a scale.",
    )


def _error(code: str, text: str, hint: str) -> Flaw:
    return Flaw(severity=Severity.ERROR, code=code, text=text, hint=hint)


def _problem(flaw: Flaw, about: str) -> Problem:
    return Problem(severity=flaw.severity, code=flaw.code, about=about, text=flaw.text, hint=flaw.hint)
