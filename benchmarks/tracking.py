"""Who is who through time: lesionkit beside other ways of matching, on histories whose truth is known.

    pip install laptrack                    # the peer; lesionkit itself does not need it
    python benchmarks/tracking.py           # 500 histories, with lesionkit's own speed
    python benchmarks/tracking.py 50        # a tenth of them

The world is `tracking_world`: three severities, two of three histories on planar pictures, the others in
volumes.

* *nearest*: each deposit goes to the one with the nearest centre on the picture before, within a distance.
* *overlap*: as the makers of the Spinal Cord Toolbox map lesions (ivadomed/ms-lesion-agnostic,
  ``track_lesion_reg_iou.py``): after registration, every pair whose intersection over union is at least
  0.00001; one to many.
* *centres*: their other way (``track_lesion_reg_com.py``): the Hungarian algorithm on distances of centres.
* *laptrack*: `laptrack.LapTrack` with gap closing over two pictures, splitting and merging on, by distances
  of centres; and by overlap, with the costs of `laptrack.OverLapTrack` (one less the share of the later one).

*nearest* and *laptrack* are given the distance or cost that serves them best on the very histories they are
judged on (greatest F1 of links): a help that nobody has in a clinic, and that lesionkit does not get.
"""

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment
from tracking_world import SEVERITIES, Drawn, History, simulate

from lesionkit.track import link_deposits

Links = frozenset[tuple[int, int]]
HISTORIES = 500
CUTOFFS_MM = (4.0, 6.0, 8.0, 10.0, 14.0)
CUTOFFS_OVERLAP = (0.9, 0.99, 0.9999)


@dataclass(frozen=True)
class Score:
    """How many links and events were found, of how many; summed over histories."""

    right: int = 0
    told: int = 0
    true: int = 0
    splits_found: int = 0
    splits: int = 0
    merges_found: int = 0
    merges: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(*(a + b for a, b in zip(self.counts, other.counts, strict=True)))

    @property
    def counts(self) -> tuple[int, ...]:
        return (
            self.right,
            self.told,
            self.true,
            self.splits_found,
            self.splits,
            self.merges_found,
            self.merges,
        )

    @property
    def figures(self) -> tuple[float, ...]:
        """Precision, recall, F1, split recall, merge recall."""
        precision, recall = self.right / max(self.told, 1), self.right / max(self.true, 1)
        f1 = 2 * self.right / max(self.told + self.true, 1)
        return (
            precision,
            recall,
            f1,
            self.splits_found / max(self.splits, 1),
            self.merges_found / max(self.merges, 1),
        )


def judge(history: History, links: Links) -> Score:
    """Return how links compare with the truth; a split or merge is found when all of its links are.

    Where deposits exchange parts (two become two others), that is neither, and counts by its links only.
    """
    true = history.links
    splits = _fans(history, true, forward=True)
    merges = _fans(history, true, forward=False)
    return Score(
        right=len(true & links),
        told=len(links),
        true=len(true),
        splits_found=sum(fan <= links for fan in splits),
        splits=len(splits),
        merges_found=sum(fan <= links for fan in merges),
        merges=len(merges),
    )


def _fans(history: History, links: Iterable[tuple[int, int]], *, forward: bool) -> list[set[tuple[int, int]]]:
    fans: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for earlier, later in links:
        one, other = (earlier, later) if forward else (later, earlier)
        fans.setdefault((one, history.drawn[other].visit), set()).add((earlier, later))
    whole = [fan for fan in fans.values() if len(fan) > 1]
    other = Counter(later if forward else earlier for earlier, later in links)
    return [fan for fan in whole if all(other[later if forward else earlier] == 1 for earlier, later in fan)]


# lesionkit


def by_lesionkit(history: History) -> tuple[Links, Links]:
    """Return the links of `link_deposits`, and those of them that it marks unconfirmed."""
    place = {(f"{d.visit}.img", d.id): index for index, d in enumerate(history.drawn)}
    tracks = link_deposits(
        history.readings,
        history.transforms,
        patient="P01",
        modality=history.modality,
        site="hand",
        dates=history.dates,
    )
    links, unsure = set(), set()
    for track in tracks:
        for sighting in track.sightings:
            for link in sighting.links:
                pair = (place[link.image, link.earlier], place[sighting.image, link.later])
                links.add(pair)
                if not link.is_confirmed:
                    unsure.add(pair)
    return frozenset(links), frozenset(unsure)


# Peers


def _frames(history: History) -> list[list[int]]:
    visits = sorted({deposit.visit for deposit in history.drawn})
    return [[i for i, d in enumerate(history.drawn) if d.visit == visit] for visit in visits]


def _distances(history: History, one: Sequence[int], other: Sequence[int]) -> np.ndarray:
    places = [np.array([history.drawn[i].centre for i in each]) for each in (one, other)]
    return np.asarray(np.linalg.norm(places[0][:, None] - places[1][None], axis=2))


