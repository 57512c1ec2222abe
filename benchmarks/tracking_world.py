"""Simulated deposits through time, whose identity is known: the world of ``benchmarks/tracking.py``.

What happens is not written down as "split" or "merged": grains of calcium sit in tissue, grow, shrink, part
and meet; a deposit is whatever grains touch when the picture is taken. Two deposits of successive sightings
are the same where they share a grain. Between pictures the limb is laid a little differently (a turn and a
shift), its skin is pulled by a few smooth bumps, and each grain wanders on its own; of all this the alignment
knows
nothing but a residual, which may be optimistic. A reader draws more or less generously, with a tremble.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import ndimage
from shapely import Polygon, unary_union
from shapely.geometry.base import BaseGeometry

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.track import Reading
from lesionkit.core.transform import Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import OutlineError

EDGE_MM = 90.0
"""Side of the field of view in a plane."""
DEPTH_MM = 45.0


@dataclass(frozen=True, kw_only=True)
class Severity:
    """How hard a history is to follow; lengths in mm."""

    name: str
    residual: float
    """Root mean square error of the alignment."""
    stated: tuple[float, float]
    """The stated residual as a share of the true error, from and to."""
    wander: float
    """How far a grain strays by itself between two pictures."""
    tremble: float
    """Of the reader's line."""
    deposits: tuple[int, int]
    near: float
    """Share of deposits that lie beside another."""
    growth: float
    """Spread of log radius from one picture to the next."""


SEVERITIES = (
    Severity(
        name="easy",
        residual=0.5,
        stated=(0.8, 1.5),
        wander=0.1,
        tremble=0.1,
        deposits=(3, 8),
        near=0.15,
        growth=0.08,
    ),
    Severity(
        name="usual",
        residual=1.5,
        stated=(0.6, 1.5),
        wander=0.25,
        tremble=0.2,
        deposits=(4, 14),
        near=0.3,
        growth=0.15,
    ),
    Severity(
        name="hard",
        residual=3.0,
        stated=(0.4, 1.3),
        wander=0.5,
        tremble=0.35,
        deposits=(6, 20),
        near=0.45,
        growth=0.25,
    ),
)


@dataclass(eq=False)
class Grain:
    """A grain of calcium: where it is and how large, at each timepoint; radius 0 where it is not."""

    places: list[np.ndarray]
    radii: list[float]
    shape: np.ndarray
    """Amplitudes and phases of its first waves."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A deposit on a picture and what peers need of it, carried onto the first picture, in mm."""

    id: str
    visit: int
    grains: frozenset[int]
    centre: np.ndarray
    size: float
    polygon: BaseGeometry | None = None
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    """Voxel centres of a mask."""
    voxels: "tuple[np.ndarray, np.ndarray, np.ndarray] | None" = None
    """Of a mask: labels, the place of the first voxel, spacing."""

    def overlap(self, other: "Drawn") -> float:
        """Return the common area or volume."""
        if self.polygon is not None and other.polygon is not None:
            return float(self.polygon.intersection(other.polygon).area)
        assert other.voxels is not None
        labels, origin, spacing = other.voxels
        index = np.rint((self.points - origin) / spacing).astype(int)
        inside = ((index >= 0) & (index < labels.shape)).all(axis=1)
        hits = labels[tuple(index[inside].T)] == int(other.id)
        return float(hits.sum() / len(self.points) * self.size)


@dataclass(frozen=True, eq=False)
class History:
    """One site of one patient through time, with the truth."""

    severity: Severity
    is_volume: bool
    readings: tuple[Reading, ...]
    transforms: dict[str, Transform]
    dates: tuple[date, ...]
    drawn: tuple[Drawn, ...]

    @property
    def modality(self) -> Modality:
        return Modality.CT if self.is_volume else Modality.XC

    @cached_property
    def links(self) -> frozenset[tuple[int, int]]:
        """Pairs of places in `drawn`: deposits of successive sightings that share a grain."""
        by_grain: dict[int, list[int]] = {}
        for index, deposit in enumerate(self.drawn):
            for grain in deposit.grains:
                by_grain.setdefault(grain, []).append(index)
        return frozenset((one, other) for seen in by_grain.values() for one, other in pairwise(seen))


