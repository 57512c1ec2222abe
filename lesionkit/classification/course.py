"""Verdicts side by side: the best of a patient, patients in order of change, sources that disagree."""

from collections.abc import Iterable, Mapping

from lesionkit.core.response import ALL_SITES, Category, Discordance, Evaluation, Response

_BEST_FIRST = (Category.RESOLVED, Category.REGRESSION, Category.STABLE, Category.PROGRESSION)
_DIRECTION = {
    Category.RESOLVED: -1,
    Category.REGRESSION: -1,
    Category.STABLE: 0,
    Category.PROGRESSION: 1,
}


def best_response(responses: Iterable[Response]) -> Response | None:
    """Return the best follow-up until progression; None where none could be judged.

    As the best overall response of RECIST 1.1: recorded from the start until progression, which
    counts where nothing better came before. Of equals the first counts. What is indeterminate or not
    evaluable is passed over. Nothing has to be confirmed by a later timepoint.

    Parameters
    ----------
    responses : iterable of Response
        Of one patient, modality and site (or track).

    References
    ----------
    Eisenhauer EA et al. New response evaluation criteria in solid tumours. Eur J Cancer 2009;45:228-247.
    """
    judged: list[Response] = []
    for response in sorted(responses, key=lambda r: r.date):
        if response.evaluation is Evaluation.FOLLOW_UP and response.category in _BEST_FIRST:
            judged.append(response)
            if response.category is Category.PROGRESSION:
                break
    return min(judged, key=lambda r: _BEST_FIRST.index(r.category), default=None)


def waterfall(responses: Iterable[Response]) -> tuple[Response, ...]:
    """Return final responses over all sites from the greatest rise to the greatest fall.

    Nobody is left out: a change of exactly zero has its place between rises and falls, deposits
    where there were none come first (their rise has no percentage), and who could not be compared comes last.

    Parameters
    ----------
    responses : iterable of Response
        Of one modality; those at single sites, on tracks and at other follow-ups are passed over.
    """
    finals = [
        r for r in responses if r.evaluation is Evaluation.FINAL and r.site == ALL_SITES and r.track is None
    ]
    return tuple(sorted(finals, key=_place))


def _place(response: Response) -> tuple[int, float, str]:
    if response.change_pct is not None:
        return 1, -response.change_pct, response.patient
    is_from_nothing = response.category is Category.PROGRESSION
    return (0 if is_from_nothing else 2), 0.0, response.patient


def discordances(
    responses: Iterable[Response],
    scores: Mapping[tuple[str, str], Category] | None = None,
    answers: Mapping[tuple[str, str], bool] | None = None,
) -> tuple[Discordance, ...]:
    """Return where photographs, radiology, scores and questionnaires say different things of a patient.

    Better, stable and worse are held against one another at the last reading of each source. A patient's yes
    (it got better) differs from stable and is the opposite of worse; a no differs from better only, for it
    may mean either of the others. All are told side by side: no source outvotes another, none is averaged.

    Parameters
    ----------
    responses : iterable of Response
        Only final ones over all sites count.
    scores : Mapping of (str, str) to Category, optional
        What scores say, by patient and name.
    answers : Mapping of (str, str) to bool, optional
        Whether patients answered yes to items of the questionnaire that ask whether they got better, by
        patient and item.
    """
    said: dict[str, dict[str, Category]] = {}
    for response in responses:
        if response.evaluation is Evaluation.FINAL and response.site == ALL_SITES and response.track is None:
            said.setdefault(response.patient, {})[response.modality.stream.value] = response.category
    for (patient, name), category in (scores or {}).items():
        said.setdefault(patient, {})[name] = category
    answered: dict[str, dict[str, bool]] = {}
    for (patient, item), is_yes in (answers or {}).items():
        answered.setdefault(patient, {})[item] = is_yes
    found = (_discordance(patient, said[patient], answered.get(patient, {})) for patient in sorted(said))
    return tuple(one for one in found if one)


def _discordance(
    patient: str, said: Mapping[str, Category], answers: Mapping[str, bool]
) -> Discordance | None:
    judged = tuple((source, category) for source, category in said.items() if category in _DIRECTION)
    directions = {_DIRECTION[category] for _, category in judged}
    is_yes = any(answers.values())
    is_no = not all(answers.values())
    if not (len(directions) > 1 or (is_yes and directions - {-1}) or (is_no and -1 in directions)):
        return None
    return Discordance(
        patient=patient,
        verdicts=judged,
        is_opposite={-1, 1} <= directions or (is_yes and 1 in directions),
        answers=tuple(answers.items()),
    )
