"""The table of an image's deposits: what a person sees of each, and nothing that `measure` would not say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Role, Status
from lesionkit.core.track import MatchedBy, Presence, Sighting, Track
from lesionkit.core.units import Quantity, total
from lesionkit.errors import ComparisonError
from napari_lesionkit._case import Case
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._following import Followed, Timepoint

Sizes = Mapping[tuple[str, str, str], Measurement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The deposit of an earlier image that this one seems to be.

    Parameters
    ----------
    image : str
        Id of the earlier image.
    key : str
        Of the deposit there.
    called : str
        By its name, else by its number there.
    matched_by : MatchedBy or None
        What ties them together.
    score : float or None
        How likely they are one, 0 to 1.
    is_sure : bool
        False where the alignment failed its checks, or another explanation is nearly as likely.
    is_named : bool
        Whether both bear the same name already: there is nothing to confirm.
    """

    image: str
    key: str
    called: str
    matched_by: MatchedBy | None
    score: float | None
    is_sure: bool
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One deposit of the image.

    Parameters
    ----------
    key : str
        Of the deposit.
    called : str
        By its name, else by its number.
    name : str or None
        As a person gave it.
    status : Status
        How far a person stands behind it.
    role : Role or None
        What it is followed for.
    author : str
        Who drew it.
    size : Quantity or None
        Area on pictures, volume of volumes, with its error; None of one of which only the place is marked.
    long_axis : Quantity or None
        With its error.
    track : str or None
        Id of its track; None of a suggestion, and before the site has been followed.
    parts : int
        Deposits of this image in its track: the changes are of all of them together.
    change_previous_pct, change_baseline_pct : float or None
        Of the size of its track, in percent; None where it cannot be compared.
    match : Match or None
        What it seems to be on the last image on which it was seen.
    """

    key: str
    called: str
    name: str | None
    status: Status
    role: Role | None
    author: str
    size: Quantity | None = None
    long_axis: Quantity | None = None
    track: str | None = None
    parts: int = 1
    change_previous_pct: float | None = None
    change_baseline_pct: float | None = None
    match: Match | None = None


def rows_of(now: Timepoint, drawn: Drawn, followed: Followed, names: Mapping[str, Drawn]) -> tuple[Row, ...]:
    """Return the table of an image.

    Parameters
    ----------
    now : Timepoint
        The image, measured.
    drawn : Drawn
        What is drawn on it.
    followed : Followed
        What has become of the site.
    names : Mapping of str to Drawn
        What is drawn on the site's other images, by image id.
    """
    sizes = {(m.image, m.deposit, m.measure): m for m in followed.measurements}
    table = _Table(
        now=now, drawn=drawn, followed=followed, names=names, sizes=sizes, measure=size_measure(now.case)
    )
    return tuple(table.row(deposit) for deposit in (*drawn.present, *drawn.places))


def size_measure(case: Case) -> str:
    """Return what a deposit's size is: volume of CT and MR, else area."""
    return "volume" if case.ref.modality.is_volume else "area"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    now: Timepoint
    drawn: Drawn
    followed: Followed
    names: Mapping[str, Drawn]
    sizes: Sizes
    measure: str

    def row(self, deposit: Deposit) -> Row:
        track, sighting = self._track(deposit)
        size = self.sizes.get((deposit.image, deposit.id, self.measure))
        axis = self.sizes.get((deposit.image, deposit.id, "long_axis"))
        verdict = self.followed.response(self.now.case.day, track=track.id) if track else None
        return Row(
            key=deposit.id,
            called=self.drawn.called(deposit.id),
            name=deposit.name,
            status=deposit.status,
            role=deposit.role,
            author=deposit.author,
            size=size.quantity if size else None,
            long_axis=axis.quantity if axis else None,
            track=track.id if track else None,
            parts=len(sighting.deposits) if sighting else 1,
            change_previous_pct=self._since_previous(track, sighting),
            change_baseline_pct=verdict.change_pct if verdict else None,
            match=self._match(deposit, sighting),
        )

    def _track(self, deposit: Deposit) -> tuple[Track | None, Sighting | None]:
        for track in self.followed.tracks:
            for sighting in track.sightings:
                if sighting.image == deposit.image and deposit.id in sighting.deposits:
                    return track, sighting
        return None, None

    def _since_previous(self, track: Track | None, sighting: Sighting | None) -> float | None:
        if track is None or sighting is None:
            return None
        earlier = [
            one for one in track.sightings if one.date < sighting.date and one.presence is not Presence.UNSEEN
        ]
        if not earlier or earlier[-1].presence is not Presence.PRESENT:
            return None
        before, after = list(self._sizes(earlier[-1])), list(self._sizes(sighting))
        if not before or not after or not _comparable(before, after):
            return None
        try:
            return total([m.quantity for m in after]).change_pct_from(total([m.quantity for m in before]))
        except ComparisonError:
            return None

    def _sizes(self, sighting: Sighting) -> Iterable[Measurement]:
        found = (self.sizes.get((sighting.image or "", key, self.measure)) for key in sighting.deposits)
        return (m for m in found if m is not None)

    def _match(self, deposit: Deposit, sighting: Sighting | None) -> Match | None:
        link = next((one for one in sighting.links if one.later == deposit.id), None) if sighting else None
        if sighting is None or link is None or link.image not in self.names:
            return None
        there = self.names[link.image]
        earlier = there.deposit(link.earlier)
        return Match(
            image=link.image,
            key=link.earlier,
            called=there.called(link.earlier),
            matched_by=sighting.matched_by,
            score=sighting.match_score,
            is_sure=link.is_confirmed,
            is_named=deposit.name is not None and deposit.name == earlier.name,
        )


def _comparable(before: Iterable[Measurement], after: Iterable[Measurement]) -> bool:
    return all(
        one.quantity.unit is other.quantity.unit
        # Pixels of two pictures are never compared: nothing says that they are of one size.
        and one.quantity.unit.is_metric
        and one.scale_source.comparable_with(other.scale_source)
        for one in before
        for other in after
    )
