"""Raw files of a camera's sensor, developed plainly: the same light gives the same numbers every time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from lesionkit.errors import ReadError
from lesionkit.io.colour import Pixels
from lesionkit.io.remarks import Header

SUFFIXES = frozenset({".dng", ".nef", ".nrw", ".cr2", ".cr3", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw"})

_QUARTER_TURNS = (5, 6)
"""LibRaw's `flip` of pictures whose rows and columns are exchanged."""


def read_header(path: Path) -> Header:
    """Return what a raw file says of its picture, without developing it.

    Raises
    ------
    ReadError
        If LibRaw does not know the camera, or the file is damaged or unreasonably large.
    """
    with _opened(path) as raw:
        sizes = raw.sizes
        shape = (int(sizes.iheight), int(sizes.iwidth))
        if sizes.flip in _QUARTER_TURNS:
            shape = (shape[1], shape[0])
        day = raw.other.timestamp.date()
        return Header(shape=shape, taken=day if day > date(1980, 1, 1) else None)


def load_pixels(path: Path) -> Pixels:
    """Return the picture developed: upright, in sRGB, 16 bits, shape (rows, cols, 3).

    With the white balance that the camera chose, and without any brightening or sharpening. Distortion of
    the lens, which cameras take out of their own JPEG files, stays.

    Raises
    ------
    ReadError
        If it cannot be developed.
    """
    with _opened(path) as raw:
        import numpy as np
        import rawpy

        pixels = raw.postprocess(
            use_camera_wb=True,
            no_auto_bright=True,
            output_color=rawpy.ColorSpace.sRGB,
            gamma=(2.4, 12.92),
            output_bps=16,
        )
        return np.ascontiguousarray(pixels)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import rawpy
    from PIL import Image as Pil

    try:
        with rawpy.imread(str(path)) as raw:
            pixels = raw.sizes.raw_height * raw.sizes.raw_width
            if pixels > 2 * (Pil.MAX_IMAGE_PIXELS or pixels):
                raise ReadError(f"{path.name} claims {pixels} pixels", path=path, hint="Save it as JPEG.")
            yield raw
    except rawpy.LibRawError as error:
        said = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ReadError(
            f"{path.name} cannot be developed: {said}",
            path=path,
            tried={"photo": said},
            hint="Copy it again from the camera, or save it as JPEG or TIFF.",
        ) from error
