"""How many clicks and keys it takes to outline five deposits on a photograph, in four ways.

    python benchmarks/effort.py

Two visits of a phantom hand with five deposits. A hand that is off by a pixel (one standard
deviation) outlines them through the same gestures that the panel uses, and every press of a button or
key is counted: the key that takes the tool, each corner of a polygon and what ends it, the click, both
ends of a box. A polygon has as few corners as reach a Dice of 0.95 with the truth. Carried outlines are
confirmed with one key, all at once.

Then the deposits of the second visit are given the names of the first: by the match that is proposed
(two keys each), or with the carried outlines (none).
"""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from napari_lesionkit import Session, open_session
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._case import Case
from PIL import Image as Picture
from shapely import Polygon

from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Outline
from lesionkit.phantom import grow_skin, participants, render_photograph
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.staging import lay_table, photo_view, set_light, skin_box
from lesionkit.suggest import grow, outline_box

SEED = 11
OFF_PX = 1.0
LEAST = 0.95


@dataclass
class Hand:
    """Clicks and keys so far."""

    clicks: int = 0
    keys: int = 0

    def __str__(self) -> str:
        return f"{self.clicks} | {self.keys}"


def make_visits(folder: Path) -> list[list[np.ndarray]]:
    """Write two photographs of a hand with five deposits, and return their true outlines."""
    person = next(p for p in participants() if p.id == "P03")
    strand = next(s for s in person.strands if s.modality is Modality.XC)
    limb = person.limbs[strand.side]
    skin = grow_skin(limb, skin_box(limb, strand.region), seed=SEED, tone=person.tone)
    truths, lines = [], ["path,mm_per_px"]
    for visit in strand.visits[:2]:
        rng = np.random.default_rng([SEED, visit.day.toordinal()])
        made = render_photograph(
            skin, five(visit.concretions), view=photo_view(rng, limb, strand.region), seed=SEED,
            light=set_light(rng), table=lay_table(rng, limb, strand),
        )  # fmt: skip
        place = folder / "P01" / visit.day.isoformat() / "left-hand.png"
        place.parent.mkdir(parents=True)
        Picture.fromarray(np.asarray(made.image.pixels)).save(place)
        lines.append(f"{place.relative_to(folder).as_posix()},{made.image.grid.spacing_mm[0]}")
        truths.append([deposit.regions[0].exterior for deposit in made.deposits])
    (folder / "images.csv").write_text("\n".join(lines), encoding="utf-8")
    return truths


def five(four: tuple[Concretion, ...]) -> tuple[Concretion, ...]:
    """Return four deposits and one more, where there is room on the back of the hand."""
    near = four[0]
    x, z = np.mean([one.centre for one in four], axis=0)
    away = [(x + dx, z + dz) for dx in (0, -12, 12) for dz in (0, 14, -14, 28)]

    def gap(place: tuple[float, float]) -> float:
        return min(float(np.hypot(*np.subtract(place, one.centre))) for one in four)

    place = max(away, key=gap)
    return (*four, replace(near, lineage="fifth", centre=(float(place[0]), float(place[1]))))


def overlap(found: Outline, truth: np.ndarray) -> float:
    one, other = Polygon(found.exterior), Polygon(truth)
    return 2 * one.intersection(other).area / (one.area + other.area)


def polygon(_image: Image, truth: np.ndarray, rng: np.random.Generator, hand: Hand) -> Outline:
    for corners in range(4, 60):
        at = np.linspace(0, len(truth), corners, endpoint=False).astype(int)
        line = Outline(exterior=truth[at] + rng.normal(0, OFF_PX, (corners, 2)))
        if overlap(line, truth) >= LEAST:
            break
    hand.clicks += corners
    hand.keys += 1  # Enter
    return line


def click(image: Image, truth: np.ndarray, rng: np.random.Generator, hand: Hand) -> Outline:
    hand.clicks += 1
    return grow(image, truth.mean(axis=0) + rng.normal(0, 2 * OFF_PX, 2))


def box(image: Image, truth: np.ndarray, rng: np.random.Generator, hand: Hand) -> Outline:
    hand.clicks += 2
    corners = np.stack([truth.min(axis=0), truth.max(axis=0)])
    return outline_box(image, corners + rng.normal(0, OFF_PX, (2, 2)))


def outline(session: Session, case: Case, truths: list[np.ndarray], tool: object, hand: Hand) -> list[float]:
    rng = np.random.default_rng(SEED)
    draft, image = session.open(case), session.load(case)
    hand.keys += 1  # the tool
    for truth in truths:
        draft.commit(verbs.draw(draft.drawn, tool(image, truth, rng, hand), by=draft.stamp))
    return scores(session, case, truths)


def scores(session: Session, case: Case, truths: list[np.ndarray]) -> list[float]:
    found = [deposit.regions[0] for deposit in session.peek(case).present]
    return [max((overlap(one, truth) for one in found), default=0.0) for truth in truths]


def name_by_match(session: Session, case: Case, hand: Hand) -> int:
    session.follow(case)
    session.open(case)
    rows = [row for row in session.rows(case) if row.match is not None]
    for row in rows:
        hand.keys += 2  # next deposit, confirm match
        session.confirm_match(case, row.key)
    return len(rows)


def main() -> None:
    print("| way | clicks | keys | median Dice | least |\n|---|---|---|---|---|")
    names: list[tuple[str, Hand, int]] = []
    for label, tool in (("polygon", polygon), ("click", click), ("box", box), ("carried, confirmed", None)):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            first, second = make_visits(folder)
            session = open_session(folder, reader="anna")
            before, now = session.cases
            outline(session, before, first, box, Hand())
            hand = Hand()
            if tool is None:
                draft = session.open(before)
                for number, deposit in enumerate(draft.drawn.deposits, start=1):
                    draft.commit(verbs.rename(draft.drawn, deposit.id, f"D{number}"))
                draft = session.open(now)
                hand.keys += 1
                draft.commit(session.propagate(now))
                hand.keys += 1
                draft.commit(verbs.confirm(draft.drawn, by=draft.stamp))
                found = scores(session, now, second)
                names.append((label, Hand(), sum(bool(d.name) for d in draft.drawn.present)))
            else:
                found = outline(session, now, second, tool, hand)
                naming = Hand()
                names.append((label, naming, name_by_match(session, now, naming)))
            session.close()
            print(f"| {label} | {hand} | {np.median(found):.3f} | {min(found):.3f} |")
    print("\n| then, for the names | clicks | keys | deposits named |\n|---|---|---|---|")
    for label, hand, count in names:
        print(f"| {label} | {hand} | {count} of 5 |")


if __name__ == "__main__":
    main()
