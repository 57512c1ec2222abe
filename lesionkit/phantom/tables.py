"""The tables beside the pictures: facts, treatments, settings, and the truth."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from lesionkit.phantom.answers import questionnaire_rows, score_rows
from lesionkit.phantom.cohort import DRUG, FACTS
from lesionkit.phantom.history import Participant, Strand, Visit
from lesionkit.phantom.props import MARKER_DICTIONARY, MARKER_MM

PATIENTS = (
    "patient", "sex", "diagnosis", "age_at_disease_onset", "age_at_calcinosis_onset",
    "years_from_calcinosis_to_treatment",
)  # fmt: skip
"""Columns of ``patients.csv``."""

TRUTH = (
    "patient", "modality", "site", "date", "image", "deposit", "lineage", "event",
    "area_mm2", "volume_mm3", "final_category",
)  # fmt: skip
"""Columns of ``truth.csv``."""

_SETTINGS = f"""\
[cohort]
name = "Digital cohort after Rauch 2021"
baseline = "treatment"

[scale]
marker_dictionary = "{MARKER_DICTIONARY}"
marker_size_mm = {MARKER_MM:g}

[sites]
"hand-left" = "left-hand"
"hand-left-pa" = "left-hand"
"hand-right-pa" = "right-hand"
"forearm-left" = "left-forearm"
"""


_README = Path(__file__).with_name("cohort_readme.md")


def write_tables(
    out: Path, people: Sequence[Participant], truth: Iterable[Sequence[str]], images: Iterable[Sequence[str]]
) -> None:
    """Write the tables, the settings and the README.

    Parameters
    ----------
    out : Path
        The cohort's folder.
    people : sequence of Participant
        Those of the paper, in its order.
    truth : iterable of rows
        Of ``truth.csv``.
    images : iterable of rows
        Of ``images.csv``: path, mm per px.
    """
    facts = list(zip(people, FACTS, strict=True))
    _write(
        out / "patients.csv",
        (
            "patient",
            "sex",
            "diagnosis",
            "age_at_disease_onset",
            "age_at_calcinosis_onset",
            "years_from_calcinosis_to_treatment",
        ),
        [(person.id, *row[:5]) for person, row in facts],
    )
    _write(
        out / "treatments.csv",
        ("patient", "drug", "start", "end", "dose", "cycles"),
        [
            line
            for person, row in facts
            for line in (
                (person.id, DRUG, person.start.isoformat(), "", row[6], row[5]),
                *((person.id, drug, "", "", "", "") for drug in row[7]),
            )
        ],
    )
    _write(
        out / "adverse_events.csv",
        ("patient", "event"),
        [(p.id, event) for p, row in facts for event in row[8]],
    )
    _write(out / "questionnaire.csv", ("patient", "date", "item", "answer"), questionnaire_rows(people))
    _write(out / "scores.csv", ("patient", "date", "score", "value", "reader"), score_rows(people))
    _write(out / "images.csv", ("path", "mm_per_px"), images)
    _write(out / "truth.csv", TRUTH, truth)
    (out / "cohort.toml").write_text(_SETTINGS, encoding="utf-8", newline="\n")
    (out / "README.md").write_bytes(_README.read_bytes())


def truth_rows(person: Participant, strand: Strand, visit: Visit, image: str) -> list[tuple[str, ...]]:
    """Return the rows of ``truth.csv`` of one picture."""
    common = (
        person.id,
        strand.modality.value,
        f"{strand.side}-{strand.region}",
        visit.day.isoformat(),
        image,
    )
    final = person.final_category(strand.modality).value
    rows: list[tuple[str, ...]] = []
    for number, concretion in enumerate(visit.concretions, start=1):
        event = strand.event(concretion.lineage, visit)
        assert event is not None
        deposit = concretion.lineage if strand.is_named else str(number)
        sizes = f"{concretion.area_mm2:.4f}", f"{concretion.volume_mm3:.4f}"
        rows.append((*common, deposit, concretion.lineage, event.value, *sizes, final))
    here = {concretion.lineage for concretion in visit.concretions}
    for lineage in strand.lineages:
        event = strand.event(lineage, visit)
        was_there = any(earlier.of(lineage) for earlier in strand.visits if earlier.day < visit.day)
        if lineage not in here and was_there:
            rows.append((*common, "", lineage, event.value if event else "", "0", "0", final))
    return rows


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
