"""The rules that ship, as data, and how a rule is found by its name."""

import math
from collections.abc import Sequence

from lesionkit.core.registry import Registry
from lesionkit.core.response import BurdenMeasure, Category, Criterion, Reference
from lesionkit.errors import ExtensionError, InputError

CRITERIA: Registry[Criterion] = Registry("lesionkit.criteria")
"""Criteria of lesionkit and of whatever else is installed."""

_ONCOLOGY_LABELS = {
    Category.RESOLVED: "CR",
    Category.REGRESSION: "PR",
    Category.STABLE: "SD",
    Category.PROGRESSION: "PD",
    Category.NOT_EVALUABLE: "NE",
}

CALCINOSIS_25 = Criterion(
    name="calcinosis-25",
    measure=BurdenMeasure.SIZE,
    regression_pct=-25.0,
    progression_pct=25.0,
    inclusive=False,
    reference=Reference.BASELINE,
    new_deposit_is_progression=True,
    citation=(
        "Cut-offs of Valenzuela A et al. Semin Arthritis Rheum 2022;53:151980, "
        "doi:10.1016/j.semarthrit.2022.151980"
    ),
    validated_on=(
        "the SCTC radiographic calcinosis score of the hands at one year (39 patients, 6 centres); "
        "borrowed here for area and volume, for which no rule has been validated"
    ),
    labels={
        Category.REGRESSION: "improved",
        Category.STABLE: "stable",
        Category.PROGRESSION: "progressive",
    },
)
"""More than 25 % either way, or a new deposit. Exactly 25 % is stable."""

RECIST_1_1 = Criterion(
    name="recist-1.1",
    measure=BurdenMeasure.LONG_AXIS,
    regression_pct=-30.0,
    progression_pct=20.0,
    inclusive=True,
    floor=5.0,
    reference=Reference.NADIR,
    new_deposit_is_progression=True,
    max_targets=5,
    citation="Eisenhauer EA et al. Eur J Cancer 2009;45:228-247",
    validated_on="solid tumours; borrowed here for calcinosis, on which it has not been validated",
    labels=_ONCOLOGY_LABELS,
)
"""Sum of the long axes of at most five targets: -30 % from baseline; +20 % and 5 mm from nadir, or new."""

WHO = Criterion(
    name="who",
    measure=BurdenMeasure.AXES_PRODUCT,
    regression_pct=-50.0,
    progression_pct=25.0,
    inclusive=True,
    reference=Reference.NADIR,
    new_deposit_is_progression=True,
    citation="WHO handbook for reporting results of cancer treatment. Geneva: WHO; 1979",
    validated_on="solid tumours; borrowed here for calcinosis, on which it has not been validated",
    labels=_ONCOLOGY_LABELS,
)
"""Sum of long times short axis: -50 % from baseline; +25 % from nadir, or new."""

VOLUME_65_73 = Criterion(
    name="volume-65-73",
    measure=BurdenMeasure.VOLUME,
    regression_pct=-65.0,
    progression_pct=73.0,
    inclusive=True,
    reference=Reference.NADIR,
    new_deposit_is_progression=True,
    citation=(
        "Sphere equivalents of RECIST 1.1 (Eisenhauer EA et al. Eur J Cancer 2009;45:228-247): "
        "0.7³ = -65.7 %, 1.2³ = +72.8 %"
    ),
    validated_on="nothing: calculated for spheres from a rule for solid tumours, and borrowed here",
    labels=_ONCOLOGY_LABELS,
)
"""Total volume: -65 % from baseline; +73 % from nadir, or new."""

BEYOND_ERROR = Criterion(
    name="beyond-error",
    measure=BurdenMeasure.SIZE,
    detectable_ses=1.96 * math.sqrt(2.0),
    inclusive=False,
    reference=Reference.BASELINE,
    new_deposit_is_progression=False,
    citation=(
        "Smallest detectable change at 95 %, 1.96 √2 SE: Riemann BL, Lininger MR. "
        "J Athl Train 2018;53:98-103, doi:10.4085/1062-6050-503-16"
    ),
    validated_on="nothing: it tells whether a change is more than measurement error, not whether it matters",
)
"""A change larger than the measurements' own error explains."""


def find_criterion(name: str, *, custom: Sequence[Criterion] = ()) -> Criterion:
    """Return the criterion of a name: the user's own, else an installed one.

    Parameters
    ----------
    name : str
        As in ``cohort.toml`` or after ``--criterion``.
    custom : sequence of Criterion
        The user's own, from ``cohort.toml``.

    Raises
    ------
    InputError
        If there is none of that name, or if a criterion of the user's takes a name already taken:
        one name with two meanings would make two reports differ without a visible reason.
    ExtensionError
        If the criterion's package cannot be loaded or provides something else.

    Examples
    --------
    >>> find_criterion("calcinosis-25").progression_pct
    25.0
    """
    installed = CRITERIA.names()
    own: dict[str, Criterion] = {}
    for criterion in custom:
        if criterion.name in installed or criterion.name in own:
            raise InputError(
                f"there is more than one criterion named {criterion.name!r}",
                hint="Give the criterion in cohort.toml a name of its own.",
            )
        own[criterion.name] = criterion
    if name in own:
        return own[name]
    if name not in installed:
        raise InputError(
            f"there is no criterion named {name!r}",
            hint=f"In cohort.toml or with --criterion, name one of: {', '.join((*own, *installed))}.",
        )
    found = CRITERIA.load(name)
    if not isinstance(found, Criterion):
        raise ExtensionError(
            f"{CRITERIA.group} {name!r} is not a Criterion",
            group=CRITERIA.group,
            name=name,
            hint="Update or uninstall the package that provides it.",
        )
    return found