def simulate(seed: int, severity: Severity, *, is_volume: bool) -> History:
    """Return a history of 3 to 7 timepoints."""
    rng = np.random.default_rng([seed, int(is_volume), len(severity.name)])
    visits = int(rng.integers(3, 8))
    axes = 3 if is_volume else 2
    extent = np.array([DEPTH_MM, EDGE_MM, EDGE_MM])[-axes:]
    grains = _grains(rng, severity, visits, extent)
    dates = tuple(date(2012, 3, 1) + timedelta(days=120 * visit) for visit in range(visits))
    readings: list[Reading] = []
    transforms: dict[str, Transform] = {}
    drawn: list[Drawn] = []
    first: _Picture | None = None
    for visit in range(visits):
        if visit > 0 and rng.random() < 0.08:
            continue  # The site was not imaged.
        move, error = _motion(rng, severity, extent, is_first=not readings)
        image = f"{visit}.img"
        picture = _Picture.new(rng, visit, extent, is_first=not readings)
        found = (_masks if is_volume else _outlines)(rng, severity, grains, picture, move)
        drawn.extend(deposit for deposit, _ in found)
        readings.append(
            Reading(
                date=dates[visit],
                image=image,
                grid=picture.grid,
                deposits=tuple(Deposit(id=d.id, image=image, regions=(region,)) for d, region in found),
            )
        )
        first = first or picture
        transforms[image] = Transform(
            source=image,
            target=readings[0].image,
            matrix=np.linalg.inv(first.onto_mm) @ picture.onto_mm,
            method="intensity",
            residual=Quantity(value=error * float(rng.uniform(*severity.stated)), unit=Unit.MM),
        )
    return History(severity, is_volume, tuple(readings), transforms, dates, tuple(drawn))


# What happens to grains


def _grains(
    rng: np.random.Generator, severity: Severity, visits: int, extent: np.ndarray
) -> tuple[Grain, ...]:
    grains: list[Grain] = []
    bodies: list[tuple[np.ndarray, float]] = []
    for _ in range(int(rng.integers(*severity.deposits, endpoint=True))):
        radius = float(np.clip(rng.lognormal(math.log(2.8), 0.45), 1.2, 8.0))
        body = _place(rng, severity, radius, bodies, extent)
        if body is None:
            continue
        bodies.append((body, radius * 1.6))
        grains.extend(_deposit(rng, severity, visits, body, radius))
    return tuple(grains)


def _place(
    rng: np.random.Generator,
    severity: Severity,
    radius: float,
    bodies: Sequence[tuple[np.ndarray, float]],
    extent: np.ndarray,
) -> np.ndarray | None:
    """Return a free place, often close beside another deposit."""
    for _ in range(60):
        if bodies and rng.random() < severity.near:
            beside, reach = bodies[rng.integers(len(bodies))]
            place = beside + _direction(rng, len(extent)) * (reach + 1.6 * radius + rng.exponential(1.2))
        else:
            place = rng.uniform(0, extent)
        if (place < 8).any() or (place > extent - 8).any():
            continue
        if all(np.linalg.norm(place - other) > 1.6 * radius + reach for other, reach in bodies):
            return np.asarray(place)
    return None


def _deposit(
    rng: np.random.Generator, severity: Severity, visits: int, body: np.ndarray, radius: float
) -> list[Grain]:
    """Return the grains of one deposit: one, or several that part or meet once."""
    story = rng.choice(
        ["stays", "grows", "shrinks", "vanishes", "new", "returns", "splits", "merges", "splits and merges"],
        p=[0.26, 0.08, 0.10, 0.08, 0.10, 0.08, 0.12, 0.12, 0.06],
    )
    when = int(rng.integers(1, visits))
    trend = {"grows": rng.uniform(0.1, 0.35), "shrinks": -rng.uniform(0.15, 0.5)}.get(str(story), 0.0)
    log_radius = np.cumsum(rng.normal(trend, severity.growth, visits))
    radii = radius * np.exp(np.clip(log_radius - log_radius[0], -1.6, 0.45))
    if story == "vanishes":
        radii[when:] = 0
    elif story == "new":
        radii[:when] = 0
    elif story == "returns":
        radii[when : when + int(rng.integers(1, 3))] = 0
    elif str(story).startswith(("splits", "merges")):
        return _several(rng, severity, radii, body, _apart(rng, str(story), visits, when))
    return [_grain(rng, severity, [body] * visits, list(radii))]


