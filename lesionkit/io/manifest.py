"""``images.csv``: what the user says of single images, which overrides what path and headers say."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from lesionkit.core.image import FoundImage, Modality
from lesionkit.core.outcome import Problem
from lesionkit.io.archive import shown
from lesionkit.io.problems import error, warning
from lesionkit.io.tables import IMAGES, Row, bad_cell, read_day, read_number, read_table

T = TypeVar("T")

COLUMNS = ("path", "patient", "date", "modality", "site", "mm_per_px")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What ``images.csv`` says of an image; what it leaves empty is None.

    Parameters
    ----------
    patient, site : str, optional
        As written.
    date : date, optional
        When it was taken.
    modality : Modality, optional
        How it was made.
    mm_per_px : float, optional
        Its scale.
    is_refused : bool
        Whether its date or modality is written so that it cannot be read: then the image is left out,
        because going on with what the user meant to correct would mislead.
    """

    patient: str | None = None
    date: datetime.date | None = None
    modality: Modality | None = None
    site: str | None = None
    mm_per_px: float | None = None
    is_refused: bool = False


@dataclass(slots=True)
class Manifest:
    """The rows of ``images.csv``, and which of them were of use."""

    rows: dict[str, tuple[Row, Said]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def said_of(self, found: FoundImage, *, root: Path) -> Said:
        """Return what the table says of an image: by its file, else by the nearest folder that it names."""
        files = [PurePosixPath(shown(path, root)) for path in found.paths]
        places = {str(file) for file in files} | {found.location}
        places |= {str(folder) for file in files for folder in file.parents}
        named = sorted(places & self.rows.keys(), key=lambda place: -len(PurePosixPath(place).parts))
        self.used.update(named)
        said = [self.rows[place][1] for place in named]
        return Said(
            patient=_first([s.patient for s in said]),
            date=_first([s.date for s in said]),
            modality=_first([s.modality for s in said]),
            site=_first([s.site for s in said]),
            mm_per_px=_first([s.mm_per_px for s in said]),
            is_refused=any(s.is_refused for s in said),
        )

    def unused(self) -> tuple[Problem, ...]:
        """Return a problem for each row whose path named no image so far."""
        return tuple(
            warning(
                "table_row_without_image",
                f"{IMAGES}:{row.line}",
                f"Line {row.line} of {IMAGES} names a path at which there is no image.",
                "Write the path of a file or folder, relative to the cohort's folder.",
            )
            for place, (row, _) in self.rows.items()
            if place not in self.used
        )


def _first(values: Sequence[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def read_manifest(root: Path) -> tuple[Manifest, tuple[Problem, ...]]:
    """Return ``images.csv`` of a cohort's folder (empty where there is none), and what is wrong with it.

    Raises
    ------
    InputError
        If it cannot be read as a table with a column ``path``.
    """
    table = read_table(root / IMAGES, required=("path",))
    problems = list(table.problems)
    lower = {column.lower(): column for column in table.columns}
    for unknown in (column for name, column in lower.items() if column and name not in COLUMNS):
        text = f"{IMAGES} has a column {unknown!r} that is not known; it is not read."
        problems.append(warning("table_column_unknown", IMAGES, text, f"Known are: {', '.join(COLUMNS)}."))
    manifest = Manifest()
    for row in table.rows:
        plain = Row(line=row.line, cells={name: row.cells.get(lower.get(name, ""), "") for name in COLUMNS})
        place = _place(plain.cells["path"], root)
        if place in manifest.rows:
            text = f"Line {row.line} of {IMAGES} names a path again; only the first line is read."
            problems.append(warning("table_row_twice", f"{IMAGES}:{row.line}", text, "Remove one of them."))
            continue
        manifest.rows[place] = (plain, _said(plain, problems))
    return manifest, tuple(problems)


def _place(text: str, root: Path) -> str:
    path = PurePosixPath(text.replace("\\", "/"))
    absolute = PurePosixPath(root.absolute().as_posix())
    return str(path.relative_to(absolute) if path.is_relative_to(absolute) else path)


def _said(row: Row, problems: list[Problem]) -> Said:
    faults: list[str] = []

    def cell(column: str, convert: Callable[[str], T], expected: str, consequence: str) -> T | None:
        if not row.cells[column]:
            return None
        try:
            return convert(row.cells[column])
        except ValueError:
            faults.append(column)
            problems.append(bad_cell(IMAGES, row, column, expected, consequence))
            return None

    left_out = "its images are left out"
    day = cell("date", read_day, "a date like 2012-03-01", left_out)
    words = ", ".join(Modality)
    modality = cell("modality", lambda text: Modality(text.upper()), f"one of {words}", left_out)
    refused = bool(faults)
    scale = cell("mm_per_px", read_number, "a positive number", "the images stay without that scale")
    return Said(
        patient=row.cells["patient"] or None,
        date=day,
        modality=modality,
        site=row.cells["site"] or None,
        mm_per_px=scale,
        is_refused=refused,
    )


def refused(location: str) -> Problem:
    """Return the problem that an image is left out for what ``images.csv`` says of it."""
    return error(
        "image_left_out_by_table",
        location,
        f"The image is left out, because {IMAGES} gives it a date or modality that cannot be read.",
        f"Correct its line in {IMAGES}.",
    )
