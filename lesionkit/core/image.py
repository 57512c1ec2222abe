"""Images: one we know of, unread, and one with its pixels."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import frozen
from lesionkit.core.grid import Grid, ScaleClaim
from lesionkit.core.units import Unit
from lesionkit.core.window import Look


class Modality(StrEnum):
    """How an image was made, in DICOM's words."""

    XC = "XC"
    """Clinical photograph (external camera)."""
    CR = "CR"
    DX = "DX"
    CT = "CT"
    MR = "MR"

    @property
    def stream(self) -> "Modality":
        """What it is compared within: CR and DX are one stream (DX), the others their own."""
        return Modality.DX if self is Modality.CR else self

    @property
    def is_volume(self) -> bool:
        """Whether deposits are measured by volume (CT, MR) rather than by area."""
        return self in (Modality.CT, Modality.MR)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """An image we know of, not yet loaded.

    Parameters
    ----------
    id : str
        Stable across machines: the path relative to the cohort (POSIX separators) or, for DICOM
        with several files, the SeriesInstanceUID.
    modality : Modality
        How it was made.
    site : str
        Body site; only images of one patient, one modality stream and one site are compared.
    paths : tuple of Path
        The file, or all files of a series in slice order.
    reader : str
        Name of the reader that found it and can load it.
    location : str
        Where a person finds it: path relative to the cohort of the file, or of the series' folder.
    grid : Grid
        Geometry as far as headers tell; photographs have no scale yet.
    series_uid : str, optional
        DICOM SeriesInstanceUID.
    instance_uids : tuple of str
        DICOM SOPInstanceUIDs in the order of `paths`; what a DICOM SEG refers to.
    frames : tuple of int
        Which frames (from 0) of its one file the planes are, in plane order, or the picture is; empty
        where a file holds one picture.
    scale_claims : tuple of ScaleClaim
        What ``images.csv`` says of its scale.
    """

    id: str
    modality: Modality
    site: str
    paths: tuple[Path, ...]
    reader: str
    location: str
    grid: Grid
    series_uid: str | None = None
    instance_uids: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()
    scale_claims: tuple[ScaleClaim, ...] = ()

    def __post_init__(self) -> None:
        if not self.id or not self.paths:
            raise ValueError("an image has an id and at least one file")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImage:
    """An image as a reader found it, with what its own headers say of whom, when and where.

    The folder it lies in may know better; placing it is the folder's job.

    Parameters
    ----------
    id, paths, reader, location, grid, series_uid, instance_uids, frames
        As of `ImageRef`.
    modality : Modality, optional
        None where the file does not say (NIfTI, NRRD).
    site : str
        Body site by the headers; empty where they do not say.
    patient : str, optional
        DICOM PatientID.
    dates : tuple of (str, date)
        Dates the headers give, each with the name of its source, in order of precedence, such as
        ``(("AcquisitionDate", date(2012, 3, 1)),)``.
    """

    id: str
    paths: tuple[Path, ...]
    reader: str
    location: str
    grid: Grid
    modality: Modality | None = None
    site: str = ""
    patient: str | None = None
    dates: tuple[tuple[str, date], ...] = ()
    series_uid: str | None = None
    instance_uids: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()

    def placed(self, *, modality: Modality, site: str, scale_claims: tuple[ScaleClaim, ...] = ()) -> ImageRef:
        """Return the image as the folder places it."""
        return ImageRef(
            id=self.id,
            modality=modality,
            site=site,
            paths=self.paths,
            reader=self.reader,
            location=self.location,
            grid=self.grid,
            series_uid=self.series_uid,
            instance_uids=self.instance_uids,
            frames=self.frames,
            scale_claims=scale_claims,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """An image with its pixels.

    Parameters
    ----------
    modality : Modality
        How it was made.
    pixels : ndarray
        ``(row, col)``, ``(row, col, 3)`` sRGB or ``(plane, row, col)``; read-only. Photographs
        upright, uint8 or uint16; radiographs bright = dense, CT in HU.
    grid : Grid
        Where they lie; its shape is that of `pixels` without colour.
    intensity_unit : Unit
        What a pixel value is counted in; of photographs, of their luma.
    kvp : float, optional
        X-ray tube voltage in kV (DICOM KVP).
    looks : tuple of Window or Curve
        How its file asks to be shown; `lesionkit.core.display` chooses among them.
    """

    modality: Modality
    pixels: npt.NDArray[Any]
    grid: Grid
    intensity_unit: Unit
    kvp: float | None = None
    looks: tuple[Look, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.shape[: len(self.grid.shape)] != self.grid.shape:
            raise ValueError(f"pixels {self.pixels.shape} do not fill the grid {self.grid.shape}")
        if self.pixels.flags.writeable:
            # A view is enough: loaders let go of their own array, and a volume is not held twice.
            view = self.pixels.view()
            view.flags.writeable = False
            object.__setattr__(self, "pixels", view)

    @property
    def is_colour(self) -> bool:
        """Whether a pixel has red, green and blue."""
        return self.pixels.ndim == len(self.grid.shape) + 1

    def intensity(self, box: tuple[slice, ...] = ()) -> npt.NDArray[Any]:
        """Return one number per pixel in `intensity_unit`, shape as the grid or its box.

        Photographs: luma Y' = 0.2126 R' + 0.7152 G' + 0.0722 B' (ITU-R BT.709) of full scale.

        Parameters
        ----------
        box : tuple of slice
            What to read of it, one slice per axis of the grid; empty for the whole image.
        """
        pixels = self.pixels[box]
        if self.intensity_unit is not Unit.GREY:
            return pixels
        full_scale = float(np.iinfo(pixels.dtype).max)
        weights = frozen((0.2126, 0.7152, 0.0722))
        luma = pixels @ weights if self.is_colour else pixels
        return np.asarray(luma / full_scale)
