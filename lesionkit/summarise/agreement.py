"""From what several readers made of a cohort to how well they agree."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from lesionkit.core.agreement import (
    Agreement,
    CategoryAgreement,
    DrawingAgreement,
    Estimate,
    SizeAgreement,
)
from lesionkit.core.arrays import Floats
from lesionkit.core.image import Modality
from lesionkit.core.units import Unit
from lesionkit.summarise import kappa, reliability
from lesionkit.summarise.cases import (
    CategoryCases,
    SizeCases,
    category_cases,
    deposit_cases,
    patient_cases,
)
from lesionkit.summarise.intervals import Statistic, estimate
from lesionkit.summarise.readings import ReaderOutcome, Twice, read_twice
from lesionkit.summarise.repeatability import reader_errors


def compare_readings(readings: Sequence[ReaderOutcome]) -> Agreement:
    """Return how well readings of one cohort agree: each two of them, and all together where there are more.

    Parameters
    ----------
    readings : sequence of ReaderOutcome
        Two or more.

    Returns
    -------
    Agreement
        Without problems and versions, which the caller knows.

    Raises
    ------
    ValueError
        If there is only one reading.
    MissingExtraError
        If statsmodels, which computes kappa, is not installed.
    """
    if len(readings) < 2:
        raise ValueError("agreement needs two readings")
    kappa.must_have_statsmodels()
    pairs = list(combinations(range(len(readings)), 2))
    twice = {pair: tuple(read_twice(readings[pair[0]], readings[pair[1]])) for pair in pairs}
    groups = [*pairs, tuple(range(len(readings)))] if len(readings) > 2 else pairs
    return Agreement(
        readers=tuple(reading.reader for reading in readings),
        pairs=tuple(one.found for found in twice.values() for one in found),
        drawings=tuple(one for found in twice.values() for one in _drawings(found)),
        sizes=tuple(size for group in groups for size in _sizes(group, readings, twice)),
        categories=tuple(one for group in groups for one in _categories([readings[i] for i in group])),
        errors=reader_errors([one for found in twice.values() for one in found]),
    )


def _drawings(found: Sequence[Twice]) -> Iterator[DrawingAgreement]:
    streams = sorted({one.found.modality for one in found})
    for modality in streams:
        here = [one.found for one in found if one.found.modality is modality]
        only = [sum(one.deposits[1 - side] is None for one in here) for side in range(2)]
        matched = [one for one in here if one.is_matched]
        units: set[Unit | None] = {one.hausdorff_95.unit for one in matched if one.hausdorff_95}
        for unit in sorted(units, key=str) or [None]:
            both = [one for one in matched if one.hausdorff_95 and one.hausdorff_95.unit is unit]
            patients = [one.patient for one in both]
            columns = {
                "dice": [one.dice for one in both],
                "mean_distance": [one.mean_distance.value for one in both if one.mean_distance],
                "hausdorff_95": [one.hausdorff_95.value for one in both if one.hausdorff_95],
            }
            yield DrawingAgreement(
                modality=modality,
                unit=unit,
                readers=here[0].readers,
                both=len(both),
                only_first=only[0],
                only_second=only[1],
                patients=len(set(patients)),
                statistics={
                    name: estimate(_mean_of(np.array(values)), patients)
                    for name, values in columns.items()
                    if values
                },
            )


def _mean_of(values: Floats) -> Statistic:
    return lambda places: float(values[places].mean())


def _sizes(
    group: tuple[int, ...],
    readings: Sequence[ReaderOutcome],
    twice: Mapping[tuple[int, int], Sequence[Twice]],
) -> Iterator[SizeAgreement]:
    against_first = [[one.found for one in twice[group[0], other]] for other in group[1:]]
    chosen = [readings[index] for index in group]
    for cases in (*deposit_cases(against_first), *patient_cases(chosen)):
        yield SizeAgreement(
            level=cases.level,
            modality=cases.modality,
            measure=cases.measure,
            unit=cases.unit,
            readers=tuple(reading.reader for reading in chosen),
            cases=tuple(map(tuple, cases.table.tolist())),
            patients=cases.patients,
            statistics=size_statistics(cases),
        )


def size_statistics(cases: SizeCases) -> dict[str, Estimate]:
    """Return the statistics of agreement on a size, by name.

    Those in percent are of the logarithms, carried back: ``exp(x) − 1``; they need sizes above zero.
    Intervals of the ICC are from the F distribution where every patient gives one case; all
    others draw patients again (`intervals.estimate`).
    """
    table, patients = cases.table, cases.patients
    out: dict[str, Estimate] = {}
    if len(set(patients)) == len(patients):
        out["icc_2_1"] = reliability.icc_2_1_by_f(table)
        out["icc_3_1"] = reliability.icc_3_1_by_f(table)
    else:
        out["icc_2_1"] = estimate(lambda places: reliability.icc_2_1(table[places]), patients)
        out["icc_3_1"] = estimate(lambda places: reliability.icc_3_1(table[places]), patients)
    out["wsd"] = estimate(lambda places: reliability.wsd(table[places]), patients)
    out["repeatability"] = estimate(lambda places: reliability.repeatability(table[places]), patients)
    out["sdc"] = estimate(lambda places: reliability.smallest_detectable_change(table[places]), patients)
    if table.shape[1] == 2:
        out |= _two_readings(table, patients)
    if (table > 0).all():
        out |= _relative(np.log(table), patients)
    return out


def _two_readings(table: Floats, patients: Sequence[str]) -> dict[str, Estimate]:
    return {
        "bias": estimate(lambda places: reliability.bias(table[places]), patients),
        "limit_low": estimate(lambda p: reliability.limit_of_agreement(table[p], side=-1), patients),
        "limit_high": estimate(lambda p: reliability.limit_of_agreement(table[p], side=1), patients),
        "ccc": estimate(lambda places: reliability.concordance(table[places]), patients),
    }


def _relative(logs: Floats, patients: Sequence[str]) -> dict[str, Estimate]:
    def percent(statistic: Statistic) -> Estimate:
        return estimate(lambda places: 100 * math.expm1(statistic(places)), patients)

    out = {
        "wsd_pct": percent(lambda p: reliability.wsd(logs[p])),
        "repeatability_low_pct": percent(lambda p: -reliability.repeatability(logs[p])),
        "repeatability_high_pct": percent(lambda p: reliability.repeatability(logs[p])),
    }
    if logs.shape[1] == 2:
        out["bias_pct"] = percent(lambda p: reliability.bias(logs[p]))
        out["limit_low_pct"] = percent(lambda p: reliability.limit_of_agreement(logs[p], side=-1))
        out["limit_high_pct"] = percent(lambda p: reliability.limit_of_agreement(logs[p], side=1))
    return out


def _categories(readings: Sequence[ReaderOutcome]) -> Iterator[CategoryAgreement]:
    found = category_cases(readings)
    streams: list[Modality | None] = [*sorted(set(found.streams))]
    if len(streams) > 1:
        streams.append(None)
    for modality in streams:
        places = [i for i, stream in enumerate(found.streams) if modality in (stream, None)]
        yield _on_categories(found, places, modality=modality, readers=[r.reader for r in readings])


def _on_categories(
    found: CategoryCases, places: Sequence[int], *, modality: Modality | None, readers: Sequence[str]
) -> CategoryAgreement:
    cases = tuple(found.cases[place] for place in places)
    patients = tuple(found.patients[place] for place in places)
    codes = kappa.codes_of(cases)
    alike = (codes == codes[:, :1]).all(axis=1)
    statistics = {"alike_pct": estimate(lambda p: 100 * float(alike[p].mean()), patients)}
    if len(readers) == 2:
        statistics["kappa"] = estimate(lambda p: kappa.cohen(codes[p]), patients)
        statistics["kappa_linear"] = estimate(lambda p: kappa.cohen(codes[p], weights="linear"), patients)
    else:
        statistics["kappa"] = estimate(lambda p: kappa.fleiss(codes[p]), patients)
    return CategoryAgreement(
        modality=modality,
        readers=tuple(readers),
        cases=cases,
        patients=patients,
        statistics=statistics,
    )