def _apart(rng: np.random.Generator, story: str, visits: int, when: int) -> np.ndarray:
    apart = np.zeros(visits, dtype=bool)
    if story == "splits":
        apart[when:] = True
    elif story == "merges":
        apart[:when] = True
    else:
        apart[when : when + int(rng.integers(1, 3))] = True
    return apart


def _several(
    rng: np.random.Generator, severity: Severity, radii: np.ndarray, body: np.ndarray, apart: np.ndarray
) -> list[Grain]:
    """Return two or three grains in a row that touch where they are not apart."""
    count = 3 if rng.random() < 0.2 else 2
    along = _direction(rng, len(body))
    share = rng.uniform(0.45, 1.0, count)
    share /= share.max()
    own = 0.75 * radii * share[:, None] * np.exp(rng.normal(0, severity.growth, (count, len(radii))))
    touching = (own[:-1] + own[1:]).min(axis=1) * rng.uniform(0.6, 0.85)
    middles = np.concatenate([[0.0], np.cumsum(touching)])
    middles -= middles.mean()
    # Either they wither where they are, or what joined them does and they draw back from one another.
    withers = rng.random() < 0.5
    clear = rng.uniform(0.1, 0.4)
    vanishing = rng.integers(count) if rng.random() < 0.2 else -1
    made = []
    for number in range(count):
        places, sizes = [], []
        for visit in range(len(radii)):
            r = own[:, visit]
            steps = middles
            if apart[visit] and withers:
                r = r * np.minimum(1.0, (1 - clear) * touching / (r[:-1] + r[1:])).min()
            elif apart[visit]:
                steps = np.concatenate([[0.0], np.cumsum((1.05 + clear) * (r[:-1] + r[1:]))])
                steps = steps - steps.mean()
            places.append(body + along * steps[number])
            sizes.append(float(r[number]))
        if number == vanishing and apart[-1]:
            sizes[-1] = 0.0
        made.append(_grain(rng, severity, places, sizes))
    return made


def _grain(
    rng: np.random.Generator, severity: Severity, places: list[np.ndarray], radii: list[float]
) -> Grain:
    strays = np.cumsum(rng.normal(0, severity.wander, (len(places), len(places[0]))), axis=0)
    waves = np.column_stack([rng.normal(0, [0.08, 0.05, 0.03]), rng.uniform(0, 2 * np.pi, 3)])
    sizes = [radius if radius > 0.45 else 0.0 for radius in radii]
    return Grain(
        places=[place + stray for place, stray in zip(places, strays, strict=True)], radii=sizes, shape=waves
    )


def _direction(rng: np.random.Generator, axes: int) -> np.ndarray:
    vector = rng.normal(size=axes)
    return np.asarray(vector / np.linalg.norm(vector))


# How the limb lies and how it is pictured


@dataclass(frozen=True, eq=False)
class _Motion:
    """What the alignment left: a turn and a shift, and smooth bumps."""

    turn: np.ndarray
    shift: np.ndarray
    middle: np.ndarray
    bumps: tuple[tuple[np.ndarray, float, np.ndarray], ...]

    def __call__(self, places: np.ndarray) -> np.ndarray:
        moved = (places - self.middle) @ self.turn.T + self.middle + self.shift
        for centre, reach, push in self.bumps:
            weight = np.exp(-((places - centre) ** 2).sum(axis=-1) / (2 * reach**2))
            moved = moved + weight[..., None] * push
        return np.asarray(moved)


