"""How well readers agree -> tables and a page."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from lesionkit.core.agreement import Agreement, Estimate, Level, SizeAgreement
from lesionkit.core.image import Modality
from lesionkit.report import words
from lesionkit.report.batch import Batch
from lesionkit.report.cells import Cell, Row, columns
from lesionkit.report.difference import Level as Line
from lesionkit.report.difference import differences
from lesionkit.report.page_environment import environment
from lesionkit.report.page_parts import problem_groups
from lesionkit.report.rows import PROBLEM_COLUMNS
from lesionkit.report.to_csv import csv_text

AGREEMENT = {
    "alike_pct": "All alike",
    "bias": "Mean difference (second less first)",
    "bias_pct": "Mean difference, relative",
    "ccc": "Lin's concordance correlation",
    "dice": "Dice coefficient, mean",
    "hausdorff_95": "Hausdorff distance, 95 %, mean",
    "icc_2_1": "ICC(2,1), absolute agreement",
    "icc_3_1": "ICC(3,1), consistency",
    "kappa": "Kappa",
    "kappa_linear": "Kappa, linear weights",
    "limit_high": "Upper limit of agreement",
    "limit_high_pct": "Upper limit of agreement, relative",
    "limit_low": "Lower limit of agreement",
    "limit_low_pct": "Lower limit of agreement, relative",
    "mean_distance": "Distance of the boundaries, mean",
    "repeatability": "Repeatability coefficient (2.77 wSD)",
    "repeatability_high_pct": "Repeatability, upper, relative",
    "repeatability_low_pct": "Repeatability, lower, relative",
    "sdc": "Smallest detectable change",
    "wsd": "Within-case standard deviation (wSD)",
    "wsd_pct": "Within-case standard deviation, relative",
}
"""Every statistic in words, by the name it has in tables."""

PAIR_COLUMNS = columns(
    "patient,date,modality,site,image,reader_1,reader_2,deposit_1,deposit_2,matched_by,dice,"
    "mean_distance,hausdorff_95,distance_unit,area_1,area_2,area_unit,volume_1,volume_2,volume_unit,"
    "long_axis_1,long_axis_2,long_axis_unit"
)
STATISTIC_COLUMNS = columns(
    "level,modality,measure,unit,readers,cases,patients,statistic,value,low,high,interval"
)


def write(agreement: Agreement, out: Path) -> tuple[Path, ...]:
    """Return ``pairs.csv``, ``statistics.csv``, ``problems.csv`` and ``index.html``, written into a folder.

    Parameters
    ----------
    agreement : Agreement
        What to write.
    out : Path
        The folder; made where it is missing.
    """
    with Batch(out) as batch:
        batch.add("pairs.csv", csv_text(PAIR_COLUMNS, pair_rows(agreement)))
        batch.add("statistics.csv", csv_text(STATISTIC_COLUMNS, statistic_rows(agreement)))
        problems = ({name: str(getattr(p, name)) for name in PROBLEM_COLUMNS} for p in agreement.problems)
        batch.add("problems.csv", csv_text(PROBLEM_COLUMNS, problems))
        batch.add("index.html", _page(agreement))
    return batch.places


def pair_rows(agreement: Agreement) -> Iterator[Row]:
    """Yield one row per deposit and two readings of its image."""
    for pair in agreement.pairs:
        row: dict[str, Cell] = {
            **dict.fromkeys(PAIR_COLUMNS),
            "patient": pair.patient,
            "date": pair.date,
            "modality": pair.modality.value,
            "site": pair.site,
            "image": pair.image,
            "matched_by": pair.matched_by,
            "dice": pair.dice,
        }
        for place, (reader, deposit) in enumerate(zip(pair.readers, pair.deposits, strict=True), 1):
            row |= {f"reader_{place}": reader, f"deposit_{place}": deposit}
        if pair.mean_distance and pair.hausdorff_95:
            row |= {
                "mean_distance": pair.mean_distance.value,
                "hausdorff_95": pair.hausdorff_95.value,
                "distance_unit": pair.mean_distance.unit.value,
            }
        for measure, (first, second) in pair.sizes.items():
            row |= {
                f"{measure}_1": first.value,
                f"{measure}_2": second.value,
                f"{measure}_unit": first.unit.value,
            }
        yield row


def statistic_rows(agreement: Agreement) -> Iterator[Row]:
    """Yield one row per statistic, whatever it is of."""
    for drawing in agreement.drawings:
        counts = {"both": drawing.both, "only_first": drawing.only_first, "only_second": drawing.only_second}
        counted = {f"deposits_{name}": Estimate(value=float(count)) for name, count in counts.items()}
        yield from _rows(
            {**counted, **drawing.statistics},
            level="drawing",
            modality=drawing.modality.value,
            unit=drawing.unit.value if drawing.unit else None,
            readers=drawing.readers,
            cases=drawing.both,
            patients=drawing.patients,
        )
    for size in agreement.sizes:
        yield from _rows(
            size.statistics,
            level=size.level.value,
            modality=size.modality.value,
            measure=size.measure,
            unit=size.unit.value,
            readers=size.readers,
            cases=len(size.cases),
            patients=len(set(size.patients)),
        )
    for category in agreement.categories:
        yield from _rows(
            category.statistics,
            level="response",
            modality=category.modality.value if category.modality else "all",
            readers=category.readers,
            cases=len(category.cases),
            patients=len(set(category.patients)),
        )


def _rows(
    statistics: Mapping[str, Estimate], *, readers: Iterable[str], **what: str | int | None
) -> Iterator[Row]:
    for name, found in statistics.items():
        yield {
            **dict.fromkeys(STATISTIC_COLUMNS),
            **what,
            "readers": " & ".join(readers),
            "statistic": name,
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "interval": found.method,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table of the page: what it is of, its lines, and a drawing."""

    title: str
    subtitle: str
    lines: tuple[tuple[str, str, str], ...]
    drawings: tuple[Markup, ...] = ()


