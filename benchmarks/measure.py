"""How fast deposits are measured, beside others and beside reading the volume's memory once.

    python benchmarks/measure.py                      # everything, some minutes: scikit-image is slow
    python benchmarks/measure.py --deposits 100       # one number of deposits
    python benchmarks/measure.py --deposits           # polygons only

A label volume of 300 × 512 × 512 voxels holds irregular deposits, with a CT of noise on the same grid.
Everybody measures volume, mean, greatest and least value and the greatest diameter of each;
`lesionkit.measure_labels` also long and short axis in the plane where they are longest (its usual columns).
The *pass* is the greatest label of the volume, found by numpy: nobody can measure without reading every voxel
once. Everybody takes turns and medians are told. Results are compared: volumes and means must be equal.
scikit-image takes the greatest diameter of the voxels of a filled convex hull, which is a little longer.

Polygons: 10,000 lobed rings of 200 corners; area, perimeter, long and short axis. Shapely has no function for
the axes. Its vectorised ones that come nearest are the smallest circle around, for the long axis, and the
narrower side of the oriented envelope, for the short one; or both sides of the envelope alone. They are not
what a long and a short axis are: the rings' own are checked against all pairs of corners of their hulls.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

SHAPE, SPACING = (300, 512, 512), (2.0, 0.5, 0.6)
VOXELS = {5: 500_000, 100: 353_000, 2000: 1_000_000}
ROUNDS = {"scikit-image": 1}


def deposits(count: int) -> np.ndarray:
    """Return a label volume of irregular ellipsoids that do not overlap."""
    rng = np.random.default_rng(1)
    radius = np.cbrt(VOXELS[count] / count * 3 / (4 * np.pi))
    labels = np.zeros(SHAPE, np.uint16)
    made = 0
    while made < count:
        axes = radius * rng.uniform(0.6, 1.5, 3)
        axes *= radius / np.cbrt(axes.prod())
        turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        reach = int(np.ceil(axes.max() * 1.3)) + 1
        centre = np.array([rng.uniform(reach, size - reach - 1) for size in SHAPE])
        low = np.floor(centre).astype(int) - reach
        at = (np.moveaxis(np.indices((2 * reach + 1,) * 3), 0, -1) + low - centre) @ turned / axes
        waves = rng.normal(size=(4, 3))
        bumps = sum(0.08 * np.sin(at @ wave * 2 + rng.uniform(0, 6)) for wave in waves)
        inside = np.sqrt((at**2).sum(axis=-1)) < 1 + bumps
        box = tuple(slice(first, first + 2 * reach + 1) for first in low)
        if not labels[box][inside].any():
            made += 1
            labels[box][inside] = made
    return labels


def scan() -> np.ndarray:
    """Return a CT of noise."""
    rng = np.random.default_rng(2)
    return np.stack([rng.normal(100, 50, SHAPE[1:]).astype(np.int16) for _ in range(SHAPE[0])])


def in_turns(
    jobs: dict[str, Callable[[], object]], rounds: int
) -> tuple[dict[str, float], dict[str, object]]:
    """Return the median seconds and the last result of each job."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    results: dict[str, object] = {}
    for turn in range(rounds):
        for name, job in jobs.items():
            if turn < ROUNDS.get(name, rounds):
                start = time.perf_counter()
                results[name] = job()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}, results


def measure_volumes(count: int, pixels: np.ndarray, rounds: int, *, slow: bool) -> None:
    """Measure one label volume with everybody and tell the times."""
    import SimpleITK as sitk  # noqa: N813
    from skimage.measure import regionprops_table

    import lesionkit

    labels = deposits(count)
    itk_labels, itk_pixels = sitk.GetImageFromArray(labels), sitk.GetImageFromArray(pixels)
    itk_labels.SetSpacing(SPACING[::-1])
    itk_pixels.SetSpacing(SPACING[::-1])

    def by_itk() -> dict[str, np.ndarray]:
        shape, values = sitk.LabelShapeStatisticsImageFilter(), sitk.LabelIntensityStatisticsImageFilter()
        shape.ComputeFeretDiameterOn()
        shape.Execute(itk_labels)
        values.Execute(itk_labels, itk_pixels)
        names = shape.GetLabels()
        return {
            "volume_mm3": np.array([shape.GetPhysicalSize(label) for label in names]),
            "mean_intensity": np.array([values.GetMean(label) for label in names]),
        }

    def by_skimage() -> dict[str, np.ndarray]:
        asked = ("area", "intensity_mean", "intensity_max", "intensity_min", "feret_diameter_max")
        found = regionprops_table(labels, pixels, properties=asked, spacing=SPACING)
        return {
            "volume_mm3": found["area"],
            "mean_intensity": found["intensity_mean"],
        }

    jobs: dict[str, Callable[[], object]] = {
        "pass": labels.max,
        "lesionkit": lambda: lesionkit.measure_labels(labels, spacing_mm=SPACING, pixels=pixels),
        "SimpleITK": by_itk,
    }
    if slow:
        jobs["scikit-image"] = by_skimage
    times, results = in_turns(jobs, rounds)
    for rival in set(jobs) - {"pass", "lesionkit"}:
        for column, values in results[rival].items():  # type: ignore[attr-defined]
            np.testing.assert_allclose(results["lesionkit"][column], values, rtol=1e-9)  # type: ignore[index]
    print(f"\n{count} deposits, {np.count_nonzero(labels):,} voxels")
    own = times["lesionkit"]
    for name, seconds in times.items():
        print(
            f"  {name:13}{seconds * 1e3:10.1f} ms  {seconds / times['pass']:8.1f} × pass"
            f"  {seconds / own:7.1f} × own"
        )


