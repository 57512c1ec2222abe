"""What napari asks for outside the panel: readers, writers and sample data."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.region import Deposit
from lesionkit.errors import LesionkitError, OutlineError
from napari_lesionkit._layers import (
    LayerData,
    labels_layer,
    outlines_layer,
    picture_layer,
)
from napari_lesionkit._written import outlines_from_shapes, regions_from_labels

Read = Callable[[str | list[str]], list[LayerData] | list[tuple[None]]]

NOTHING: list[tuple[None]] = [(None,)]
"""What napari understands as: read, and there is no layer to add."""

MEMBER = "lesionkit"
"""Under which key of a layer's metadata its image is told."""


def find_reader(path: str | Sequence[str]) -> Read | None:
    """Return what reads a path: picture, series' folder, outlines or a whole cohort; None if nothing can."""
    from lesionkit.io.load import best_reader
    from lesionkit.io.outline_files import is_outline_file
    from lesionkit.io.readers import READERS

    first = Path(path if isinstance(path, str) else path[0])
    if not first.exists():
        return None
    if first.is_dir() or is_outline_file(first):
        return read_paths
    return read_paths if best_reader(first, dict(READERS.loaded())) else None


def read_paths(path: str | list[str]) -> list[LayerData] | list[tuple[None]]:
    """Return the layers of pictures and series with their outlines; a cohort opens in the panel instead."""
    paths = [Path(path)] if isinstance(path, str) else [Path(each) for each in path]
    layers: list[LayerData] = []
    for each in paths:
        if each.is_dir() and _is_cohort(each) and _opens_in_panel(each):
            return NOTHING
        layers += read_layers(each)
    return layers or NOTHING


def read_layers(path: Path) -> list[LayerData]:
    """Return a picture or a series as layers: its pixels, and what was drawn on it.

    Raises
    ------
    ReadError
        If it holds no image, or more than one.
    """
    from lesionkit.io.load import read_image
    from lesionkit.io.outline_files import is_outline_file

    ref = read_image(_image_of(path) if path.is_file() and is_outline_file(path) else path)
    image = _scaled(ref)
    layers = [picture_layer(image, name=_name(ref))]
    layers[0][1]["metadata"] = {MEMBER: {"path": str(_place(ref)), "modality": str(ref.modality)}}
    deposits = _drawn(ref)
    if image.grid.is_planar:
        layers.append(outlines_layer(deposits, grid=image.grid, name=f"{_name(ref)} outlines"))
    elif deposits:
        layers.append(labels_layer(deposits, grid=image.grid, name=f"{_name(ref)} deposits"))
    for layer in layers[1:]:
        layer[1]["metadata"] = {MEMBER: {"path": str(_place(ref)), "shape": image.grid.shape}}
    return layers


def _image_of(outlines: Path) -> Path:
    from lesionkit.io.files import stem
    from lesionkit.io.outline_files import is_outline_file, parse_name

    name = parse_name(outlines)
    wanted = name.image if name else ""
    beside = [p for p in sorted(outlines.parent.iterdir())
              if p != outlines and not is_outline_file(p) and wanted in (p.name, stem(p))]  # fmt: skip
    if len(beside) != 1:
        raise OutlineError(
            f"the image that {outlines.name} was drawn on is not beside it", hint="Open the image instead."
        )
    return beside[0]


def _scaled(ref: ImageRef) -> Image:
    """Return an image with its pixels and the scale that is believed of it."""
    from dataclasses import replace

    from lesionkit.calibrate import scale_of
    from lesionkit.core.settings import ScaleSettings
    from lesionkit.io import load_image

    image = load_image(ref)
    claims = [claim for drawing in _drawings(ref) for claim in drawing.scale_claims]
    grid, _ = scale_of(image, claims=claims, settings=ScaleSettings(), about=ref.location)
    return replace(image, grid=grid)


