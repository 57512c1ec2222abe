"""From DICOM files to images found, outline files and problems: headers only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lesionkit.core.image import FoundImage, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.errors import ReadError
from lesionkit.io.archive import is_packed
from lesionkit.io.dicom.directory import DIRECTORY, check_directory
from lesionkit.io.dicom.flaw import Flaw, fatal
from lesionkit.io.dicom.header import Header
from lesionkit.io.dicom.pictures import pictures_of
from lesionkit.io.dicom.quick import read_headers
from lesionkit.io.dicom.roles import LeftOut, Outlines, role_of
from lesionkit.io.dicom.stacks import volumes_of
from lesionkit.io.dicom.where import Where
from lesionkit.io.readers import Scan

Role = Modality | Outlines | LeftOut
"""What a file is to us."""

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
    broken: list[Path] = []
    # What lies there packed and unpacked is the unpacked one, and the other its copy.
    in_order = sorted(paths, key=lambda path: (is_packed(path), path))
    for path, header in zip(in_order, read_headers(in_order), strict=True):
        if isinstance(header, ReadError):
            flaw = fatal("dicom_unreadable", f"{header.message}.", header.hint)
            findings.append(flaw.problem(Where(root=root).file(path)))
            broken.append(path)
        elif header.sop_class == DIRECTORY:
            findings.extend(check_directory(header.path, root=root))
        else:
            headers.append(header)
    sorted_out = [(header, role_of(header)) for header in headers]
    slices = (header for header, role in sorted_out if isinstance(role, Modality) and role.is_volume)
    where = Where.among(headers, slices=slices, root=root)
    broken += [header.path for header, role in sorted_out if not header.series and _is_error(role)]
    by_series: dict[str, list[tuple[Header, Role]]] = defaultdict(list)
    for header, role in sorted_out:
        # A file that names no series stands for itself.
        by_series[header.series or where.file(header.path)].append((header, role))
    for series in by_series.values():
        findings.extend(_series(series, where, broken))
    return Scan(
        images=tuple(found for found in findings if isinstance(found, FoundImage)),
        outlines=tuple(found for found in findings if isinstance(found, Path)),
        problems=tuple(found for found in findings if isinstance(found, Problem)),
    )


def _is_error(role: Role) -> bool:
    return isinstance(role, LeftOut) and role.severity is Severity.ERROR


def _series(files: Sequence[tuple[Header, Role]], where: Where, broken: Sequence[Path]) -> Iterator[Finding]:
    """Yield what the files of one series hold; `broken` are files of which nobody knows the series."""
    left_out: dict[tuple[Severity, str], list[tuple[Header, LeftOut]]] = defaultdict(list)
    images: dict[Modality, list[Header]] = defaultdict(list)
    for header, role in files:
        if isinstance(role, Outlines):
            yield header.path
        elif isinstance(role, LeftOut):
            left_out[role.severity, role.code].append((header, role))
        else:
            images[role].append(header)
    damaged = any(severity is Severity.ERROR for severity, _ in left_out)
    loses_slices = damaged and any(modality.is_volume for modality in images)
    for (severity, _), same in left_out.items():
        yield _told(same, where, and_series=loses_slices and severity is Severity.ERROR)
    for modality, found in images.items():
        paths = [header.path for header in found]
        flaw = _mixed(found, where)
        if flaw is not None:
            yield flaw.problem(where.about(paths))
        elif not modality.is_volume:
            yield from pictures_of(found, modality, where)
        elif not damaged:
            yield from volumes_of(found, modality, where, broken)
        yield from (told.problem(where.about(paths)) for told in _drawn_on(found))


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


def _told(same: Sequence[tuple[Header, LeftOut]], where: Where, *, and_series: bool) -> Problem:
    """Return one problem for all files of a series that are left out for one reason."""
    first = same[0][1]
    what = " and ".join(sorted({role.what for _, role in same}))
    what = f"{what[:1].upper()}{what[1:]}"
    more = ", and with it its series, which lacks it" if and_series else ""
    flaw = Flaw(severity=first.severity, code=first.code, text=f"{what}: left out{more}.", hint=first.hint)
    return flaw.problem(where.about([header.path for header, _ in same]))


def _mixed(headers: Sequence[Header], where: Where) -> Flaw | None:
    by_patient = {header.patient: header for header in headers if header.patient}
    if len(by_patient) < 2:
        return None
    first, second, *_ = (where.file(header.path) for header in by_patient.values())
    return fatal(
        "two_patients_in_series",
        f"One series carries the PatientIDs of {len(by_patient)} patients ({first} and {second} differ): "
        "the series is left out.",
        "Find out whose images these are and export them again.",
    )
