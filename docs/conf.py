"""Builds the documentation: ``sphinx-build -W docs site``."""

from enum import Enum
from typing import TYPE_CHECKING

import lesionkit

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "lesionkit"
author = "the lesionkit developers"
project_copyright = "the lesionkit developers, Apache-2.0"
release = lesionkit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["site"]

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"
napoleon_google_docstring = False

html_theme = "furo"
html_title = f"lesionkit {release}"


def hide_colons(_app: object, what: str, *rest: object) -> None:
    """Write a dash for a colon: napoleon would take what stands before it for the type of an attribute."""
    *_, lines = rest
    if what in ("attribute", "data") and isinstance(lines, list):
        lines[:1] = [line.replace(": ", " – ", 1) for line in lines[:1]]


def keep_words(_app: object, _what: str, _name: str, member: object, *_rest: object) -> bool | None:
    """List every word of a closed vocabulary, also those that explain themselves."""
    return False if isinstance(member, Enum) else None


def setup(app: "Sphinx") -> None:
    """Let Sphinx know."""
    app.connect("autodoc-process-docstring", hide_colons, priority=400)
    app.connect("autodoc-skip-member", keep_words)
