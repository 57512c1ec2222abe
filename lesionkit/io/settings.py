"""``cohort.toml``: what the user sets for a cohort, every word of it checked."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure, Criterion, Reference
from lesionkit.core.settings import (
    DEFAULT_ERROR_MODEL,
    LINES,
    BaselineRule,
    CalciumSettings,
    CardCode,
    ColourSettings,
    ErrorSettings,
    ReaderError,
    ScaleSettings,
    Settings,
)
from lesionkit.core.surface import Surface
from lesionkit.errors import InputError

NAME = "cohort.toml"

T = TypeVar("T")
Table = Mapping[str, Any]


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
        *("sites", "patients", "dates"),
    )
    _must_know(top, tables, "table", where=NAME)
    cohort = _table(top, "cohort")
    _must_know(cohort, ("name", "timepoint_window_days", "baseline"), "key", where="[cohort]")
    return Settings(
        name=_value(cohort, "name", _text, where="[cohort]") or "",
        timepoint_window_days=_value(cohort, "timepoint_window_days", _days, where="[cohort]") or 0,
        baseline=_value(cohort, "baseline", _one_of(BaselineRule), where="[cohort]")
        or BaselineRule.TREATMENT,
        criteria=_criteria(_table(top, "criteria")),
        custom_criteria=_custom_criteria(top.get("criterion", [])),
        scale=_scale(_table(top, "scale"), _table(top, "surface")),
        calcium=_calcium(_table(top, "calcium")),
        errors=_errors(_table(top, "errors")),
        colour=_colour(_table(top, "colour")),
        sites=_mapping(_table(top, "sites"), _text, where="[sites]"),
        patients=_mapping(_table(top, "patients"), _text, where="[patients]"),
        dates=_mapping(_table(top, "dates"), _day, where="[dates]"),
    )


def _must_know(found: Collection[str], known: Collection[str], what: str, *, where: str) -> None:
    for key in found:
        if key in known:
            continue
        near = get_close_matches(key.lower(), {k.lower(): k for k in known}, n=1, cutoff=0.5)
        nearest = next((k for k in known if near and k.lower() == near[0]), None)
        hint = f"Did you mean {nearest!r}?" if nearest else f"Known are: {', '.join(known)}."
        raise InputError(f"unknown {what} {key!r} in {_of(where)}", hint=hint)


def _of(where: str) -> str:
    return where if where == NAME else f"{where} of {NAME}"


def _table(top: Table, name: str) -> Table:
    table = top.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{name!r} in {NAME} must be a table", hint=f"Write [{name}] on a line of its own.")
    return table


def _value(table: Table, key: str, kind: Callable[[Any], T], *, where: str) -> T | None:
    if key not in table:
        return None
    try:
        return kind(table[key])
    except ValueError as error:
        raise InputError(
            f"{key} in {_of(where)} must be {error}, not {table[key]!r}", hint=f"Correct it in {NAME}."
        ) from error


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ValueError("a text in quotation marks")


def _number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
        return float(value)
    raise ValueError("a number")


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


def _mapping(table: Table, kind: Callable[[Any], T], *, where: str) -> Mapping[str, T]:
    out: dict[str, T] = {}
    for key in table:
        value = _value(table, key, kind, where=where)
        if value is not None:
            out[key] = value
    return out


def _criteria(table: Table) -> Mapping[Modality, str]:
    where = "[criteria]"
    _must_know(table, [m.value for m in Modality], "modality", where=where)
    out: dict[Modality, str] = {}
    for word, name in _mapping(table, _text, where=where).items():
        stream = Modality(word).stream
        if out.setdefault(stream, name) != name:
            raise InputError(
                f"CR and DX in {_of(where)} must name the same criterion",
                hint="Radiographs of both kinds are compared with one another: name it once.",
            )
    return out


_CRITERION: Mapping[str, Callable[[Any], Any]] = {
    "name": _text,
    "measure": _one_of(BurdenMeasure),
    "regression_pct": _number,
    "progression_pct": _number,
    "floor": _number,
    "reference": _one_of(Reference),
    "new_deposit_is_progression": _yes_or_no,
    "min_certainty": _number,
    "citation": _text,
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
    _must_know(table, tuple(_CRITERION), "key", where=where)
    if "name" not in table:
        raise InputError(f"a {where} of {NAME} has no name", hint='Add a line name = "...".')
    values = {key: _value(table, key, _CRITERION[key], where=where) for key in table}
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
    return tuple(tuple(_number(part) for part in patch) for patch in value)


def _colour(table: Table) -> ColourSettings:
    where = "[colour]"
    _must_know(table, ("chart", "card_patches"), "key", where=where)
    try:
        return ColourSettings(
            has_colorchecker=_value(table, "chart", _chart, where=where) or False,
            card_patches=_value(table, "card_patches", _patches, where=where),
        )
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error


def _bars(value: Any) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        return _number(value[0]), _number(value[1])
    if isinstance(value, int | float):
        return _number(value), _number(value)
    raise ValueError("a length in mm, or two: [across, down]")


def _calcium(table: Table) -> CalciumSettings:
    where = "[calcium]"
    keys = ("mg_per_ml_per_hu", "dense_hu")
    _must_know(table, keys, "key", where=where)
    try:
        return CalciumSettings(**{key: _value(table, key, _number, where=where) for key in table})
    except ValueError as error:
        raise InputError(f"{NAME} {where}: {error}", hint="Give a number above 0.") from error


def _sizes(value: Any) -> Mapping[int, float]:
    if not isinstance(value, dict) or not all(number.isdecimal() for number in value):
        raise ValueError("sizes in mm by the markers' numbers, such as { 7 = 10.0 }")
    return {int(number): _number(size) for number, size in value.items()}


def _surfaces(tables: Table) -> Mapping[str, Surface]:
    return {site: _surface(_table(tables, site), where=f"[surface.{site}]") for site in tables}


def _surface(table: Table, *, where: str) -> Surface:
    _must_know(table, ("height_mm", "radius_mm"), "key", where=where)
    values = {key: _value(table, key, _number, where=where) for key in table}
    try:
        return Surface(**values, source=f"declared in {where} of {NAME}")  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error


def _scale(table: Table, surfaces: Table) -> ScaleSettings:
    where = "[scale]"
    kinds: Mapping[str, Callable[[Any], Any]] = {
        "marker_dictionary": _dictionary,
        "marker_size_mm": _number,
        "mm_per_px": _number,
        "reference_length_mm": _number,
        "field_diameter_mm": _number,
        "find_rulers": _yes_or_no,
        "card_bar_mm": _bars,
        "card_code": _one_of(CardCode),
        "marker_sizes_mm": _sizes,
        "marker_tolerance_mm": _number,
    }
    _must_know(table, tuple(kinds), "key", where=where)
    values = {key: _value(table, key, kinds[key], where=where) for key in table}
    try:
        return ScaleSettings(**values, surfaces=_surfaces(surfaces))  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error


_MEASURED = ("area", "volume", "long_axis", "short_axis", "perimeter")


def _errors(table: Table) -> ErrorSettings:
    _must_know(table, ("model", *(m.value for m in Modality)), "key", where="[errors]")
    readers: dict[Modality, ReaderError] = {}
    for word in table:
        if word == "model":
            continue
        stream = Modality(word).stream
        if stream in readers:
            raise InputError(f"CR and DX in [errors] of {NAME} are one", hint="Name one of them.")
        readers[stream] = _reader_error(_table(table, word), where=f"[errors.{word}]")
    model = _value(table, "model", _text, where="[errors]")
    return ErrorSettings(model=model or DEFAULT_ERROR_MODEL, readers=readers)


def _reader_error(table: Table, *, where: str) -> ReaderError:
    _must_know(table, (*LINES, "wsd", "wsd_log", "source"), "key", where=where)
    spreads = {}
    for name in ("wsd", "wsd_log"):
        spreads[name] = _mapping(_table(table, name), _number, where=f"{name} in {where}")
        _must_know(spreads[name], _MEASURED, "measure", where=f"{name} in {where}")
    lines = {name: _value(table, name, _number, where=where) for name in LINES}
    source = _value(table, "source", _text, where=where) or ""
    try:
        return ReaderError(
            outline_mm=lines["outline_mm"],
            correlation_mm=lines["correlation_mm"],
            reading_mm=lines["reading_mm"],
            reader_mm=lines["reader_mm"],
            wsd=spreads["wsd"],
            wsd_log=spreads["wsd_log"],
            source=source,
        )
    except ValueError as error:
        raise InputError(f"{error} ({where} of {NAME})", hint=f"Correct it in {NAME}.") from error
