"""What the patients of a cohort are like, and what they were given."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lesionkit.core.cohort import Patient, Treatment
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.summary import Characteristic, Share
from lesionkit.summarise.describe import described, folded, number, share, shares

_ALWAYS = ("sex", "diagnosis")
"""Columns that are told whatever they hold."""

_MOST_VALUES = 10
_OF_ONE = re.compile(
    r"name|birth|born|\bdob\b|address|street|\bzip\b|postcode|phone|mobile|e-?mail|\bmrn\b|insurance|"
    r"passport|social.?security|\bssn\b|hospital.?(no|number|id)|patient.?(no|number|id)|case.?(no|number)|"
    r"comment|note|remark",
    re.IGNORECASE,
)
"""Words in the name of a column that belongs to one person."""


def describe_patients(patients: Sequence[Patient]) -> tuple[tuple[Characteristic, ...], tuple[Problem, ...]]:
    """Return what the columns of ``patients.csv`` hold, sex and diagnosis first, and which are left out.

    A column of numbers becomes their spread, a column of texts the count of each. A column that may tell who
    a person is, is left out: by its name (a birth date, an address, a remark), since it holds dates, or since
    its texts differ from patient to patient (more than ten, or more than half as many as patients known).

    Parameters
    ----------
    patients : sequence of Patient
        All participants: those of whom a cell is empty are counted as missing.
    """
    names = list(dict.fromkeys(name for patient in patients for name in patient.facts))
    names.sort(key=_rank)
    told: list[Characteristic] = []
    problems: list[Problem] = []
    for name in names:
        texts = [text for patient in patients if (text := patient.facts.get(name, ""))]
        missing = len(patients) - len(texts)
        if not texts:
            continue
        if folded(name) not in _ALWAYS and _tells_who(name, texts):
            problems.append(
                Problem(
                    severity=Severity.INFO,
                    code="column_not_summarised",
                    about="patients.csv",
                    text=f"The column {name!r} may tell single persons apart, and is in no table.",
                )
            )
        elif all(number(text) is not None for text in texts):
            told.append(Characteristic(name=name, numbers=described(texts, missing=missing), missing=missing))
        else:
            told.append(Characteristic(name=name, counts=shares(texts, len(texts)), missing=missing))
    return tuple(told), tuple(problems)


def _rank(name: str) -> int:
    key = folded(name)
    return _ALWAYS.index(key) if key in _ALWAYS else len(_ALWAYS)


def _tells_who(name: str, texts: Sequence[str]) -> bool:
    if _OF_ONE.search(name.replace("_", " ")):
        return True
    values = {folded(text) for text in texts}
    if all(number(text) is not None for text in texts):
        is_day = all(re.fullmatch(r"(19|20)\d{6}", value) for value in values)
        is_number_of_one = len(values) == len(texts) > 1 and all(re.fullmatch(r"\d{6,}", v) for v in values)
        return is_day or is_number_of_one
    if any(re.search(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}", value) for value in values):
        return True
    return len(values) > _MOST_VALUES or 2 * len(values) > len(texts)


def index_treatment(patient: Patient) -> Treatment | None:
    """Return the treatment that was started first; None where no start is known."""
    started = [given for given in patient.treatments if given.start is not None]
    return min(started, key=lambda given: given.start or date.max, default=None)


def describe_treatments(patients: Sequence[Patient]) -> tuple[Characteristic, ...]:
    """Return the drug that was started first, with its dose and cycles, over all patients.

    Of numbers the spread is told, of anything else the count of each.
    """
    firsts = [first for patient in patients if (first := index_treatment(patient))]
    columns = {
        "drug": [first.drug for first in firsts],
        "dose": [first.dose for first in firsts],
        "cycles": [first.cycles for first in firsts],
    }
    return tuple(
        _of_texts(name, [text for text in texts if text], of=len(patients))
        for name, texts in columns.items()
        if any(texts)
    )


def _of_texts(name: str, texts: Sequence[str], *, of: int) -> Characteristic:
    missing = of - len(texts)
    if all(number(text) is not None for text in texts):
        return Characteristic(name=name, numbers=described(texts, missing=missing), missing=missing)
    return Characteristic(name=name, counts=shares(texts, len(texts)), missing=missing)


def comedications(patients: Iterable[Patient]) -> Mapping[str, Mapping[str, bool]]:
    """Return who was given each further drug, by drug and patient.

    Patients without a line in ``treatments.csv`` are not known, and are in no drug's mapping. A drug that is
    a patient's first treatment is no further one, unless it is for others.
    """
    known = [patient for patient in patients if patient.treatments]
    spelt: dict[str, str] = {}
    given: dict[str, set[str]] = {}
    for patient in known:
        first = index_treatment(patient)
        given[patient.id] = {folded(t.drug) for t in patient.treatments if t.drug}
        for treatment in patient.treatments:
            if treatment.drug and (first is None or folded(treatment.drug) != folded(first.drug)):
                spelt.setdefault(folded(treatment.drug), " ".join(treatment.drug.split()))
    return {
        name: {patient.id: drug in given[patient.id] for patient in known}
        for drug, name in sorted(spelt.items())
    }


def count_comedications(given: Mapping[str, Mapping[str, bool]]) -> Mapping[str, Share]:
    """Return how many were given each further drug, the commonest first."""
    counted = {drug: share(sum(by.values()), len(by)) for drug, by in given.items()}
    return dict(sorted(counted.items(), key=lambda item: (-item[1].count, item[0])))