def _motion(
    rng: np.random.Generator, severity: Severity, extent: np.ndarray, *, is_first: bool
) -> tuple[_Motion, float]:
    """Return a motion and its root mean square over the limb."""
    axes = len(extent)
    if is_first:
        return _Motion(np.eye(axes), np.zeros(axes), extent / 2, ()), 0.0
    skew = np.zeros((axes, axes))
    upper = np.triu_indices(axes, 1)
    skew[upper] = rng.normal(0, 0.02, len(upper[0]))
    turn = np.linalg.qr(np.eye(axes) + skew - skew.T)[0]
    turn = turn * np.sign(np.diag(turn))
    bumps = tuple(
        (rng.uniform(0, extent), float(rng.uniform(8, 30)), rng.normal(0, 1.5, axes)) for _ in range(4)
    )
    raw = _Motion(turn, rng.normal(0, 1.0, axes), extent / 2, bumps)
    places = rng.uniform(0, extent, (400, axes))
    error = float(np.sqrt(((raw(places) - places) ** 2).sum(axis=1).mean()))
    wanted = severity.residual * float(rng.lognormal(0, 0.35))
    scale = wanted / error
    turned = np.linalg.qr(np.eye(axes) + (skew - skew.T) * scale)[0]
    return _Motion(
        turned * np.sign(np.diag(turned)),
        raw.shift * scale,
        extent / 2,
        tuple((centre, reach, push * scale) for centre, reach, push in bumps),
    ), wanted


@dataclass(frozen=True, eq=False)
class _Picture:
    visit: int
    grid: Grid
    onto_mm: np.ndarray
    """Carries pixels to mm of the limb, as the alignment has it."""

    @classmethod
    def new(cls, rng: np.random.Generator, visit: int, extent: np.ndarray, *, is_first: bool) -> "_Picture":
        axes = len(extent)
        base = np.array([1.2, 0.7, 0.6]) if axes == 3 else np.array([0.25, 0.22])
        spacing = base * rng.uniform(0.85, 1.2)
        low, high = np.zeros(axes), extent.copy()
        if not is_first and rng.random() < 0.15:
            # A part of the site is beyond the edge of the picture.
            axis = int(rng.integers(axes))
            low[axis], high[axis] = (
                (extent[axis] * 0.25, high[axis])
                if rng.random() < 0.5
                else (
                    0.0,
                    extent[axis] * 0.75,
                )
            )
        shape = tuple(int(n) for n in np.ceil((high - low) / spacing))
        onto = np.eye(axes + 1)
        onto[:axes, :axes] = np.diag(spacing)
        onto[:axes, axes] = low
        affine = None
        if axes == 3:
            affine = np.diag([*spacing[::-1], 1.0])[:, [2, 1, 0, 3]] * [[1], [1], [-1], [1]]
        grid = Grid(
            shape=shape,
            spacing_mm=tuple(float(side) for side in spacing),
            affine=affine,
            scale_source=ScaleSource.PATIENT_PLANE if axes == 3 else ScaleSource.RULER,
        )
        return cls(visit, grid, onto)

    @property
    def spacing(self) -> np.ndarray:
        return np.asarray(self.grid.spacing_mm)

    @property
    def low(self) -> np.ndarray:
        return np.asarray(self.onto_mm[:-1, -1])

    @property
    def high(self) -> np.ndarray:
        return np.asarray(self.low + (np.asarray(self.grid.shape) - 1) * self.spacing)


def _outlines(
    rng: np.random.Generator,
    severity: Severity,
    grains: Sequence[Grain],
    picture: _Picture,
    move: _Motion,
) -> list[tuple[Drawn, Outline]]:
    shapes: dict[int, Polygon] = {}
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    for number, grain in enumerate(grains):
        radius = grain.radii[picture.visit]
        if radius > 0:
            waves = sum(a * np.cos((k + 2) * angles + phase) for k, (a, phase) in enumerate(grain.shape))
            ring = grain.places[picture.visit] + radius * (1 + waves)[:, None] * np.column_stack(
                [np.cos(angles), np.sin(angles)]
            )
            shapes[number] = Polygon(move(ring)).buffer(0)
    generous = float(rng.normal(0, 0.6 * severity.tremble))
    found: list[tuple[Drawn, Outline]] = []
    for part in _parts(unary_union(list(shapes.values()))):
        own = frozenset(number for number, shape in shapes.items() if part.intersects(shape.centroid))
        line = _read(rng, part, generous + float(rng.normal(0, 0.4 * severity.tremble)), severity.tremble)
        low, high = np.array(line.bounds[:2]), np.array(line.bounds[2:])
        if not own or (low < picture.low).any() or (high > picture.high).any():
            continue
        ring = (np.array(line.exterior.coords)[:-1] - picture.low) / picture.spacing
        try:
            outline = Outline(exterior=ring)
        except OutlineError:
            continue
        centre = np.array([line.centroid.x, line.centroid.y])
        found.append(
            (
                Drawn(str(len(found) + 1), picture.visit, own, centre, float(line.area), polygon=line),
                outline,
            )
        )
    return found


