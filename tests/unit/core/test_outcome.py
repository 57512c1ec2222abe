from pathlib import Path

import pytest

from lesionkit.core.cohort import Cohort
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.settings import Settings


def problem(severity):
    return Problem(severity=severity, code="no_scale", about="P01", text="There is no scale.")


@pytest.mark.parametrize(
    ("severities", "has_errors"),
    [
        ((), False),
        ((Severity.INFO, Severity.WARNING), False),
        ((Severity.INFO, Severity.ERROR), True),
    ],
)
def test_only_errors_mean_that_something_is_missing(severities, has_errors):
    cohort = Cohort(root=Path("cohort"), name="cohort", patients=())
    outcome = Outcome(cohort=cohort, settings=Settings(), problems=tuple(map(problem, severities)))
    assert outcome.has_errors is has_errors


def test_problems_can_be_sorted_and_told_apart():
    assert sorted({problem(Severity.WARNING), problem(Severity.WARNING)}) == [problem(Severity.WARNING)]
