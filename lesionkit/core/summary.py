"""What a cohort's tables say: counts with their denominators, numbers with their spread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lesionkit.core.agreement import Estimate
from lesionkit.core.courses import Lane, StreamCourse
from lesionkit.core.outcome import Problem
from lesionkit.core.response import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many.

    Parameters
    ----------
    count, of : int
        ``count`` of ``of``; who is not known is in neither.
    low, high : float, optional
        95 % limits of the proportion (Wilson); None of nobody.

    Raises
    ------
    ValueError
        If `count` does not lie in 0 to `of`.
    """

    count: int
    of: int
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of:
            raise ValueError(f"{self.count} of {self.of} is no share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The spread of a number over patients.

    Parameters
    ----------
    n : int
        Patients of whom it is known.
    missing : int
        Those of whom it is not.
    mean, sd, median, low, high : float, optional
        SD of the sample (n − 1); `low` and `high` are the least and the greatest. None where too few are
        known.
    decimals : int
        With how many it was written.
    """

    n: int
    missing: int = 0
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    decimals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """What the patients are like in one respect.

    Parameters
    ----------
    name : str
        Column or drug, as written.
    numbers : Numbers, optional
        Where it is a number.
    counts : Mapping of str to Share
        How many have each of its values, where it is none.
    missing : int
        Patients of whom it is not known.
    """

    name: str
    numbers: Numbers | None = None
    counts: Mapping[str, Share] = field(default_factory=dict)
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A patient who is in no denominator of a table, and why."""

    patient: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpTime:
    """How long after the first treatment the last picture of a stream was taken.

    Parameters
    ----------
    stream : str
        Which pictures.
    months : Numbers
        Days / 30.4375.
    left_out : tuple of LeftOut
        Those without such a time.
    """

    stream: str
    months: Numbers
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamResponse:
    """How the patients of one stream fared at the last.

    Parameters
    ----------
    stream : str
        ``photographs``, ``radiology``, one of its modalities, or ``score: NAME``.
    shares : Mapping of Category to Share
        Of the evaluable: those judged resolved, regression, stable or progression.
    improved, not_worse : Share
        Resolved or regression; these or stable.
    left_out : tuple of LeftOut
        All others.
    """

    stream: str
    shares: Mapping[Category, Share]
    improved: Share
    not_worse: Share
    left_out: tuple[LeftOut, ...] = ()

    @property
    def evaluable(self) -> int:
        """How many could be judged."""
        return sum(share.count for share in self.shares.values())


class AnswerKind(StrEnum):
    """What the answers to an item are."""

    YES_NO = "yes or no"
    SCALE = "number"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswers:
    """What the patients answered to one item, or how they were scored, at the last.

    Parameters
    ----------
    item : str
        Of the questionnaire, or the name of a score.
    kind : AnswerKind
        What the answers are.
    answered : int
        Patients who answered.
    missing : int
        Patients who did not; never taken for a no.
    yes : Share, optional
        Of those who answered, where all said yes or no.
    words : Mapping of str to Share
        Of those who answered, by answer; empty of free text.
    last, baseline, change : Numbers, optional
        Of numbers: at the last; on or before the start of treatment; last less baseline where both are known.
    """

    item: str
    kind: AnswerKind
    answered: int
    missing: int
    yes: Share | None = None
    words: Mapping[str, Share] = field(default_factory=dict)
    last: Numbers | None = None
    baseline: Numbers | None = None
    change: Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvents:
    """How many patients had each adverse event.

    Parameters
    ----------
    reported : int
        Patients of whom it is known; the denominator.
    none : Share
        Those without any.
    events : Mapping of str to Share
        By event, the commonest first; a patient may have several.
    left_out : tuple of LeftOut
        Patients of whom nothing is written.
    """

    reported: int
    none: Share
    events: Mapping[str, Share]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Whether a good outcome goes with something.

    Parameters
    ----------
    outcome : str
        What is good: improved in a stream, or yes to an item.
    factor : str
        What it may go with: ``methotrexate``, ``diagnosis: systemic sclerosis``.
    having, without : Share
        Good outcomes among those who have the factor, and who do not.
    p : float, optional
        Fisher's exact test, two-sided; None where all or none have the factor or the outcome.
    p_least : float, optional
        The least p that any split of these patients could have given.
    p_holm : float, optional
        `p` corrected for all tests of the table.
    odds_ratio, risk_difference : Estimate
        With their 95 % intervals; an odds ratio may be infinite.
    """

    outcome: str
    factor: str
    having: Share
    without: Share
    odds_ratio: Estimate
    risk_difference: Estimate
    p: float | None = None
    p_least: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAgreement:
    """Whether two streams say the same of the same patients.

    Parameters
    ----------
    streams : tuple of (str, str)
        Which.
    scale : str
        ``categories``, or ``improved`` (improved or not).
    alike : Share
        Patients of whom both say the same, of those both judge.
    kappa : Estimate
        Cohen's, unweighted.
    kappa_linear : Estimate, optional
        Cohen's with linear weights; None of yes and no.
    """

    streams: tuple[str, str]
    scale: str
    alike: Share
    kappa: Estimate
    kappa_linear: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSummary:
    """A cohort in tables; every stream stands by itself, and none are blended.

    Parameters
    ----------
    name, patients : str, int
        Of the cohort, and how many participants it has.
    characteristics : tuple of Characteristic
        From ``patients.csv``.
    treatments : tuple of Characteristic
        The treatment that was started first, its dose and cycles.
    comedication : Mapping of str to Share
        Other drugs, of the patients whose treatment is known.
    times : tuple of FollowUpTime
        From first treatment to the last picture.
    responses : tuple of StreamResponse
        Photographs, radiology, its modalities, scores.
    questionnaire, scores : tuple of ItemAnswers
        Items and scores in their order.
    adverse_events : AdverseEvents, optional
        None where the table is missing.
    associations : tuple of Association
        In order of outcome and factor.
    agreements : tuple of StreamAgreement
        Between every two streams.
    courses, lanes : tuple of StreamCourse, tuple of Lane
        Of every patient and stream with a response; of every patient with a picture.
    thresholds : Mapping of str to (float, float)
        By stream: the changes from baseline in percent beyond which its rule says regression and progression.
    notes : Mapping of str to tuple of str
        By table: what its reader must know.
    problems : tuple of Problem
        What was wrong with the data, worst first.
    versions : Mapping of str to str
        lesionkit, Python and the libraries that computed.
    """

    name: str
    patients: int
    characteristics: tuple[Characteristic, ...] = ()
    treatments: tuple[Characteristic, ...] = ()
    comedication: Mapping[str, Share] = field(default_factory=dict)
    times: tuple[FollowUpTime, ...] = ()
    responses: tuple[StreamResponse, ...] = ()
    questionnaire: tuple[ItemAnswers, ...] = ()
    scores: tuple[ItemAnswers, ...] = ()
    adverse_events: AdverseEvents | None = None
    associations: tuple[Association, ...] = ()
    agreements: tuple[StreamAgreement, ...] = ()
    courses: tuple[StreamCourse, ...] = ()
    thresholds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