def by_nearest(history: History, *, cutoff: float) -> Links:
    """Each later deposit goes to the nearest earlier one."""
    found = set()
    for earlier, later in pairwise(_frames(history)):
        away = _distances(history, earlier, later)
        for column, row in enumerate(away.argmin(axis=0)):
            if away[row, column] <= cutoff:
                found.add((earlier[row], later[column]))
    return frozenset(found)


def by_centres(history: History) -> Links:
    """The Hungarian algorithm on distances of centres."""
    found = set()
    for earlier, later in pairwise(_frames(history)):
        rows, columns = linear_sum_assignment(_distances(history, earlier, later))
        found |= {(earlier[r], later[c]) for r, c in zip(rows, columns, strict=True)}
    return frozenset(found)


def by_overlap(history: History, *, least: float = 1e-5) -> Links:
    """Every pair with a least intersection over union."""
    found = set()
    for earlier, later in pairwise(_frames(history)):
        for i in earlier:
            for j in later:
                one, other = history.drawn[i], history.drawn[j]
                common = _overlap(one, other)
                if common / (one.size + other.size - common) >= least:
                    found.add((i, j))
    return frozenset(found)


_OVERLAPS: dict[tuple[int, int], float] = {}


def _overlap(one: Drawn, other: Drawn) -> float:
    key = (id(one), id(other))
    if key not in _OVERLAPS:
        reach = 1.5 * max(one.size, other.size) ** (1 / len(one.centre)) + 12
        near = np.linalg.norm(one.centre - other.centre) < reach
        _OVERLAPS[key] = one.overlap(other) if near else 0.0
    return _OVERLAPS[key]


def by_laptrack(history: History, *, cutoff: float, overlaps: bool = False) -> Links:
    """laptrack with gap closing, splitting and merging."""
    import pandas as pd
    from laptrack import LapTrack

    frames = _frames(history)
    if len(frames) < 2:
        return frozenset()

    def cost(a: np.ndarray, b: np.ndarray) -> float:
        one, other = sorted((int(a[0]), int(b[0])))
        if not overlaps:
            return float(np.linalg.norm(history.drawn[one].centre - history.drawn[other].centre))
        return 1.0 - _overlap(history.drawn[one], history.drawn[other]) / history.drawn[other].size

    rows = [(number, index) for number, frame in enumerate(frames) for index in frame]
    table = pd.DataFrame(rows, columns=["frame", "place"])
    tracker = LapTrack(
        metric=cost,
        cutoff=cutoff,
        gap_closing_metric=cost,
        gap_closing_cutoff=cutoff,
        gap_closing_max_frame_count=2,
        splitting_metric=cost,
        splitting_cutoff=cutoff,
        merging_metric=cost,
        merging_cutoff=cutoff,
    )
    tracks, splits, merges = tracker.predict_dataframe(
        table, ["place"], frame_col="frame", only_coordinate_cols=False
    )
    found = set()
    ends = {}
    for name, own in tracks.reset_index(drop=True).groupby("track_id"):
        places = own.sort_values("frame_y" if "frame_y" in own else "frame")["place"].astype(int).tolist()
        ends[name] = (places[0], places[-1])
        found |= set(pairwise(places))
    for events in (splits, merges):
        for _, event in events.iterrows():
            found.add((ends[event["parent_track_id"]][1], ends[event["child_track_id"]][0]))
    return frozenset(found)


# The run


