"""Checks that what is plugged in keeps its promise: for the tests of readers, measures, criteria ..."""

import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.measurement import Dimension, Measure, Measurement
from lesionkit.core.outcome import Outcome
from lesionkit.core.region import Deposit, Mask, Outline, Region
from lesionkit.core.response import Criterion
from lesionkit.core.settings import ReaderError
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import ReadError
from lesionkit.io.readers import Reader
from lesionkit.measure import MEASURES, measure_deposits
from lesionkit.measure.error import ErrorModel
from lesionkit.measure.measurer import Measurer, Scene
from lesionkit.report import Exporter
from lesionkit.suggest import Suggester

__all__ = [
    "check_criterion",
    "check_error_model",
    "check_exporter",
    "check_measurer",
    "check_reader",
    "check_suggester",
    "scenes",
]

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_UNITS = {
    Dimension.LENGTH: {Unit.MM, Unit.PX},
    Dimension.AREA: {Unit.MM2, Unit.PX2},
    Dimension.VOLUME: {Unit.MM3, Unit.PX3},
    Dimension.INTENSITY: {Unit.HU, Unit.GREY, Unit.STORED},
    Dimension.POSITION: {Unit.PX},
    Dimension.MASS: {Unit.MG},
    Dimension.SHARE: {Unit.PERCENT},
}


def scenes() -> tuple[Scene, ...]:
    """Return images small enough to reckon by hand, with deposits: what the checks measure and propose on.

    A radiograph with unequal spacing, the same without a scale, a colour photograph, a CT volume, and a
    radiograph on which nobody saw anything.
    """
    rows, cols = np.mgrid[:40, :60]
    grid = Grid(shape=(40, 60), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.DETECTOR_PLANE)
    bright = (100 + rows + 200 * ((rows - 12) ** 2 + (cols - 20) ** 2 < 36)).astype(np.float64)
    film = Image(modality=Modality.DX, pixels=bright, grid=grid, intensity_unit=Unit.STORED)
    colours = np.repeat((bright / 400 * 255).astype(np.uint8)[..., None], 3, axis=2)
    picture = Image(modality=Modality.XC, pixels=colours, grid=grid, intensity_unit=Unit.GREY)
    block = Grid(shape=(6, 20, 30), spacing_mm=(2.0, 0.5, 0.25), scale_source=ScaleSource.PATIENT_PLANE)
    solid = np.full(block.shape, 40, dtype=np.int16)
    solid[1:4, 5:9, 6:14] = 600
    volume = Image(modality=Modality.CT, pixels=solid, grid=block, intensity_unit=Unit.HU, kvp=120.0)
    drawn = (
        _deposit("1", _box(6, 14, 12), author="anna"),
        _deposit("2", _box(30, 40, 0.3)),
    )
    boxes = (
        _deposit("1", Mask(voxels=np.ones((3, 4, 8), dtype=np.bool_), origin=(1, 5, 6))),
        _deposit("2", Mask(voxels=np.ones((1, 1, 1), dtype=np.bool_), origin=(5, 19, 29))),
    )
    bare = replace(film, grid=Grid(shape=(40, 60)))
    return (
        Scene(image=film, deposits=drawn, image_id="image"),
        Scene(image=bare, deposits=drawn, image_id="image"),
        Scene(image=picture, deposits=drawn, image_id="image"),
        Scene(image=volume, deposits=boxes, image_id="image"),
        Scene(image=film, deposits=(), image_id="image"),
    )


def _box(row: float, col: float, side: float) -> Outline:
    return Outline(exterior=np.add([(0, 0), (0, side), (side, side), (side, 0)], (row, col)))


def _deposit(name: str, *regions: Region, author: str = "") -> Deposit:
    return Deposit(id=name, image="image", regions=regions, author=author)


def check_measurer(measurer: Measurer) -> None:
    """Check what measures deposits (entry-point group ``lesionkit.measures``).

    Raises
    ------
    AssertionError
        With a sentence that says what it does otherwise than promised.
    """
    measures = {measure.name: measure for measure in measurer.measures}
    _must(bool(measures), "it names no measure")
    for measure in measures.values():
        _must(isinstance(measure, Measure), f"{measure!r} is no Measure")
        _must(bool(_NAME.fullmatch(measure.name)), f"{measure.name!r} is no name in small letters and _")
        _must(bool(measure.meaning.strip()), f"{measure.name} does not say what it means")
        own = MEASURES.get(measure.name)
        _must(own is None or own == measure, f"{measure.name} is the name of a measure of lesionkit's own")
    for scene in scenes():
        before = scene.image.pixels.copy()
        first = tuple(measurer.measure(scene))
        _must(np.array_equal(scene.image.pixels, before), "it changes the pixels")
        _must(_same(first, tuple(measurer.measure(scene))), "it does not measure the same twice")
        for found in first:
            _check_measurement(found, measures, scene)


def _check_measurement(found: Measurement, measures: dict[str, Measure], scene: Scene) -> None:
    _must(isinstance(found, Measurement), f"{found!r} is no Measurement")
    _must(found.measure in measures, f"it measures {found.measure!r}, which it does not name")
    _must(found.image == scene.image_id, f"{found.measure} is not of the image that was given")
    _must(
        found.deposit in {"", *(deposit.id for deposit in scene.deposits)},
        f"{found.measure} is of a deposit {found.deposit!r} that there is not",
    )
    allowed = _UNITS.get(measures[found.measure].dimension)
    unit = found.quantity.unit
    _must(allowed is None or unit in allowed, f"{found.measure} is a {unit}, which it cannot be")
    _must(
        scene.image.grid.is_calibrated or not unit.is_metric,
        f"{found.measure} is in {unit} on an image without a scale",
    )


