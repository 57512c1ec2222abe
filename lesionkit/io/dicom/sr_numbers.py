"""The numbers and verdicts of a structured report (TID 1500), with their uncertainty: what a report *says*.

lesionkit measures outlines anew and believes no report's numbers; this is for comparing them with its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.measurement import STANDARD_ERROR, Code
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.ending import open_whole
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet
from lesionkit.io.dicom.sr_groups import children, concept, group_items, groups

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_UNITS = {
    "mm": (Unit.MM, 1.0),
    "mm2": (Unit.MM2, 1.0),
    "mm3": (Unit.MM3, 1.0),
    "cm": (Unit.MM, 10.0),
    "cm2": (Unit.MM2, 100.0),
    "cm3": (Unit.MM3, 1000.0),
    "ml": (Unit.MM3, 1000.0),
    "mL": (Unit.MM3, 1000.0),
    "{pixels}": (Unit.PX, 1.0),
    "{pixels}2": (Unit.PX2, 1.0),
    "{voxels}": (Unit.PX3, 1.0),
    "[hnsf'U]": (Unit.HU, 1.0),
    "1": (Unit.ONE, 1.0),
}
"""UCUM, and how many of ours one is."""

_ORDER, _OFFSET = ("126073", "DCM"), ("128740", "DCM")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one measurement group says.

    Parameters
    ----------
    identifier, uid : str
        Tracking Identifier and Tracking Unique Identifier; empty where there is none.
    numbers : Mapping of str to Quantity
        By the value of the code of what was measured; those in units that `Unit` does not know are left out.
        The standard error is there where lesionkit wrote it: of other programs' uncertainties it is not known
        how wide they are.
    verdicts : Mapping of str to Code
        Qualitative evaluations by the value of their code, the first of each.
    order : int, optional
        Which timepoint it is of.
    days : float, optional
        Its distance from baseline, or from another event.
    """

    identifier: str = ""
    uid: str = ""
    numbers: Mapping[str, Quantity] = field(default_factory=dict)
    verdicts: Mapping[str, Code] = field(default_factory=dict)
    order: int | None = None
    days: float | None = None


def read_numbers(path: Path) -> tuple[Said, ...]:
    """Return what the measurement groups of a structured report say, in its order.

    Raises
    ------
    ReadError
        If it is not readable as DICOM, or nests its content absurdly deep.

    References
    ----------
    DICOM PS3.16 TID 300 (Measurement), 310 (Measurement Properties), 1502 (Time Point Context).
    """
    try:
        with quiet():
            dataset = open_whole(path)
            heads, items = groups(dataset, path), group_items(dataset, path)
            return tuple(
                Said(
                    identifier=head.identifier,
                    uid=head.uid,
                    numbers=dict(_numbers(item)),
                    verdicts=dict(reversed(list(_verdicts(item)))),
                    order=None if (order := _context(item, _ORDER)) is None else int(order),
                    days=_context(item, _OFFSET),
                )
                for head, item in zip(heads, items, strict=True)
            )
    except BROKEN_FILE as error:
        raise ReadError(
            f"{path.name} is not readable as structured report: it is damaged or incomplete",
            path=path,
            hint="Export it again.",
        ) from error


def _numbers(group: "Dataset") -> Iterator[tuple[str, Quantity]]:
    for item in children(group):
        told = _number(item)
        if told is None or told[1] not in _UNITS or concept(item) in (_ORDER, _OFFSET):
            continue
        unit, factor = _UNITS[told[1]]
        told_errors = (
            _number(part)
            for part in children(item)
            if concept(part) == (STANDARD_ERROR.value, STANDARD_ERROR.scheme)
        )
        errors = [found[0] * factor for found in told_errors if found is not None and found[0] >= 0]
        yield (
            concept(item)[0],
            Quantity(value=told[0] * factor, unit=unit, standard_error=errors[0] if errors else None),
        )


def _number(item: "Dataset") -> tuple[float, str] | None:
    """Return value and unit of a number; None of what is none."""
    if tags.text((item,), "ValueType") != "NUM":
        return None
    measured = tags.values((item,), "MeasuredValueSequence")[:1]
    # DS holds 16 characters; the exact number stands beside it where it needs more.
    value = tags.number(measured, "FloatingPointValue")
    value = tags.number(measured, "NumericValue") if value is None else value
    unit = tags.text(tags.values(measured, "MeasurementUnitsCodeSequence")[:1], "CodeValue")
    return None if value is None else (value, unit)


def _verdicts(group: "Dataset") -> Iterator[tuple[str, Code]]:
    for item in children(group):
        told = tags.values((item,), "ConceptCodeSequence")[:1]
        if tags.text((item,), "ValueType") == "CODE" and told:
            value = tags.text(told, "CodeValue") or tags.text(told, "LongCodeValue")
            scheme, meaning = (tags.text(told, key) for key in ("CodingSchemeDesignator", "CodeMeaning"))
            yield concept(item)[0], Code(value=value, scheme=scheme, meaning=meaning)


def _context(group: "Dataset", name: tuple[str, str]) -> float | None:
    found = [
        told for item in children(group) if concept(item) == name and (told := _number(item)) is not None
    ]
    return found[0][0] if found else None