def _drawings(ref: ImageRef) -> list[Any]:
    from datetime import date

    from lesionkit.core.cohort import Cohort, Patient, Timepoint
    from lesionkit.io import find_drawings, load_drawing
    from lesionkit.io.outline_files import is_outline_file

    place = _place(ref)
    visit = Timepoint(date=date(1, 1, 1), images=(ref,))
    cohort = Cohort(root=place.parent, name="", patients=(Patient(id="one", timepoints=(visit,)),))
    others = (p for p in sorted(place.parent.iterdir()) if p.is_file() and p not in ref.paths)
    beside = [p for p in others if is_outline_file(p) or p.suffix.lower() == ".dcm"]
    found, _ = find_drawings(cohort, beside)
    drawings = [load_drawing(file, image=ref)[0] for file in found.get(ref.id, ())]
    return [drawing for drawing in drawings if drawing is not None][:1]


def _drawn(ref: ImageRef) -> tuple[Deposit, ...]:
    return tuple(deposit for drawing in _drawings(ref) for deposit in drawing.deposits)


def _place(ref: ImageRef) -> Path:
    """Return the file of a picture, or the folder of a series."""
    return ref.paths[0] if len(ref.paths) == 1 else ref.paths[0].parent


def _name(ref: ImageRef) -> str:
    return _place(ref).stem


def _is_cohort(folder: Path) -> bool:
    """Return whether a folder holds more than one image, of whoever and whenever."""
    from lesionkit.io import read_cohort

    if (folder / "cohort.toml").exists():
        return True
    try:
        return len(read_cohort(folder).images) > 1
    except LesionkitError:
        return False


def _opens_in_panel(folder: Path) -> bool:
    """Return whether a window is open whose panel took the folder."""
    import napari

    viewer = napari.current_viewer()
    if viewer is None:
        return False
    from napari_lesionkit._open import open_in

    open_in(viewer, folder)
    return True


def write_shapes(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the polygons of a Shapes layer as GeoJSON and return the file's path.

    Raises
    ------
    OutlineError
        If the layer does not say which picture it was drawn on, or a line is no outline.
    """
    from lesionkit.io import write_outlines

    told = attributes.get("metadata", {}).get(MEMBER)
    if not told:
        raise OutlineError(
            "the layer does not say which picture it was drawn on",
            hint="Open the picture with lesionkit, and draw on the layer of outlines that comes with it.",
        )
    from lesionkit.io.load import read_image

    ref = read_image(Path(told["path"]))
    deposits = outlines_from_shapes(data, attributes, image=ref.id)
    write_outlines(Path(path), deposits, image=ref, replace=True)
    return [path]


def write_labels(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the deposits of a Labels layer as NIfTI label map and return the file's path.

    Raises
    ------
    OutlineError
        If the layer does not say which scan it was painted on.
    """
    from lesionkit.io.labelmap import write_labelmap
    from lesionkit.io.load import read_image

    told = attributes.get("metadata", {}).get(MEMBER)
    if not told:
        raise OutlineError(
            "the layer does not say which scan it was painted on",
            hint="Open the scan with lesionkit, and paint on the layer of deposits that comes with it.",
        )
    ref = read_image(Path(told["path"]))
    write_labelmap(Path(path), regions_from_labels(data, attributes, image=ref.id), image=ref)
    return [path]


def sample_photograph() -> list[LayerData]:
    """Return a synthetic photograph with its outlines."""
    return _sample(Modality.XC)


def sample_radiograph() -> list[LayerData]:
    """Return a synthetic radiograph with its outlines."""
    return _sample(Modality.DX)


def sample_ct() -> list[LayerData]:
    """Return a synthetic CT with its deposits."""
    return _sample(Modality.CT)


def _sample(modality: Modality) -> list[LayerData]:
    import tempfile

    from lesionkit.phantom.cohort import participants
    from lesionkit.phantom.write import Studio

    person, strand = next(
        (person, strand) for person in participants() for strand in person.strands
        if strand.modality is modality
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        written = Studio(out=Path(folder), seed=2021).take(person, strand, strand.visits[0])
        return read_layers(Path(folder) / written.location)
