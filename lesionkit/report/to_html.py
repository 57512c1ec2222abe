"""Pages to look at, each complete in itself: they open from a file, without a network."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.outcome import Outcome
from lesionkit.report.batch import Batch
from lesionkit.report.cohort_page import index_page
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.page_parts import page_names
from lesionkit.report.pages import patient_page
from lesionkit.report.pictures import WIDTH
from lesionkit.report.scripts import script
from lesionkit.report.source import Source
from lesionkit.report.texts import texts

if TYPE_CHECKING:
    from jinja2 import Environment


def write(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Load | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> tuple[Path, ...]:
    """Return ``report/index.html`` and ``report/<patient>.html`` below a folder.

    All are prepared before any is put in place, so that a failure leaves the old set as it was. Images
    are loaded one at a time.

    Parameters
    ----------
    outcome : Outcome
        What to show.
    out : Path
        The folder; ``report`` is made in it.
    load : callable, optional
        Loads an image's pixels; None = pages without pictures. An image that cannot be loaded is told of
        on the page.
    reason_texts : Mapping of str to str, optional
        A plain sentence for each reason code; a code without one is shown as it is.
    progress : callable, optional
        Called after each page with how many are done, of how many.
    tell : callable, optional
        Not needed.
    """
    del tell  # a page says itself what is missing from it
    source = Source.of(outcome, load=load, texts=reason_texts or {})
    patients = [patient for patient in outcome.cohort.patients if patient.timepoints]
    names = page_names(patient.id for patient in patients)
    templates = environment(cohort=outcome.cohort.name, versions=outcome.versions)
    with Batch(out / "report") as batch:
        index = index_page(source, names)
        batch.add("index.html", templates.get_template("index.html").render(page=index))
        for done, patient in enumerate(patients, start=1):
            page = patient_page(source, patient)
            batch.add(names[patient.id], templates.get_template("patient.html").render(page=page))
            if progress is not None:
                progress(done, len(patients))
    return batch.places


def environment(*, cohort: str, versions: Mapping[str, str]) -> "Environment":
    """Return what pages are made with: the name of the cohort and the versions stand on each."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("lesionkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        cohort=cohort,
        version=versions.get("lesionkit", ""),
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
        width=WIDTH,
        inline_script=lambda names: script(*names),
        t=texts(),
    )
    return made
