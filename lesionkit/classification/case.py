"""One track, one site or all sites: what is compared with what at each timepoint."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from lesionkit.classification.burden import Sizes, burden_at, sighting_at
from lesionkit.classification.reasons import Reason
from lesionkit.classification.stream import Stream
from lesionkit.classification.verdict import Comparison
from lesionkit.core.grid import ScaleSource
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Role
from lesionkit.core.response import Burden, Criterion
from lesionkit.core.track import Presence, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a verdict is on, with all it rests on.

    Parameters
    ----------
    tracks : tuple of Track
        The one track, or all of the sites but controls.
    sites : tuple of str
        Where they lie.
    is_one_track : bool
        Whether the verdict is on one track: it is then compared whatever its role.
    baseline : date
        Day of baseline.
    stream : Stream
        What was imaged and read.
    sizes : Sizes
        By the rule's measure.
    criterion : Criterion
        The rule.
    """

    tracks: tuple[Track, ...]
    sites: tuple[str, ...]
    is_one_track: bool
    baseline: date
    stream: Stream
    sizes: Sizes
    criterion: Criterion

    def compare(self, day: date) -> Comparison:
        """Return what is known when a day is held against baseline.

        Only tracks that had been present by that day are known: what is found later changes no
        earlier verdict.
        """
        seen = tuple(track for track in self.tracks if _first_present(track) <= day)
        # What a surgeon took out is no response: it is left out of both sums.
        known = tuple(track for track in seen if not track.is_removed(day))
        chosen = self._chosen()
        compared = tuple(track for track in known if track in chosen)
        others = tuple(track for track in known if track not in chosen)
        appeared = [track for track in known if self._has_appeared(track, day)]
        sure = [track for track in appeared if self._is_sure(track, day)]
        return Comparison(
            criterion=self.criterion,
            baseline=self._burden(compared, self.baseline, others),
            current=self._burden(compared, day, others),
            nadir=self._nadir(compared, day) if compared or not others else None,
            unread=self.stream.unread_reason(self.sites, day),
            is_baseline_incomplete=self.stream.is_incomplete(self.sites, self.baseline),
            is_incomplete=self.stream.is_incomplete(self.sites, day),
            unread_sites=bool(self._unread_sites(day)),
            new=len(sure),
            new_unconfirmed=len(appeared) - len(sure),
            hidden_new=any(self._is_hidden_new(track, day) for track in known),
            left_out=any(self._is_left_out(track, day) for track in known if track not in appeared),
            removed=len(known) < len(seen),
            others_remain=any(_presence(track, day) is not Presence.ABSENT for track in others),
            has_no_target=not chosen
            and any(_presence(track, self.baseline) is Presence.PRESENT for track in others),
            obstacle=self._obstacle(compared, self.baseline, day),
            is_match_confirmed=self._is_match_confirmed(compared, others, day),
            is_relative=self._is_relative(compared, day),
        )

    def _is_relative(self, compared: tuple[Track, ...], day: date) -> bool:
        before, after = self._measured(compared, self.baseline), self._measured(compared, day)
        return bool(before and after) and _is_relative(before, after)

    def _burden(self, compared: tuple[Track, ...], day: date, others: tuple[Track, ...] = ()) -> Burden:
        is_read = self.stream.unread_reason(self.sites, day) is None
        burden = burden_at(compared, self.sizes, day, is_read=is_read)
        if not compared and any(_presence(track, day) is not Presence.ABSENT for track in others):
            # A sum over nothing is no zero while deposits that may not be compared are about.
            return replace(burden, quantity=None)
        return burden

    def _chosen(self) -> tuple[Track, ...]:
        """Return the tracks whose sizes are compared: all seen at baseline, or the rule's targets.

        Targets are present at baseline and not marked non-target; where any is marked target, only
        those so marked. The largest are taken, at most as many as the rule allows.
        """
        seen = [t for t in self.tracks if _presence(t, self.baseline) is not Presence.UNSEEN]
        if self.is_one_track or self.criterion.max_targets is None:
            return tuple(seen)
        present = [t for t in seen if _presence(t, self.baseline) is Presence.PRESENT]
        eligible = [t for t in present if Role.NON_TARGET not in self.stream.roles_of(t)]
        marked = [t for t in eligible if Role.TARGET in self.stream.roles_of(t)]
        by_size = sorted(marked or eligible, key=lambda t: (-self._size_at_baseline(t), t.site, t.id))
        return tuple(by_size[: self.criterion.max_targets])

    def _size_at_baseline(self, track: Track) -> float:
        quantity = burden_at((track,), self.sizes, self.baseline).quantity
        return quantity.value if quantity else 0.0

    def _first_look(self, track: Track, day: date) -> date | None:
        """Return the first day from baseline to before `day` at which a track's place was looked at."""
        for sighting in track.sightings:
            if self.baseline <= sighting.date < day and sighting.presence is not Presence.UNSEEN:
                return sighting.date
        return None

    def _has_appeared(self, track: Track, day: date) -> bool:
        first = self._first_look(track, day)
        is_here = _presence(track, day) is Presence.PRESENT
        return is_here and first is not None and _presence(track, first) is Presence.ABSENT

    def _is_hidden_new(self, track: Track, day: date) -> bool:
        first = self._first_look(track, day)
        is_hidden = _presence(track, day) is Presence.UNSEEN
        return is_hidden and first is not None and _presence(track, first) is Presence.ABSENT

    def _is_sure(self, track: Track, day: date) -> bool:
        first = self._first_look(track, day) or self.baseline
        return sighting_at(track, first).is_confirmed and sighting_at(track, day).is_confirmed

    def _is_left_out(self, track: Track, day: date) -> bool:
        return (
            _presence(track, self.baseline) is Presence.UNSEEN and _presence(track, day) is Presence.PRESENT
        )

    def _unread_sites(self, day: date) -> tuple[str, ...]:
        read = self.stream.read
        return tuple(site for site in self.sites if self.baseline in read[site] and day not in read[site])

    def _is_match_confirmed(self, compared: tuple[Track, ...], others: tuple[Track, ...], day: date) -> bool:
        """Whether the verdict is safe from a wrong match.

        A sum over all deposits is the same whichever is matched with which; the verdict on one track
        is not, nor is a sum of targets while other deposits are about.
        """
        if not self.is_one_track and (
            self.criterion.max_targets is None
            or not any(_presence(track, day) is Presence.PRESENT for track in others)
        ):
            return True
        return all(self._is_sure(track, day) for track in compared)

    def _nadir(self, compared: tuple[Track, ...], day: date) -> Burden | None:
        """Return the smallest burden from baseline to before `day`: complete, and comparable with both."""
        if self._obstacle(compared, self.baseline, day):
            return None
        candidates = [self._burden(compared, earlier) for earlier in self._earlier(compared, day)]
        complete = [(b.quantity.value, b.date, b) for b in candidates if b.is_complete and b.quantity]
        return min(complete)[2] if complete else None

    def _earlier(self, compared: tuple[Track, ...], day: date) -> Iterator[date]:
        yield self.baseline
        for earlier in sorted(self.stream.read_on(self.sites)):
            if self.baseline < earlier < day and not (
                self._unread_sites(earlier)
                or self.stream.is_incomplete(self.sites, earlier)
                or self._obstacle(compared, self.baseline, earlier)
                or self._obstacle(compared, earlier, day)
            ):
                yield earlier

    def _obstacle(self, compared: tuple[Track, ...], then: date, now: date) -> Reason | None:
        """Return why sizes of two days must not be compared; None where they may."""
        before, after = self._measured(compared, then), self._measured(compared, now)
        found = [size for _, size in (*before, *after) if size is not None]
        if len(found) < len(before) + len(after):
            return Reason.MEASURE_NOT_AVAILABLE
        units = {size.quantity.unit for size in found}
        if len(units) > 1:
            return Reason.UNITS_DIFFER
        if before and after:
            return self._scale_obstacle(before, after) or self._error_obstacle(found)
        return None

    def _measured(self, compared: tuple[Track, ...], day: date) -> list[tuple[str, Measurement | None]]:
        return [(track.site, size) for track in compared for size in self.sizes.of(track, day)]

    def _scale_obstacle(
        self, before: list[tuple[str, Measurement | None]], after: list[tuple[str, Measurement | None]]
    ) -> Reason | None:
        if not all(size and size.quantity.unit.is_metric for _, size in before):
            return None if _is_relative(before, after) else Reason.NO_SCALE
        for site in self.sites:
            pairs = [(a, b) for a in _sources(before, site) for b in _sources(after, site)]
            if not all(a.comparable_with(b) for a, b in pairs):
                return Reason.SCALE_SOURCES_DIFFER
        return None

    def _error_obstacle(self, found: list[Measurement]) -> Reason | None:
        by_error = self.criterion.detectable_ses is not None
        is_unknown = any(size.quantity.standard_error is None for size in found)
        return Reason.NO_ERROR_KNOWN if by_error and is_unknown else None


def _is_relative(
    before: list[tuple[str, Measurement | None]], after: list[tuple[str, Measurement | None]]
) -> bool:
    """Return whether all sizes are in pixels of one picture: the first of one site."""
    found = (*before, *after)
    in_pixels_of_first = all(
        size is not None
        and size.scale_source is ScaleSource.BASELINE_PICTURE
        and not size.quantity.unit.is_metric
        for _, size in found
    )
    return in_pixels_of_first and len({site for site, _ in found}) == 1


def _sources(sizes: list[tuple[str, Measurement | None]], site: str) -> set[ScaleSource]:
    return {size.scale_source for where, size in sizes if size and where == site}


def _presence(track: Track, day: date) -> Presence:
    return sighting_at(track, day).presence


def _first_present(track: Track) -> date:
    return min(s.date for s in track.sightings if s.presence is Presence.PRESENT)
