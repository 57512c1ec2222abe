"""Which responses answer the question, and how many there are of each."""

from collections import Counter
from collections.abc import Sequence

from lesionkit.core.image import Modality
from lesionkit.core.response import ALL_SITES, Category, Evaluation, Response

STREAMS = (Modality.XC, Modality.DX, Modality.CT, Modality.MR)


def final_responses(responses: Sequence[Response]) -> list[Response]:
    """Return the final responses over all sites, photographs first."""
    chosen = [r for r in responses if r.evaluation is Evaluation.FINAL and r.site == ALL_SITES]
    return sorted(chosen, key=lambda r: (STREAMS.index(r.modality), r.patient))


def count_outcomes(responses: Sequence[Response]) -> dict[str, Counter[Category]]:
    """Return how many final responses fell into each category: photographs, then radiology.

    Radiology counts a patient once for each stream (X-ray, CT, MR) in which they were followed; the two
    are never added up.
    """
    counts: dict[str, Counter[Category]] = {}
    for response in final_responses(responses):
        stream = "photographs" if response.modality is Modality.XC else "radiology"
        counts.setdefault(stream, Counter())[response.category] += 1
    return counts
