"""Who was seen, when, and with which images."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from lesionkit.core.image import ImageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """One treatment of a patient.

    Parameters
    ----------
    drug : str
        Its name.
    start, end : date, optional
        First and last day; None where not known.
    dose, cycles : str
        As the user wrote them; empty where not known.
    """

    drug: str
    start: date | None = None
    end: date | None = None
    dose: str = ""
    cycles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a patient answered to one item of a questionnaire.

    Parameters
    ----------
    item : str
        What was asked, as written.
    text : str
        The answer as written; never empty: what was not answered is no answer.
    date : date, optional
        When; None where not known.
    """

    item: str
    text: str
    date: datetime.date | None = None

    def __post_init__(self) -> None:
        if not self.item or not self.text:
            raise ValueError("an answer has an item and a text")


_YES = frozenset({"yes", "y", "true", "ja", "oui", "sí", "sì"})
_NO = frozenset({"no", "n", "false", "nein", "non"})


def yes_or_no(text: str) -> bool | None:
    """Return whether an answer is a yes or a no; None where it is neither.

    Examples
    --------
    >>> yes_or_no("Yes"), yes_or_no("no"), yes_or_no("7")
    (True, False, None)
    """
    key = " ".join(text.split()).casefold()
    return True if key in _YES else False if key in _NO else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timepoint:
    """One visit: a patient's images of one day (or of the window the user allows).

    Parameters
    ----------
    date : date
        Day of its first image.
    images : tuple of ImageRef
        At least one.
    """

    date: date
    images: tuple[ImageRef, ...]

    def __post_init__(self) -> None:
        if not self.images:
            raise ValueError(f"the timepoint {self.date} has no image")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A pseudonym and its visits.

    Parameters
    ----------
    id : str
        Pseudonym; never a name or hospital number where the folder gives another.
    timepoints : tuple of Timepoint
        Dates strictly increase.
    treatments : tuple of Treatment
        From ``treatments.csv``.
    facts : Mapping of str to str
        The patient's row of ``patients.csv``.
    """

    id: str
    timepoints: tuple[Timepoint, ...]
    treatments: tuple[Treatment, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        dates = [timepoint.date for timepoint in self.timepoints]
        if any(later <= earlier for earlier, later in pairwise(dates)):
            raise ValueError(f"the timepoints of {self.id} must be in strictly increasing order")
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """All images, in order of time."""
        return tuple(image for timepoint in self.timepoints for image in timepoint.images)

    @property
    def treatment_start(self) -> date | None:
        """First day of the first treatment; None where no start is known."""
        return min((t.start for t in self.treatments if t.start), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Everything found in one folder.

    Parameters
    ----------
    root : Path
        The folder.
    name : str
        From ``cohort.toml``, else the folder's name.
    patients : tuple of Patient
        Sorted by id.
    """

    root: Path
    name: str
    patients: tuple[Patient, ...]

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """All images of all patients."""
        return tuple(image for patient in self.patients for image in patient.images)