def _page(agreement: Agreement) -> str:
    template = environment(cohort=agreement.cohort, versions=agreement.versions).get_template(
        "agreement.html"
    )
    return template.render(
        name=agreement.cohort,
        readers=agreement.readers,
        images=len({pair.image for pair in agreement.pairs}),
        drawings=list(_drawing_tables(agreement)),
        sizes=list(_size_tables(agreement)),
        responses=list(_response_tables(agreement)),
        errors=[(words.STREAMS[modality], error) for modality, error in agreement.errors.items()],
        problems=problem_groups(agreement.problems),
    )


def _drawing_tables(agreement: Agreement) -> Iterator[_Table]:
    for drawing in agreement.drawings:
        unit = f" {words.unit(drawing.unit)}" if drawing.unit else ""
        first, second = drawing.readers
        yield _Table(
            title=f"{words.STREAMS[drawing.modality]}: {first} and {second}",
            subtitle=f"{drawing.both} deposits drawn by both, {drawing.only_first} only by {first}, "
            f"{drawing.only_second} only by {second}",
            lines=tuple(
                (AGREEMENT[name], _value(found, "" if name == "dice" else unit), _interval(found))
                for name, found in drawing.statistics.items()
            ),
        )


def _size_tables(agreement: Agreement) -> Iterator[_Table]:
    for size in agreement.sizes:
        unit = words.unit(size.unit)
        name = size.measure.replace("_", " ")
        what = "each deposit" if size.level is Level.DEPOSIT else "each patient and timepoint"
        yield _Table(
            title=f"{words.STREAMS[size.modality]}, {name} of {what}: {_listed(size.readers)}",
            subtitle=f"{len(size.cases)} cases of {len(set(size.patients))} patients",
            lines=tuple(
                (AGREEMENT[key], _value(found, _unit_of(key, unit)), _interval(found))
                for key, found in size.statistics.items()
            ),
            drawings=tuple(_bland_altman(size, unit)),
        )


def _unit_of(statistic: str, unit: str) -> str:
    if statistic.endswith("_pct"):
        return " %"
    return "" if statistic in ("icc_2_1", "icc_3_1", "ccc") else f" {unit}"


def _bland_altman(size: SizeAgreement, unit: str) -> Iterator[Markup]:
    """Yield the differences of two readings, and, where all sizes are above zero, the relative ones."""
    if len(size.readers) != 2:
        return
    first, second = size.readers
    title = f"{second} less {first} against their mean"
    pairs = [(case[0], case[1]) for case in size.cases]
    yield differences(
        [((one + other) / 2, other - one) for one, other in pairs],
        levels=_levels(size, ""),
        units=(unit, unit),
        title=f"{title}, in {unit}",
    )
    if "bias_pct" in size.statistics:
        yield differences(
            [(math.sqrt(one * other), 100 * (other / one - 1)) for one, other in pairs],
            levels=_levels(size, "_pct"),
            units=(unit, "%"),
            title=f"{title}, in percent",
        )


def _levels(size: SizeAgreement, suffix: str) -> list[Line]:
    names = (("limit_high", "+1.96 SD"), ("bias", "mean"), ("limit_low", "−1.96 SD"))
    return [
        Line(value=found.value, label=f"{label} {words.number(found.value)}", is_limit=name != "bias")
        for name, label in names
        if (found := size.statistics[f"{name}{suffix}"]).value is not None
    ]


def _response_tables(agreement: Agreement) -> Iterator[_Table]:
    for category in agreement.categories:
        stream = words.STREAMS[Modality(category.modality)] if category.modality else "All streams"
        yield _Table(
            title=f"{stream}: {_listed(category.readers)}",
            subtitle=f"{len(category.cases)} responses of {len(set(category.patients))} patients that all "
            "readings judge",
            lines=tuple(
                (AGREEMENT[key], _value(found, " %" if key.endswith("_pct") else ""), _interval(found))
                for key, found in category.statistics.items()
            ),
        )


def _listed(readers: Sequence[str]) -> str:
    return ", ".join(readers[:-1]) + f" and {readers[-1]}"


def _value(found: Estimate, unit: str) -> str:
    return words.DASH if found.value is None else f"{words.number(found.value)}{unit}"


def _interval(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return words.DASH
    return f"{words.number(found.low)} to {words.number(found.high)}"
