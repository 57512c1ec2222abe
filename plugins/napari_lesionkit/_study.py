"""A reader study: cases in an order that says nothing, some of them twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from napari_lesionkit._case import Case

APART = 3
"""A case does not come a second time before a third of all cases has passed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """How cases are shown to the readers of a study: without patient, day, order or other people's outlines.

    Parameters
    ----------
    seed : int
        Decides on the order, which is another for every reader, and on what is repeated, which is not.
    repeats : int
        So many images come a second time, as ``<reader>~2``: for the error of a reader with herself.
    """

    seed: int
    repeats: int = 0

    def __post_init__(self) -> None:
        if self.repeats < 0:
            raise ValueError("repeats must be 0 or more")


def blind(cases: Sequence[Case], study: Study) -> tuple[Case, ...]:
    """Return the cases of a study in the order in which a reader sees them.

    All come once; then those repeated, in the order of their first turn. Which these are depends on the seed
    alone, so that every reader repeats the same images.

    Parameters
    ----------
    cases : sequence of Case
        Of one reader.
    study : Study
        Seed and repeats.
    """
    in_order = sorted(cases, key=lambda case: case.ref.id)
    repeated = _chosen(in_order, study)
    firsts = _shuffled(in_order, repeated, study)
    seconds = [replace(case, reader=again(case.reader)) for case in firsts if case.ref.id in repeated]
    return tuple(
        replace(case, number=number, is_blinded=True)
        for number, case in enumerate((*firsts, *seconds), start=1)
    )


def again(reader: str) -> str:
    """Return what a reader's second reading is called; ``lesionkit agree`` knows it by that."""
    return f"{reader}~2"


def _chosen(cases: Sequence[Case], study: Study) -> frozenset[str]:
    rng = np.random.default_rng([study.seed, 0])
    count = min(study.repeats, len(cases))
    return frozenset(cases[int(at)].ref.id for at in rng.choice(len(cases), size=count, replace=False))


def _shuffled(cases: Sequence[Case], repeated: frozenset[str], study: Study) -> list[Case]:
    reader = cases[0].reader if cases else ""
    rng = np.random.default_rng([study.seed, 1, *reader.encode()])
    early = [case for case in cases if case.ref.id in repeated]
    others = [case for case in cases if case.ref.id not in repeated]
    room = max(len(cases) - len(cases) // APART, len(early))
    slots = sorted(int(at) for at in rng.choice(room, size=len(early), replace=False))
    order: list[Case | None] = [None] * len(cases)
    for slot, at in zip(slots, rng.permutation(len(early)), strict=True):
        order[slot] = early[int(at)]
    rest = iter([others[int(at)] for at in rng.permutation(len(others))])
    return [next(rest) if case is None else case for case in order]
