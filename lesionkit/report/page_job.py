"""One page to be made: of one patient's part of the outcome, written among drafts with a record of it."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.outcome import Outcome
from lesionkit.report.exporters import Load
from lesionkit.report.page_environment import environment
from lesionkit.report.pages import PatientPage, patient_page
from lesionkit.report.source import Source

if TYPE_CHECKING:
    from jinja2 import Template

PICTURES = "pictures"
"""Folder of the small pictures that the cohort's page shows."""

_THUMB = (144, 108)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """One page to be made.

    Parameters
    ----------
    outcome : Outcome
        The patient's part.
    name : str
        Its file.
    key : str
        What changes when the page does.
    drafts : Path
        Where it is written first.
    load : callable, optional
        Loads an image's pixels.
    texts : Mapping of str to str
        The sentence of each reason code.
    """

    outcome: Outcome
    name: str
    key: str
    drafts: Path
    load: Load | None
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A page as it was made, with the small pictures of its patient.

    Parameters
    ----------
    key : str
        Of its job.
    files : Mapping of str to str
        SHA-256 of each file, by its path below the report.
    thumbs : tuple of (str, str)
        The small pictures, and what they show.
    """

    key: str
    files: Mapping[str, str]
    thumbs: tuple[tuple[str, str], ...]


def make_page(job: PageJob) -> Made:
    """Write a page and its small pictures among the drafts; return what was made.

    Its record is written last, so that what an interruption left half-done is not taken for a page.
    """
    source = Source.of(job.outcome, load=job.load, texts=job.texts)
    page = patient_page(source, job.outcome.cohort.patients[0])
    versions = tuple(job.outcome.versions.items())
    template = _template(job.outcome.cohort.name, versions)
    texts = {job.name: template.render(page=page).encode("utf-8", "replace")}
    thumbs = []
    for number, (pixels, alt) in enumerate(_thumbs(page), start=1):
        name = f"{PICTURES}/{Path(job.name).stem}-{number}.jpg"
        texts[name] = pixels
        thumbs.append((name, alt))
    for name, content in texts.items():
        place = job.drafts / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    files = {name: hashlib.sha256(content).hexdigest() for name, content in texts.items()}
    made = Made(key=job.key, files=files, thumbs=tuple(thumbs))
    record = record_of(job.drafts, job.name)
    draft = record.with_suffix(".part")
    draft.write_text(json.dumps(plain(made)), encoding="utf-8")
    draft.replace(record)
    return made


@lru_cache(maxsize=4)
def _template(cohort: str, versions: tuple[tuple[str, str], ...]) -> "Template":
    return environment(cohort=cohort, versions=dict(versions)).get_template("patient.html")


def _thumbs(page: PatientPage) -> Iterator[tuple[bytes, str]]:
    """Yield the first and the last picture of the patient's first site that has both, made small."""
    for site in (site for stream in page.streams for site in stream.sites):
        pair = [
            shown for shown in (site.before, site.after) if shown and shown.picture and shown.picture.href
        ]
        if len(pair) == 2:
            for shown in pair:
                assert shown.picture is not None
                yield _small(shown.picture.href), shown.alt
            return


def _small(href: str) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(href.partition(",")[2]))) as picture:
        small = picture.convert("RGB")
        small.thumbnail((_THUMB[0], 4 * _THUMB[1]))
        file = io.BytesIO()
        small.save(file, "JPEG", quality=72, optimize=True)
    return file.getvalue()


def record_of(drafts: Path, name: str) -> Path:
    """Return where among the drafts the record of a page stands."""
    return drafts / "records" / f"{name}.json"


def plain(made: Made) -> dict[str, object]:
    """Return what was made as its record says it."""
    return {"key": made.key, "files": dict(made.files), "thumbs": [list(thumb) for thumb in made.thumbs]}


def made_of(found: Mapping[str, object]) -> Made:
    """Return what was made by its record.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is no such record.
    """
    key, files, thumbs = found["key"], found["files"], found["thumbs"]
    if not (isinstance(key, str) and isinstance(files, dict) and isinstance(thumbs, list)):
        raise TypeError("not a record of a page")
    return Made(key=key, files=files, thumbs=tuple((str(name), str(alt)) for name, alt in thumbs))