def _parts(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > 0]


def _read(rng: np.random.Generator, part: Polygon, generous: float, tremble: float) -> Polygon:
    """Return a deposit as a reader draws it: a little larger or smaller, with a trembling line."""
    width = math.sqrt(part.area / math.pi)
    drawn = max(_parts(part.buffer(max(generous, -0.4 * width))), key=lambda p: p.area, default=part)
    ring = np.array(drawn.exterior.segmentize(0.5).coords)[:-1]
    noise = ndimage.gaussian_filter1d(rng.normal(0, 1, (len(ring), 2)), 3, axis=0, mode="wrap")
    noise *= min(tremble, 0.15 * width) / max(noise.std(), 1e-9)
    shaky = Polygon(ring + noise).buffer(0)
    return max(_parts(shaky), key=lambda p: p.area, default=drawn)


def _masks(
    rng: np.random.Generator,
    severity: Severity,
    grains: Sequence[Grain],
    picture: _Picture,
    move: _Motion,
) -> list[tuple[Drawn, Mask]]:
    shape = picture.grid.shape
    level = np.full(shape, -np.inf, dtype=np.float32)
    owner = np.full(shape, -1)
    generous = float(rng.normal(0, 0.6 * severity.tremble))
    for number, grain in enumerate(grains):
        radius = grain.radii[picture.visit]
        if radius <= 0:
            continue
        centre = move(grain.places[picture.visit][None])[0]
        own = max(radius + generous + float(rng.normal(0, 0.4 * severity.tremble)), 0.5 * radius)
        low = np.maximum(np.floor((centre - 2 * own - picture.low) / picture.spacing).astype(int), 0)
        high = np.ceil((centre + 2 * own - picture.low) / picture.spacing).astype(int) + 1
        box = tuple(slice(a, min(b, n)) for a, b, n in zip(low, high, shape, strict=True))
        if any(part.start >= part.stop for part in box):
            continue
        index = np.stack(np.meshgrid(*[np.arange(p.start, p.stop) for p in box], indexing="ij"), -1)
        offset = index * picture.spacing + picture.low - centre
        away = np.linalg.norm(offset, axis=-1)
        bumpy = sum(
            amplitude * np.cos((k + 2) * np.arctan2(offset[..., k], offset[..., (k + 1) % 3]) + phase)
            for k, (amplitude, phase) in enumerate(grain.shape)
        )
        here = (own * (1 + bumpy) - away).astype(np.float32)
        wins = here > level[box]
        level[box] = np.where(wins, here, level[box])
        owner[box] = np.where(wins & (here > 0), number, owner[box])
    noise = ndimage.gaussian_filter(rng.normal(size=shape).astype(np.float32), 1.0)
    whole = np.bincount(owner[owner >= 0], minlength=len(grains))
    labels, _ = ndimage.label(level + noise / noise.std() * 0.5 * severity.tremble > 0)
    found: list[tuple[Drawn, Mask]] = []
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        inside = labels[box] == label
        counts = np.bincount(owner[box][inside & (owner[box] >= 0)], minlength=len(grains))
        own = frozenset(int(n) for n in np.flatnonzero(counts > 0.2 * np.maximum(whole, 1)))
        at_edge = any(p.start == 0 or p.stop == n for p, n in zip(box, shape, strict=True))
        if not own or at_edge:
            continue
        points = (np.argwhere(inside) + [p.start for p in box]) * picture.spacing + picture.low
        size = float(inside.sum() * np.prod(picture.spacing))
        deposit = Drawn(
            str(label),
            picture.visit,
            own,
            points.mean(axis=0),
            size,
            points=points,
            voxels=(labels, picture.low, picture.spacing),
        )
        found.append((deposit, Mask(voxels=inside, origin=tuple(p.start for p in box))))
    return found
