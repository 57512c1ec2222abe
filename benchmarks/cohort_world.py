"""A cohort of any size made in memory: who was treated with what, how deposits went, what patients answered.

Responses are lesionkit's own, on deposits whose sizes are drawn; a few patients have pictures.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import pi
from pathlib import Path

import numpy as np

from lesionkit.classification import classify
from lesionkit.classification.course import discordances
from lesionkit.classification.criteria import CALCINOSIS_25
from lesionkit.core.cohort import Answer, Cohort, Patient, Timepoint, Treatment
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.response import Response
from lesionkit.core.settings import Settings
from lesionkit.core.track import Event, MatchedBy, Presence, Reading, Sighting, Track
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import ReadError
from lesionkit.pipeline.provenance import versions

GRIDS = {
    Modality.XC: Grid(shape=(96, 128), spacing_mm=(0.5, 0.6), scale_source=ScaleSource.MARKER),
    Modality.DX: Grid(shape=(96, 128), spacing_mm=(0.4, 0.5), scale_source=ScaleSource.DETECTOR_PLANE),
    Modality.CT: Grid(shape=(4, 96, 128), spacing_mm=(3, 0.5, 0.6), scale_source=ScaleSource.PATIENT_PLANE),
}
SITES = {Modality.XC: "left-hand", Modality.DX: "hand", Modality.CT: "ct"}
DIAGNOSES = ("systemic sclerosis", "dermatomyositis", "mixed connective tissue disease", "lupus")
DRUGS = ("pamidronate", "diltiazem", "sodium thiosulfate", "warfarin")
ITEMS = ("softening of lesions", "reduction of pain", "cessation of progression", "overall benefit")
PICTURED = 12
"""So many patients have pictures; of the others only tables are left."""


def make(patients: int, *, seed: int = 0) -> Outcome:
    """Return the outcome of a cohort of so many patients."""
    draw = np.random.default_rng(seed)
    made = [_Maker(f"P{number:04d}", draw) for number in range(1, patients + 1)]
    responses = tuple(response for one in made for response in one.responses)
    return Outcome(
        cohort=Cohort(
            root=Path("generated"),
            name=f"Generated cohort of {patients}",
            patients=tuple(m.patient for m in made),
        ),
        settings=Settings(),
        criteria=(CALCINOSIS_25,),
        deposits=tuple(deposit for one in made for deposit in one.deposits),
        grids={ref.id: ref.grid for one in made for ref in one.patient.images if ref.id in one.read},
        measurements=tuple(measurement for one in made for measurement in one.measurements),
        tracks=tuple(track for one in made for track in one.tracks),
        responses=tuple(r for r in responses if r.track is None),
        track_responses=tuple(r for r in responses if r.track is not None),
        discordances=discordances(responses),
        answers={one.patient.id: one.answers for one in made if one.answers},
        problems=tuple(problem for one in made for problem in one.problems),
        versions=versions(),
    )


def load(ref: ImageRef) -> Image:
    """Return the picture of one of the few patients who have some."""
    if int(ref.id[1:5]) > PICTURED:
        raise ReadError("Only the tables of this patient are left.", path=Path(ref.location))
    rows, cols = np.mgrid[:96, :128]
    pixels = np.stack([200 + 20 * np.sin(rows / 9), 150 + 20 * np.cos(cols / 7), 120 + rows / 3], axis=-1)
    unit = {Modality.XC: Unit.GREY, Modality.CT: Unit.HU}.get(ref.modality, Unit.STORED)
    if ref.modality.is_volume:
        pixels = np.repeat(pixels[None, ..., 0], 4, axis=0)
    elif ref.modality is not Modality.XC:
        pixels = pixels[..., 0]
    kind = np.uint8 if ref.modality is Modality.XC else np.int16
    return Image(modality=ref.modality, pixels=pixels.astype(kind), grid=ref.grid, intensity_unit=unit)


class _Maker:
    """One patient with all there is."""

    def __init__(self, key: str, draw: np.random.Generator) -> None:
        self.draw = draw
        self.deposits: list[Deposit] = []
        self.measurements: list[Measurement] = []
        self.tracks: list[Track] = []
        self.responses: list[Response] = []
        self.read: set[str] = set()
        first = date(2008, 1, 1) + timedelta(days=int(draw.integers(0, 3000)))
        days = [first + timedelta(days=int(200 * step)) for step in range(int(draw.integers(2, 8)))]
        kinds = [
            Modality.XC,
            *[m for m, share in ((Modality.DX, 0.3), (Modality.CT, 0.2)) if draw.random() < share],
        ]
        refs = {day: [_ref(key, day, kind) for kind in kinds] for day in days}
        self.patient = Patient(
            id=key,
            timepoints=tuple(Timepoint(date=day, images=tuple(some)) for day, some in refs.items()),
            treatments=self._treatments(first),
            facts={
                "sex": str(draw.choice(["female", "male"], p=[0.8, 0.2])),
                "diagnosis": str(draw.choice(DIAGNOSES)),
                "age": str(draw.integers(18, 85)),
            },
        )
        for kind in kinds:
            self._follow(
                kind, {day: next(r for r in some if r.modality is kind) for day, some in refs.items()}
            )
        self.answers = tuple(
            Answer(item=item, text=str(draw.choice(["yes", "no"], p=[0.6, 0.4])), date=days[-1])
            for item in ITEMS
            if draw.random() < 0.8
        )
        self.problems = [
            Problem(
                severity=Severity.WARNING,
                code="marker_not_found",
                about=f"{key}/{days[0]}/left-hand.jpg",
                text="No marker was found in this picture.",
                hint="Mark two points of known distance.",
            )
        ] * (draw.random() < 0.15)

    def _treatments(self, first: date) -> tuple[Treatment, ...]:
        start = first + timedelta(days=int(self.draw.integers(0, 60)))
        months = int(self.draw.integers(3, 60))
        end = start + timedelta(days=30 * months) if self.draw.random() < 0.5 else None
        given = Treatment(
            drug=str(self.draw.choice(DRUGS)), start=start, end=end, cycles=str(months // 3 + 1)
        )
        other = Treatment(drug=str(self.draw.choice(["prednisolone", "methotrexate"])))
        return (given, other) if self.draw.random() < 0.4 else (given,)

    def _follow(self, kind: Modality, refs: dict[date, ImageRef]) -> None:
        """Let the deposits of one site grow or shrink, and judge them."""
        trend = float(self.draw.normal(-0.05, 0.16))
        count = int(self.draw.integers(1, 4))
        radii = self.draw.uniform(4, 11, count)
        readings: list[Reading] = []
        seen: dict[int, list[Sighting]] = {number: [] for number in range(count)}
        for step, (day, ref) in enumerate(refs.items()):
            if step and self.draw.random() < 0.05:
                continue  # nobody has read it
            here = []
            for number in range(count):
                radius = max(1.5, float(radii[number] * np.exp(trend * step + self.draw.normal(0, 0.03))))
                here.append(self._deposit(ref, number, min(radius, 15.0)))
                seen[number].append(
                    Sighting(
                        date=day,
                        presence=Presence.PRESENT,
                        image=ref.id,
                        deposits=(here[-1].id,),
                        event=Event.PERSISTING if seen[number] else Event.BASELINE,
                        matched_by=MatchedBy.NAME if seen[number] else None,
                    )
                )
            self.read.add(ref.id)
            readings.append(Reading(date=day, image=ref.id, grid=ref.grid, deposits=tuple(here)))
        tracks = [self._track(kind, number, some) for number, some in seen.items()]
        self.tracks += tracks
        self.responses += classify(
            tracks,
            {SITES[kind]: readings},
            [m for m in self.measurements if m.image in {reading.image for reading in readings}],
            patient=self.patient,
            modality=kind,
            criterion=CALCINOSIS_25,
        )

    def _track(self, kind: Modality, number: int, sightings: Sequence[Sighting]) -> Track:
        return Track(
            id=f"T{number + 1}",
            uid=f"2.25.{int(self.draw.integers(1, 2**62))}",
            patient=self.patient.id,
            modality=kind,
            site=SITES[kind],
            sightings=tuple(sightings),
        )

    def _deposit(self, ref: ImageRef, number: int, radius: float) -> Deposit:
        row, col = 24.0 + 24 * number, 30.0 + 30 * number
        region: Outline | Mask
        if ref.modality.is_volume:
            rows, cols = np.mgrid[:96, :128]
            inside = (rows - row) ** 2 + (cols - col) ** 2 <= radius**2
            region = Mask.cropped(np.stack([np.zeros_like(inside), inside, inside, np.zeros_like(inside)]))
            size, unit, measure = float(inside.sum()) * 2 * 0.9, Unit.MM3, "volume"
        else:
            angle = np.linspace(0, 2 * pi, 24, endpoint=False)
            line = np.stack([row + radius * np.sin(angle), col + radius * np.cos(angle)], axis=1)
            region = Outline(exterior=line)
            per_px = float(np.prod(ref.grid.spacing_mm or (1.0, 1.0)))
            size, unit, measure = pi * radius**2 * per_px, Unit.MM2, "area"
        deposit = Deposit(id=str(number + 1), image=ref.id, regions=(region,), author="generated")
        self.deposits.append(deposit)
        quantity = Quantity(value=size, unit=unit, standard_error=0.05 * size)
        self.measurements.append(
            Measurement(
                image=ref.id,
                deposit=deposit.id,
                measure=measure,
                quantity=quantity,
                scale_source=ref.grid.scale_source,
            )
        )
        return deposit


def _ref(patient: str, day: date, kind: Modality) -> ImageRef:
    name = f"{patient}/{day}/{SITES[kind]}" + {Modality.XC: ".jpg", Modality.DX: ".dcm"}.get(kind, "")
    return ImageRef(
        id=name,
        modality=kind,
        site=SITES[kind],
        paths=(Path(name),),
        reader="photo",
        location=name,
        grid=GRIDS[kind],
    )


def hostile(outcome: Outcome, text: str) -> Outcome:
    """Return an outcome whose first patient bears a text as name, and in every field beside it."""
    patient = outcome.cohort.patients[0]
    named = replace(
        patient,
        id=text,
        treatments=(Treatment(drug=text, dose=text, start=patient.timepoints[0].date, cycles=text),),
        facts=dict.fromkeys(("sex", "diagnosis"), text),
    )
    rest = outcome.cohort.patients[1:]
    return replace(
        outcome,
        cohort=replace(outcome.cohort, name=text, patients=(named, *rest)),
        responses=tuple(
            replace(r, patient=text) if r.patient == patient.id else r for r in outcome.responses
        ),
        answers={text: (Answer(item=text, text="yes"), Answer(item="words", text=text)), **outcome.answers},
        problems=(Problem(severity=Severity.ERROR, code="x", about=text, text=text, hint=text),),
    )
