"""Does lesionkit call a change where there is none, and does it miss one? Two simulations with known truth.

    python benchmarks/change.py            # 2,000 pairs without change, 2,600 with
    python benchmarks/change.py 200        # a tenth of it

Deposits of 2 to 60 mm are drawn twice and measured by lesionkit itself, on photographs, radiographs, CT and
MR, with a new error of scale, a new place on the lattice and a new drawing each time.

The simulated reader is not the error model. The model takes deviations of a line to be correlated as
exp(-x/l); the reader's hand trembles by white noise smoothed by a Gaussian along the line, with a strength
that changes from drawing to drawing, and is more or less generous on every image. What the model is told of
this reader is what a repeatability study would tell: 200 deposits drawn twice on one image, of which only
the sizes are used. In a second run the reader is 1.5 times worse than in that study.
"""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from lesionkit.classification.change import change_limits
from lesionkit.classification.criteria import BEYOND_ERROR, CALCINOSIS_25
from lesionkit.classification.verdict import Comparison, judge
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.response import Burden, Category, Criterion
from lesionkit.core.settings import ReaderError
from lesionkit.core.uncertainty import ErrorPart, ScaleError
from lesionkit.core.units import Quantity, Unit
from lesionkit.measure import measure_deposits
from lesionkit.measure.error import with_errors
from lesionkit.measure.error.form import Form, form_of
from lesionkit.measure.error.model import _spread_and_push

SEED = 20261123
SIZES_MM = (2.0, 60.0)
CHANGES_PCT = (-60, -45, -35, -30, -27, -20, 0, 20, 30, 40, 50, 70, 100)


@dataclass(frozen=True)
class Hand:
    """A reader: how far the line trembles, over which length, and how generous a reading may be, in mm."""

    tremble: float
    smooth: float
    generous: float

    def worse(self, factor: float) -> "Hand":
        return Hand(self.tremble * factor, self.smooth, self.generous * factor)


@dataclass(frozen=True)
class Room:
    """How pictures of one modality are taken, and by whom they are read."""

    modality: Modality
    spacing: tuple[float, ...]
    scale_se: float
    hand: Hand

    @property
    def measure(self) -> str:
        return "volume" if self.modality.is_volume else "area"


ROOMS = (
    Room(Modality.XC, (0.08, 0.08), 0.025, Hand(0.25, 1.2, 0.10)),
    Room(Modality.DX, (0.15, 0.12), 0.01, Hand(0.20, 1.0, 0.08)),
    Room(Modality.CT, (1.25, 0.70, 0.65), 0.0, Hand(0.30, 1.5, 0.12)),
    Room(Modality.MR, (3.0, 0.60, 0.55), 0.0, Hand(0.35, 1.5, 0.15)),
)


@dataclass(frozen=True)
class Truth:
    """A smooth closed shape: an ellipse with lobes, or an ellipsoid; in mm, about its own centre."""

    axes: tuple[float, ...]
    turn: float
    lobes: tuple[tuple[int, float, float], ...] = ()

    def grown(self, change_pct: float) -> "Truth":
        factor = (1 + change_pct / 100) ** (1 / len(self.axes))
        return replace(self, axes=tuple(axis * factor for axis in self.axes))

    def radius(self, angle: np.ndarray, *, shrink: float | np.ndarray = 1.0) -> np.ndarray:
        """Return the distance of the border (of a section) from the centre, by angle."""
        a, b = self.axes[-2] * shrink, self.axes[-1] * shrink
        turned = angle - self.turn
        radius = a * b / np.hypot(b * np.cos(turned), a * np.sin(turned))
        for count, size, phase in self.lobes:
            radius = radius * (1 + size * np.cos(count * angle + phase))
        return radius


def some_truth(rng: np.random.Generator, room: Room) -> Truth:
    """Return a shape whose size is log-uniform."""
    across = math.exp(rng.uniform(*np.log(SIZES_MM)))
    short = across * rng.uniform(0.55, 1.0)
    turn = rng.uniform(0, math.pi)
    if room.modality.is_volume:
        return Truth((across * rng.uniform(0.5, 1.0) / 2, across / 2, short / 2), turn)
    lobes = tuple((k, rng.normal(0, 0.04), rng.uniform(0, 2 * math.pi)) for k in (3, 4, 5))
    return Truth((across / 2, short / 2), turn, lobes)


