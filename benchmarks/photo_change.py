"""How true is a change told without any scale, and which pictures are refused? Photographs with known truth.

    python benchmarks/photo_change.py [--pairs 30] [--others 30] [--seed 11] [--jobs 2] [--json FILE]

The skin of the phantom's limb, with a deposit that truly grows or shrinks, is taken again and again by the
phantom's camera, with nothing in the picture that has a size: another angle (0 to 30°), turn, distance, lamp,
exposure and sharpness each time. Half of the scenes are flat, half are skin bent round a cylinder of 25 to
60 mm radius. Outlines are the true ones, so that what is left is the error of the alignment alone. `--others`
adds pairs that must be refused: skin of the same tone, hair and light, but of another person or another
place. The error's constants were chosen on scenes of seed 4.
"""

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from lesionkit.align import Sighted, align, carry_near
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import area
from lesionkit.phantom import Box, Concretion, Limb, Skin, Table, View, grow_skin
from lesionkit.phantom.light import decoded
from lesionkit.phantom.photo import Light, paint_photograph
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet, take

MM = 0.125
"""Of the painted skin, per pixel."""
HIGH_MM, WIDE_MM = 130.0, 64.0
TILTS_DEG = (0.0, 10.0, 20.0, 30.0)
CHANGES_PCT = (-60, -40, -25, -10, 0, 10, 25, 50, 100)
SHAPE = (1134, 1512)
"""Less than any telephone's: what is finer is not needed, and takes time."""


