"""Adverse events, each patient counted once for each."""

from collections.abc import Mapping, Sequence

from lesionkit.core.cohort import Patient
from lesionkit.core.summary import AdverseEvents, LeftOut
from lesionkit.summarise.describe import folded, share, shares


def summarise_events(events: Mapping[str, Sequence[str]], people: Sequence[Patient]) -> AdverseEvents:
    """Return how many of the patients of whom it is known had each adverse event, and how many none.

    Parameters
    ----------
    events : Mapping of str to sequence of str
        By patient; a patient who had none is there with none, one of whom nothing is known is not there.
    people : sequence of Patient
        All participants.
    """
    known = [patient.id for patient in people if patient.id in events]
    each = [text for patient in known for text in {folded(t): t for t in reversed(events[patient])}.values()]
    return AdverseEvents(
        reported=len(known),
        none=share(sum(not events[patient] for patient in known), len(known)),
        events=shares(each, len(known)),
        left_out=tuple(
            LeftOut(patient=patient.id, why="nothing in adverse_events.csv")
            for patient in people
            if patient.id not in events
        ),
    )
