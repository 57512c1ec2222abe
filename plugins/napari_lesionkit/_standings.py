"""Where every case of a session stands: what was found slowly is kept, what is drawn is followed quickly."""

from collections.abc import Callable
from dataclasses import replace

from lesionkit.core.cohort import Cohort, Patient
from lesionkit.core.settings import Settings
from lesionkit.core.transform import Transform
from napari_lesionkit._case import Case, Key
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._following import Meter, Others, Timepoint, renewed, timepoint
from napari_lesionkit._looking import Looking
from napari_lesionkit._standing import Standing, judge, keep_up

_NONE = Others()


class Standings:
    """Where cases stand.

    Parameters
    ----------
    cohort, settings
        Of the folder.
    looking : Looking
        The images.
    peek : callable
        Returns what is drawn on a case.
    align : callable
        Returns what carries one case's image onto another's.
    timeline : callable
        Returns the cases of a case's site, in order of time.
    """

    def __init__(
        self,
        *,
        cohort: Cohort,
        settings: Settings,
        looking: Looking,
        peek: Callable[[Case], Drawn],
        align: Callable[[Case, Case], Transform],
        timeline: Callable[[Case], tuple[Case, ...]],
    ) -> None:
        self._cohort, self._settings, self._looking = cohort, settings, looking
        self._peek, self._align, self._timeline = peek, align, timeline
        self._meters: dict[Key, Meter] = {}
        self._others: dict[Key, Others] = {}
        self._known: dict[Key, Standing] = {}

    def follow(self, case: Case) -> None:
        """Read, measure and align the other timepoints of a case's site. Slow; any thread."""
        others = [other for other in self._timeline(case) if other.key != case.key]
        read = [self._measured(other) for other in others if not self._peek(other).is_silent]
        told = tuple(one for one in read if one.reading is not None)
        first = min((*(one.case for one in told), case), key=lambda one: (one.day, one.ref.location))
        moving = (*(one.case for one in told), case)
        transforms = {one.ref.id: self._align(one, first) for one in moving} if told else {}
        self._others[case.key] = Others(timepoints=told, transforms=transforms)

    def at(self, case: Case, *, is_resting: bool) -> Standing:
        """Return where a case stands; worked out again only as far as something has changed.

        Parameters
        ----------
        case : Case
            The case.
        is_resting : bool
            Whether nothing is being moved: who is who is then judged anew, if it was taken over before.
        """
        drawn, before = self._peek(case), self._known.get(case.key)
        others = self._renewed(case)
        is_same = before is not None and before.drawn is drawn and before.others is others
        if before is not None and is_same and (before.is_judged or not is_resting):
            return before
        now, patient = self._measured(case), self._patient(case)
        if before is not None and before.holds_for(drawn, others) and not is_resting:
            found = keep_up(before, now, drawn, patient=patient, settings=self._settings)
        else:
            names = {one.case.ref.id: self._peek(one.case) for one in others.timepoints}
            found = judge(now, drawn, others, patient=patient, settings=self._settings, names=names)
        self._known[case.key] = found
        return found

    def _renewed(self, case: Case) -> Others:
        """Return the other timepoints, called as they are called now; the same where nothing changed."""
        others = self._others.get(case.key, _NONE)
        line = tuple(renewed(one, self._peek(one.case)) for one in others.timepoints)
        if any(new is not old for new, old in zip(line, others.timepoints, strict=True)):
            others = self._others[case.key] = replace(others, timepoints=line)
        return others

    def _patient(self, case: Case) -> Patient:
        return next(patient for patient in self._cohort.patients if patient.id == case.patient)

    def _measured(self, case: Case) -> Timepoint:
        drawn = self._peek(case)
        seen = self._looking.at(case, drawn)
        meter = self._meters.setdefault(case.key, Meter(self._settings))
        return timepoint(case, drawn, seen, meter.measure(drawn, seen))
