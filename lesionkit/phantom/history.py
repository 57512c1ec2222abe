"""A participant's deposits through time, as they truly were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from lesionkit.core.image import Modality
from lesionkit.core.response import Category
from lesionkit.core.track import Event
from lesionkit.phantom.anatomy import Limb, Side
from lesionkit.phantom.concretion import Concretion


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What lay in one body site on one day.

    Parameters
    ----------
    day : date
        When.
    concretions : tuple of Concretion
        Their footprints do not touch.

    Raises
    ------
    ValueError
        If two footprints touch: total area would not be the sum of theirs.
    """

    day: date
    concretions: tuple[Concretion, ...]

    def __post_init__(self) -> None:
        from shapely import Polygon

        areas = [Polygon(c.outline(vertices=180)) for c in self.concretions]
        for number, area in enumerate(areas):
            if any(area.intersects(other) for other in areas[:number]):
                lineage = self.concretions[number].lineage
                raise ValueError(f"on {self.day} the concretion {lineage} touches another")

    def of(self, lineage: str) -> tuple[Concretion, ...]:
        """Return the concretions of one lineage."""
        return tuple(c for c in self.concretions if c.lineage == lineage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One body site of one participant, pictured again and again in one way.

    Parameters
    ----------
    modality : Modality
        XC, DX, CT or MR.
    side : Side
        Which limb.
    region : str
        ``hand`` or ``forearm``.
    visits : tuple of Visit
        In order of time.
    is_named : bool
        Whether the reader gives deposits their names.
    how : str
        Variant of the files, such as how they tell their scale.
    """

    modality: Modality
    side: Side
    region: str
    visits: tuple[Visit, ...]
    is_named: bool = False
    how: str = ""

    def __post_init__(self) -> None:
        if any(later.day <= earlier.day for earlier, later in pairwise(self.visits)):
            raise ValueError("visits must be in order of time")

    @property
    def lineages(self) -> tuple[str, ...]:
        """All deposits that were ever there, in order of appearance."""
        return tuple(dict.fromkeys(c.lineage for visit in self.visits for c in visit.concretions))

    def size(self, concretion: Concretion) -> float:
        """Return a concretion's true size in this modality: mm³ for volumes, else mm²."""
        return concretion.volume_mm3 if self.modality.is_volume else concretion.area_mm2

    def total(self, visit: Visit) -> float:
        """Return the true total size at a visit."""
        return sum(self.size(concretion) for concretion in visit.concretions)

    def event(self, lineage: str, visit: Visit) -> Event | None:
        """Return what truly happened to a deposit at a visit; None before it appeared or while it is gone."""
        index = self.visits.index(visit)
        counts = [len(earlier.of(lineage)) for earlier in self.visits[: index + 1]]
        return event_of(counts)


def event_of(counts: list[int]) -> Event | None:
    """Return what happened to a deposit at the last of its visits, given its number of parts at each.

    Examples
    --------
    >>> event_of([1, 2])
    <Event.SPLIT: 'split'>
    >>> event_of([1, 0, 1])
    <Event.REAPPEARED: 'reappeared'>
    """
    now, before = counts[-1], counts[:-1]
    if not before:
        return Event.BASELINE if now else None
    if now == 0:
        return Event.RESOLVED if before[-1] else None
    if before[-1] == 0:
        return Event.REAPPEARED if any(before) else Event.NEW
    if now > before[-1]:
        return Event.SPLIT
    return Event.MERGED if now < before[-1] else Event.PERSISTING


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One digital participant.

    Parameters
    ----------
    id : str
        Pseudonym.
    limbs : Mapping of Side to Limb
        Those pictured.
    tone : float
        Of the skin, 0 fair to 1 dark.
    is_hairy : bool
        Whether hairs show.
    start : date
        First infusion.
    strands : tuple of Strand
        What was pictured.
    """

    id: str
    limbs: Mapping[Side, Limb]
    tone: float
    is_hairy: bool
    start: date
    strands: tuple[Strand, ...]

    def final_category(self, modality: Modality) -> Category:
        """Return the true outcome of one modality over all its sites, by the ±25 % rule against baseline.

        Baseline is each site's last visit on or before the first infusion; a deposit that no earlier
        visit had is progression. Made for histories whose sites are pictured on the same days.
        """
        strands = [strand for strand in self.strands if strand.modality is modality]
        before = after = 0.0
        has_new = False
        for strand in strands:
            start = max((v for v in strand.visits if v.day <= self.start), key=lambda v: v.day)
            before += strand.total(start)
            after += strand.total(strand.visits[-1])
            old = {c.lineage for v in strand.visits if v.day <= start.day for c in v.concretions}
            has_new |= any(c.lineage not in old for c in strand.visits[-1].concretions)
        change = after / before - 1
        if has_new or change > 0.25:
            return Category.PROGRESSION
        if after == 0:
            return Category.RESOLVED
        return Category.REGRESSION if change < -0.25 else Category.STABLE
