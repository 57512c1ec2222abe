"""Which images count as read, and what to say of those that do not."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.track import Reading
from lesionkit.errors import InputError, LayoutError
from lesionkit.pipeline.examine import Examination
from lesionkit.pipeline.measuring import Measured

Site = tuple[str, Modality, str]
"""Patient, stream and site: what is compared with itself over time."""


def must_be_outlined(examined: Examination) -> None:
    """Refuse a folder of which nobody has outlined a single image, saying what was found in it.

    Raises
    ------
    LayoutError
        If it holds images, but does not say of what day any of them is.
    InputError
        If it holds no image, or nobody outlined one.
    """
    if examined.drawings:
        return
    name = examined.cohort.root.name
    images = examined.cohort.images
    undated = [problem for problem in examined.problems if problem.code == "no_date"]
    if undated and not images:
        raise LayoutError(
            f"{name} holds {len(undated)} {_IMAGE.of(len(undated))}, but nothing says of what day",
            path=examined.cohort.root,
            hint=undated[0].hint,
        )
    if not images:
        raise InputError(
            f"{name} holds no image of the patients asked for", hint=f"See: lesionkit check {name}"
        )
    others = sorted({reader or "(common files)" for names in examined.readers.values() for reader in names})
    if others:
        raise InputError(
            f"the reader asked for has outlined no image of {name}", hint=f"Readers are: {', '.join(others)}."
        )
    patients = sum(bool(patient.timepoints) for patient in examined.cohort.patients)
    kinds = {modality: sum(i.modality is modality for i in images) for modality in Modality}
    counted = ", ".join(f"{count} {_KINDS[kind].of(count)}" for kind, count in kinds.items() if count)
    raise InputError(
        f"{name} holds {counted} of {patients} {_PATIENT.of(patients)}, but nobody has outlined a deposit",
        hint="Outline each deposit as a polygon (in QuPath or another program that writes GeoJSON) and "
        "save it beside the picture as <picture>.outlines.geojson; outlines of CT and MR come as DICOM "
        "SEG or as a label map <series folder>.outlines.nii.gz.",
    )


class _Noun(NamedTuple):
    one: str
    many: str

    def of(self, count: int) -> str:
        return self.one if count == 1 else self.many


_IMAGE = _Noun("image", "images")
_PATIENT = _Noun("patient", "patients")
_KINDS = {
    Modality.XC: _Noun("photograph", "photographs"),
    Modality.CR: _Noun("radiograph (CR)", "radiographs (CR)"),
    Modality.DX: _Noun("radiograph (DX)", "radiographs (DX)"),
    Modality.CT: _Noun("CT series", "CT series"),
    Modality.MR: _Noun("MR series", "MR series"),
}


def choose_readings(
    examined: Examination, measured: Mapping[str, Measured]
) -> tuple[dict[Site, list[Reading]], list[Problem]]:
    """Return what responses are built on: at most one read image of a site at a timepoint.

    Every site of every image is a key, also where nobody has read it yet.
    """
    readings: dict[Site, list[Reading]] = {}
    problems: list[Problem] = []
    for patient in examined.cohort.patients:
        for timepoint in patient.timepoints:
            for ref in timepoint.images:
                reading, problem = reading_of(timepoint.date, measured.get(ref.id))
                problems.extend(problem)
                so_far = readings.setdefault((patient.id, ref.modality.stream, ref.site), [])
                if reading is None:
                    continue
                if so_far and so_far[-1].date == timepoint.date:
                    problems.append(_second_reading(ref))
                else:
                    so_far.append(reading)
    return readings, problems


def reading_of(day: date, found: Measured | None) -> tuple[Reading | None, list[Problem]]:
    """Return what responses are built on of one image; None where nobody has read it, or nobody decided."""
    if found is None or found.drawing is None or found.sizes is None:
        return None, []
    drawing = found.drawing
    problems = []
    pending = tuple(deposit.id for deposit in drawing.deposits if not deposit.counts)
    if pending:
        problems.append(
            Problem(
                severity=Severity.WARNING,
                code="suggestions_unconfirmed",
                about=found.ref.location,
                text=f"{len(pending)} of its {len(drawing.deposits)} outlines are suggestions that nobody "
                "has confirmed; they are measured, but no response is built on them.",
                hint="Look at them and set their status to confirmed, or delete them.",
            )
        )
    if drawing.is_pending:
        return None, problems
    counted = tuple(deposit for deposit in drawing.deposits if deposit.counts)
    reading = Reading(
        date=day,
        image=found.ref.id,
        grid=found.sizes.grid,
        deposits=counted,
        left_out=(*drawing.left_out, *pending),
        landmarks=drawing.landmarks,
        removed=drawing.removed,
    )
    return reading, problems


def _second_reading(ref: ImageRef) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="two_readings_of_one_site",
        about=ref.location,
        text=f"Another outlined image of the same timepoint also shows {ref.site}; this one was measured, "
        "but only the other is followed through time.",
        hint="Give the two images different sites (in images.csv), or outline only one of them.",
    )
