"""What pages are made with: templates in which every text of a user's is only text."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lesionkit.report.pictures import WIDTH
from lesionkit.report.scripts import script
from lesionkit.report.texts import texts
from lesionkit.report.words import short, unturned

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(*, cohort: str, versions: Mapping[str, str]) -> "Environment":
    """Return what pages are made with: the name of the cohort and the versions stand on each."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("lesionkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: unturned(value) if isinstance(value, str) else value,
    )
    made.filters["brief"] = lambda text, longest=160: short(text, longest)
    made.globals.update(
        cohort=cohort,
        version=versions.get("lesionkit", ""),
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
        width=WIDTH,
        inline_script=lambda names: script(*names),
        t=texts(),
    )
    return made
