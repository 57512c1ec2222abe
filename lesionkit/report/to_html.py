"""Pages to look at: they open from a file, without a network."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lesionkit.core.outcome import Outcome
from lesionkit.core.summary import CohortSummary
from lesionkit.report.cohort_page import index_page
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.page_environment import environment
from lesionkit.report.page_job import PageJob
from lesionkit.report.page_parts import page_names
from lesionkit.report.page_set import PageSet, by_patient, key_of
from lesionkit.report.slices import outcomes_of
from lesionkit.report.source import Source


def write(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Load | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
    summary: CohortSummary | None = None,
    executor: Executor | None = None,
    kept: Path | None = None,
    force: bool = False,
) -> tuple[Path, ...]:
    """Return ``report/index.html`` and ``report/<patient>.html`` below a folder.

    All are prepared before any is put in place, so that a failure leaves the old set as it was. Small
    pictures for the cohort's page go into ``report/pictures``; a patient's page is complete in itself.

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
    summary : CohortSummary, optional
        The cohort in tables, for the plots of the cohort's page; None = without them.
    executor : Executor, optional
        Makes several pages at a time; None = one after the other.
    kept : Path, optional
        A folder that remembers what was made: pages of which nothing changed are left as they are, and those
        that an interrupted run had finished are used. None = all are made.
    force : bool
        Make all of them, and remember them anew.
    """
    del tell  # a page says itself what is missing from it
    texts = dict(reason_texts or {})
    source = Source.of(outcome, load=load, texts=texts)
    parts = outcomes_of(source)
    names = page_names(parts)
    with _drafts(out, kept, force=force) as drafts:
        pages = PageSet(out / "report", drafts, kept=None if force else kept)
        jobs = [
            PageJob(
                outcome=part,
                name=names[patient],
                key=key_of(part, texts=texts, has_pictures=load is not None),
                drafts=drafts,
                load=load,
                texts=texts,
            )
            for patient, part in parts.items()
        ]
        made = pages.make(jobs, executor=executor, progress=progress)
        index = index_page(source, names, summary=summary, thumbs=by_patient(names, made))
        template = environment(cohort=outcome.cohort.name, versions=outcome.versions).get_template(
            "index.html"
        )
        return pages.put_in_place(made, {"index.html": template.render(page=index)})


@contextmanager
def _drafts(out: Path, kept: Path | None, *, force: bool) -> Iterator[Path]:
    if kept is not None and not force:
        yield kept / "pages"
        return
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".lesionkit-", suffix=".part", dir=out) as folder:
        yield Path(folder)
