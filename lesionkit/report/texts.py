"""The sentences of pages, kept in one file so that they can be translated."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def texts(language: str = "english") -> Mapping[str, str]:
    """Return the sentences of a language by name; templates read them as ``t.name``."""
    file = files("lesionkit.report").joinpath(f"{language}.toml")
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8")))
