"""The scripts of pages: small, plain, in the page itself, and the only ones that its browser may run."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script with what allows it, and nothing else, to run on its page.

    Parameters
    ----------
    code : Markup
        What stands between the tags.
    permit : str
        Its source expression for a content security policy: the hash of `code`.

    References
    ----------
    Content Security Policy Level 3, section 2.3.1. https://www.w3.org/TR/CSP3/
    """

    code: Markup
    permit: str


@cache
def script(*names: str) -> Script:
    """Return files of ``templates`` as one script, each in a scope of its own.

    A page asks for them with ``{% set scripts = ["patient.js"] %}`` before it extends ``base.html``.
    """
    folder = files("lesionkit.report").joinpath("templates")
    parts = [folder.joinpath(name).read_text(encoding="utf-8").strip() for name in names]
    code = '"use strict";\n' + "\n".join(f"(() => {{\n{part}\n}})();" for part in parts)
    if "</" in code:  # would end the script early
        raise ValueError(f"a script holds no end tag: {', '.join(names)}")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode("ascii")
    return Script(code=Markup(code), permit=f"'sha256-{digest}'")  # noqa: S704 - ours, and read from our folder
