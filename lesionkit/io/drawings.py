"""Which outline file belongs to which image, by its name and header, and reading it."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lesionkit.core.cohort import Cohort
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Drawing
from lesionkit.io.files import stem
from lesionkit.io.problems import error, warning

_NAME = re.compile(
    r"(?P<image>.+?)\.outlines(\.(?P<reader>.+?))??\.(?P<suffix>geojson|nii\.gz|nii|seg\.nrrd|nrrd|dcm)",
    re.IGNORECASE,
)


class OutlineFormat(StrEnum):
    """How an outline file is written."""

    GEOJSON = "geojson"
    LABEL_MAP = "label-map"
    DICOM_SEG = "dicom-seg"


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
    """

    path: Path
    image: str
    reader: str
    format: OutlineFormat
    about: str


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


def find_drawings(
    cohort: Cohort, outline_files: Sequence[Path]
) -> tuple[Mapping[str, tuple[DrawingFile, ...]], tuple[Problem, ...]]:
    """Return the outline files of each image, by image id, and those that belong to none.

    By name: beside the image's file, or beside the series' folder. A DICOM SEG names its series
    itself, wherever it lies.

    Returns
    -------
    drawings : Mapping of str to tuple of DrawingFile
        Only images that have any, in the order of `outline_files`.
    problems : tuple of Problem
        ``outlines_without_image``, ``outlines_misnamed`` (warnings), ``outlines_ambiguous`` (error).
    """
    index = _Index.of(cohort)
    found: dict[str, list[DrawingFile]] = {}
    problems: list[Problem] = []
    for path in outline_files:
        about = Path(os.path.relpath(path, cohort.root)).as_posix()
        name = parse_name(path)
        if name is None and ".outlines." in path.name:
            hint = "Name it <image>.outlines.geojson, .nii.gz, .nrrd or .seg.nrrd."
            problems.append(
                warning("outlines_misnamed", about, "The file's kind of outlines is not read.", hint)
            )
            continue
        if name is None or name.format is OutlineFormat.DICOM_SEG:
            images = index.by_series(path)
            name = OutlineName(image="", reader=name.reader if name else "", format=OutlineFormat.DICOM_SEG)
        else:
            images = index.by_name(path, name)
            if len(images) > 1:
                problems.append(_ambiguous(about, images))
                continue
        if not images:
            problems.append(_without_image(about, name))
        for image in images:
            file = DrawingFile(path=path, image=image.id, reader=name.reader, format=name.format, about=about)
            found.setdefault(image.id, []).append(file)
    return {id_: tuple(files) for id_, files in found.items()}, tuple(problems)


def load_drawing(file: DrawingFile, *, image: ImageRef) -> tuple[Drawing | None, tuple[Problem, ...]]:
    """Return what an outline file holds of its image, and what is wrong with it.

    Returns
    -------
    drawing : Drawing or None
        None where nothing was read, which is not the same as a drawing without deposits.
    problems : tuple of Problem
        Of the file, and of single deposits.
    """
    read = {
        OutlineFormat.GEOJSON: _read_geojson,
        OutlineFormat.LABEL_MAP: _read_labelmap,
        OutlineFormat.DICOM_SEG: _read_seg,
    }[file.format]
    drawing, problems = read(file, image)
    if drawing is not None and not drawing.deposits and drawing.left_out:
        # Looked, and saw something that cannot be used: that is neither a deposit nor its absence.
        drawing = None
    return drawing, problems


Read = tuple[Drawing | None, tuple[Problem, ...]]


def _read_geojson(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.geojson import read_geojson

    return read_geojson(file.path, image=image, reader=file.reader, about=file.about)


def _read_labelmap(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.labelmap import read_labelmap

    return read_labelmap(file.path, image=image, reader=file.reader, about=file.about)


def _read_seg(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.dicom.seg import read_seg

    return read_seg(file.path, image=image, reader=file.reader, about=file.about)


@dataclass(frozen=True, slots=True)
class _Index:
    """Images by where they lie and by their series."""

    places: Mapping[Path, tuple[ImageRef, ...]]
    series: Mapping[str, tuple[ImageRef, ...]]

    @classmethod
    def of(cls, cohort: Cohort) -> "_Index":
        places: dict[Path, list[ImageRef]] = {}
        series: dict[str, list[ImageRef]] = {}
        for image in cohort.images:
            for place in _places(image, cohort.root):
                places.setdefault(place, []).append(image)
            if image.series_uid:
                series.setdefault(image.series_uid, []).append(image)
        return cls(
            {place: tuple(images) for place, images in places.items()},
            {uid: tuple(images) for uid, images in series.items()},
        )

    def by_series(self, path: Path) -> tuple[ImageRef, ...]:
        from lesionkit.io.dicom.seg import referred_series

        return tuple(image for uid in referred_series(path) for image in self.series.get(uid, ()))

    def by_name(self, path: Path, name: OutlineName) -> tuple[ImageRef, ...]:
        images = self.places.get(path.parent / name.image, ())
        if name.format is OutlineFormat.GEOJSON:
            images = tuple(image for image in images if image.grid.is_planar)
            return _named(images, path) if len(images) > 1 else images
        return _of_one_shape(images, path) if len(images) > 1 else images


def _places(image: ImageRef, root: Path) -> Iterator[Path]:
    """Yield the paths by which an outline file may name an image: without and with suffix, or its folder."""
    where = root / image.location
    yield where
    if len(image.paths) == 1 and where == image.paths[0]:
        yield where.with_name(stem(where))


def _named(images: Sequence[ImageRef], path: Path) -> tuple[ImageRef, ...]:
    """Return of images with one stem those that the header of an outline file names; all if it names none."""
    try:
        header = json.loads(path.read_text(encoding="utf-8-sig"))["lesionkit"]
        named = tuple(image for image in images if image.paths[0].name == header["image"])
    except (OSError, ValueError, LookupError, TypeError):
        return tuple(images)
    return named or tuple(images)


def _of_one_shape(images: Sequence[ImageRef], path: Path) -> tuple[ImageRef, ...]:
    """Return of several series in one folder those whose voxels are as many as a label map's; all if none."""
    from lesionkit.errors import ReadError
    from lesionkit.io.itk import read_header

    try:
        shape = sorted(read_header(path).shape)
    except ReadError:
        return tuple(images[:1])  # reading it will say what is wrong, once
    fitting = tuple(image for image in images if sorted(image.grid.shape) == shape)
    return fitting or tuple(images)


def _ambiguous(about: str, images: Sequence[ImageRef]) -> Problem:
    places = ", ".join(dict.fromkeys(image.location for image in images))
    return error(
        "outlines_ambiguous",
        about,
        f"The outlines may belong to {len(images)} images ({places}); they are not read.",
        "Give each image a name or folder of its own.",
    )


def _without_image(about: str, name: OutlineName) -> Problem:
    if name.format is OutlineFormat.DICOM_SEG:
        text = "The segmentation refers to a series that is not among the images."
        hint = "Put the series it refers to into the folder."
    elif name.format is OutlineFormat.GEOJSON:
        text = f"There is no photograph or radiograph named {name.image} beside these outlines."
        hint = "Put them beside their image, named <image>.outlines.geojson."
    else:
        text = f"There is no series' folder or image named {name.image} beside these outlines."
        hint = "Put them beside the series' folder, named <folder>.outlines.nii.gz or .nrrd."
    return warning("outlines_without_image", about, text, hint)
