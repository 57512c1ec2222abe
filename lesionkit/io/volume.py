"""Image volumes in NIfTI and NRRD files: they say where their voxels lie, but not how they were made."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import FoundImage, Image, ImageRef, Modality
from lesionkit.core.outcome import Problem
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io.archive import shown
from lesionkit.io.itk import Header, load_array, read_header, suffix_of
from lesionkit.io.problems import raised
from lesionkit.io.readers import Scan

_PERPENDICULAR = 1e-3
"""Greatest cosine between rows and columns: at 512 pixels a skew of half a pixel."""


class VolumeReader:
    """Reads one NIfTI (``.nii``, ``.nii.gz``) or NRRD (``.nrrd``, ``.nhdr``) file as one image.

    Neither format says how the image was made nor of whom or when: the folder does.
    """

    def bid(self, path: Path) -> float:
        """Return 0.9 for a NIfTI or NRRD file that is not an outline file by its name, else 0."""
        name = path.name.lower()
        is_outlines = ".outlines." in name or name.endswith(".seg.nrrd")
        return 0.9 if suffix_of(path) and not is_outlines else 0.0

    def scan(self, paths: Iterable[Path], *, root: Path) -> Scan:
        """Return one image per file, from its header."""
        images: list[FoundImage] = []
        problems: list[Problem] = []
        for path in paths:
            location = shown(path, root)
            try:
                grid = grid_of(read_header(path), path)
            except ReadError as error:
                problems.append(raised("volume_unreadable", location, error))
            else:
                images.append(
                    FoundImage(id=location, paths=(path,), reader="volume", location=location, grid=grid)
                )
        return Scan(images=tuple(images), problems=tuple(problems))

    def load(self, ref: ImageRef) -> Image:
        """Return the image with its voxels: CT in HU, any other as stored; integers stay integers.

        Raises
        ------
        ReadError
            If the file cannot be read, is truncated, or is not what it was when it was found.
        """
        path = ref.paths[0]
        header = read_header(path)
        grid = grid_of(header, path)
        if grid.shape != ref.grid.shape:
            raise ReadError(
                f"{path.name} has {grid.shape} voxels where {ref.grid.shape} were found before",
                path=path,
                hint="Do not change the folder while it is read.",
            )
        pixels = load_array(path, header)
        if pixels.dtype == np.float64:
            pixels = pixels.astype(np.float32)
        return Image(
            modality=ref.modality,
            pixels=_right_handed(pixels, header),
            grid=ref.grid,
            intensity_unit=Unit.HU if ref.modality is Modality.CT else Unit.STORED,
        )


READER = VolumeReader()


def grid_of(header: Header, path: Path) -> Grid:
    """Return where an image's voxels lie.

    A volume's planes are put in the order that makes its affine right-handed. Its spacing between planes
    is taken along their normal. A planar file's spacing is one of which nobody says at which
    plane it holds; a spacing of exactly 1 by 1 is what is written where none is known, and is none.

    Raises
    ------
    ReadError
        If it holds several values per voxel, or its rows and columns are not perpendicular.
    """
    if header.layers != 1:
        raise ReadError(
            f"{path.name} holds {header.layers} values per voxel; an image has one",
            path=path,
            hint="Save each of its components as a file of its own.",
        )
    if len(header.shape) == 2:
        return _planar(header)
    affine = np.array(header.affine)
    if np.linalg.det(affine[:3, :3]) < 0:
        affine[:3, 3] += affine[:3, 0] * (header.shape[0] - 1)
        affine[:3, 0] *= -1
    return Grid(
        shape=header.shape,
        spacing_mm=_spacing(affine, path),
        affine=affine,
        scale_source=ScaleSource.PATIENT_PLANE,
    )


def _planar(header: Header) -> Grid:
    rows, cols = header.steps_mm
    if (rows, cols) == (1.0, 1.0):
        return Grid(shape=header.shape)
    return Grid(shape=header.shape, spacing_mm=(rows, cols), scale_source=ScaleSource.UNSPECIFIED_PLANE)


def _spacing(affine: Floats, path: Path) -> tuple[float, float, float]:
    _, rows, cols = affine[:3, :3].T
    row_mm, col_mm = float(np.linalg.norm(rows)), float(np.linalg.norm(cols))
    volume = float(np.linalg.det(affine[:3, :3]))
    if not volume > 0 or abs(rows @ cols) > _PERPENDICULAR * row_mm * col_mm:
        raise ReadError(
            f"{path.name} has rows and columns that are not perpendicular",
            path=path,
            hint="Resample the volume to perpendicular axes.",
        )
    return volume / (row_mm * col_mm), row_mm, col_mm


def _right_handed(pixels: npt.NDArray[Any], header: Header) -> npt.NDArray[Any]:
    if len(header.shape) == 3 and np.linalg.det(header.affine[:3, :3]) < 0:
        return pixels[::-1]
    return pixels