def trembling(rng: np.random.Generator, hand: Hand, arc: np.ndarray, sections: int) -> np.ndarray:
    """Return a deviation at every point of a closed line, shape (sections, points): smoothed white noise.

    `arc` is where the points lie along the line, its last entry the whole length. Sections follow one
    another: half of a deviation is carried on to the next, as by a reader who looks at both.
    """
    length, points = arc[-1], len(arc) - 1
    fine = max(points, int(8 * length / hand.smooth))
    noise = rng.normal(size=(sections, fine))
    for section in range(1, sections):
        noise[section] = 0.5 * noise[section - 1] + math.sqrt(0.75) * noise[section]
    waves = np.fft.rfft(noise, axis=1)
    waves *= np.exp(-2 * (math.pi * np.fft.rfftfreq(fine, length / fine) * hand.smooth) ** 2)
    field = np.fft.irfft(waves, fine, axis=1)
    kernel = np.fft.irfft(
        np.exp(-2 * (math.pi * np.fft.rfftfreq(fine, length / fine) * hand.smooth) ** 2), fine
    )
    field *= hand.tremble * rng.uniform(0.75, 1.25) / math.sqrt((kernel**2).sum())
    at = np.arange(fine) / fine * length
    return np.stack([np.interp(arc[:-1], at, row, period=length) for row in field])


def drawn(rng: np.random.Generator, room: Room, truth: Truth, offset: np.ndarray) -> Outline | Mask:
    """Return a deposit as the reader draws it; `offset` is where it lies on the lattice."""
    generous = rng.normal(0, room.hand.generous)
    angle = np.linspace(0, 2 * math.pi, 257)
    if not room.modality.is_volume:
        border = truth.radius(angle)
        arc = _arc(border, angle)
        out = np.maximum(
            border[:-1] + (generous + trembling(rng, room.hand, arc, 1)[0]) / _slant(border, angle), 0.1
        )
        mm = np.stack([out * np.cos(angle[:-1]), out * np.sin(angle[:-1])], axis=1)
        return Outline(exterior=mm / np.asarray(room.spacing) + offset + 4)
    return _painted(rng, room, truth, offset, generous)


def _painted(rng: np.random.Generator, room: Room, truth: Truth, offset: np.ndarray, generous: float) -> Mask:
    pitch = np.asarray(room.spacing)
    half = np.ceil((max(truth.axes) + 3) / pitch).astype(int)
    z, y, x = ((np.arange(-n, n + 1) - o) * p for n, o, p in zip(half, offset, pitch, strict=True))
    angle = np.linspace(0, 2 * math.pi, 257)
    arc = _arc(truth.radius(angle), angle)
    wobble = trembling(rng, room.hand, arc, len(z))
    around = np.arctan2(x[None, :], y[:, None])
    distance = np.hypot(y[:, None], x[None, :])
    # The line is moved across itself, not along its ray.
    slant = np.interp(around, angle[:-1], _slant(truth.radius(angle), angle), period=2 * math.pi)
    full = truth.radius(around)
    voxels = np.zeros((len(z), len(y), len(x)), dtype=bool)
    for plane, height in enumerate(z):
        high = max(truth.axes[0] + generous, 0.05)
        if abs(height) >= high:
            continue
        section = full * math.sqrt(1 - (height / high) ** 2)
        moved = generous + np.interp(around, angle[:-1], wobble[plane], period=2 * math.pi)
        voxels[plane] = (distance - section) * slant < moved
    if not voxels.any():
        voxels[tuple(half)] = True  # nobody leaves out what they have seen
    return Mask.cropped(voxels)


def _arc(border: np.ndarray, angle: np.ndarray) -> np.ndarray:
    points = np.stack([border * np.cos(angle), border * np.sin(angle)], axis=1)
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])


