"""Scores that readers or patients give, and how they changed; they stand beside sizes, not among them."""

import datetime
import math
from dataclasses import dataclass

from lesionkit.core.response import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One value of a score.

    Parameters
    ----------
    date : date
        Day it stands for.
    name : str
        Name of the score, such as ``SCTC``.
    value : float
        0 or more.
    reader : str
        Who gave it; empty where not said.

    Raises
    ------
    ValueError
        If the value is negative or not finite.
    """

    date: datetime.date
    name: str
    value: float
    reader: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.value < math.inf:
            raise ValueError(f"a score is 0 or more, not {self.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResponse:
    """How a score changed from baseline.

    Parameters
    ----------
    patient, score : str
        Whose, and which.
    date, baseline_date : date
        Days compared.
    baseline, current : float
        Means over the readers who scored both.
    change_pct : float, optional
        None from a baseline of zero.
    category : Category
        By the score's own rule; not evaluable where it has none.
    readers : tuple of str
        Who scored both.
    reasons : tuple of str
        At least one code.
    """

    patient: str
    score: str
    date: datetime.date
    baseline_date: datetime.date
    baseline: float
    current: float
    change_pct: float | None
    category: Category
    readers: tuple[str, ...]
    reasons: tuple[str, ...]
