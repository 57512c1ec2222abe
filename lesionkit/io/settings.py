"""``cohort.toml``: what the user sets for a cohort, every word of it checked."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure, Criterion, Reference
from lesionkit.core.settings import (
    BaselineRule,
    CalciumSettings,
    CardCode,
    ColourSettings,
    GradeSettings,
    ScaleSettings,
    Settings,
)
from lesionkit.core.surface import Surface
from lesionkit.errors import InputError
from lesionkit.io.settings_errors import read_errors
from lesionkit.io.toml_values import (
    NAME,
    Table,
    as_number,
    as_text,
    mapping_of,
    must_know,
    place_of,
    table_at,
    value_at,
)

T = TypeVar("T")


def read_settings(root: Path) -> Settings:
    """Return what a folder's ``cohort.toml`` sets; the defaults where there is none.

    Raises
    ------
    InputError
        If it is no TOML, holds a key or table that is not known, or a value of the wrong kind. The
        message names the key, and the nearest known one.
    """
    path = root / NAME
    if not path.is_file():
        return Settings()
    try:
        top = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"{NAME} is not readable as TOML: {said}", hint="Correct that line, or save it as UTF-8."
        ) from error
    tables = (
        *("cohort", "criteria", "criterion", "scale", "surface", "calcium", "colour", "errors"),
        "grade",
        *("sites", "patients", "dates"),
    )
    must_know(top, tables, "table", where=NAME)
    cohort = table_at(top, "cohort")
    must_know(cohort, ("name", "timepoint_window_days", "baseline"), "key", where="[cohort]")
    return Settings(
        name=value_at(cohort, "name", as_text, where="[cohort]") or "",
        timepoint_window_days=value_at(cohort, "timepoint_window_days", _days, where="[cohort]") or 0,
        baseline=value_at(cohort, "baseline", _one_of(BaselineRule), where="[cohort]")
        or BaselineRule.TREATMENT,
        criteria=_criteria(table_at(top, "criteria")),
        custom_criteria=_custom_criteria(top.get("criterion", [])),
        scale=_scale(table_at(top, "scale"), table_at(top, "surface")),
        calcium=_calcium(table_at(top, "calcium")),
        errors=read_errors(table_at(top, "errors")),
        colour=_colour(table_at(top, "colour")),
        grades=_grades(table_at(top, "grade")),
        sites=mapping_of(table_at(top, "sites"), as_text, where="[sites]"),
        patients=mapping_of(table_at(top, "patients"), as_text, where="[patients]"),
        dates=mapping_of(table_at(top, "dates"), _day, where="[dates]"),
    )


def _days(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("a whole number of days, 0 or more")


def _yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _day(value: Any) -> date:
    try:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("a date like 2012-03-01") from None


def _one_of(kind: type[T]) -> Callable[[Any], T]:
    def convert(value: Any) -> T:
        try:
            return kind(value)  # type: ignore[call-arg]
        except ValueError:
            words = ", ".join(str(word) for word in kind)  # type: ignore[attr-defined]
            raise ValueError(f"one of {words}") from None

    return convert


def _criteria(table: Table) -> Mapping[Modality, str]:
    where = "[criteria]"
    must_know(table, [m.value for m in Modality], "modality", where=where)
    out: dict[Modality, str] = {}
    for word, name in mapping_of(table, as_text, where=where).items():
        stream = Modality(word).stream
        if out.setdefault(stream, name) != name:
            raise InputError(
                f"CR and DX in {place_of(where)} must name the same criterion",
                hint="Radiographs of both kinds are compared with one another: name it once.",
            )
    return out


_CRITERION: Mapping[str, Callable[[Any], Any]] = {
    "name": as_text,
    "measure": _one_of(BurdenMeasure),
    "regression_pct": as_number,
    "progression_pct": as_number,
    "floor": as_number,
    "reference": _one_of(Reference),
    "new_deposit_is_progression": _yes_or_no,
    "min_certainty": as_number,
    "citation": as_text,
}


def _custom_criteria(tables: Any) -> tuple[Criterion, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(
            f"'criterion' in {NAME} must be a list of tables", hint="Write [[criterion]] with two brackets."
        )
    criteria = tuple(_criterion(table) for table in tables)
    names = [criterion.name for criterion in criteria]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two [[criterion]] of {NAME} are named {name!r}", hint="Rename one of them.")
    return criteria


def _criterion(table: Table) -> Criterion:
    where = "[[criterion]]"
    must_know(table, tuple(_CRITERION), "key", where=where)
    if "name" not in table:
        raise InputError(f"a {where} of {NAME} has no name", hint='Add a line name = "...".')
    values = {key: value_at(table, key, _CRITERION[key], where=where) for key in table}
    try:
        return Criterion(**values)  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(f"{error} ({NAME})", hint=f"Correct it in {where}.") from error


_DICTIONARY = re.compile(
    r"DICT_([4-7]X[4-7]_(50|100|250|1000)|ARUCO_ORIGINAL|ARUCO_MIP_36h12|APRILTAG_(16h5|25h9|36h1[01]))"
)


def _dictionary(value: Any) -> str:
    if isinstance(value, str) and _DICTIONARY.fullmatch(value):
        return value
    raise ValueError("OpenCV's name of an ArUco dictionary, such as DICT_4X4_50 or DICT_APRILTAG_36h11")


def _chart(value: Any) -> bool:
    if value == "colorchecker":
        return True
    raise ValueError('"colorchecker"')


def _patches(value: Any) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, list) or not all(isinstance(patch, list) for patch in value):
        raise ValueError("a list of [L, a, b]")
    return tuple(tuple(as_number(part) for part in patch) for patch in value)


def _colour(table: Table) -> ColourSettings:
    where = "[colour]"
    must_know(table, ("chart", "card_patches"), "key", where=where)
    try:
        return ColourSettings(
            has_colorchecker=value_at(table, "chart", _chart, where=where) or False,
            card_patches=value_at(table, "card_patches", _patches, where=where),
        )
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error


def _bars(value: Any) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        return as_number(value[0]), as_number(value[1])
    if isinstance(value, int | float):
        return as_number(value), as_number(value)
    raise ValueError("a length in mm, or two: [across, down]")


def _calcium(table: Table) -> CalciumSettings:
    where = "[calcium]"
    keys = ("mg_per_ml_per_hu", "dense_hu")
    must_know(table, keys, "key", where=where)
    try:
        return CalciumSettings(**{key: value_at(table, key, as_number, where=where) for key in table})
    except ValueError as error:
        raise InputError(f"{NAME} {where}: {error}", hint="Give a number above 0.") from error


def _cuts(value: Any) -> tuple[float, ...]:
    if isinstance(value, list):
        return tuple(as_number(cut) for cut in value)
    raise ValueError("a list of rising numbers")


def _grades(table: Table) -> Mapping[Modality, GradeSettings]:
    must_know(table, [m.value for m in Modality], "modality", where="[grade]")
    found: dict[Modality, GradeSettings] = {}
    for word in table:
        where = f"[grade.{word}]"
        stream = Modality(word).stream
        if stream in found:
            raise InputError(f"CR and DX in [grade] of {NAME} are one", hint="Name one of them.")
        own = table_at(table, word)
        must_know(own, ("of", "cuts"), "key", where=where)
        try:
            found[stream] = GradeSettings(
                of=value_at(own, "of", as_text, where=where) or "contrast",
                cuts=value_at(own, "cuts", _cuts, where=where) or (),
            )
        except ValueError as error:
            raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error
    return found


def _sizes(value: Any) -> Mapping[int, float]:
    if not isinstance(value, dict) or not all(number.isdecimal() for number in value):
        raise ValueError("sizes in mm by the markers' numbers, such as { 7 = 10.0 }")
    return {int(number): as_number(size) for number, size in value.items()}


def _surfaces(tables: Table) -> Mapping[str, Surface]:
    return {site: _surface(table_at(tables, site), where=f"[surface.{site}]") for site in tables}


def _surface(table: Table, *, where: str) -> Surface:
    must_know(table, ("height_mm", "radius_mm"), "key", where=where)
    values = {key: value_at(table, key, as_number, where=where) for key in table}
    try:
        return Surface(**values, source=f"declared in {where} of {NAME}")  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error


def _scale(table: Table, surfaces: Table) -> ScaleSettings:
    where = "[scale]"
    kinds: Mapping[str, Callable[[Any], Any]] = {
        "marker_dictionary": _dictionary,
        "marker_size_mm": as_number,
        "mm_per_px": as_number,
        "reference_length_mm": as_number,
        "field_diameter_mm": as_number,
        "find_rulers": _yes_or_no,
        "card_bar_mm": _bars,
        "card_code": _one_of(CardCode),
        "marker_sizes_mm": _sizes,
        "marker_tolerance_mm": as_number,
    }
    must_know(table, tuple(kinds), "key", where=where)
    values = {key: value_at(table, key, kinds[key], where=where) for key in table}
    try:
        return ScaleSettings(**values, surfaces=_surfaces(surfaces))  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error
