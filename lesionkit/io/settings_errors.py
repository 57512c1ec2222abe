"""``[errors]`` of ``cohort.toml``: how well readers repeat an outline."""

from lesionkit.core.image import Modality
from lesionkit.core.settings import DEFAULT_ERROR_MODEL, LINES, ErrorSettings, ReaderError
from lesionkit.errors import InputError
from lesionkit.io.toml_values import (
    NAME,
    Table,
    as_number,
    as_text,
    mapping_of,
    must_know,
    table_at,
    value_at,
)

_MEASURED = ("area", "volume", "long_axis", "short_axis", "perimeter")


def read_errors(table: Table) -> ErrorSettings:
    """Return what ``[errors]`` says of the errors of measuring.

    Raises
    ------
    InputError
        If a key, a modality or a measure is not known, or a figure is not 0 or more.
    """
    must_know(table, ("model", *(m.value for m in Modality)), "key", where="[errors]")
    readers: dict[Modality, ReaderError] = {}
    for word in table:
        if word == "model":
            continue
        stream = Modality(word).stream
        if stream in readers:
            raise InputError(f"CR and DX in [errors] of {NAME} are one", hint="Name one of them.")
        readers[stream] = _reader_error(table_at(table, word), where=f"[errors.{word}]")
    model = value_at(table, "model", as_text, where="[errors]")
    return ErrorSettings(model=model or DEFAULT_ERROR_MODEL, readers=readers)


def _reader_error(table: Table, *, where: str) -> ReaderError:
    must_know(table, (*LINES, "wsd", "wsd_log", "source"), "key", where=where)
    spreads = {}
    for name in ("wsd", "wsd_log"):
        spreads[name] = mapping_of(table_at(table, name), as_number, where=f"{name} in {where}")
        must_know(spreads[name], _MEASURED, "measure", where=f"{name} in {where}")
    lines = {name: value_at(table, name, as_number, where=where) for name in LINES}
    source = value_at(table, "source", as_text, where=where) or ""
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
