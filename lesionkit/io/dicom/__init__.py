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


class DicomReader:
    """Reads DICOM images; `lesionkit.io.readers.Reader` says what each method promises."""

    def bid(self, path: Path) -> float:
        """Return 1 where ``DICM`` stands at byte 128, 0.5 where only the suffix promises DICOM, else 0."""
        try:
            with path.open("rb") as file:
                start = file.read(132)
        except OSError:
            start = b""
        if start[128:] == b"DICM":
            return 1.0
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
