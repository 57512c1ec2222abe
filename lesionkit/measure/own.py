"""What lesionkit measures of deposits, each kind a measurer that is found as anyone else's is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import pi

from lesionkit.core.image import Modality
from lesionkit.core.measurement import Measure, Measurement
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit
from lesionkit.measure.calcium import calcium_of
from lesionkit.measure.catalogue import MEASURES
from lesionkit.measure.colour import measure_colours
from lesionkit.measure.density import percentiles, statistics
from lesionkit.measure.many import equivalent_diameter
from lesionkit.measure.measurer import Scene
from lesionkit.measure.places import coverages, distances
from lesionkit.measure.scoring import density_grade


@dataclass(frozen=True, slots=True)
class _Own:
    """A measurer made of a function."""

    names: tuple[str, ...]
    of: Callable[[Scene], Iterable[Measurement]]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What it measures."""
        return tuple(MEASURES[name] for name in self.names)

    def measure(self, scene: Scene, /) -> Iterable[Measurement]:
        """Return what was measured of the deposits of an image."""
        return self.of(scene)


def _sizes(scene: Scene) -> Iterator[Measurement]:
    for index, deposit in enumerate(scene.deposits):
        for name, quantity in _sizes_of(scene, index):
            yield scene.found(deposit, name, quantity)


def _sizes_of(scene: Scene, index: int) -> Iterator[tuple[str, Quantity]]:
    """Yield every size that has a meaning."""
    size, is_calibrated = scene.sizes[index], scene.image.grid.is_calibrated
    units = {
        "area": AREA[is_calibrated],
        "perimeter": LENGTH[is_calibrated],
        "long_axis": LENGTH[is_calibrated],
        "short_axis": LENGTH[is_calibrated],
        "volume": VOLUME[is_calibrated],
        "max_diameter": LENGTH[is_calibrated],
        "surface_area": AREA[is_calibrated],
        "sphericity": Unit.ONE,
        "parts": Unit.ONE,
    }
    for name, unit in units.items():
        value = getattr(size, name)
        if value is not None:
            yield name, Quantity(value=float(value), unit=unit)
    diameter = float(equivalent_diameter(size.area, size.volume))
    yield "equivalent_diameter", Quantity(value=diameter, unit=LENGTH[is_calibrated])
    ellipse = pi / 4 * size.long_axis * size.short_axis
    yield "ellipse_area", Quantity(value=ellipse, unit=AREA[is_calibrated])
    if size.perimeter is not None:
        yield "circularity", Quantity(value=4 * pi * size.area / size.perimeter**2, unit=Unit.ONE)
    if size.hull_area is not None:
        yield "solidity", Quantity(value=size.area / size.hull_area, unit=Unit.ONE)
    axes = ("centroid_plane", "centroid_row", "centroid_col")[-len(size.centroid) :]
    for name, value in zip(axes, size.centroid, strict=True):
        yield name, Quantity(value=float(value), unit=Unit.PX)


def _densities(scene: Scene) -> Iterator[Measurement]:
    for index, deposit in enumerate(scene.deposits):
        for name, value in _densities_of(scene, index):
            yield scene.found(deposit, name, Quantity(value=value, unit=scene.image.intensity_unit))


def _densities_of(scene: Scene, index: int) -> Iterator[tuple[str, float]]:
    values = scene.values(index)
    found = {**statistics(values), **percentiles(values)}
    yield from found.items()
    if not found or _is_picture(scene):
        return
    level = scene.surroundings[index].level
    if level is not None:
        yield "rim_intensity", level
        yield "contrast", found["mean_intensity"] - level


def _is_picture(scene: Scene) -> bool:
    """Return whether an image's pixel values say nothing of how dense a deposit is."""
    return scene.image.modality is Modality.XC or scene.image.is_colour


def _calcium(scene: Scene) -> Iterator[Measurement]:
    if _is_picture(scene):
        return
    for index, deposit in enumerate(scene.deposits):
        around = scene.surroundings[index]
        for name, quantity in calcium_of(scene.masks[index], scene.image, around, scene.calcium):
            yield scene.found(deposit, name, quantity)


def _colours(scene: Scene) -> Iterable[Measurement]:
    return measure_colours(scene.deposits, scene.image, scene.colour, image_id=scene.image_id)


def _grades(scene: Scene) -> Iterator[Measurement]:
    if scene.grade is None:
        return
    for index, deposit in enumerate(scene.deposits):
        value = dict(_densities_of(scene, index)).get(scene.grade.of)
        if value is not None:
            grade = density_grade(value, cuts=scene.grade.cuts)
            yield scene.found(deposit, "density_grade", Quantity(value=float(grade), unit=Unit.ONE))


SIZE = _Own(
    (
        *("area", "perimeter", "long_axis", "short_axis", "volume"),
        *("centroid_row", "centroid_col", "centroid_plane"),
        *("equivalent_diameter", "ellipse_area", "circularity", "solidity"),
        *("max_diameter", "surface_area", "sphericity", "parts"),
    ),
    _sizes,
)
DENSITY = _Own(
    (
        *("mean_intensity", "max_intensity", "min_intensity", "sd_intensity"),
        *("p10_intensity", "median_intensity", "p90_intensity", "rim_intensity", "contrast"),
    ),
    _densities,
)
CALCIUM = _Own(("agatston", "calcium_volume", "calcium_mass", "integrated_volume"), _calcium)
COLOUR = _Own(("erythema", "rim_erythema", "whiteness", "rim_whiteness", "colour_delta_e"), _colours)
GRADE = _Own(("density_grade",), _grades)
LANDMARK = _Own(("landmark_distance",), distances)
COVERAGE = _Own(("coverage",), coverages)
