"""Tracks and sizes of one patient's stream in, verdicts on every follow-up out."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lesionkit.classification.burden import Sizes, measure_of, sizes_of
from lesionkit.classification.case import Case
from lesionkit.classification.change import change_limits, change_pct, in_unit_of
from lesionkit.classification.contrast import contrast_of
from lesionkit.classification.detection import nothing_on
from lesionkit.classification.reasons import Reason
from lesionkit.classification.schedule import choose_baseline, follow_ups, months_between
from lesionkit.classification.stream import Stream
from lesionkit.classification.verdict import Comparison, Verdict, judge
from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Role
from lesionkit.core.response import (
    ALL_SITES,
    BurdenMeasure,
    Category,
    Contrast,
    Criterion,
    Evaluation,
    Response,
)
from lesionkit.core.settings import BaselineRule
from lesionkit.core.track import Reading, Track
from lesionkit.core.units import Quantity
from lesionkit.errors import ComparisonError


def classify(
    tracks: Sequence[Track],
    readings: Mapping[str, Sequence[Reading]],
    measurements: Iterable[Measurement],
    *,
    patient: Patient,
    modality: Modality,
    criterion: Criterion,
    baseline: BaselineRule = BaselineRule.TREATMENT,
    single_tracks: bool = True,
) -> tuple[Response, ...]:
    """Return the verdicts on one patient's tracks, sites and all sites together, in one stream.

    Every timepoint after baseline is judged: one that was not read is not evaluable, never stable.
    A deposit that is unseen is never counted as zero; one whose place was not looked at at baseline
    is left out of both sums and is not new. Controls have verdicts of their own and count in no sum.

    Parameters
    ----------
    tracks : sequence of Track
        All of this patient and stream.
    readings : Mapping of str to sequence of Reading
        By site: everything read of this stream, also where nothing was there.
    measurements : iterable of Measurement
        Sizes of the deposits; those of other images are passed over.
    patient : Patient
        Whose they are; gives the timepoints and the start of treatment.
    modality : Modality
        The stream.
    criterion : Criterion
        The rule.
    baseline : BaselineRule
        Which timepoint is baseline.
    single_tracks : bool
        Whether each track is judged by itself too, which takes most of the time.

    Returns
    -------
    tuple of Response
        Per track its follow-ups; then per site its follow-ups and the final one (the last at which
        it was read); then the same over all sites.

    Raises
    ------
    ComparisonError
        If a track belongs to another patient or stream.
    """
    for track in tracks:
        if track.patient != patient.id or track.modality.stream is not modality.stream:
            raise ComparisonError(
                f"track {track.id} of {track.patient} {track.modality.stream} does not belong to "
                f"{patient.id} {modality.stream}"
            )
    stream = Stream.of(tracks, readings, patient=patient, modality=modality)
    sizes = sizes_of(measurements, measure=measure_of(criterion.measure, modality))
    sizes = dataclasses.replace(sizes, nothing=_nothing_on(readings, sizes.measure))
    desk = _Desk(
        patient=patient,
        modality=modality.stream,
        stream=stream,
        sizes=sizes,
        criterion=criterion,
        rule=baseline,
        controls=tuple(track for track in tracks if stream.roles_of(track) == {Role.CONTROL}),
    )
    followed = [track for track in tracks if track not in desk.controls]
    responses: list[Response] = []
    for track in tracks if single_tracks else ():
        responses += desk.follow_ups(track.site, (track.site,), (track,), track=track.id)
    for site in stream.read:
        responses += desk.evaluations(site, (site,), tuple(t for t in followed if t.site == site))
    if stream.read:
        responses += desk.evaluations(ALL_SITES, tuple(stream.read), tuple(followed))
    return tuple(responses)


def _nothing_on(readings: Mapping[str, Sequence[Reading]], measure: BurdenMeasure) -> Mapping[str, Quantity]:
    """Return, by image read, what seeing nothing on it means for a size."""
    found = {r.image: nothing_on(r.grid, measure) for of_site in readings.values() for r in of_site}
    return {image: zero for image, zero in found.items() if zero is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where cases of one patient and stream are written up."""

    patient: Patient
    modality: Modality
    stream: Stream
    sizes: Sizes
    criterion: Criterion
    rule: BaselineRule
    controls: tuple[Track, ...]

    @property
    def start(self) -> date | None:
        """Start of treatment, where it decides on baseline."""
        return self.patient.treatment_start if self.rule is BaselineRule.TREATMENT else None

    def evaluations(self, site: str, sites: tuple[str, ...], tracks: tuple[Track, ...]) -> list[Response]:
        """Return the follow-ups and, of the last at which anything was read, the final one."""
        responses = self.follow_ups(site, sites, tracks)
        read = self.stream.read_on(sites)
        available = [response for response in responses if response.date in read]
        if available:
            responses.append(dataclasses.replace(available[-1], evaluation=Evaluation.FINAL))
        return responses

    def follow_ups(
        self, site: str, sites: tuple[str, ...], tracks: tuple[Track, ...], *, track: str | None = None
    ) -> list[Response]:
        """Return the verdict at every timepoint of the stream after baseline."""
        case = self._case(sites, tracks, is_one_track=track is not None)
        days = follow_ups(self.stream.days, baseline=case.baseline, start=self.start)
        return [self._respond(case, day, site=site, track=track) for day in days]

    def _case(self, sites: tuple[str, ...], tracks: tuple[Track, ...], *, is_one_track: bool) -> Case:
        return Case(
            tracks=tracks,
            sites=sites,
            is_one_track=is_one_track,
            baseline=choose_baseline(self.stream.read_on(sites), start=self.start),
            stream=self.stream,
            sizes=self.sizes,
            criterion=self.criterion,
        )

    def _contrast(self, case: Case, comparison: Comparison) -> Contrast | None:
        """Return how the case's change differs from that of the controls at its sites."""
        controls = tuple(track for track in self.controls if track.site in case.sites)
        if not controls or case.is_one_track:
            return None
        beside = dataclasses.replace(
            case, tracks=controls, criterion=dataclasses.replace(self.criterion, max_targets=None)
        )
        return contrast_of(comparison, beside.compare(comparison.current.date))

    def _respond(self, case: Case, day: date, *, site: str, track: str | None) -> Response:
        comparison = case.compare(day)
        verdict = judge(comparison)
        numbers = _Numbers.of(comparison, verdict)
        treated = self.patient.treatment_start
        return Response(
            patient=self.patient.id,
            modality=self.modality,
            site=site,
            track=track,
            date=day,
            baseline_date=case.baseline,
            nadir_date=comparison.nadir.date if comparison.nadir and numbers.nadir else None,
            months_from_baseline=months_between(case.baseline, day),
            months_from_treatment=months_between(treated, day) if treated else None,
            measure=self.sizes.measure,
            baseline=numbers.baseline,
            current=numbers.current,
            nadir=numbers.nadir,
            change_pct=numbers.change_pct,
            change_pct_limits=numbers.change_pct_limits,
            probabilities=numbers.probabilities,
            contrast=self._contrast(case, comparison),
            change_from_nadir_pct=numbers.change_from_nadir_pct,
            new_deposits=None if comparison.unread else comparison.new + comparison.new_unconfirmed,
            category=verdict.category,
            criterion=self.criterion.name,
            label=self.criterion.label(verdict.category),
            reasons=(*verdict.reasons, *self._notes(comparison, verdict, case)),
        )

    def _notes(self, comparison: Comparison, verdict: Verdict, case: Case) -> tuple[Reason, ...]:
        notes = []
        if comparison.is_relative and comparison.obstacle is None:
            notes.append(Reason.RELATIVE_TO_FIRST_PICTURE)
        if comparison.left_out and Reason.UNSEEN_AT_BASELINE not in verdict.reasons:
            notes.append(Reason.UNSEEN_AT_BASELINE)
        if comparison.removed and Reason.REMOVED not in verdict.reasons:
            notes.append(Reason.REMOVED)
        if self.start is not None and case.baseline > self.start:
            notes.append(Reason.BASELINE_AFTER_TREATMENT_START)
        days = self.stream.imaged_on(case.sites) | {case.baseline}
        if choose_baseline(days, start=self.start) != case.baseline:
            notes.append(Reason.BASELINE_NOT_READ)
        return tuple(notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """What may be printed beside a verdict: no sum with a part missing, no change across scales."""

    baseline: Quantity | None
    current: Quantity | None
    nadir: Quantity | None
    change_pct: float | None = None
    change_pct_limits: tuple[float, float] | None = None
    change_from_nadir_pct: float | None = None
    probabilities: Mapping[Category, float] | None = None

    @classmethod
    def of(cls, comparison: Comparison, verdict: Verdict) -> "_Numbers":
        if comparison.is_baseline_incomplete:
            return cls(baseline=None, current=None, nadir=None)
        baseline = comparison.baseline.quantity
        is_whole = comparison.is_complete or Reason.SEEN_PART_SUFFICES in verdict.reasons
        current = comparison.current.quantity if is_whole else None
        nadir = comparison.nadir.quantity if comparison.nadir else None
        may_compare = comparison.obstacle is None
        # Of a part that was seen the change is a lower bound, and has no limits.
        is_certain = may_compare and comparison.is_complete
        # A zero has every unit: it is printed in that of what it is compared with.
        return cls(
            baseline=in_unit_of(baseline, current) if baseline and current else baseline,
            current=in_unit_of(current, baseline) if current and baseline else current,
            nadir=in_unit_of(nadir, current or baseline) if nadir and baseline else nadir,
            change_pct=change_pct(current, baseline) if may_compare else None,
            change_pct_limits=change_limits(current, baseline) if is_certain else None,
            change_from_nadir_pct=change_pct(current, nadir) if may_compare else None,
            # That a deposit is new is no matter of its size's error.
            probabilities=comparison.probabilities
            if is_certain and Reason.NEW_DEPOSIT not in verdict.reasons
            else None,
        )
