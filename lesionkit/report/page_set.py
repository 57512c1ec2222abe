"""The pages of many patients: several at a time, kept where a run is interrupted, left where nothing changed.

A page is made of its patient's part of the outcome alone. That part with the fingerprints of the patient's
files, and lesionkit's own code, are therefore all it can depend on: where their digest is the same, so is
the page.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import suppress
from pathlib import Path

from lesionkit.core.outcome import Outcome
from lesionkit.report.exporters import Progress
from lesionkit.report.page_job import PICTURES, Made, PageJob, made_of, make_page, plain, record_of
from lesionkit.report.slices import code_digest, digest_of

_STATE = "pages.json"


class PageSet:
    """The pages of a report, and what is known of those that are already there.

    Parameters
    ----------
    report : Path
        Where the pages belong.
    drafts : Path
        Where they are written first; what an interrupted run left there is used.
    kept : Path, optional
        Folder with the record of the pages in `report`; None = all are made.
    """

    def __init__(self, report: Path, drafts: Path, *, kept: Path | None) -> None:
        self.report = report
        self.drafts = drafts
        self.kept = kept
        (drafts / "records").mkdir(parents=True, exist_ok=True)
        self._known = _read_state(kept / _STATE) if kept else {}

    def make(
        self,
        jobs: Sequence[PageJob],
        *,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Made]:
        """Return every page by its file: made now, found among the drafts, or left as it stands.

        An interruption cancels what has not begun; what was made stays among the drafts for the next run.
        """
        found = {job.name: made for job in jobs if (made := self._standing(job)) is not None}
        missing = [job for job in jobs if job.name not in found]
        done = len(found)
        if progress is not None and done:
            progress(done, len(jobs))
        for name, made in _run(executor, missing):
            found[name] = made
            done += 1
            if progress is not None:
                progress(done, len(jobs))
        return {job.name: found[job.name] for job in jobs}

    def _standing(self, job: PageJob) -> Made | None:
        """Return a page that need not be made again: a draft of an interrupted run, or the one in place."""
        draft = _read_record(record_of(self.drafts, job.name))
        if (
            draft is not None
            and draft.key == job.key
            and _is_of(draft, job)
            and _is_there(self.drafts, draft.files)
        ):
            return draft
        known = self._known.get(job.name)
        if (
            known is not None
            and known.key == job.key
            and _is_of(known, job)
            and _is_there(self.report, known.files)
        ):
            return known
        return None

    def put_in_place(self, pages: Mapping[str, Made], further: Mapping[str, str]) -> tuple[Path, ...]:
        """Move what is new into the report, and return the places of `further` texts and of all pages.

        Files that are already as they should be are not touched.
        """
        drafts: dict[str, Path] = {}
        for made in pages.values():
            drafts |= {name: self.drafts / name for name in made.files if (self.drafts / name).is_file()}
        for name, text in further.items():
            content = text.encode("utf-8", "replace")
            if not _has(self.report / name, hashlib.sha256(content).hexdigest()):
                place = self.drafts / name
                place.write_bytes(content)
                drafts[name] = place
        self._forget()
        for name, draft in drafts.items():
            place = self.report / name
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(place)
        self._remember(pages)
        for name in pages:
            record_of(self.drafts, name).unlink(missing_ok=True)
        return tuple(self.report / name for name in (*further, *pages))

    def _forget(self) -> None:
        if self.kept:
            (self.kept / _STATE).unlink(missing_ok=True)

    def _remember(self, pages: Mapping[str, Made]) -> None:
        if self.kept:
            known = self._known | dict(pages)
            draft = self.kept / f"{_STATE}.part"
            draft.write_text(
                json.dumps({name: plain(made) for name, made in known.items()}), encoding="utf-8"
            )
            draft.replace(self.kept / _STATE)


def key_of(outcome: Outcome, *, texts: Mapping[str, str], has_pictures: bool) -> str:
    """Return what changes when a patient's page does, given the patient's part of the outcome."""
    try:
        return digest_of(outcome, texts, has_pictures, code_digest())
    except TypeError:  # of an extension's own kind: such a page is always made
        return f"always {os.urandom(8).hex()}"


def _run(executor: Executor | None, jobs: Sequence[PageJob]) -> Iterator[tuple[str, Made]]:
    if executor is None:
        for job in jobs:
            yield job.name, make_page(job)
        return
    futures: dict[Future[Made], str] = {executor.submit(make_page, job): job.name for job in jobs}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _read_record(path: Path) -> Made | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return made_of(json.loads(path.read_text(encoding="utf-8")))
    return None


def _is_of(made: Made, job: PageJob) -> bool:
    """Return whether a record names the files of its page and no others, whoever wrote it."""
    stem = Path(job.name).stem
    own = {job.name, *(f"{PICTURES}/{stem}-{number}.jpg" for number in (1, 2))}
    return job.name in made.files and set(made.files) <= own and {name for name, _ in made.thumbs} <= own


def _read_state(path: Path) -> dict[str, Made]:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        return {name: made_of(one) for name, one in json.loads(path.read_text(encoding="utf-8")).items()}
    return {}


def _is_there(folder: Path, files: Mapping[str, str]) -> bool:
    return all(_has(folder / name, digest) for name, digest in files.items())


def _has(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False


def by_patient(names: Mapping[str, str], pages: Mapping[str, Made]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the small pictures of each patient."""
    return {patient: pages[name].thumbs for patient, name in names.items() if pages[name].thumbs}