def rings(count: int = 10_000, corners: int = 200) -> np.ndarray:
    """Return lobed rings."""
    rng = np.random.default_rng(0)
    angle = np.sort(rng.uniform(0, 2 * np.pi, (count, corners)), axis=1)
    turn = rng.uniform(0, 6, (2, count, 1))
    radius = 1 + 0.2 * np.sin(3 * angle + turn[0]) + 0.1 * np.sin(7 * angle + turn[1])
    size, place = rng.uniform(5, 20, (2, count, 1)), rng.uniform(0, 1000, (count, 1, 2))
    return np.stack([radius * np.cos(angle) * size[0], radius * np.sin(angle) * size[1]], axis=-1) + place


def measure_polygons(rounds: int) -> None:
    """Measure many rings with lesionkit and Shapely and tell the times."""
    import shapely

    from lesionkit.geometry.polygons import measure_rings

    made = rings()
    corners, firsts = made.reshape(-1, 2), np.arange(len(made)) * made.shape[1]

    def sides(shapes: np.ndarray) -> np.ndarray:
        corner = shapely.get_coordinates(shapely.oriented_envelope(shapes)).reshape(-1, 5, 2)
        return np.sort(np.linalg.norm(np.diff(corner[:, :3], axis=1), axis=2), axis=1)

    def by_circle_and_envelope() -> tuple[np.ndarray, ...]:
        shapes = shapely.polygons(made)
        around = 2 * shapely.minimum_bounding_radius(shapes)
        return shapely.area(shapes), shapely.length(shapes), around, sides(shapes)[:, 0]

    def by_envelope() -> tuple[np.ndarray, ...]:
        shapes = shapely.polygons(made)
        return shapely.area(shapes), shapely.length(shapes), *sides(shapes).T

    jobs = {
        "lesionkit": lambda: measure_rings(corners, firsts),
        "Shapely": by_circle_and_envelope,
        "envelopes only": by_envelope,
    }
    times, results = in_turns(jobs, rounds)
    own = results["lesionkit"]
    for rival in ("Shapely", "envelopes only"):
        for ours, theirs in zip((own.area, own.perimeter), results[rival], strict=False):  # type: ignore
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    hulls = shapely.convex_hull(shapely.polygons(made))
    at, bounds = shapely.get_coordinates(hulls), np.cumsum([0, *shapely.get_num_coordinates(hulls)])
    farthest = [np.sqrt(((at[a:b, None] - at[None, a:b]) ** 2).sum(-1).max()) for a, b in pairwise(bounds)]
    np.testing.assert_allclose(own.long, farthest, rtol=1e-10)  # type: ignore[attr-defined]
    print(f"\n{len(made):,} polygons of {made.shape[1]} corners")
    for name, seconds in times.items():
        print(f"  {name:15}{seconds * 1e3:10.1f} ms  {seconds / times['lesionkit']:7.1f} × own")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--deposits", type=int, nargs="*", choices=VOXELS, default=list(VOXELS))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="leave scikit-image out")
    parser.add_argument("--no-polygons", action="store_true")
    asked = parser.parse_args()
    pixels = scan() if asked.deposits else np.zeros(0)
    for count in asked.deposits:
        measure_volumes(count, pixels, asked.repeat, slow=not asked.quick)
    if not asked.no_polygons:
        measure_polygons(asked.repeat)


if __name__ == "__main__":
    main()
