"""How well and how fast outlines are proposed: clicks against phantom truth, and time beside other tools.

    python benchmarks/suggest.py accuracy    # some minutes: every participant of the sample cohort
    python benchmarks/suggest.py speed       # a photograph of 12 megapixels, a CT of 512 x 512 x 300

Accuracy: Dice of the proposed outline with the true one. Clicks are set by chance within 0.4 radii of the
middle; corners of boxes and anchors are off by chance as a hand's are. "Ellipse" is what one would have
without any tool: the ellipse that touches the box's sides.

Speed: the median of turns, beside `skimage.segmentation.flood` on the same photograph and SimpleITK's
`ConnectedThreshold` on the same CT, both with the tolerance told to them.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from shapely import Polygon

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.units import Unit
from lesionkit.errors import OutlineError
from lesionkit.phantom import (
    Rendering,
    grow_skin,
    participants,
    render_photograph,
    render_radiograph,
    render_volume,
)
from lesionkit.phantom.staging import lay_limb, lay_table, photo_view, set_light, skin_box, xray_view
from lesionkit.phantom.write import _BLOCKS
from lesionkit.suggest import grow, outline_box, outline_scribble, propose_calcium, snap, threshold_within

SEED = 7


def pictures() -> Iterator[tuple[str, Rendering]]:
    """Yield a picture of every site of every participant but MR, on which one click is refused."""
    for person in participants():
        for number, strand in enumerate(person.strands):
            limb = person.limbs[strand.side]
            for turn, visit in enumerate(strand.visits[:1]):
                rng = np.random.default_rng([SEED, int(person.id[1:]), number, turn])
                if strand.modality is Modality.XC:
                    box = skin_box(limb, strand.region)
                    skin = grow_skin(
                        limb, box, seed=SEED + number, tone=person.tone, is_hairy=person.is_hairy
                    )
                    yield "photograph", render_photograph(
                        skin, visit.concretions, view=photo_view(rng, limb, strand.region), seed=turn,
                        light=set_light(rng), table=lay_table(rng, limb, strand),
                    )  # fmt: skip
                elif strand.modality is Modality.DX:
                    yield (
                        "radiograph",
                        render_radiograph(limb, visit.concretions, view=xray_view(rng, limb), seed=turn),
                    )
                elif strand.modality is Modality.CT:
                    yield "CT", render_volume(
                        limb, visit.concretions, modality=Modality.CT, block=_BLOCKS[Modality.CT], seed=turn,
                        pose=lay_limb(rng),
                    )  # fmt: skip


def overlap(found: Outline, truth: np.ndarray) -> float:
    one, other = Polygon(found.exterior), Polygon(truth)
    return 2 * one.intersection(other).area / (one.area + other.area)


def voxels(region: object, shape: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, dtype=bool)
    whole[region.box] = region.voxels
    return whole


def planar(image: Image, deposit: Deposit, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    truth = deposit.regions[0].exterior
    middle, radius = truth.mean(axis=0), np.sqrt(Polygon(truth).area / np.pi)
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    round_ = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    low, high = truth.min(axis=0), truth.max(axis=0)
    along = np.linalg.svd(truth - middle)[2][0]
    tools: dict[str, Callable[[], Outline]] = {}
    towards = rng.uniform(0, 2 * np.pi)
    seed = middle + 0.4 * radius * np.sqrt(rng.uniform()) * np.array([np.sin(towards), np.cos(towards)])
    tools["1 click"] = lambda: grow(image, seed)
    corners = np.stack([low, high]) + rng.normal(0, 0.06 * radius, (2, 2))
    tools["box (2 clicks)"] = lambda: outline_box(image, corners)
    chosen = truth[np.linspace(0, len(truth), 6, endpoint=False).astype(int)] + rng.normal(0, 1, (6, 2))
    tools["6 anchors"] = lambda: snap(image, chosen)
    stroke = middle + np.linspace(-0.6, 0.6, 9)[:, None] * radius * along
    tools["stroke"] = lambda: outline_scribble(image, stroke)
    loose = Outline(exterior=middle + 1.5 * (truth - middle))
    tools["lasso, 1.5 ×"] = lambda: threshold_within(image, loose)[0]
    tools["(ellipse in the box)"] = lambda: Outline(
        exterior=corners.mean(0) + round_ * np.diff(corners, axis=0) / 2
    )
    for name, tool in tools.items():
        try:
            yield name, overlap(tool(), truth)
        except OutlineError:
            yield name, 0.0


def solid(image: Image, deposit: Deposit, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    truth = voxels(deposit.regions[0], image.grid.shape)
    inside = np.argwhere(truth)
    far = np.linalg.norm((inside - inside.mean(axis=0)) * image.grid.spacing_mm, axis=1)
    seed = rng.choice(inside[far <= 0.5 * far.max()])
    try:
        found = voxels(grow(image, seed), image.grid.shape)
        yield "1 click", 2 * (found & truth).sum() / (found.sum() + truth.sum())
    except OutlineError:
        yield "1 click", 0.0


def accuracy() -> None:
    rng = np.random.default_rng(SEED)
    scores: dict[tuple[str, str], list[float]] = {}
    proposed = there = 0
    for kind, made in pictures():
        for deposit in made.deposits:
            for _ in range(2):
                for name, score in (solid if kind == "CT" else planar)(made.image, deposit, rng):
                    scores.setdefault((kind, name), []).append(score)
        if kind == "CT":
            found = [voxels(mask, made.image.grid.shape) for mask in propose_calcium(made.image)]
            proposed, there = proposed + len(found), there + len(made.deposits)
            for deposit in made.deposits:
                truth = voxels(deposit.regions[0], made.image.grid.shape)
                best = max((2 * (f & truth).sum() / (f.sum() + truth.sum()) for f in found), default=0.0)
                scores.setdefault((kind, "no click"), []).append(best)
    print("| | tool | tries | median Dice | lowest 5 % | 0.9 or more |\n|---|---|---|---|---|---|")
    for (kind, name), values in sorted(scores.items()):
        share, low = np.mean(np.array(values) >= 0.9), np.percentile(values, 5)
        print(f"| {kind} | {name} | {len(values)} | {np.median(values):.3f} | {low:.2f} | {share:.0%} |")
    print(f"\nCT without a click: {there} deposits there, {proposed} proposed.")


def in_turns(tools: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in tools}
    for turn in range(turns + 1):
        for name, tool in tools.items():
            start = time.perf_counter()
            tool()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def large_photograph(radius: float) -> Image:
    rng = np.random.default_rng(SEED)
    rows, cols = np.mgrid[:3000, :4000].astype(np.float32)
    out = np.hypot(rows - 1500, cols - 2000)
    inside = np.clip((radius - out) / 4 + 0.5, 0, 1)[..., None]
    ring = np.exp(-((np.maximum(out - radius, 0) / 60) ** 2))[..., None]
    skin = np.array([205, 155, 135], np.float32) - ring * np.array([0, 50, 40], np.float32)
    scene = skin * (1 - inside) + np.array([235, 220, 185], np.float32) * inside
    pixels = np.clip(scene + rng.normal(0, 3, scene.shape), 0, 255).astype(np.uint8)
    grid = Grid(shape=(3000, 4000))
    return Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)


def large_ct() -> Image:
    shape, spacing = (300, 512, 512), (1.0, 0.7, 0.7)
    rng = np.random.default_rng(SEED)
    hu = rng.normal(50, 12, shape).astype(np.float32).astype(np.int16)
    index = np.indices((60, 80, 80)).astype(np.float32) * np.array(spacing, np.float32)[:, None, None, None]
    ball = np.linalg.norm(index - np.array([30, 28, 28], np.float32)[:, None, None, None], axis=0) <= 12
    hu[120:180, 200:280, 300:380][ball] += 800
    rows, cols = np.mgrid[:512, :512]
    out = np.hypot(rows - 256, cols - 250) * 0.7
    hu[:, (out <= 14) & (out > 10)] += 1000  # a bone through all planes, beside which lies another deposit
    side = np.linalg.norm(index - np.array([30, 28, 28], np.float32)[:, None, None, None], axis=0) <= 8
    hu[120:180, 216:296, 242:322][side] = 850
    grid = Grid(shape=shape, spacing_mm=spacing, scale_source=ScaleSource.PATIENT_PLANE)
    return Image(modality=Modality.CT, pixels=hu, grid=grid, intensity_unit=Unit.HU)


def speed() -> None:
    import SimpleITK
    from skimage.segmentation import flood

    rows = []
    for radius in (60.0, 400.0):
        photo = large_photograph(radius)
        at = (1500 + int(radius / 3), 2000 - int(radius / 4))
        corners = [(1500 - radius, 2000 - radius), (1500 + radius, 2000 + radius)]
        took = in_turns(
            {
                "click": partial(grow, photo, at),
                "box": partial(outline_box, photo, corners),
                "flood": partial(flood, photo.pixels[..., 2], at, tolerance=25),
            },
            5,
        )
        angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
        truth = np.array([1500, 2000]) + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        for tool, score in (
            ("click", overlap(grow(photo, at), truth)),
            ("box", overlap(outline_box(photo, corners), truth)),
        ):
            name = f"12 MP photograph, radius {radius:.0f} px, {tool} (Dice {score:.2f})"
            rows.append((name, took[tool], "flood", took["flood"]))
    ct = large_ct()
    whole = SimpleITK.GetImageFromArray(ct.pixels)
    for what, at in (("free", (150, 240, 340)), ("at a bone", (150, 256, 284))):
        peer = partial(SimpleITK.ConnectedThreshold, whole, [at[::-1]], lower=400, upper=3000)
        took = in_turns({"click": partial(grow, ct, at), "peer": peer}, 3)
        size = grow(ct, at).voxels.sum() * 0.49
        name = f"CT 512 × 512 × 300, deposit {what}, click ({size:.0f} mm³)"
        rows.append((name, took["click"], "ConnectedThreshold", took["peer"]))
    print("| | lesionkit | peer | | × the peer's time |\n|---|---|---|---|---|")
    for name, own, peer_name, other in rows:
        print(f"| {name} | {own * 1000:.0f} ms | {peer_name} | {other * 1000:.0f} ms | {own / other:.2f} |")


if __name__ == "__main__":
    {"accuracy": accuracy, "speed": speed}[sys.argv[1] if len(sys.argv) > 1 else "speed"]()