def _slant(border: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between ray and normal."""
    slope = np.gradient(border, angle) / border
    return (1 / np.hypot(1, slope))[:-1]


def picture(room: Room, region: Outline | Mask, *, scale: float, tell: bool) -> Image:
    """Return an image as large as a region, whose grid is off by a factor."""
    spacing = tuple(step * scale for step in room.spacing)
    if isinstance(region, Outline):
        shape = tuple(int(n) + 8 for n in np.maximum(np.asarray(region.exterior).max(axis=0), 8))
    else:
        shape = tuple(o + n + 1 for o, n in zip(region.origin, region.voxels.shape, strict=True))
    error = (
        ScaleError(parts=(ErrorPart(name="scale", rel_se=room.scale_se, source="known"),)) if tell else None
    )
    source = ScaleSource.MARKER if room.modality is Modality.XC else ScaleSource.PATIENT_PLANE
    grid = Grid(shape=shape, spacing_mm=spacing, scale_source=source, scale_error=error)
    # Nothing to be seen: what the model is told of the reader stands for the sharpness of the edge.
    pixels = np.broadcast_to(np.uint8(0), shape)
    return Image(modality=room.modality, pixels=pixels, grid=grid, intensity_unit=Unit.STORED)


def measured(room: Room, region: Outline | Mask, image: Image, reader: ReaderError, visit: str) -> Quantity:
    """Return the size that lesionkit measures, with its error."""
    deposit = Deposit(id="1", image=visit, regions=(region,), author="reader")
    found: Sequence[Measurement] = measure_deposits([deposit], image, image_id=visit)
    found = with_errors(found, [deposit], image, reader=reader)
    (size,) = (m.quantity for m in found if m.measure == room.measure)
    return size


def study(rng: np.random.Generator, room: Room, *, count: int = 200) -> ReaderError:
    """Return what a repeatability study tells of a reader: deposits drawn twice on the same image.

    Of each pair only the two sizes are used: their difference by the boundary is how far the second line lies
    outside the first on average. The three figures are those that make these differences likeliest.
    """
    from scipy.optimize import minimize

    shifts, forms = [], []
    for _ in range(count):
        truth = some_truth(rng, room)
        offset = rng.uniform(0, 1, len(room.spacing))
        one, other = (drawn(rng, room, truth, offset) for _ in range(2))
        image = picture(room, one, scale=1.0, tell=True)
        sizes = [
            {
                m.measure: m.quantity
                for m in measure_deposits([Deposit(id="1", image="", regions=(r,))], image)
            }
            for r in (one, other)
        ]
        form = form_of((one,), image.grid, sizes[0])
        assert form is not None
        boundary = form.surface if room.modality.is_volume else form.perimeter
        shifts.append((sizes[1][room.measure].value - sizes[0][room.measure].value) / boundary)
        forms.append(form)
    squares = np.square(shifts) / 2

    def unlikely(logs: np.ndarray) -> float:
        outline, correlation, reading = np.exp(logs)
        spread = np.array([_share(room, form, correlation) for form in forms])
        variance = (outline * spread) ** 2 + reading**2
        return float((np.log(variance) + squares / variance).sum())

    bounds = np.log([(0.02, 2.0), (0.5, 10.0), (0.005, 1.0)])
    best = minimize(unlikely, np.log([0.2, 1.0, 0.1]), method="Nelder-Mead", bounds=bounds)
    outline, correlation, reading = np.exp(best.x)
    return ReaderError(
        outline_mm=float(outline), correlation_mm=float(correlation), reading_mm=float(reading), reader_mm=0.0
    )


def _share(room: Room, form: Form, correlation: float) -> float:
    """Return the mean displacement of a boundary by a random one of 1."""
    spread, push = _spread_and_push(room.measure, form, correlation)
    return spread / push


@dataclass(frozen=True)
class Pair:
    """Two visits of one deposit: its true size across, its true change, and what was measured."""

    across: float
    change_pct: float
    before: Quantity
    after: Quantity


def pairs(
    rng: np.random.Generator, room: Room, reader: ReaderError, *, changes: Sequence[float], worse: float = 1.0
) -> Iterator[Pair]:
    """Yield a pair for every true change."""
    place = replace(room, hand=room.hand.worse(worse))
    for change in changes:
        truth = some_truth(rng, room)
        sizes = []
        for visit, shape in (("before", truth), ("after", truth.grown(change))):
            region = drawn(rng, place, shape, rng.uniform(0, 1, len(room.spacing)))
            scale = math.exp(rng.normal(0, room.scale_se))
            image = picture(room, region, scale=scale, tell=room.modality is Modality.XC)
            sizes.append(measured(room, region, image, reader, visit))
        yield Pair(2 * max(truth.axes), change, sizes[0], sizes[1])


def category(pair: Pair, rule: Criterion) -> Category:
    """Return lesionkit's verdict on a pair."""
    burdens = [
        Burden(date=date(2012 + number, 3, 1), quantity=quantity, present=("T1",))
        for number, quantity in enumerate((pair.before, pair.after))
    ]
    return judge(Comparison(criterion=rule, baseline=burdens[0], current=burdens[1])).category


def covers(pair: Pair) -> bool:
    """Return whether the 95 % limits hold the true change."""
    limits = change_limits(pair.after, pair.before)
    assert limits is not None
    return limits[0] <= pair.change_pct <= limits[1]


def called(pair: Pair) -> bool:
    """Return whether `beyond-error` calls a change."""
    return category(pair, BEYOND_ERROR) is not Category.STABLE


def share(found: Sequence[Pair], what: Callable[[Pair], bool]) -> float:
    return 100.0 * float(np.mean([what(pair) for pair in found])) if found else math.nan


def true_category(change_pct: float) -> Category:
    if change_pct < -25:
        return Category.REGRESSION
    return Category.PROGRESSION if change_pct > 25 else Category.STABLE


def show_without_change(found: Mapping[str, Sequence[Pair]]) -> None:
    bands = ((2, 5), (5, 12), (12, 60))
    print("| | pairs | `beyond-error` calls a change | 95 % limits hold the truth | ±25 % alone does |")
    print("|---|---|---|---|---|")
    rows = dict(found) | {"all": [pair for some in found.values() for pair in some]}
    rows |= {f"{a} to {b} mm": [p for p in rows["all"] if a <= p.across < b] for a, b in bands}
    for name, some in rows.items():
        bare = share(some, lambda pair: abs(pair.after.value / pair.before.value - 1) > 0.25)
        says, holds = share(some, called), share(some, covers)
        print(f"| {name} | {len(some)} | {says:.1f} % | {holds:.1f} % | {bare:.1f} % |")


def show_with_change(found: Sequence[Pair]) -> None:
    sure = replace(CALCINOSIS_25, name="sure", min_certainty=0.9)
    print("| true change | ±25 % alone: right | wrong | 90 % sure: right | open | wrong | limits hold it |")
    print("|---|---|---|---|---|---|---|")
    for change in sorted({pair.change_pct for pair in found}):
        some = [pair for pair in found if pair.change_pct == change]
        truth = true_category(change)
        bare = share(some, lambda pair, truth=truth: category(pair, CALCINOSIS_25) is truth)
        right = share(some, lambda pair, truth=truth: category(pair, sure) is truth)
        left = share(some, lambda pair: category(pair, sure) is Category.INDETERMINATE)
        print(
            f"| {change:+g} % | {bare:.0f} % | {100 - bare:.0f} % | {right:.0f} % | {left:.0f} % | "
            f"{abs(100 - right - left):.0f} % | {share(some, covers):.0f} % |"
        )


def main(count: int = 2000) -> None:
    rng = np.random.default_rng(SEED)
    each = count // len(ROOMS)
    readers = {room: study(rng, room) for room in ROOMS}
    for room, reader in readers.items():
        print(
            f"{room.modality}: hand {room.hand}; fitted outline {reader.outline_mm:.3f} mm, "
            f"correlation {reader.correlation_mm:.2f} mm, reading {reader.reading_mm:.3f} mm"
        )
    for worse in (1.0, 1.5):
        print(f"\nTest and retest without change, reader {worse:g} × as unsteady as declared\n")
        show_without_change(
            {
                str(room.modality): list(pairs(rng, room, reader, changes=[0.0] * each, worse=worse))
                for room, reader in readers.items()
            }
        )
    print("\nTest and retest without change, nothing known of the reader (defaults)\n")
    show_without_change(
        {
            str(room.modality): list(pairs(rng, room, ReaderError(), changes=[0.0] * (each // 2)))
            for room in ROOMS
        }
    )
    print("\nTrue changes\n")
    changes = [change for change in CHANGES_PCT for _ in range(max(each // 10, 1))]
    show_with_change([p for room in ROOMS for p in pairs(rng, room, readers[room], changes=changes)])


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