class Bent(Shot):
    """A camera over skin bent round a cylinder; "across" is along the arc."""

    __slots__ = ("radius_mm",)

    def place(self, radius_mm: float) -> "Bent":
        object.__setattr__(self, "radius_mm", radius_mm)
        return self

    def to_pixels(self, points_mm: Floats, *, height_mm: object = 0.0) -> Floats:  # noqa: ARG002 - the surface has its own
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        angle = (points[:, 1] - self.aim_mm[1]) / self.radius_mm
        flat = np.column_stack([points[:, 0], self.aim_mm[1] + self.radius_mm * np.sin(angle)])
        return super().to_pixels(flat, height_mm=self.radius_mm * (np.cos(angle) - 1))

    def to_plane(self, pixels: Floats) -> Floats:
        directions = self.camera.unbent((pixels - self.camera.centre) / self.camera.focal_px)
        rays = np.concatenate([directions, np.ones((*directions.shape[:-1], 1))], axis=-1)
        down, across = self._axes.T
        above = np.cross(across, down)
        above *= -math.copysign(1.0, above[2])
        # In the plane of the arc: u across, v above the top of the cylinder, whose axis is at v = -R.
        u, v = rays @ across, rays @ above
        u0, v0 = -self.distance_mm * across[2], -self.distance_mm * above[2] + self.radius_mm
        a, b, c = u * u + v * v, u * u0 + v * v0, u0**2 + v0**2 - self.radius_mm**2
        root = np.sqrt(np.maximum(b * b - a * c, 0))
        t = (-b - root) / a
        arc = self.radius_mm * np.arctan2(u0 + t * u, v0 + t * v)
        along = t * (rays @ down) - self.distance_mm * down[2]
        arc = np.where(b * b > a * c, arc, 1e4)
        return np.stack([along + self.aim_mm[0], arc + self.aim_mm[1]], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One pair."""

    seed: int
    view_deg: float
    change_pct: float
    radius_mm: float
    is_other_limb: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of it: the error in percent of the truth, or why there is none."""

    case: Case
    error_pct: float | None
    stated_pct: float | None
    plain_pct: float | None
    refused: str


_SKINS: dict[int, Skin] = {}


def skin_of(number: int) -> Skin:
    if number not in _SKINS:
        if len(_SKINS) > 1:
            _SKINS.clear()
        box = Box(x=(-45.0, 45.0), z=(-40.0, 130.0))
        _SKINS[number] = grow_skin(
            Limb(), box, seed=number, tone=(0.15, 0.35, 0.6)[number % 3], is_hairy=number % 2 == 0
        )
    return _SKINS[number]


def shoot(
    case: Case, skin: Skin, concretion: Concretion, tilt: tuple[float, float], rng: np.random.Generator
) -> tuple[Image, Outline]:
    """Return a photograph and the true outline of the deposit on it."""
    where = (0.0, 45.0)
    rows, cols = int(HIGH_MM / MM), int((WIDE_MM if case.radius_mm else 170.0) / MM)
    view = View(shape=(rows, cols), spacing_mm=(MM, MM), centre=where)
    lamp = rng.normal(size=2) * 0.25
    paint = paint_photograph(
        skin,
        [concretion],
        view=view,
        seed=int(rng.integers(1 << 30)),
        light=Light(towards=(lamp[0], 0.3 + lamp[1], 0.85), falloff=0.05),
        table=Table(ruler=None, marker=None),
        noise=0.0,
    )
    sheet = Sheet(paint=decoded(paint / 255.0), px_per_mm=1 / MM)
    truth = (view.to_pixels(concretion.outline(vertices=240)) + 0.5) * MM
    middle = truth.mean(axis=0)
    focal = rng.uniform(26, 60)
    camera = Camera(shape=SHAPE, focal_35mm=focal, k1=rng.normal(0, 0.006) * (focal / 21.63) ** 2)
    arguments = {
        "camera": camera,
        "tilt_deg": tilt[0],
        "towards_deg": tilt[1],
        "roll_deg": rng.uniform(-25, 25) + 90 * rng.integers(0, 2) * bool(case.seed % 5 == 0),
        "distance_mm": camera.focal_px / rng.uniform(7.0, 13.0) * SHAPE[0] / 1512,
        "aim_mm": tuple(middle + rng.uniform(-12, 12, 2)),
    }
    shot = Bent(**arguments).place(case.radius_mm) if case.radius_mm else Shot(**arguments)
    finish = Finish(
        blur_px=rng.uniform(0.5, 1.2),
        motion_px=rng.uniform(0, 2.5) * rng.integers(0, 2),
        motion_deg=rng.uniform(0, 180),
        exposure=rng.uniform(0.6, 0.95),
        falloff=rng.uniform(0, 0.5),
        falloff_deg=rng.uniform(0, 360),
        noise=rng.uniform(0.004, 0.012),
        contrast=rng.uniform(0, 0.4),
        sharpening=rng.uniform(0, 0.6),
        quality=int(rng.integers(80, 96)),
    )
    grey = Sheet(paint=np.full((8, 8, 3), 0.05, np.float32), px_per_mm=1.0, repeats=True)
    file = take(shot, [grey, sheet], finish=finish, rng=rng, fine=1)
    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    image = Image(modality=Modality.XC, pixels=pixels, grid=Grid(shape=SHAPE), intensity_unit=Unit.GREY)
    return image, Outline(exterior=shot.to_pixels(truth))


Shown = tuple[Image, Outline]


def deposit_of(rng: np.random.Generator) -> Concretion:
    """Return a deposit by chance."""
    across = rng.uniform(3, 9)
    return Concretion(
        lineage="a",
        centre=tuple(np.array([0.0, 45.0]) + rng.uniform(-6, 6, 2)),
        semi_axes=(across, across * rng.uniform(0.6, 1.0), 2.0),
        angle_deg=rng.uniform(0, 180),
        lobes=tuple((k, rng.normal(0, 0.04), rng.uniform(0, 6.28)) for k in (2, 3, 5)),
    )


def shots(cases: Sequence[Case]) -> Iterator[Shown]:
    """Yield photographs with the true outlines: the first one of a scene, then each follow-up of it."""
    first = cases[0]
    rng = np.random.default_rng(first.seed)
    concretion, tilt = deposit_of(rng), np.array(_tangent(rng.uniform(0, 8), rng.uniform(0, 360)))
    number = 7 + first.seed // 8
    yield shoot(first, skin_of(number), concretion, _angles(tilt), rng)
    for case in cases:
        # The two directions of view differ by the angle asked for, the first one up to 8° off the normal.
        rng = np.random.default_rng((case.seed, int(case.view_deg), int(case.change_pct + 100)))
        other = tilt + _tangent(case.view_deg, rng.uniform(0, 360))
        # Of other skin: of the same tone, and as hairy.
        skin = skin_of(number + 6000 * case.is_other_limb)
        yield shoot(case, skin, concretion.scaled(1 + case.change_pct / 100), _angles(other), rng)


def _tangent(tilt_deg: float, towards_deg: float) -> Floats:
    way = math.radians(towards_deg)
    return tilt_deg * np.array([math.cos(way), math.sin(way)])


def _angles(tilt: Floats) -> tuple[float, float]:
    return float(np.hypot(*tilt)), float(np.degrees(math.atan2(tilt[1], tilt[0])))


def judge(cases: Sequence[Case]) -> list[Result]:
    """Return how well the changes of one scene are told."""
    pictures = shots(cases)
    baseline, then = next(pictures)
    there = Sighted(baseline)
    return [_judge(case, (there, then), shown) for case, shown in zip(cases, pictures, strict=True)]


def _judge(case: Case, first: tuple[Sighted, Outline], later: Shown) -> Result:
    (there, then), (image, now) = first, later
    baseline, sighted = there.image, (Sighted(image), there)
    deposits = (Deposit(id="1", image="b", regions=(then,)), Deposit(id="1", image="a", regions=(now,)))
    truth = 1 + case.change_pct / 100
    plain = 100 * (area(now.rings) / area(then.rings) / truth - 1)
    transform, problems = align(
        image, baseline, image_id="a", baseline_id="b", focus=(then,), drawn=(now,), sighted=sighted
    )
    if not transform.is_reliable:
        return Result(case=case, error_pct=None, stated_pct=None, plain_pct=plain, refused=problems[0].text)
    (near,) = carry_near(image, baseline, transform, [deposits[1]], others=[deposits[0]], sighted=sighted)
    if near.refused:
        return Result(case=case, error_pct=None, stated_pct=None, plain_pct=plain, refused=near.refused)
    ratio = sum(area(region.rings) for region in near.regions) / area(then.rings)
    return Result(
        case=case,
        error_pct=100 * (ratio / truth - 1),
        stated_pct=100 * near.area_rel_se,
        plain_pct=plain,
        refused="",
    )


def cases(pairs: int, others: int, seed: int) -> Iterator[list[Case]]:
    """Yield the follow-ups of each scene; every other skin is bent."""
    rng = np.random.default_rng(seed)
    for number in range(max(pairs, others)):
        angles = TILTS_DEG[: len(TILTS_DEG) * (number < pairs)]
        radius_mm = float(rng.uniform(25, 60)) if number % 2 else 0.0
        yield [
            Case(
                seed=seed * 100_000 + number,
                view_deg=view_deg,
                change_pct=float(rng.choice(CHANGES_PCT)),
                radius_mm=radius_mm,
                is_other_limb=is_other,
            )
            for view_deg, is_other in (
                *((angle, False) for angle in angles),
                *((angle, True) for angle in [TILTS_DEG[number % 2]] * (number < others)),
            )
        ]


def tell(results: list[Result]) -> None:
    same = [r for r in results if not r.case.is_other_limb]
    table(same)
    told = [r for r in same if r.error_pct is not None]
    if told:
        off, stated = np.abs([[r.error_pct, r.stated_pct] for r in told]).T
        near = [abs(r.error_pct) for r in told if r.case.view_deg <= 20]
        print(
            f"all: {len(told)} of {len(same)} told, median {np.median(off):.2f} %, 95th percentile "
            f"{np.percentile(off, 95):.2f} %, worst {off.max():.2f} %, "
            f"covered {100 * np.mean(off <= 1.96 * stated):.1f} %"
        )
        print(
            f"up to 20°: {len(near)} told, worst {max(near):.2f} %, {sum(one > 3 for one in near)} beyond 3 %"
        )
        print(f"pixels as they are: off by {np.median([abs(r.plain_pct) for r in same]):.0f} % (median)")
    others = [r for r in results if r.case.is_other_limb]
    if others:
        print(f"other skin: {sum(r.error_pct is None for r in others)} of {len(others)} refused")
    for reason, count in Counter(_first(r.refused) for r in results if r.refused).most_common():
        print(f"  {count:4} {reason}")


def _first(reason: str) -> str:
    """Return a reason without its numbers."""
    return re.sub(r"[0-9]+", "…", reason.partition(";")[0])


def table(results: list[Result]) -> None:
    print("| view change | skin | pairs | refused | median error | 95th percentile | worst | covered |")
    print("|---|---|---|---|---|---|---|---|")
    for view in TILTS_DEG:
        for name, bent in (("flat", False), ("bent", True)):
            found = [r for r in results if r.case.view_deg == view and bool(r.case.radius_mm) is bent]
            told = [r for r in found if r.error_pct is not None]
            if not found:
                continue
            off = np.abs([r.error_pct for r in told]) if told else np.array([math.nan])
            covered = np.mean([abs(r.error_pct) <= 1.96 * r.stated_pct for r in told]) if told else math.nan
            print(
                f"| {view:.0f}° | {name} | {len(found)} | {100 * (1 - len(told) / len(found)):.0f} % "
                f"| {np.median(off):.2f} % | {np.percentile(off, 95):.2f} % | {off.max():.2f} % "
                f"| {100 * covered:.0f} % |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=30, help="scenes per view change")
    parser.add_argument("--others", type=int, default=30, help="pairs of unlike skin")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", help="where to write every result")
    given = parser.parse_args()
    chosen = list(cases(given.pairs, given.others, given.seed))
    with ProcessPoolExecutor(given.jobs, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        results: list[Result] = []
        for some in pool.map(judge, chosen):
            results += some
            if given.json:
                Path(given.json).write_text(json.dumps([asdict(one) for one in results]), encoding="utf-8")
    tell(results)


if __name__ == "__main__":
    main()
