"""Values of a TOML table, checked one by one: what is wrong names its key and what was expected."""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from lesionkit.errors import InputError

NAME = "cohort.toml"

T = TypeVar("T")
Table = Mapping[str, Any]


def must_know(found: Collection[str], known: Collection[str], what: str, *, where: str) -> None:
    """Raise where a table holds what is not known, naming the nearest that is."""
    for key in found:
        if key in known:
            continue
        near = get_close_matches(key.lower(), {k.lower(): k for k in known}, n=1, cutoff=0.5)
        nearest = next((k for k in known if near and k.lower() == near[0]), None)
        hint = f"Did you mean {nearest!r}?" if nearest else f"Known are: {', '.join(known)}."
        raise InputError(f"unknown {what} {key!r} in {place_of(where)}", hint=hint)


def place_of(where: str) -> str:
    """Return where in the file a table stands."""
    return where if where == NAME else f"{where} of {NAME}"


def table_at(top: Table, name: str) -> Table:
    """Return a table within a table; an empty one where there is none."""
    table = top.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{name!r} in {NAME} must be a table", hint=f"Write [{name}] on a line of its own.")
    return table


def value_at(table: Table, key: str, kind: Callable[[Any], T], *, where: str) -> T | None:
    """Return a value, converted by its kind; None where it is not given."""
    if key not in table:
        return None
    try:
        return kind(table[key])
    except ValueError as error:
        raise InputError(
            f"{key} in {place_of(where)} must be {error}, not {table[key]!r}", hint=f"Correct it in {NAME}."
        ) from error


def as_text(value: Any) -> str:
    """Return a text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ValueError("a text in quotation marks")


def as_number(value: Any) -> float:
    """Return a finite number."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
        return float(value)
    raise ValueError("a number")


def mapping_of(table: Table, kind: Callable[[Any], T], *, where: str) -> Mapping[str, T]:
    """Return all values of a table, each converted by its kind."""
    out: dict[str, T] = {}
    for key in table:
        value = value_at(table, key, kind, where=where)
        if value is not None:
            out[key] = value
    return out
