"""The tables that agreement is reckoned from: one row per case, one column per reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.agreement import Level, ReadTwice
from lesionkit.core.arrays import Floats
from lesionkit.core.image import Modality
from lesionkit.core.response import ALL_SITES, Category, Evaluation
from lesionkit.core.units import Unit
from lesionkit.summarise.kappa import ORDER
from lesionkit.summarise.readings import ReaderOutcome, burden_measure, measures_of, unit_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SizeCases:
    """What several readings measured of the same cases.

    Parameters
    ----------
    level, modality, measure, unit
        What a case is, and of what.
    table : ndarray of float, shape (n, k)
        In `unit`.
    patients : tuple of str
        Whose each case is.
    """

    level: Level
    modality: Modality
    measure: str
    unit: Unit
    table: Floats
    patients: tuple[str, ...]


def deposit_cases(pairs: Sequence[Sequence[ReadTwice]]) -> Iterator[SizeCases]:
    """Yield the sizes of the deposits that all readings have.

    Parameters
    ----------
    pairs : sequence of sequence of ReadTwice
        The first reading against the second, against the third, and so on.
    """
    by_first = [{(p.image, p.deposits[0]): p for p in found if p.is_matched} for found in pairs]
    common = [key for key in by_first[0] if all(key in found for found in by_first)]
    for modality in sorted({by_first[0][key].modality for key in common}):
        for measure in measures_of(modality):
            for is_metric in (True, False):
                unit = unit_of(measure, is_metric=is_metric)
                rows, patients = [], []
                for key in common:
                    found = [one[key] for one in by_first]
                    sizes = [one.sizes.get(measure) for one in found]
                    if found[0].modality is modality and all(s and s[0].unit is unit for s in sizes):
                        known = [s for s in sizes if s]
                        rows.append([known[0][0].value, *(size[1].value for size in known)])
                        patients.append(found[0].patient)
                if rows:
                    yield SizeCases(
                        level=Level.DEPOSIT,
                        modality=modality,
                        measure=measure,
                        unit=unit,
                        table=np.array(rows),
                        patients=tuple(patients),
                    )


def patient_cases(readings: Sequence[ReaderOutcome]) -> Iterator[SizeCases]:
    """Yield what each patient carries on the images of each timepoint that all have read.

    Sizes in px are of one image each: those of several photographs are not added.
    """
    rows: dict[tuple[Modality, Unit], list[tuple[str, list[float]]]] = {}
    for patient in readings[0].outcome.cohort.patients:
        for timepoint in patient.timepoints:
            for modality in sorted({ref.modality.stream for ref in timepoint.images}):
                images = [
                    ref.id
                    for ref in timepoint.images
                    if ref.modality.stream is modality and all(ref.id in r.drawn for r in readings)
                ]
                metric = {r.outcome.grids[image].is_calibrated for r in readings for image in images}
                if len(metric) != 1 or (metric == {False} and len(images) > 1):
                    continue
                measure = burden_measure(modality)
                key = (modality, unit_of(measure, is_metric=metric.pop()))
                totals = [sum(_sizes_on(r, images, measure)) for r in readings]
                rows.setdefault(key, []).append((patient.id, totals))
    for (modality, unit), found in rows.items():
        yield SizeCases(
            level=Level.PATIENT,
            modality=modality,
            measure=burden_measure(modality),
            unit=unit,
            table=np.array([totals for _, totals in found], dtype=np.float64),
            patients=tuple(patient for patient, _ in found),
        )


def _sizes_on(reading: ReaderOutcome, images: Sequence[str], measure: str) -> Iterator[float]:
    for image in images:
        for deposit in reading.drawn[image]:
            yield reading.sizes[image, deposit.id, measure].value


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCases:
    """The responses of the same cases, built on several readings."""

    cases: tuple[tuple[Category, ...], ...]
    patients: tuple[str, ...]
    streams: tuple[Modality, ...]


def category_cases(readings: Sequence[ReaderOutcome]) -> CategoryCases:
    """Return every follow-up of a patient and stream, over all sites, that all readings have judged.

    Indeterminate and not evaluable are no judgement, and such follow-ups are left out.
    """
    found = [
        {
            (r.patient, r.modality, r.date): r.category
            for r in reading.outcome.responses
            if r.site == ALL_SITES and r.evaluation is Evaluation.FOLLOW_UP and r.category in ORDER
        }
        for reading in readings
    ]
    keys = sorted(key for key in found[0] if all(key in one for one in found))
    return CategoryCases(
        cases=tuple(tuple(one[key] for one in found) for key in keys),
        patients=tuple(patient for patient, _, _ in keys),
        streams=tuple(modality for _, modality, _ in keys),
    )
