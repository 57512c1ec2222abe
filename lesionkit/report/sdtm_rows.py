"""The records of the SDTM domains, made from tracks and responses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import add

from lesionkit.core.cohort import Patient
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome
from lesionkit.core.region import Role
from lesionkit.core.response import ALL_SITES, Category, Evaluation, Response
from lesionkit.core.track import Event, Presence, Sighting, Track
from lesionkit.core.units import Quantity
from lesionkit.report import sdtm_domains as sdtm
from lesionkit.report.cells import Cell, Row, cell_text, row_of
from lesionkit.report.sdtm_domains import Domain
from lesionkit.report.sdtm_texts import identifier, place, printed, side

_ONCOLOGY = frozenset({"CR", "PR", "SD", "PD", "NE"})


def sdtm_rows(outcome: Outcome) -> tuple[tuple[Domain, tuple[Row, ...]], ...]:
    """Return each domain with its records, numbered within each patient.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    """
    told = _Told(outcome=outcome)
    for patient in outcome.cohort.patients:
        _Chart(told=told, patient=patient).write()
    return tuple((domain, tuple(told.rows[domain.name])) for domain in told.domains)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What has been written, and where things are found."""

    outcome: Outcome
    domains: tuple[Domain, ...] = (sdtm.TU, sdtm.TR, sdtm.RS, sdtm.SUPPTR, sdtm.SUPPRS)
    rows: dict[str, list[Row]] = field(init=False)
    measured: Mapping[tuple[str, str, str], Measurement] = field(init=False)
    tracks: Mapping[str, list[Track]] = field(init=False)
    responses: Mapping[str, list[Response]] = field(init=False)
    roles: Mapping[tuple[str, str], Role | None] = field(init=False)

    def __post_init__(self) -> None:
        tracks: dict[str, list[Track]] = {}
        for track in self.outcome.tracks:
            tracks.setdefault(track.patient, []).append(track)
        responses: dict[str, list[Response]] = {}
        for response in (*self.outcome.responses, *self.outcome.track_responses):
            responses.setdefault(response.patient, []).append(response)
        found: dict[str, object] = {
            "rows": {domain.name: [] for domain in self.domains},
            "measured": {(m.image, m.deposit, m.measure): m for m in self.outcome.measurements},
            "tracks": tracks,
            "responses": responses,
            "roles": {(deposit.image, deposit.id): deposit.role for deposit in self.outcome.deposits},
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)