def _same(one: tuple[Measurement, ...], other: tuple[Measurement, ...]) -> bool:
    return [(m.deposit, m.measure, m.about, m.quantity.value) for m in one] == [
        (m.deposit, m.measure, m.about, m.quantity.value) for m in other
    ]


def check_error_model(model: ErrorModel) -> None:
    """Check an error model (entry-point group ``lesionkit.error_models``).

    Raises
    ------
    AssertionError
        With a sentence that says what it does otherwise than promised.
    """
    for scene in scenes():
        for deposit in scene.deposits:
            sizes = _sizes_of(deposit, scene)
            for reader in (ReaderError(), ReaderError(outline_mm=0.3, source="a test")):
                found = model.errors_of(deposit, scene.image, sizes, image_id="image", reader=reader)
                for measure, terms in found.items():
                    _must(measure in sizes, f"it gives an error of {measure!r}, which was not measured")
                    _must(
                        all(isinstance(term, ErrorTerm) and term.source for term in terms),
                        f"the error of {measure} is not of ErrorTerms that say where they come from",
                    )
                    total = replace(sizes[measure], errors=tuple(terms)).standard_error or 0.0
                    _must(math.isfinite(total), f"the error of {measure} is not finite")


def _sizes_of(deposit: Deposit, scene: Scene) -> dict[str, Quantity]:
    sizes = ("area", "perimeter", "long_axis", "short_axis", "volume")
    found = measure_deposits([deposit], scene.image, image_id="image")
    return {m.measure: replace(m.quantity, errors=()) for m in found if m.measure in sizes}


def check_criterion(criterion: Criterion) -> None:
    """Check a criterion (entry-point group ``lesionkit.criteria``): it is one, has a name, and a source.

    Raises
    ------
    AssertionError
        With a sentence that says what is missing.
    """
    _must(isinstance(criterion, Criterion), f"{criterion!r} is no Criterion")
    _must(bool(criterion.name.strip()), "it has no name")
    _must(bool(criterion.citation.strip()), f"{criterion.name} does not say where its thresholds come from")
    _must(
        len(set(criterion.labels.values())) == len(criterion.labels),
        f"{criterion.name} has one label for two categories",
    )


def check_suggester(suggester: Suggester) -> None:
    """Check what proposes deposits (entry-point group ``lesionkit.suggesters``).

    Raises
    ------
    AssertionError
        With a sentence that says what it does otherwise than promised.
    """
    for scene in scenes():
        before = scene.image.pixels.copy()
        proposals = suggester(scene.image, earlier=None)
        _must(np.array_equal(scene.image.pixels, before), "it changes the pixels")
        for proposal in proposals:
            _must(bool(proposal.regions), "it proposes a deposit without a region")
            deposit = Deposit(id="1", image="image", regions=proposal.regions)
            _must(
                bool(measure_deposits([deposit], scene.image, image_id="image")),
                "it proposes what cannot be measured",
            )


def check_reader(reader: Reader, path: Path | str) -> None:
    """Check a reader (entry-point group ``lesionkit.readers``) on an image of its kind.

    Parameters
    ----------
    reader : Reader
        What to check.
    path : Path or str
        A file that it reads.

    Raises
    ------
    AssertionError
        With a sentence that says what it does otherwise than promised.
    """
    path = Path(path)
    _must(0 < reader.bid(path) <= 1, f"it does not bid for {path.name}")
    scan = reader.scan([path], root=path.parent)
    _must(bool(scan.images), f"it finds no image in {path.name}")
    for found in scan.images:
        _must(not Path(found.location).is_absolute(), "an image's location is not relative to the folder")
        _must(found.modality is not None, "it does not say what kind of image it is")
        assert found.modality is not None
        image = reader.load(found.placed(modality=found.modality, site="site", scale_claims=()))
        _must(image.grid.shape == found.grid.shape, "the pixels have another shape than was said")
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder) / path.name
        broken.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        for about in _told_of(reader, broken):
            _must(not Path(about).is_absolute(), "a problem is about an absolute path")


def _told_of(reader: Reader, broken: Path) -> Iterator[str]:
    """Yield what problems of half a file are about; loading it may raise ReadError, and nothing else."""
    scan = reader.scan([broken], root=broken.parent)
    yield from (problem.about for problem in scan.problems)
    for found in scan.images:
        if found.modality is not None:
            try:
                reader.load(found.placed(modality=found.modality, site="site", scale_claims=()))
            except ReadError:
                continue


def check_exporter(exporter: Exporter, outcome: Outcome) -> None:
    """Check an exporter (entry-point group ``lesionkit.exporters``) on an outcome that `lesionkit.run` gave.

    Raises
    ------
    AssertionError
        With a sentence that says what it does otherwise than promised.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "new"
        paths = exporter(outcome, out, tell=lambda _: None)
        _must(all(path.is_file() for path in paths), "it names files that it has not written")
        _must(all(path.is_relative_to(out) for path in paths), "it writes outside the folder it was given")
        others = {path for path in Path(folder).rglob("*") if path.is_file()} - set(paths)
        _must(not others, f"it writes files that it does not name: {sorted(p.name for p in others)}")


def _must(is_so: bool, otherwise: str) -> None:  # noqa: FBT001
    if not is_so:
        raise AssertionError(otherwise)
