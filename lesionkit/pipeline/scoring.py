"""``scores.csv`` beside the images: how scores changed, and where they and the images disagree."""

from lesionkit.core.outcome import Outcome, Problem, Severity, Told
from lesionkit.core.response import Category, Discordance
from lesionkit.core.score import ScoreResponse
from lesionkit.core.settings import BaselineRule
from lesionkit.pipeline.examine import Examination


def score(examined: Examination, told: Told) -> tuple[tuple[ScoreResponse, ...], tuple[Problem, ...]]:
    """Return how the scores of the cohort's patients changed, and what is wrong with the table."""
    from lesionkit.classification import classify_scores
    from lesionkit.io.scores import SCORES

    problems = told.problems[SCORES]
    patients = {patient.id: patient for patient in examined.cohort.patients}
    is_by_treatment = examined.settings.baseline is BaselineRule.TREATMENT
    found: list[ScoreResponse] = []
    unknown = 0
    for name, given in told.scores.items():
        patient = patients.get(name)
        if patient is None:
            unknown += 1
            continue
        start = patient.treatment_start if is_by_treatment else None
        found += classify_scores(given, patient=patient.id, start=start)
    if unknown:
        problems = (
            *problems,
            Problem(
                severity=Severity.INFO,
                code="score_without_images",
                about=SCORES,
                text=f"{SCORES} names {unknown} patient(s) of whom there are no images in this run; "
                "their scores are left out.",
            ),
        )
    return tuple(found), problems


def disagreeing(outcome: Outcome) -> tuple[Discordance, ...]:
    """Return where photographs, radiology, scores and the patient say different things.

    Of the questionnaire, the item ``overall benefit`` is asked, where it is answered by yes or no.
    """
    from lesionkit.classification import discordances
    from lesionkit.summarise.questionnaire import OVERALL, said_yes

    last: dict[tuple[str, str], Category] = {}
    for found in sorted(outcome.scores, key=lambda s: s.date):
        last[found.patient, found.score] = found.category
    answers = said_yes(outcome.answers, outcome.cohort.patients, item=OVERALL)
    return discordances(
        outcome.responses, last, {(patient, OVERALL): is_yes for patient, is_yes in answers.items()}
    )
