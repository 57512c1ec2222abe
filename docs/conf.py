"""Builds the documentation: ``sphinx-build -W docs site``."""

import lesionkit

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
