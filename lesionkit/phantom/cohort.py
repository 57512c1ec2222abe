"""Seven digital participants after Rauch 2021: the paper's facts, and histories made up to its outcomes.

Who of the paper's participants had which outcome is not published: the assignment here, like every date,
deposit and picture, is invented. What is the paper's are the facts of its Table 1, how many participants
had photographs and radiology and for how long, and how many had which outcome.

References
----------
Rauch L, Hein R, Biedermann T, Eyerich K, Lauffer F. Bisphosphonates for the treatment of calcinosis
cutis: a retrospective single-center study. Biomedicines 2021;9:1698, doi:10.3390/biomedicines9111698.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from lesionkit.core.image import Modality
from lesionkit.phantom.anatomy import Limb, Side
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.history import Participant, Strand, Visit
from lesionkit.phantom.noise import rng_of

Size = float | tuple[float, float]
"""Of a deposit at a visit, over its own at the start: 0 = not there, two numbers = in two parts."""


def participants() -> tuple[Participant, ...]:
    """Return the seven participants with what truly lay in their skin at every visit."""
    return (_p1(), _p2(), _p3(), _p4(), _p5(), _p6(), _p7())


def _p1() -> Participant:
    limbs = {Side.LEFT: Limb(side=Side.LEFT, size=1.05, girth=1.06)}
    start = date(2012, 3, 5)
    forearm = _Site(
        Modality.XC, Side.LEFT, "forearm", (start - timedelta(5), _after(start, 10), _after(start, 24))
    )
    forearm.has("elbow", (-9, -232), (10.0, 8.0, 4.0), (1.0, 0.8, 0.62))
    forearm.has("ulnar side", (-17, -172), (7.0, 5.2, 3.4), (1.0, 0.85, (0.30, 0.20)))
    forearm.has("radial side", (20, -128), (4.2, 3.5, 2.4), (1.0, 0.5, 0.0))
    return Participant(
        id="P01", limbs=limbs, tone=0.22, is_hairy=True, start=start,
        strands=(forearm.strand(limbs),),
    )  # fmt: skip


def _p2() -> Participant:
    limbs = {side: Limb(side=side, size=0.95, girth=0.97) for side in Side}
    start = date(2013, 9, 16)
    days = (start - timedelta(3), _after(start, 9), _after(start, 21), _after(start, 38))
    forearm = _Site(Modality.XC, Side.RIGHT, "forearm", days)
    forearm.has("A", (6, -212), (8.2, 6.4, 3.8), (1.0, 1.03, 1.02, 1.05))
    forearm.has("B", (-15, -160), (5.6, 4.6, 3.0), (1.0, 1.05, 0.97, 1.02))
    forearm.has("C", (13, -118), (4.8, 4.2, 2.8), (0.0, 0.0, 0.7, 1.1))
    forearm.has("D", (-10, -88), (3.4, 3.0, 2.2), (0.0, 0.0, 0.0, 1.0))
    ct = _Site(
        Modality.CT, Side.LEFT, "forearm", (start - timedelta(10), _after(start, 13), _after(start, 28))
    )
    ct.has("dorsal", (6, -148), (7.0, 9.0, 4.0), (1.0, 1.25, 1.60), sunk=6.5)
    ct.has("ulnar", (-21, -160), (5.0, 6.5, 3.2), (1.0, 1.20, 1.55), sunk=6.0)
    ct.has("radial", (24, -132), (4.0, 5.0, 3.0), (1.0, 1.35, 1.80), sunk=5.5)
    return Participant(
        id="P02", limbs=limbs, tone=0.12, is_hairy=False, start=start,
        strands=(forearm.strand(limbs, how="two-points"), ct.strand(limbs, is_named=True, how="dicom-seg")),
    )  # fmt: skip


def _p3() -> Participant:
    limbs = {Side.LEFT: Limb(side=Side.LEFT, size=0.96, girth=0.98)}
    start = date(2015, 2, 10)
    early = (start, _after(start, 4))
    photo = _Site(Modality.XC, Side.LEFT, "hand", (*early, _after(start, 9)))
    xray = _Site(Modality.DX, Side.LEFT, "hand", (*early, _after(start, 11)))
    for site, last in ((photo, 1.0), (xray, 0.92)):
        site.has("index finger", (36.5, 138), (4.2, 5.4, 2.7), (1.0, 0.86, 0.62 * last))
        site.has("middle knuckle", (4, 98), (6.4, 5.0, 2.8), (1.0, 0.80, (0.28 * last, 0.18 * last)))
        site.has("thumb", (67, 79), (4.6, 3.7, 2.5), (1.0, 0.65, 0.36 * last))
        site.has("ring finger", (-21.5, 142), (3.0, 3.6, 2.3), (1.0, 0.90, 0.0))
    return Participant(
        id="P03", limbs=limbs, tone=0.18, is_hairy=False, start=start,
        strands=(photo.strand(limbs), xray.strand(limbs, how="fiducial")),
    )  # fmt: skip


def _p4() -> Participant:
    limbs = {side: Limb(side=side, size=0.93, girth=0.95) for side in Side}
    start = date(2011, 6, 20)
    days = (_after(start, -7), start - timedelta(8), _after(start, 22), _after(start, 45))
    photo = _Site(Modality.XC, Side.RIGHT, "hand", days)
    photo.has("A", (7, 131), (5.0, 6.0, 2.7), (0.98, 1.0, 1.07, 1.05))
    photo.has("B", (-30, 78), (4.8, 4.2, 2.5), (0.97, 1.0, 1.08, 1.05))
    photo.has("C", (27, 93), (3.1, 2.9, 2.0), (1.0, 1.0, 0.0, 0.97))
    mr = _Site(Modality.MR, Side.LEFT, "hand", (start - timedelta(20), _after(start, 8), _after(start, 19)))
    mr.has("middle", (4, 70), (6.0, 7.0, 2.3), (1.0, 1.03, 1.06), sunk=4.6)
    mr.has("ulnar", (-18, 52), (4.2, 6.0, 2.2), (1.0, 0.96, 1.02), sunk=4.6)
    mr.has("radial", (25, 62), (3.8, 4.8, 2.3), (1.0, 1.05, 1.08), sunk=4.6)
    return Participant(
        id="P04", limbs=limbs, tone=0.30, is_hairy=False, start=start,
        strands=(photo.strand(limbs, how="manifest"), mr.strand(limbs, is_named=True, how="seg.nrrd")),
    )  # fmt: skip


def _p5() -> Participant:
    limbs = {side: Limb(side=side, size=0.97, girth=0.96) for side in Side}
    start = date(2010, 11, 8)
    days = (start - timedelta(2), _after(start, 30), _after(start, 60))
    left = _Site(Modality.XC, Side.LEFT, "hand", days)
    left.has("ring finger", (-19, 129), (4.7, 5.5, 2.6), (1.0, 0.90, 0.75))
    left.has("middle finger", (8, 159), (4.2, 4.5, 2.5), (1.0, 0.95, 0.80))
    left.has("index knuckle", (27, 98), (4.2, 3.7, 2.4), (0.0, 0.0, 1.0))
    right = _Site(Modality.XC, Side.RIGHT, "hand", days)
    right.has("index finger", (34.5, 128), (4.6, 5.4, 2.6), (1.0, 1.0, 0.95))
    right.has("thumb", (66, 79), (4.4, 4.0, 2.5), (1.0, 0.92, 0.90))
    return Participant(
        id="P05", limbs=limbs, tone=0.08, is_hairy=False, start=start,
        strands=(left.strand(limbs, is_named=True, how="turned"), right.strand(limbs, is_named=True)),
    )  # fmt: skip


def _p6() -> Participant:
    limbs = {side: Limb(side=side, size=0.98, girth=1.02) for side in Side}
    start = date(2009, 5, 12)
    days = (start - timedelta(4), _after(start, 22), _after(start, 44), _after(start, 66))
    photo = _Site(Modality.XC, Side.RIGHT, "hand", days)
    photo.has("A", (34, 127), (4.4, 5.0, 2.5), (1.0, 1.15, 1.35, 1.60))
    photo.has("B", (2, 93), (6.6, 5.2, 2.8), ((0.42, 0.34), (0.48, 0.38), 1.20, 1.36))
    photo.has("C", (-46.5, 120), (2.9, 3.3, 2.0), (1.0, 1.2, 1.4, 1.55))
    ct = _Site(Modality.CT, Side.LEFT, "forearm", (days[0], _after(start, 7), _after(start, 15)))
    ct.has("A", (4, -150), (7.5, 9.0, 4.2), (1.0, 0.75, 0.45), sunk=6.5)
    ct.has("B", (-22, -134), (4.2, 5.2, 3.0), (1.0, 0.55, 0.0), sunk=6.0)
    ct.has("C", (22, -158), (6.5, 9.5, 3.4), ((0.40, 0.34), (0.38, 0.32), 0.50), sunk=6.0)
    return Participant(
        id="P06", limbs=limbs, tone=0.42, is_hairy=False, start=start,
        strands=(photo.strand(limbs), ct.strand(limbs, how="nrrd")),
    )  # fmt: skip


def _p7() -> Participant:
    limbs = {Side.RIGHT: Limb(side=Side.RIGHT, size=0.94, girth=0.94)}
    start = date(2014, 4, 1)
    days = (start - timedelta(12), _after(start, 12), _after(start, 24), _after(start, 37))
    xray = _Site(Modality.DX, Side.RIGHT, "hand", days)
    xray.has("index", (39.2, 139), (4.0, 6.4, 2.9), (1.0, 0.90, (0.36, 0.26), (0.28, 0.20)))
    xray.has("palm", (15, 66), (5.0, 6.6, 3.2), (1.0, 0.90, 0.75, 0.60))
    xray.has("little", (-41, 91), (3.6, 4.2, 2.5), (1.0, 0.70, 0.36, 0.0))
    xray.has("thumb tip", (72, 99), (3.3, 3.8, 2.4), (1.0, 1.05, 0.90, 0.72))
    return Participant(
        id="P07", limbs=limbs, tone=0.15, is_hairy=False, start=start,
        strands=(xray.strand(limbs, how="magnification"),),
    )  # fmt: skip


class _Site:
    """A body site whose deposits are told one by one."""

    def __init__(self, modality: Modality, side: Side, region: str, days: Sequence[date]) -> None:
        self.modality, self.side, self.region, self.days = modality, side, region, days
        self.rows: list[tuple[Concretion, Sequence[Size]]] = []

    def has(
        self,
        lineage: str,
        place: tuple[float, float],
        semi_axes: tuple[float, float, float],
        sizes: Sequence[Size],
        *,
        sunk: float = 2.0,
    ) -> None:
        """Add a deposit by its place on an average left limb, its size and how that changes."""
        rng = rng_of(0, "shape", self.side, self.region, lineage, str(place))
        lobes = tuple(
            (k, round(size * rng.uniform(0.5, 1.0), 3), round(rng.uniform(0, 6.28), 3))
            for k, size in ((2, 0.08), (3, 0.10), (4, 0.06), (5, 0.04))
        )
        whole = Concretion(
            lineage=lineage,
            centre=place,
            semi_axes=semi_axes,
            angle_deg=round(rng.uniform(-35, 35), 1),
            sunk_mm=sunk,
            density_hu=round(rng.uniform(750, 1150)),
            lobes=lobes,
        )
        if len(sizes) != len(self.days):
            raise ValueError(f"{lineage} needs one size per visit")
        self.rows.append((whole, sizes))

    def strand(self, limbs: dict[Side, Limb], *, is_named: bool = False, how: str = "") -> Strand:
        """Return the site's visits on a limb."""
        limb = limbs[self.side]
        visits = tuple(
            Visit(
                day=day,
                concretions=tuple(
                    part.placed_on(limb)
                    for whole, sizes in self.rows
                    for part in _parts(whole, sizes[number], is_volume=self.modality.is_volume)
                ),
            )
            for number, day in enumerate(self.days)
        )
        return Strand(
            modality=self.modality,
            side=self.side,
            region=self.region,
            visits=visits,
            is_named=is_named,
            how=how,
        )


