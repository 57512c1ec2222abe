"""Who is who through time: lesionkit beside other ways of matching, on histories whose truth is known.

    pip install laptrack                    # the peer; lesionkit itself does not need it
    python benchmarks/tracking.py           # 500 histories, with lesionkit's own speed
    python benchmarks/tracking.py 50 4      # a tenth of them, by four processes instead of two
    python benchmarks/tracking.py bound     # the hard ones once more, with an alignment right to 0.1 mm

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
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Tried:
    """What all methods made of one history: scores by method and cutoff, and lesionkit's doubts."""

    severity: str
    scores: dict[tuple[str, float], Score]
    flags: Counter[str]


METHODS: dict[str, tuple[Callable[..., Links], tuple[float, ...]]] = {
    "nearest": (by_nearest, CUTOFFS_MM),
    "overlap": (by_overlap, ()),
    "centres": (by_centres, ()),
    "laptrack, distance": (by_laptrack, CUTOFFS_MM),
    "laptrack, overlap": (partial(by_laptrack, overlaps=True), CUTOFFS_OVERLAP),
}


def simulated(seed: int) -> History:
    """Return a history; severities take turns, and every third three are volumes."""
    return simulate(seed, SEVERITIES[seed % 3], is_volume=seed // 3 % 3 == 0)


def attempt(seed: int) -> Tried:
    """Return what all methods make of a history."""
    warnings.simplefilter("ignore")
    _OVERLAPS.clear()
    history = simulated(seed)
    links, unsure = by_lesionkit(history)
    scores = {("truth", 0.0): judge(history, history.links), ("lesionkit", 0.0): judge(history, links)}
    for name, (method, cutoffs) in METHODS.items():
        if not cutoffs:
            scores[name, 0.0] = judge(history, method(history))
        for cutoff in cutoffs:
            scores[name, cutoff] = judge(history, method(history, cutoff=cutoff))
    flags = Counter(
        {
            "links": len(links),
            "flagged": len(unsure),
            "flagged wrong": len(unsure - history.links),
            "wrong": len(links - unsure - history.links),
        }
    )
    return Tried(history.severity.name, scores, flags)


def run(count: int, jobs: int) -> None:
    """Print all tables."""
    with ProcessPoolExecutor(jobs) as pool:
        tried = list(pool.map(attempt, range(count), chunksize=4))
    best = [(name, _best(tried, name)) for name in ("lesionkit", *METHODS)]
    for name, cutoff in best:
        if cutoff:
            print(f"{name}: best cutoff {cutoff}")
    for severity in ("all", *(severity.name for severity in SEVERITIES)):
        chosen = [each for each in tried if severity in ("all", each.severity)]
        _print_table(severity, chosen, best)
    print(f"\n{'links of lesionkit':22}{'flagged':>10}{'of them wrong':>15}{'of the others':>15}")
    for severity in ("all", *(severity.name for severity in SEVERITIES)):
        _print_flags(severity, [each for each in tried if severity in ("all", each.severity)])


def bound() -> None:
    """Print the figures of the hard histories with an alignment that is right: the rest is not its fault."""
    aligned = replace(SEVERITIES[2], residual=0.1)
    scores = []
    for seed in range(2, HISTORIES, 3):
        history = simulate(seed, aligned, is_volume=seed // 3 % 3 == 0)
        scores.append(judge(history, by_lesionkit(history)[0]))
    print("hard, aligned to 0.1 mm:", *(f"{figure:.3f}" for figure in sum(scores, Score()).figures))


def _best(tried: Sequence[Tried], name: str) -> float:
    """Return the cutoff with the greatest F1 of links over all histories."""
    cutoffs = {cutoff for method, cutoff in tried[0].scores if method == name}
    return max(sorted(cutoffs), key=lambda cutoff: _total(tried, name, cutoff).figures[2])


def _total(tried: Sequence[Tried], name: str, cutoff: float) -> Score:
    return sum((each.scores[name, cutoff] for each in tried), Score())


def _print_table(title: str, tried: Sequence[Tried], methods: Sequence[tuple[str, float]]) -> None:
    true = _total(tried, "truth", 0.0)
    print(f"\n{title}: {len(tried)} histories, {true.true} links, {true.splits} splits, {true.merges} merges")
    print(f"{'':22}{'precision':>10}{'recall':>10}{'F1':>10}{'splits':>10}{'merges':>10}")
    for name, cutoff in methods:
        figures = _total(tried, name, cutoff).figures
        print(f"{name:22}" + "".join(f"{figure:10.3f}" for figure in figures))


def _print_flags(title: str, tried: Sequence[Tried]) -> None:
    counts = sum((each.flags for each in tried), Counter())
    rest = counts["links"] - counts["flagged"]
    print(
        f"{title:22}{counts['flagged'] / max(counts['links'], 1):10.1%}"
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
    if sys.argv[1:] == ["bound"]:
        bound()
        sys.exit()
    started = time.perf_counter()
    arguments = [int(argument) for argument in sys.argv[1:]]
    run(*(arguments + [HISTORIES, 2][len(arguments) :]))
    speed()
    print(f"\n{time.perf_counter() - started:.0f} s")
