"""What the digital participants answered and how they were scored: as many as in the paper, made up who.

The counts of answers are those of Rauch 2021 (doi:10.3390/biomedicines9111698). Who gave which answer, and
every score, is invented.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from lesionkit.phantom.history import Participant

ANSWERS = (
    # item; by participant 1 to 7: y yes, n no, - not answered
    ("softening of lesions", "ynynny-"),
    ("reduction of pain", "yyynyy-"),
    ("cessation of progression", "ynyyyy-"),
    ("improved general condition", "yyynyy-"),
    ("improved mobility", "-nyn---"),
    ("overall benefit", "ynyyyy-"),
)
"""Yes in 3/6, 5/6, 5/6, 5/6, 1/3 and 5/6, as in the paper's Figure 1."""

SCORES = (
    # participant; score; reader; at the first and at the last visit
    ("P01", "VAS pain", "", 6, 2),
    ("P02", "VAS pain", "", 7, 5),
    ("P03", "VAS pain", "", 8, 3),
    ("P04", "VAS pain", "", 4, 4),
    ("P05", "VAS pain", "", 6, 4),
    ("P06", "VAS pain", "", 5, 3),
    ("P03", "SCTC", "reader-1", 14, 8),
    ("P03", "SCTC", "reader-2", 15, 9),
    ("P07", "SCTC", "reader-1", 18, 11),
    ("P07", "SCTC", "reader-2", 17, 11),
)
"""Pain on a scale of 0 to 10, and the radiograph score of the Scleroderma Clinical Trials Consortium."""

_SAID = {"y": "yes", "n": "no", "-": ""}


def questionnaire_rows(people: Sequence[Participant]) -> Iterator[tuple[str, str, str, str]]:
    """Yield ``questionnaire.csv``: patient, date, item, answer; what was not answered is empty."""
    for place, person in enumerate(people):
        day = _days(person)[-1].isoformat()
        for item, said in ANSWERS:
            yield person.id, day, item, _SAID[said[place]]


def score_rows(people: Sequence[Participant]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield ``scores.csv``: patient, date, score, value, reader."""
    days = {person.id: _days(person) for person in people}
    for patient, score, reader, first, last in SCORES:
        yield patient, days[patient][0].isoformat(), score, str(first), reader
        yield patient, days[patient][-1].isoformat(), score, str(last), reader


def _days(person: Participant) -> list[date]:
    return sorted(visit.day for strand in person.strands for visit in strand.visits)