def _parts(whole: Concretion, size: Size, *, is_volume: bool) -> tuple[Concretion, ...]:
    if isinstance(size, tuple):
        return whole.split(shares=size)
    return (whole.scaled(size, is_volume=is_volume),) if size else ()


def _after(day: date, months: int) -> date:
    """Return the same day of the month, so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return day.replace(year=count // 12, month=count % 12 + 1)


FACTS = (
    # sex; diagnosis; age at disease onset; at calcinosis onset; years from there to treatment; cycles;
    # dose; treatment during; adverse events. Empty = unknown. Table 1 of the paper.
    ("male", "dermatomyositis", "26", "26", "8", "7", "70 mg", ("methylprednisolone",), ("none",)),
    ("female", "dermatomyositis", "46", "", "", "12", "75 mg", ("methotrexate", "prednisolone"),
     ("fever", "low blood pressure")),
    ("female", "mixed connective tissue disease", "48", "50", "8", "3", "75 mg",
     ("intravenous immunoglobulins", "methotrexate", "prednisolone"), ("none",)),
    ("female", "mixed connective tissue disease", "10", "14", "13", "6", "75 mg",
     ("methotrexate", "prednisolone"), ("fever", "shivering", "limb pain")),
    ("female", "systemic sclerosis", "58", "59", "4", "12", "75 mg", ("pentoxifylline",),
     ("fever", "osteonecrosis of the jaw")),
    ("female", "mixed connective tissue disease", "47", "49", "2", "18", "75 mg", (), ("none",)),
    ("female", "systemic sclerosis", "38", "", "", "2", "75 mg", ("prednisolone",), ("none",)),
)  # fmt: skip
"""The paper's facts of participants 1 to 7."""

DRUG = "pamidronate"
