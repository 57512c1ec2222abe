"""Deposits, their sizes and the responses as CDISC SDTM datasets (TU, TR, RS), for the tables of a trial."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.report.batch import Batch
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.sdtm_domains import Domain
from lesionkit.report.sdtm_rows import sdtm_rows
from lesionkit.report.to_csv import csv_text

ABOUT = """\
SDTM datasets written by lesionkit: TU, TR and RS with their supplemental qualifiers.

Variables, their order and labels are those of the SDTM Implementation Guide 3.4. What is not claimed:

* This is not a submission. DM, SV, TV, EX and define.xml are not written; USUBJID, VISITNUM and the flags of
  the last observation before exposure must be made to agree with the study's own.
* VISITNUM counts a patient's days with images. Study days and epochs need DM and are not written.
* Calcinosis is no tumour: domains and tests are borrowed. DEPORESP, CONTROL, the categories of every rule
  but recist-1.1 and who, the supplemental qualifiers, and the locations that are no single known word are
  the sponsor's own terms. No release of controlled terminology was checked.
* Sizes in pixels are no physical quantity and are not written; the deposit's state is.
* Who read the images is not written: TUEVAL, TREVAL and RSEVAL are empty.
"""


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
    """Return ``tu.csv``, ``tr.csv``, ``rs.csv``, ``supptr.csv``, ``supprs.csv`` and ``README.txt``.

    Deposits are identified once (TU), measured at every timepoint (TR) and judged at every follow-up (RS);
    TULNKID, TRLNKID and RSLNKID are one, TRLNKGRP and RSLNKGRP tie an overall response to what it rests on.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder; made where it is missing.
    load, reason_texts, progress
        Not needed.
    tell : callable, optional
        Called with what is left out.

    References
    ----------
    CDISC, SDTM Implementation Guide: Human Clinical Trials, version 3.4
    """
    del load, reason_texts, progress
    with Batch(out) as batch:
        for domain in sdtm_datasets(outcome, tell=tell):
            batch.add(f"{domain.name.lower()}.csv", csv_text(domain.columns, domain.rows))
        batch.add("README.txt", ABOUT)
    return batch.places


def sdtm_datasets(outcome: Outcome, *, tell: Tell | None = None) -> tuple[Domain, ...]:
    """Return TU, TR, RS, SUPPTR and SUPPRS with their records.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    tell : callable, optional
        Called with what is left out.
    """
    if tell is not None:
        for problem in _left_out(outcome):
            tell(problem)
    return tuple(replace(domain, rows=rows) for domain, rows in sdtm_rows(outcome))


def _left_out(outcome: Outcome) -> Iterable[Problem]:
    of_tracks = outcome.tracks_of_deposits
    uncalibrated = {image for image, _ in of_tracks if not outcome.grids[image].is_calibrated}
    if uncalibrated:
        yield Problem(
            severity=Severity.INFO,
            code="sizes_in_pixels_not_written",
            about=outcome.cohort.name,
            text=f"{len(uncalibrated)} images have no scale: of their deposits no size is written, only "
            "whether they were there.",
            hint="Give them a scale.",
        )
    # Suggestions stand on no track: SDTM has no word for what nobody has confirmed.
    waiting = sum((d.image, d.id) not in of_tracks and not d.status.is_removed for d in outcome.deposits)
    if waiting:
        yield Problem(
            severity=Severity.INFO,
            code="suggestions_not_written",
            about=outcome.cohort.name,
            text=f"{waiting} suggested deposits that nobody has confirmed are not written.",
            hint="Confirm or remove them.",
        )
