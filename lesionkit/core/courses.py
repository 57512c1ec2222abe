"""How single patients fared over time: what the plots of a cohort show, patient by patient."""

from dataclasses import dataclass
from datetime import date

from lesionkit.core.response import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A follow-up of one patient in one stream.

    Parameters
    ----------
    date : date
        Its day.
    months : float
        From baseline; days / 30.4375.
    change_pct, low, high : float, optional
        Change from baseline and its 95 % limits; None where not known, or from nothing.
    category : Category
        The verdict.
    """

    date: date
    months: float
    category: Category
    change_pct: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCourse:
    """How one patient fared in one stream, follow-up by follow-up, over all sites.

    Parameters
    ----------
    patient, stream : str
        Whose, and of what: ``photographs``, ``X-ray``, ``CT``, ``MR`` or ``score: NAME``.
    measure : str
        What was compared.
    baseline_date : date
        Day compared with.
    steps : tuple of Step
        Those judged, in order of time; indeterminate ones too, as their change is known.
    final : Step
        The last reading, judged or not.
    """

    patient: str
    stream: str
    measure: str
    baseline_date: date
    steps: tuple[Step, ...]
    final: Step

    @property
    def best(self) -> Step | None:
        """The step of the smallest change up to the first progression; None where no change is known."""
        before: list[Step] = []
        for step in self.steps:
            before.append(step)
            if step.category is Category.PROGRESSION:
                break
        known = [step for step in before if step.change_pct is not None]
        return min(known, key=lambda step: step.change_pct or 0.0, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A treatment on a patient's line of time, in months from its beginning.

    Parameters
    ----------
    drug : str
        What was given.
    start : float
        When it began.
    end : float, optional
        When it ended; None where not known.
    """

    drug: str
    start: float
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A patient's line of time: treatments, pictures, and what was said at each follow-up.

    Parameters
    ----------
    patient : str
        Whose.
    origin : date
        The day that months are counted from: the start of the first treatment, else the first picture.
    is_from_treatment : bool
        Which of the two.
    spans : tuple of Span
        Treatments of which the start is known, in order of time.
    visits : tuple of (float, str)
        Months and stream of every picture taken, in order of time.
    verdicts : tuple of (float, str, Category)
        Months, stream and category of every follow-up.
    """

    patient: str
    origin: date
    is_from_treatment: bool
    spans: tuple[Span, ...] = ()
    visits: tuple[tuple[float, str], ...] = ()
    verdicts: tuple[tuple[float, str, Category], ...] = ()

    @property
    def last(self) -> float:
        """Months to the last picture or follow-up; 0 where there is none after the beginning."""
        months = (*(at for at, _ in self.visits), *(at for at, _, _ in self.verdicts))
        return max(*months, 0.0) if months else 0.0
