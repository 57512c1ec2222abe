"""Results kept between runs, so that an unchanged image is not computed again.

They are JSON, and only named classes are rebuilt from it: a folder that comes from elsewhere can
hold no code.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lesionkit import __version__
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.likeness import Comparability, Comparable, Difference
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Outline
from lesionkit.core.transform import Carried, Part, Transform
from lesionkit.core.uncertainty import ErrorPart, ErrorTerm, GrowingPart, ScaleError
from lesionkit.core.units import Quantity, Unit
from lesionkit.io.files import write_whole

Result = TypeVar("Result")

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Carried,
        Comparability,
        Comparable,
        Difference,
        ErrorPart,
        ErrorTerm,
        GrowingPart,
        Grid,
        Measurement,
        Outline,
        Part,
        Problem,
        Quantity,
        ScaleError,
        ScaleSource,
        Severity,
        Transform,
        Unit,
    )
}


def kept(kind: type[Result]) -> type[Result]:
    """Let a class be kept and rebuilt (a decorator)."""
    _KINDS[kind.__name__] = kind
    return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """Where results are kept.

    Parameters
    ----------
    folder : Path, optional
        Made when first needed; None keeps nothing.
    force : bool
        Compute even what is kept, and keep the new result.
    """

    folder: Path | None = None
    force: bool = False

    def recall_or(self, key: tuple[str, ...], compute: Callable[[], Result]) -> Result:
        """Return the result kept under a key, else compute it and keep it.

        The key must hold everything the result depends on; lesionkit's version is added to it. What
        cannot be read back, or was kept before its class had all its fields, is computed again, and a
        folder that cannot be written is done without.
        """
        if self.folder is None:
            return compute()
        name = hashlib.sha256("\0".join((__version__, *key)).encode()).hexdigest()
        path = self.folder / f"{name}.json"
        if not self.force:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                return _decode(json.loads(path.read_text(encoding="utf-8")))  # type: ignore[no-any-return]
        result = compute()
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(_encode(result)))
        return result


def _encode(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"kind": type(value).__name__, "value": value.value}
    if is_dataclass(value):
        parts = {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, "parts": parts}
    if isinstance(value, np.ndarray):
        return {"kind": "array", "value": value.tolist()}
    if isinstance(value, tuple):
        return {"kind": "tuple", "value": [_encode(item) for item in value]}
    return value


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kind = value["kind"]
    if kind == "tuple":
        return tuple(_decode(item) for item in value["value"])
    if kind == "array":
        return np.asarray(value["value"])
    if "parts" in value:
        if value["parts"].keys() != {field.name for field in fields(_KINDS[kind])}:
            raise ValueError(f"this was kept of another {kind}")
        return _KINDS[kind](**{name: _decode(part) for name, part in value["parts"].items()})
    return _KINDS[kind](value["value"])
