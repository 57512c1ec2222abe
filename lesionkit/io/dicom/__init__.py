"""DICOM: radiographs, CT and MR series and photographs, as hospitals send them.

The package itself imports nothing heavy: pydicom is loaded when the first file is read.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.image import Image, ImageRef

if TYPE_CHECKING:
    from lesionkit.io.readers import Scan

SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})
"""Names that promise DICOM (lower case); most exports carry no suffix at all."""


_LONG = frozenset({b"OB", b"OW", b"SQ", b"UN", b"UT"})


def _begins_with_elements(start: bytes) -> bool:
    """Return whether a file begins with two elements of the groups that DICOM begins with, in their order.

    Files of old archives have no preamble, and often no suffix either.
    """
    at, last = 0, 0
    for _ in range(2):
        if at + 12 > len(start):
            return False
        group, element = (int.from_bytes(start[at + i : at + i + 2], "little") for i in (0, 2))
        vr, tag = start[at + 4 : at + 6], group << 16 | element
        if group not in (2, 8) or tag <= last:
            return False
        last = tag
        if vr.isalpha() and vr.isupper():
            if vr in _LONG:
                at += 12 + int.from_bytes(start[at + 8 : at + 12], "little")
            else:
                at += 8 + int.from_bytes(start[at + 6 : at + 8], "little")
        else:
            at += 8 + int.from_bytes(start[at + 4 : at + 8], "little")
    return True


class DicomReader:
    """Reads DICOM images; `lesionkit.io.readers.Reader` says what each method promises."""

    def bid(self, path: Path) -> float:
        """Return 1 where ``DICM`` stands at byte 128, 0.6 where elements do from the first byte on.

        Where only the suffix promises DICOM 0.5, else 0.
        """
        try:
            with path.open("rb", buffering=0) as file:
                start = file.read(132)
        except OSError:
            start = b""
        if start[128:] == b"DICM":
            return 1.0
        if _begins_with_elements(start):
            return 0.6
        return 0.5 if path.suffix.lower() in SUFFIXES else 0.0

    def scan(self, paths: Iterable[Path], *, root: Path) -> "Scan":
        """Return the images, outline files and problems in DICOM files, from headers only."""
        from lesionkit.io.dicom.scan import scan_files

        return scan_files(paths, root=root)

    def load(self, ref: ImageRef) -> Image:
        """Return a DICOM image with its pixels.

        Raises
        ------
        ReadError
            If a file cannot be read, is cut short, or its compression cannot be undone.
        """
        from lesionkit.io.dicom.load import load_pixels

        return load_pixels(ref)


READER = DicomReader()
