"""What ITK lets pass of a NIfTI file in silence, and would make a wrong number of."""

import gzip
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.io.refusal import refused, truncated, unclear

_HEADER_BYTES = 348
_NIFTI_2_HEADER_BYTES = 540
_MM_PER_UNIT = {1: 1e3, 2: 1.0, 3: 1e-3}
_CHUNK = 1 << 20


def must_give_voxel_size(path: Path) -> None:
    """Refuse a file without a voxel size, for which ITK would take 1 mm.

    Raises
    ------
    ReadError
        Then, or if it is no NIfTI-1 file.
    """
    start = _start(path)
    for order in "<>":
        size, axes, *pixdim = struct.unpack_from(f"{order}i36xh34x8f", start)
        if size == _NIFTI_2_HEADER_BYTES:
            raise refused(path, "is NIfTI-2, which is not read", hint="Save it as NIfTI-1 or NRRD.")
        # The first of pixdim's numbers is no voxel size.
        if size == _HEADER_BYTES and not all(0 < abs(mm) < np.inf for mm in pixdim[1 : 1 + min(axes, 3)]):
            raise refused(path, "gives no voxel size", hint="Export it again with its voxel size.")


def _start(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            start = stream.read(_HEADER_BYTES)
    except (OSError, EOFError, zlib.error):
        start = b""
    if len(start) < _HEADER_BYTES:
        raise refused(path, "cannot be read as NIfTI", hint="Export it again, or remove it.")
    return start


def must_have_one_geometry(
    path: Path, meta: Mapping[str, str], affine: Floats, shape: tuple[int, ...]
) -> None:
    """Refuse a volume whose sform is not what ITK read: where it is sheared, ITK takes the qform instead.

    Parameters
    ----------
    path : Path
        The file.
    meta : Mapping of str to str
        Its fields as ITK gives them.
    affine : ndarray of float, shape (4, 4)
        As ITK read it: ``(plane, row, col, 1)`` to LPS mm.
    shape : tuple of int
        Of its voxels.

    Raises
    ------
    ReadError
        If the two differ by more than a tenth of a voxel at its far corner.
    """
    if len(shape) != 3 or int(meta.get("sform_code", 0)) <= 0:
        return
    scale = _MM_PER_UNIT.get(int(meta.get("xyzt_units", 0)) & 7, 1.0)
    sform = np.array([[float(n) for n in meta[f"srow_{axis}"].split()] for axis in "xyz"]) * scale
    sform = np.diag([-1.0, -1.0, 1.0]) @ sform[:, [2, 1, 0, 3]]
    far = np.array([*shape, 1.0])
    if np.abs(sform @ far - (affine @ far)[:3]).max() > 0.1 * np.linalg.norm(affine[:3, :3], axis=0).min():
        raise unclear(path)


def must_be_whole(path: Path, expected: int) -> None:
    """Refuse a file that unpacks to less than so many bytes: ITK fills up what is missing with zeros.

    Raises
    ------
    ReadError
        Then, or if its compression is damaged.
    """
    if path.suffix.lower() != ".gz":
        size = path.stat().st_size
    else:
        size = 0
        try:
            with gzip.open(path) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
        except (OSError, EOFError, zlib.error) as error:
            raise truncated(path) from error
    if size < expected:
        raise truncated(path)