class _Chart:
    """The records of one patient."""

    def __init__(self, *, told: _Told, patient: Patient) -> None:
        self.told = told
        self.patient = patient
        self.study = printed(told.outcome.cohort.name) or "lesionkit"
        self.subject = identifier(f"{self.study[:100]}-{patient.id}")
        self.visits = {timepoint.date: n for n, timepoint in enumerate(patient.timepoints, 1)}
        self.numbers = {domain.name: 0 for domain in told.domains}
        self.groups: set[str] = set()

    def write(self) -> None:
        tracks = self.told.tracks.get(self.patient.id, [])
        for track in tracks:
            self._identify(track)
        for track in tracks:
            self._measure(track)
        for response in self.told.responses.get(self.patient.id, ()):
            self._judge(response)

    def _identify(self, track: Track) -> None:
        first = next(sighting for sighting in track.sightings if sighting.deposits)
        result = self._result(track, first)
        self._add(
            sdtm.TU,
            TUREFID=printed(first.image or ""),
            TUSPID=track.uid,
            TULNKID=_link(track),
            TUTESTCD=sdtm.IDENTIFICATION[0],
            TUTEST=sdtm.IDENTIFICATION[1],
            TUORRES=result,
            TUSTRESC=result,
            TULOC=place(track.site),
            TULAT=side(track.site),
            TUMETHOD=sdtm.METHODS[track.modality],
            TULOBXFL="Y" if self._is_before_treatment(first.date) else None,
            VISITNUM=self.visits.get(first.date),
            TUDTC=first.date,
        )

    def _result(self, track: Track, first: Sighting) -> str:
        roles = {
            self.told.roles.get((sighting.image, deposit))
            for sighting in track.sightings
            if sighting.image is not None
            for deposit in sighting.deposits
        }
        for role in (Role.CONTROL, Role.NON_TARGET, Role.TARGET):
            if role in roles:
                return role.value.upper()
        return "NEW" if first.event is Event.NEW else "TARGET"

    def _measure(self, track: Track) -> None:
        known = {sighting.date: dict(self._sizes(track, sighting)) for sighting in track.sightings}
        last = self._last_before_treatment(track, known)
        for sighting in track.sightings:
            common: dict[str, Cell] = {
                "TRREFID": printed(sighting.image) if sighting.image else None,
                "TRLNKID": _link(track),
                "TRLNKGRP": self._group(track.modality.value, sighting.date),
                "TRMETHOD": sdtm.METHODS[track.modality],
                "VISITNUM": self.visits.get(sighting.date),
                "TRDTC": None if sighting.presence is Presence.UNSEEN else sighting.date,
            }
            for measure, quantity in known[sighting.date].items():
                flag = "Y" if last.get(measure) == sighting.date else None
                self._add_size(measure, quantity, common | {"TRLOBXFL": flag}, self._scale(sighting))
            flag = "Y" if last.get("state") == sighting.date else None
            self._add_state(track, sighting, common | {"TRLOBXFL": flag})

    def _sizes(self, track: Track, sighting: Sighting) -> Iterator[tuple[str, Quantity]]:
        """Yield the sizes of a track in mm: sums over its parts; zero where looked for and not there."""
        image = sighting.image
        if image is None or not self.told.outcome.grids[image].is_calibrated:
            return
        for measure in sdtm.TESTS:
            if sighting.presence is Presence.ABSENT:
                if measure != "short_axis" and not track.is_removed(sighting.date):
                    yield from self._zero(track, measure)
                continue
            parts = [self.told.measured.get((image, one, measure)) for one in sighting.deposits]
            found = [part.quantity for part in parts if part is not None and part.quantity.unit.is_metric]
            is_summed = len(parts) > 1
            if is_summed and (measure == "short_axis" or (measure == "area" and track.modality.is_volume)):
                continue
            if found and len(found) == len(parts):
                yield measure, reduce(add, found)

    def _zero(self, track: Track, measure: str) -> Iterator[tuple[str, Quantity]]:
        for sighting in track.sightings:
            for deposit in sighting.deposits:
                found = self.told.measured.get((sighting.image or "", deposit, measure))
                if found is not None and found.quantity.unit.is_metric:
                    yield measure, Quantity(value=0.0, unit=found.quantity.unit)
                    return

    def _add_size(
        self, measure: str, quantity: Quantity, common: Mapping[str, Cell], scale: str | None
    ) -> None:
        number = cell_text(float(quantity.value))
        unit = quantity.unit.value
        code, name = sdtm.TESTS[measure]
        at = self._add(
            sdtm.TR,
            **common,
            TRTESTCD=code,
            TRTEST=name,
            TRORRES=number,
            TRORRESU=unit,
            TRSTRESC=number,
            TRSTRESN=float(number),
            TRSTRESU=unit,
        )
        error = quantity.standard_error
        self._qualify("TR", at, "TRSTRSE", error)
        self._qualify("TR", at, "TRSCALE", scale)

    def _add_state(self, track: Track, sighting: Sighting, common: Mapping[str, Cell]) -> None:
        state = None if sighting.presence is Presence.UNSEEN else sighting.presence.value.upper()
        at = self._add(
            sdtm.TR,
            **common,
            TRTESTCD=sdtm.STATE[0],
            TRTEST=sdtm.STATE[1],
            TRORRES=state,
            TRSTRESC=state,
            TRSTAT=None if state else "NOT DONE",
            TRREASND=None if state else "NOT IMAGED OR NOT READ",
        )
        if sighting.presence is Presence.ABSENT and track.is_removed(sighting.date):
            causes = [s.event for s in track.sightings if s.date <= sighting.date]
            cause = next(e for e in reversed(causes) if e in (Event.EXCISED, Event.EXTRUDED))
            self._qualify("TR", at, "TRCAUSE", cause.value.upper() if cause else None)

    def _judge(self, response: Response) -> None:
        if response.evaluation is not Evaluation.FOLLOW_UP:
            return
        if response.track is None and response.site != ALL_SITES:
            return
        stream = response.modality.stream.value
        code, name = sdtm.OVERALL if response.track is None else sdtm.OF_ONE
        at = self._add(
            sdtm.RS,
            RSLNKID=None if response.track is None else identifier(stream, response.site, response.track),
            RSLNKGRP=self._group(stream, response.date),
            RSTESTCD=code,
            RSTEST=name,
            RSCAT=_rule(response.criterion),
            RSSCAT=sdtm.METHODS[response.modality],
            RSORRES=printed(response.label),
            RSSTRESC=_standard(response),
            VISITNUM=self.visits.get(response.date),
            RSDTC=response.date,
        )
        self._qualify("RS", at, "RSCHGPCT", response.change_pct)
        self._qualify("RS", at, "RSCATEG", response.category.value)
        self._qualify("RS", at, "RSREASON", printed(";".join(response.reasons)))

    def _group(self, stream: str, day: date) -> str:
        return f"{stream}-{self.visits.get(day, 0)}"

    def _scale(self, sighting: Sighting) -> str | None:
        return self.told.outcome.grids[sighting.image].scale_source.value if sighting.image else None

    def _is_before_treatment(self, day: date) -> bool:
        start = self.patient.treatment_start
        return start is not None and day <= start

    def _last_before_treatment(
        self, track: Track, known: Mapping[date, Mapping[str, Quantity]]
    ) -> dict[str, date]:
        last: dict[str, date] = {}
        for sighting in track.sightings:
            if self._is_before_treatment(sighting.date) and sighting.presence is not Presence.UNSEEN:
                last |= dict.fromkeys(("state", *known[sighting.date]), sighting.date)
        return last

    def _add(self, domain: Domain, **cells: Cell) -> int:
        self.numbers[domain.name] += 1
        number = self.numbers[domain.name]
        known: dict[str, Cell] = {
            "STUDYID": self.study,
            "DOMAIN": domain.name,
            "USUBJID": self.subject,
            f"{domain.name}SEQ": number,
            **cells,
        }
        self.told.rows[domain.name].append(row_of(domain.columns, known))
        return number

    def _qualify(self, domain: str, number: int, name: str, value: str | float | None) -> None:
        if value is None:
            return
        known: dict[str, Cell] = {
            "STUDYID": self.study,
            "RDOMAIN": domain,
            "USUBJID": self.subject,
            "IDVAR": f"{domain}SEQ",
            "IDVARVAL": str(number),
            "QNAM": name,
            "QLABEL": sdtm.QUALIFIERS[name],
            "QVAL": value,
            "QORIG": "Derived",
        }
        supplement = sdtm.SUPPTR if domain == "TR" else sdtm.SUPPRS
        self.told.rows[supplement.name].append(row_of(supplement.columns, known))


def _link(track: Track) -> str:
    return identifier(track.modality.stream.value, track.site, track.id)


def _rule(criterion: str) -> str:
    return "RECIST 1.1" if criterion == "recist-1.1" else printed(criterion).upper()


def _standard(response: Response) -> str:
    if response.criterion in ("recist-1.1", "who") and response.label in _ONCOLOGY:
        return response.label
    if response.category is Category.NOT_EVALUABLE:
        return "NE"
    return response.category.value.upper().replace("_", " ")
