"""NIfTI and NRRD files in lesionkit's axes: what SimpleITK reads, less what it lets pass in silence."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.errors import ReadError
from lesionkit.io import nifti
from lesionkit.io.refusal import refused, truncated, unclear

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".nhdr")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Header:
    """What a file says of itself, in the order in which it stores its voxels.

    Parameters
    ----------
    shape : tuple of int
        ``(plane, row, col)``, or ``(row, col)`` of a planar file.
    affine : ndarray of float, shape (4, 4) or (3, 3)
        Carries ``(plane, row, col, 1)`` or ``(row, col, 1)`` to LPS mm; either hand, may be sheared.
    layers : int
        Values per voxel: 1, or the layers of a ``.seg.nrrd`` whose segments overlap.
    meta : Mapping of str to str
        Its further fields, such as ``Segment0_Name``.
    """

    shape: tuple[int, ...]
    affine: Floats
    layers: int
    meta: Mapping[str, str]

    @property
    def steps_mm(self) -> tuple[float, ...]:
        """Distance from a voxel's centre to the next along each axis, in `shape`'s order."""
        return tuple(float(step) for step in np.linalg.norm(self.affine[:-1, :-1], axis=0))


def suffix_of(path: Path) -> str:
    """Return the suffix by which a NIfTI or NRRD file is known, lower case; empty for other files.

    Examples
    --------
    >>> suffix_of(Path("P01/ct.outlines.NII.gz"))
    '.nii.gz'
    """
    name = path.name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def read_header(path: Path) -> Header:
    """Return what a NIfTI or NRRD file says of itself, without reading its voxels.

    Lengths are in mm, also where a NIfTI file counts in metres or microns; where it does not say,
    millimetres are meant.

    Raises
    ------
    ReadError
        If it is neither, is truncated, has more than three axes, or does not say clearly where its
        voxels lie.
    """
    if suffix_of(path) in (".nii", ".nii.gz"):
        nifti.must_give_voxel_size(path)
    reader = _reader(path)
    try:
        with _quiet():
            reader.ReadImageInformation()
    except RuntimeError as error:
        raise _refusal(path, error) from error
    if reader.GetDimension() not in (2, 3):
        raise refused(
            path,
            f"has {reader.GetDimension()} axes; an image of one timepoint has two or three",
            hint="Save each volume of a time or diffusion series as a file of its own.",
        )
    header = Header(
        shape=tuple(int(n) for n in reader.GetSize()[::-1]),
        affine=_affine(reader.GetDirection(), reader.GetSpacing(), reader.GetOrigin()),
        layers=int(reader.GetNumberOfComponents()),
        meta=MappingProxyType({key: _text(reader.GetMetaData(key)) for key in reader.GetMetaDataKeys()}),
    )
    if suffix_of(path) in (".nii", ".nii.gz"):
        nifti.must_have_one_geometry(path, header.meta, header.affine, header.shape)
        if path.suffix.lower() == ".nii":
            nifti.must_be_whole(path, _bytes(header))
    return header


def load_array(path: Path, header: Header) -> npt.NDArray[Any]:
    """Return a file's voxels as it stores them, shape ``header.shape`` (and layers, if several).

    Raises
    ------
    ReadError
        If the file is truncated, damaged, or not what its header said.
    """
    import SimpleITK

    if suffix_of(path) == ".nii.gz":
        nifti.must_be_whole(path, _bytes(header))
    try:
        with _quiet():
            image = _reader(path).Execute()
    except RuntimeError as error:
        raise _refusal(path, error) from error
    array: npt.NDArray[Any] = SimpleITK.GetArrayFromImage(image)
    if array.shape[: len(header.shape)] != header.shape:
        raise refused(path, f"has {array.shape} voxels where {header.shape} were expected")
    return array


def write_array(path: Path, array: npt.NDArray[Any], affine: Floats, *, meta: Mapping[str, str]) -> None:
    """Write an array as NIfTI or NRRD, compressed, whole or not at all.

    Planes are stored in the order that makes the file's own (column, row, plane) axes right-handed,
    as most programs expect.

    Parameters
    ----------
    path : Path
        Its suffix tells the format.
    array : ndarray, shape (p, r, c) or (r, c)
        Integers.
    affine : ndarray of float, shape (4, 4) or (3, 3)
        Carries its indices to LPS mm.
    meta : Mapping of str to str
        Further fields; NRRD only.

    Raises
    ------
    ValueError
        If the suffix is of no such format, or NIfTI is asked to hold sheared axes.
    """
    import SimpleITK

    suffix = suffix_of(path)
    if suffix not in (".nii", ".nii.gz", ".nrrd"):
        raise ValueError(f"{path.name} must end in .nii, .nii.gz or .nrrd")
    if array.ndim == 3 and np.linalg.det(affine[:3, :3]) > 0:
        array, affine = array[::-1], affine @ _reversal(array.shape[0])
    axes = affine[:-1, :-1][:, ::-1]
    spacing = np.linalg.norm(axes, axis=0)
    direction = axes / spacing
    if suffix != ".nrrd" and not np.allclose(direction.T @ direction, np.eye(len(spacing)), atol=1e-4):
        raise ValueError(f"{path.name} cannot hold sheared axes (a tilted gantry): use .nrrd")
    image = SimpleITK.GetImageFromArray(array)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(affine[:-1, -1].tolist())
    image.SetDirection(direction.ravel().tolist())
    for key, text in meta.items():
        image.SetMetaData(key, " ".join(text.split()))
    unfinished = path.with_name(f".{path.name}.{os.getpid()}{suffix}")
    try:
        with _quiet():
            SimpleITK.WriteImage(image, str(unfinished), useCompression=True)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _reversal(planes: int) -> Floats:
    turned = np.diag([-1.0, 1.0, 1.0, 1.0])
    turned[0, 3] = planes - 1
    return turned


def _reader(path: Path) -> Any:
    import SimpleITK

    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("NrrdImageIO" if suffix_of(path) in (".nrrd", ".nhdr") else "NiftiImageIO")
    return reader


@contextmanager
def _quiet() -> Iterator[None]:
    # ITK prints warnings to stderr; what matters of them is checked here and said once, plainly.
    import SimpleITK

    before = SimpleITK.ProcessObject.GetGlobalWarningDisplay()
    SimpleITK.ProcessObject.GlobalWarningDisplayOff()
    try:
        yield
    finally:
        SimpleITK.ProcessObject.SetGlobalWarningDisplay(before)


def _text(value: str) -> str:
    # SimpleITK hands over UTF-8 bytes that are not valid as lone surrogates, which no CSV can hold.
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()


def _affine(direction: tuple[float, ...], spacing: tuple[float, ...], origin: tuple[float, ...]) -> Floats:
    axes = len(spacing)
    affine = np.eye(axes + 1)
    # ITK counts (x, y, z) = (col, row, plane).
    affine[:-1, :-1] = (np.reshape(direction, (axes, axes)) * np.asarray(spacing))[:, ::-1]
    affine[:-1, -1] = origin
    return affine


def _bytes(header: Header) -> int:
    voxel = int(header.meta["bitpix"]) // 8 * header.layers
    return int(float(header.meta["vox_offset"])) + int(np.prod(header.shape, dtype=np.int64)) * voxel


def _refusal(path: Path, error: RuntimeError) -> ReadError:
    if "orthonormal" in str(error):
        return unclear(path)
    if "expected" in str(error):
        return truncated(path)
    kind = "NRRD" if suffix_of(path) in (".nrrd", ".nhdr") else "NIfTI"
    return refused(path, f"cannot be read as {kind}", hint="Export it again, or remove it.")
