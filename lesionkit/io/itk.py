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

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".nhdr")

_MM_PER_NIFTI_UNIT = {1: 1e3, 2: 1.0, 3: 1e-3}
_CHUNK = 1 << 20


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
    reader = _reader(path)
    try:
        with _quiet():
            reader.ReadImageInformation()
    except RuntimeError as error:
        raise _refusal(path, error) from error
    if reader.GetDimension() not in (2, 3):
        raise _read_error(
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
        _nifti_must_be_clear(path, header)
        if suffix_of(path) == ".nii" and path.stat().st_size < _nifti_bytes(header):
            raise _truncated(path)
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
        _gzip_must_be_whole(path, _nifti_bytes(header))
    try:
        with _quiet():
            image = _reader(path).Execute()
    except RuntimeError as error:
        raise _refusal(path, error) from error
    array: npt.NDArray[Any] = SimpleITK.GetArrayFromImage(image)
    if array.shape[: len(header.shape)] != header.shape:
        raise _read_error(path, f"has {array.shape} voxels where {header.shape} were expected")
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


def _nifti_must_be_clear(path: Path, header: Header) -> None:
    if any(float(header.meta.get(f"pixdim[{n}]", 1)) == 0 for n in range(1, len(header.shape) + 1)):
        raise _read_error(path, "gives a voxel size of zero", hint="Export it again with its voxel size.")
    if len(header.shape) != 3 or int(header.meta.get("sform_code", 0)) <= 0:
        return
    # ITK takes the sform where its axes are perpendicular, and else silently the qform.
    scale = _MM_PER_NIFTI_UNIT.get(int(header.meta.get("xyzt_units", 0)) & 7, 1.0)
    sform = np.array([[float(n) for n in header.meta[f"srow_{axis}"].split()] for axis in "xyz"]) * scale
    sform = np.diag([-1.0, -1.0, 1.0]) @ sform[:, [2, 1, 0, 3]]
    far = np.array([*header.shape, 1.0])
    if np.abs(sform @ far - (header.affine @ far)[:3]).max() > 0.1 * min(header.steps_mm):
        raise _unclear(path)


def _nifti_bytes(header: Header) -> int:
    voxel = int(header.meta["bitpix"]) // 8 * header.layers
    return int(float(header.meta["vox_offset"])) + int(np.prod(header.shape, dtype=np.int64)) * voxel


def _gzip_must_be_whole(path: Path, expected: int) -> None:
    # ITK fills what is missing of a truncated or damaged .nii.gz with zeros and says nothing.
    import gzip
    import zlib

    size = 0
    try:
        with gzip.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
    except (EOFError, OSError, zlib.error) as error:
        raise _truncated(path) from error
    if size < expected:
        raise _truncated(path)


def _truncated(path: Path) -> ReadError:
    return _read_error(path, "is truncated or damaged", hint="Copy or export the file again.")


def _unclear(path: Path) -> ReadError:
    return _read_error(
        path,
        "has axes that are not perpendicular, or two geometries (sform and qform) that disagree",
        hint="Use the DICOM series, or resample the volume to perpendicular axes.",
    )


def _refusal(path: Path, error: RuntimeError) -> ReadError:
    if "orthonormal" in str(error):
        return _unclear(path)
    if "expected" in str(error):
        return _truncated(path)
    kind = "NRRD" if suffix_of(path) in (".nrrd", ".nhdr") else "NIfTI"
    return _read_error(path, f"cannot be read as {kind}", hint="Export it again, or remove it.")


def _read_error(path: Path, what: str, *, hint: str = "") -> ReadError:
    return ReadError(f"{path.name} {what}", path=path, tried={"volume": what}, hint=hint)
