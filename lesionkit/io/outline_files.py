"""Files that hold outlines: how they are written, and what their names say."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_NAME = re.compile(
    r"(?P<image>.+?)\.outlines(\.(?P<reader>.+?))??\.(?P<suffix>geojson|nii\.gz|nii|seg\.nrrd|nrrd|dcm)",
    re.IGNORECASE | re.DOTALL,
)

_BESIDE = (".journal.jsonl", ".lock")
"""Ends of the names of what an editor keeps beside outlines: what was done, and who is at it."""


class OutlineFormat(StrEnum):
    """How an outline file is written."""

    GEOJSON = "geojson"
    LABEL_MAP = "label-map"
    DICOM_SEG = "dicom-seg"
    RTSTRUCT = "rtstruct"
    DICOM_SR = "dicom-sr"
    PRESENTATION_STATE = "presentation-state"

    @property
    def is_dicom(self) -> bool:
        """Whether the file itself says which images it was drawn on."""
        return self not in (OutlineFormat.GEOJSON, OutlineFormat.LABEL_MAP)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingFile:
    """An outline file and the image it belongs to.

    Parameters
    ----------
    path : Path
        The file.
    image : str
        Id of the image.
    reader : str
        Who drew it, by the file's name; empty for the common reading.
    format : OutlineFormat
        How it is written.
    about : str
        Path relative to the cohort, for problems.
    companions : tuple of Path
        Other files that tell of the same deposits: of a segmentation the reports that name its
        segments, of a report the segmentations at hand that it refers to.
    """

    path: Path
    image: str
    reader: str
    format: OutlineFormat
    about: str
    companions: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file that is read."""
        return (self.path, *self.companions)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineName:
    """What the name of an outline file says.

    Parameters
    ----------
    image : str
        Name of the image's file without suffix, or of the series' folder.
    reader : str
        Who drew it; empty for the common reading.
    format : OutlineFormat
        By the suffix.
    """

    image: str
    reader: str
    format: OutlineFormat


def is_outline_file(path: Path) -> bool:
    """Return whether a file is named as one of outlines, whatever its case.

    The journal and the lock that lie beside them are none.

    Examples
    --------
    >>> is_outline_file(Path("left-hand.Outlines.GeoJSON")), is_outline_file(Path("outlines.jpg"))
    (True, False)
    >>> is_outline_file(Path("left-hand.outlines.anna.journal.jsonl"))
    False
    """
    name = path.name.lower()
    return ".outlines." in name and not name.endswith(_BESIDE)


def parse_name(path: Path) -> OutlineName | None:
    """Return what an outline file's name says; None where it is not named as one.

    Examples
    --------
    >>> parse_name(Path("left-hand.outlines.anna.geojson"))
    OutlineName(image='left-hand', reader='anna', format=<OutlineFormat.GEOJSON: 'geojson'>)
    >>> parse_name(Path("ct.outlines.seg.nrrd")).reader
    ''
    """
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    by_suffix = {"geojson": OutlineFormat.GEOJSON, "dcm": OutlineFormat.DICOM_SEG}
    return OutlineName(
        image=match["image"],
        reader=match["reader"] or "",
        format=by_suffix.get(match["suffix"].lower(), OutlineFormat.LABEL_MAP),
    )
