"""Rules as data, what a patient carries, and the verdict."""

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.units import Quantity


class Category(StrEnum):
    """How a burden changed."""

    RESOLVED = "resolved"
    REGRESSION = "regression"
    STABLE = "stable"
    PROGRESSION = "progression"
    INDETERMINATE = "indeterminate"
    """Compared, but not certain enough to say."""
    NOT_EVALUABLE = "not_evaluable"
    """Could not be compared; the reasons say why."""


class Reference(StrEnum):
    """What progression is judged against; regression is always judged against baseline."""

    BASELINE = "baseline"
    NADIR = "nadir"


class Evaluation(StrEnum):
    """Which timepoint a response stands for."""

    FOLLOW_UP = "follow-up"
    FINAL = "final"


class BurdenMeasure(StrEnum):
    """What is summed over a patient's deposits."""

    SIZE = "size"
    """The modality's own: area on photographs and radiographs, volume on CT and MR."""
    AREA = "area"
    VOLUME = "volume"
    LONG_AXIS = "long_axis"
    AXES_PRODUCT = "axes_product"
    """Long axis times short axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A rule that turns a change into a category.

    Parameters
    ----------
    name : str
        As in tables and on the command line.
    measure : BurdenMeasure
        What is compared.
    regression_pct, progression_pct : float, optional
        Thresholds on the change in percent (regression negative). None together with
        `detectable_ses` set.
    inclusive : bool
        Whether a change exactly at a threshold passes it.
    floor : float
        Least absolute increase that counts as progression, in the measure's mm unit; 0 = none.
    reference : Reference
        What progression is judged against.
    new_deposit_is_progression : bool
        Whether a deposit absent at baseline and present now is progression by itself.
    max_targets : int, optional
        Only that many deposits count, the largest at baseline; None = all.
    detectable_ses : float, optional
        Instead of percent thresholds: a change counts where it exceeds this many standard errors of
        one measurement (1.96 sqrt 2 for the smallest detectable change at 95 %).
    min_certainty : float
        Probability the category must reach, else it is indeterminate; 0 = not asked.
    citation : str
        Where the thresholds come from.
    validated_on : str
        What the rule was validated on; the report says where it is borrowed for something else.
    labels : Mapping of Category to str
        The criterion's own words (PR, SD ...), one to one.

    Raises
    ------
    ValueError
        If thresholds are missing, of the wrong sign, or doubled.
    """

    name: str
    measure: BurdenMeasure = BurdenMeasure.SIZE
    regression_pct: float | None = None
    progression_pct: float | None = None
    inclusive: bool = False
    floor: float = 0.0
    reference: Reference = Reference.BASELINE
    new_deposit_is_progression: bool = True
    max_targets: int | None = None
    detectable_ses: float | None = None
    min_certainty: float = 0.0
    citation: str = ""
    validated_on: str = ""
    labels: Mapping[Category, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.detectable_ses is None:
            if self.regression_pct is None or self.progression_pct is None:
                raise ValueError(f"criterion {self.name} needs regression_pct and progression_pct")
            if not -100 <= self.regression_pct < 0 < self.progression_pct < math.inf:
                raise ValueError(
                    f"criterion {self.name}: regression_pct must lie in -100 to 0 and progression_pct above 0"
                )
        elif self.regression_pct is not None or self.progression_pct is not None:
            raise ValueError(f"criterion {self.name} has both percent thresholds and detectable_ses")
        if self.floor < 0 or not 0 <= self.min_certainty < 1:
            raise ValueError(f"criterion {self.name}: floor must be 0 or more, min_certainty 0 to below 1")
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))

    def label(self, category: Category) -> str:
        """Return the criterion's own word for a category."""
        return self.labels.get(category, category.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What a patient (a site, a track) carries of one measure at one timepoint.

    Parameters
    ----------
    date : date
        Day of the timepoint.
    quantity : Quantity, optional
        Sum over the tracks seen; zero where all were looked for and none was there; None where
        nothing was seen, or where the tracks cannot be added (mm with px).
    present, absent, unseen : tuple of str
        Ids of the tracks by what was seen of them (``site/track`` where several sites are summed).
    scale_sources : frozenset of ScaleSource
        Where the millimetres of the summands come from.
    is_read : bool
        Whether any image of this stream (and site) was read at this timepoint.
    """

    date: datetime.date
    quantity: Quantity | None
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    scale_sources: frozenset[ScaleSource] = frozenset()
    is_read: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether every track was looked for."""
        return self.is_read and not self.unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """How much more the deposits under treatment changed than the controls beside them.

    Parameters
    ----------
    controls : tuple of str
        The tracks held against.
    control_change_pct : float
        How they changed.
    difference_pct : float
        The ratio of the two ratios less one: −40 where the treated fell to 0.6 of what they would have been,
        had they changed as the controls.
    limits : tuple of float, optional
        Its 95 % limits; what both share, as a scale, cancels in them. None where an error is not known.
    """

    controls: tuple[str, ...]
    control_change_pct: float
    difference_pct: float
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discordance:
    """Sources that say different things of one patient; they are set side by side, never averaged.

    Parameters
    ----------
    patient : str
        Pseudonym.
    verdicts : tuple of (str, Category)
        What each source says at its last reading: a modality stream, or the name of a score.
    is_opposite : bool
        Whether one says better and another worse, rather than one of them stable.
    answers : tuple of (str, bool)
        What the patient answered at the last to items of the questionnaire: yes (better) or no, which is
        either stable or worse.
    """

    patient: str
    verdicts: tuple[tuple[str, Category], ...]
    is_opposite: bool
    answers: tuple[tuple[str, bool], ...] = ()


ALL_SITES = "all"
"""The `site` of a response over all sites of a patient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The verdict at one timepoint on a patient, one of its sites, or one track.

    Parameters
    ----------
    patient : str
        Pseudonym.
    modality : Modality
        Stream compared within (CR and DX are both DX).
    site : str
        Body site, or `ALL_SITES`.
    track : str, optional
        Id of the track where the verdict is on one track only.
    evaluation : Evaluation
        Follow-up, or the final one (the last available).
    date : date
        Day of the timepoint judged.
    baseline_date, nadir_date : date, optional
        Days compared with.
    months_from_baseline, months_from_treatment : float, optional
        Days / 30.4375.
    measure : BurdenMeasure
        What was compared (never ``size``: the resolved one).
    baseline, current, nadir : Quantity, optional
        The burdens; nadir is the smallest complete one from baseline to before this timepoint.
    change_pct, change_from_nadir_pct : float, optional
        Percent change; None where the reference is zero or not known.
    change_pct_limits : tuple of float, optional
        95 % limits of `change_pct`; None where errors are not known.
    new_deposits : int, optional
        Tracks present now and absent at baseline; None where not known.
    category : Category
        The verdict.
    probabilities : Mapping of Category to float, optional
        P(regression), P(stable), P(progression) from the errors; None where errors are not known.
    contrast : Contrast, optional
        How the change differs from that of the controls; None where there are none to compare with.
    criterion : str
        Name of the rule.
    label : str
        The rule's own word.
    reasons : tuple of str
        At least one code; the reference manual explains each.

    Raises
    ------
    ValueError
        If there is no reason.
    """

    patient: str
    modality: Modality
    site: str
    date: datetime.date
    measure: BurdenMeasure
    category: Category
    criterion: str
    label: str
    reasons: tuple[str, ...]
    evaluation: Evaluation = Evaluation.FOLLOW_UP
    track: str | None = None
    baseline_date: datetime.date | None = None
    nadir_date: datetime.date | None = None
    months_from_baseline: float | None = None
    months_from_treatment: float | None = None
    baseline: Quantity | None = None
    current: Quantity | None = None
    nadir: Quantity | None = None
    change_pct: float | None = None
    change_pct_limits: tuple[float, float] | None = None
    change_from_nadir_pct: float | None = None
    new_deposits: int | None = None
    probabilities: Mapping[Category, float] | None = None
    contrast: Contrast | None = None

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("a response gives at least one reason")
