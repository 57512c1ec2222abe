"""What several readers made of the same images, held against one another."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Problem
from lesionkit.core.response import Category
from lesionkit.core.settings import ReaderError
from lesionkit.core.units import Quantity, Unit

REPEAT = "~"
"""Stands between a reader's name and the number of a repeated reading: ``anna~2``."""


def person(reader: str) -> str:
    """Return who made a reading: its reader's name without the number of the repeat.

    Examples
    --------
    >>> person("anna~2"), person("anna")
    ('anna', 'anna')
    """
    return reader.partition(REPEAT)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTwice:
    """One deposit as two readings of one image have it, or as only one of them has it.

    Parameters
    ----------
    patient : str
        Pseudonym.
    date : date
        Day of the timepoint.
    modality : Modality
        Stream.
    site : str
        Body site.
    image : str
        Id of the image.
    readers : tuple of (str, str)
        Who read.
    deposits : tuple of (str or None, str or None)
        Ids of the deposit in the two readings; None where one has not drawn it.
    matched_by : str
        ``name`` or ``overlap``; empty where only one has drawn it.
    sizes : Mapping of str to (Quantity, Quantity)
        By name of the measure; only what both measured in one unit.
    dice : float
        0 where only one has drawn it.
    mean_distance, hausdorff_95 : Quantity, optional
        Of the two boundaries; None where only one has drawn it.
    """

    patient: str
    date: datetime.date
    modality: Modality
    site: str
    image: str
    readers: tuple[str, str]
    deposits: tuple[str | None, str | None]
    matched_by: str = ""
    sizes: Mapping[str, tuple[Quantity, Quantity]] = field(default_factory=dict)
    dice: float = 0.0
    mean_distance: Quantity | None = None
    hausdorff_95: Quantity | None = None

    @property
    def is_matched(self) -> bool:
        """Whether both readings have it."""
        return None not in self.deposits


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingAgreement:
    """How well two readings agree on what is a deposit and where it ends.

    Parameters
    ----------
    modality : Modality
        Stream.
    unit : Unit, optional
        Of the distances; None where no deposit was drawn by both.
    readers : tuple of (str, str)
        The readings compared.
    both, only_first, only_second : int
        Deposits that both drew, and that only one of them did.
    patients : int
        Of how many patients are those that both drew.
    statistics : Mapping of str to Estimate
        By name: means over the deposits that both drew.
    """

    modality: Modality
    unit: Unit | None
    readers: tuple[str, str]
    both: int
    only_first: int
    only_second: int
    patients: int
    statistics: Mapping[str, "Estimate"]


class Level(StrEnum):
    """What one case of a comparison is."""

    DEPOSIT = "deposit"
    """A deposit that all readings compared have, on one image."""
    PATIENT = "patient"
    """All deposits of a patient on the images of one timepoint that all have read; none is zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A statistic with its 95 % interval.

    Parameters
    ----------
    value : float, optional
        None where the cases do not define it (all alike, or too few).
    low, high : float, optional
        Limits of its 95 % interval; None where they are not known.
    method : str
        How the interval was found: ``F``, ``patients resampled``, or empty.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeAgreement:
    """How well readings agree on one measure.

    Parameters
    ----------
    level : Level
        What a case is.
    modality : Modality
        Stream.
    measure : str
        Name of the measure.
    unit : Unit
        Of the sizes.
    readers : tuple of str
        The readings compared, two or more.
    cases : tuple of tuple of float
        One row per case, one column per reader, in `unit`.
    patients : tuple of str
        Whose each case is.
    statistics : Mapping of str to Estimate
        By name, as the reference manual lists them.
    """

    level: Level
    modality: Modality
    measure: str
    unit: Unit
    readers: tuple[str, ...]
    cases: tuple[tuple[float, ...], ...]
    patients: tuple[str, ...]
    statistics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryAgreement:
    """How well the responses built on different readings agree.

    Parameters
    ----------
    modality : Modality, optional
        Stream; None for all streams together.
    readers : tuple of str
        Whose readings.
    cases : tuple of tuple of Category
        One row per patient, stream and follow-up that all have judged, one column per reader.
    patients : tuple of str
        Whose each case is.
    statistics : Mapping of str to Estimate
        By name.
    """

    modality: Modality | None
    readers: tuple[str, ...]
    cases: tuple[tuple[Category, ...], ...]
    patients: tuple[str, ...]
    statistics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """All that readings of one cohort say of one another.

    Parameters
    ----------
    readers : tuple of str
        The readings compared.
    cohort : str
        Name of the cohort.
    pairs : tuple of ReadTwice
        Every deposit of every image that two of them have read.
    drawings : tuple of DrawingAgreement
        On what is a deposit and where it ends.
    sizes : tuple of SizeAgreement
        On sizes.
    categories : tuple of CategoryAgreement
        On responses.
    errors : Mapping of Modality to ReaderError
        The readers' error that the lines show, by stream.
    problems : tuple of Problem
        What was wrong with the data, worst first.
    versions : Mapping of str to str
        lesionkit, Python and the libraries that computed.
    """

    readers: tuple[str, ...]
    pairs: tuple[ReadTwice, ...]
    drawings: tuple[DrawingAgreement, ...]
    sizes: tuple[SizeAgreement, ...]
    categories: tuple[CategoryAgreement, ...]
    errors: Mapping[Modality, ReaderError]
    cohort: str = ""
    problems: tuple[Problem, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
