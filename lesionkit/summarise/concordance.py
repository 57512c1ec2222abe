"""Whether photographs, radiology, scores and patients say the same, beyond what chance would give."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from lesionkit.core.response import Category
from lesionkit.core.summary import StreamAgreement
from lesionkit.summarise import kappa
from lesionkit.summarise.describe import share
from lesionkit.summarise.intervals import estimate
from lesionkit.summarise.streams import StreamVerdicts

CATEGORIES, IMPROVED = "categories", "improved"
"""What is compared: all four categories, or only whether it improved."""

_AS_CATEGORY = {True: Category.REGRESSION, False: Category.PROGRESSION}
"""Yes and no as two of the categories, for kappa without weights any two will do."""


def compare_streams(
    streams: Sequence[StreamVerdicts], answers: Mapping[str, Mapping[str, bool]]
) -> tuple[StreamAgreement, ...]:
    """Return how well every two sources agree on the patients that both judge; two patients at least.

    Streams are compared on their categories and on whether the patient improved; a stream with a
    questionnaire's item, whose answer is yes or no, only on the latter.

    Parameters
    ----------
    streams : sequence of StreamVerdicts
        No two of which hold one another, as radiology holds X-ray.
    answers : Mapping of str to Mapping of str to bool
        Items by name: whether each patient said yes.

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    """
    kappa.must_have_statsmodels()
    found: list[StreamAgreement] = []
    for one, other in combinations(streams, 2):
        found += _compare((one.stream, other.stream), one.judged, other.judged, scale=CATEGORIES)
    improved = {stream.stream: stream.improved for stream in streams} | dict(answers)
    for (name, known), (other_name, other_known) in combinations(improved.items(), 2):
        first, second = (
            {patient: _AS_CATEGORY[is_better] for patient, is_better in by.items()}
            for by in (known, other_known)
        )
        found += _compare((name, other_name), first, second, scale=IMPROVED)
    return tuple(found)


def _compare(
    names: tuple[str, str], one: Mapping[str, Category], other: Mapping[str, Category], *, scale: str
) -> list[StreamAgreement]:
    patients = [patient for patient in one if patient in other]
    if len(patients) < 2:
        return []
    codes = kappa.codes_of([(one[patient], other[patient]) for patient in patients])
    linear = None
    if scale == CATEGORIES:
        linear = estimate(lambda p: kappa.cohen(codes[p], weights="linear"), patients)
    return [
        StreamAgreement(
            streams=names,
            scale=scale,
            alike=share(int((codes[:, 0] == codes[:, 1]).sum()), len(patients)),
            kappa=estimate(lambda p: kappa.cohen(codes[p]), patients),
            kappa_linear=linear,
        )
    ]