def histories(count: int) -> list[History]:
    """Return histories of all severities, every third one in a volume."""
    return [simulate(seed, SEVERITIES[seed % 3], is_volume=seed // 3 % 3 == 0) for seed in range(count)]


def _best(
    cases: Sequence[History], method: Callable[..., Links], cutoffs: Iterable[float]
) -> tuple[float, list[Links]]:
    """Return the cutoff with the greatest F1 of links over all histories, and its links."""
    runs = [(cutoff, [method(history, cutoff=cutoff) for history in cases]) for cutoff in cutoffs]

    def f1(run: tuple[float, list[Links]]) -> float:
        return sum((judge(h, links) for h, links in zip(cases, run[1], strict=True)), Score()).figures[2]

    return max(runs, key=f1)


def run(count: int, *, laptrack: bool = True) -> None:
    """Print all tables."""
    cases = histories(count)
    ours = [by_lesionkit(history) for history in cases]
    rows: dict[str, list[Links]] = {"lesionkit": [links for links, _ in ours]}
    cutoff, rows["nearest"] = _best(cases, by_nearest, CUTOFFS_MM)
    print(f"nearest: best within {cutoff} mm")
    rows["overlap"] = [by_overlap(history) for history in cases]
    rows["centres"] = [by_centres(history) for history in cases]
    if laptrack:
        warnings.simplefilter("ignore")
        cutoff, rows["laptrack, distance"] = _best(cases, by_laptrack, CUTOFFS_MM)
        print(f"laptrack by distance: best within {cutoff} mm")
        cutoff, rows["laptrack, overlap"] = _best(cases, partial(by_laptrack, overlaps=True), CUTOFFS_OVERLAP)
        print(f"laptrack by overlap: best below a cost of {cutoff}")
    print(f"{count} histories, {sum(len(h.drawn) for h in cases)} deposits")
    for severity in (None, *SEVERITIES):
        chosen = [i for i, h in enumerate(cases) if severity is None or h.severity == severity]
        _print_table(severity.name if severity else "all", cases, rows, chosen)
    _print_flags(cases, ours)


def _print_table(
    title: str, cases: Sequence[History], rows: dict[str, list[Links]], chosen: Sequence[int]
) -> None:
    true = sum((judge(cases[i], cases[i].links) for i in chosen), Score())
    print(
        f"\n{title}: {len(chosen)} histories, {true.true} links, {true.splits} splits, {true.merges} merges"
    )
    print(f"{'':22}{'precision':>10}{'recall':>10}{'F1':>10}{'splits':>10}{'merges':>10}")
    for name, links in rows.items():
        score = sum((judge(cases[i], links[i]) for i in chosen), Score())
        print(f"{name:22}" + "".join(f"{figure:10.3f}" for figure in score.figures))


def _print_flags(cases: Sequence[History], ours: Sequence[tuple[Links, Links]]) -> None:
    print(f"\n{'links of lesionkit':22}{'flagged':>10}{'of them wrong':>15}{'of the others':>15}")
    for severity in (None, *SEVERITIES):
        counts: Counter[str] = Counter()
        for history, (links, unsure) in zip(cases, ours, strict=True):
            if severity is None or history.severity == severity:
                counts["links"] += len(links)
                counts["flagged"] += len(unsure)
                counts["flagged wrong"] += len(unsure - history.links)
                counts["wrong"] += len(links - unsure - history.links)
        rest = counts["links"] - counts["flagged"]
        print(
            f"{severity.name if severity else 'all':22}{counts['flagged'] / max(counts['links'], 1):10.1%}"
            f"{counts['flagged wrong'] / max(counts['flagged'], 1):15.1%}"
            f"{counts['wrong'] / max(rest, 1):15.1%}"
        )


def speed() -> None:
    """Print the times of linking 200 deposits at 10 timepoints; laptrack links their centres."""
    from lesionkit.core.grid import Grid, ScaleSource
    from lesionkit.core.image import Modality
    from lesionkit.core.region import Deposit, Outline
    from lesionkit.core.track import Reading
    from lesionkit.core.transform import Transform
    from lesionkit.core.units import Quantity, Unit

    rng = np.random.default_rng(1)
    grid = Grid(shape=(1600, 1600), spacing_mm=(0.25, 0.25), scale_source=ScaleSource.RULER)
    places, radii = rng.uniform(40, 1560, (200, 2)), rng.uniform(5, 25, 200)
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = np.column_stack([np.sin(angles), np.cos(angles)])
    readings, centres = [], []
    for visit in range(10):
        now = places + rng.normal(0, 4, places.shape)
        here = np.flatnonzero(rng.random(200) > 0.08)
        centres += [(visit, *now[index]) for index in here]
        deposits = tuple(
            Deposit(
                id=str(index), image=f"{visit}", regions=(Outline(exterior=now[index] + radii[index] * ring),)
            )
            for index in here
        )
        readings.append(
            Reading(date=date(2012 + visit, 3, 1), image=f"{visit}", grid=grid, deposits=deposits)
        )
    residual = Quantity(value=1.5, unit=Unit.MM)
    transforms = {
        reading.image: Transform(
            source=reading.image, target="0", matrix=np.eye(3), method="features", residual=residual
        )
        for reading in readings
    }
    times: dict[str, list[float]] = {"lesionkit": [], "laptrack": []}
    for _ in range(3):
        started = time.process_time()
        link_deposits(
            readings,
            transforms,
            patient="P01",
            modality=Modality.XC,
            site="hand",
            dates=[reading.date for reading in readings],
        )
        times["lesionkit"].append(time.process_time() - started)
        started = time.process_time()
        _time_laptrack(centres)
        times["laptrack"].append(time.process_time() - started)
    ours, theirs = min(times["lesionkit"]), min(times["laptrack"])
    print(
        f"\n200 deposits at 10 timepoints: lesionkit {ours:.2f} s, laptrack {theirs:.2f} s of one processor"
    )


def _time_laptrack(centres: Sequence[tuple[float, ...]]) -> None:
    import pandas as pd
    from laptrack import LapTrack

    table = pd.DataFrame(centres, columns=["frame", "row", "column"])
    tracker = LapTrack(cutoff=30**2, gap_closing_cutoff=30**2, splitting_cutoff=30**2, merging_cutoff=30**2)
    tracker.predict_dataframe(table, ["row", "column"], frame_col="frame", only_coordinate_cols=False)


if __name__ == "__main__":
    started = time.perf_counter()
    run(int(sys.argv[1]) if len(sys.argv) > 1 else HISTORIES)
    speed()
    print(f"\n{time.perf_counter() - started:.0f} s")
