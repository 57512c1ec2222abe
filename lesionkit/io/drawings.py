"""The outline files of a cohort: which image each belongs to, and reading it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.cohort import Cohort
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Drawing
from lesionkit.errors import ReadError
from lesionkit.io.archive import shown
from lesionkit.io.belonging import Index
from lesionkit.io.outline_files import DrawingFile, OutlineFormat, OutlineName, parse_name
from lesionkit.io.problems import error, raised, warning

if TYPE_CHECKING:
    from lesionkit.io.dicom.references import Referred

__all__ = ["DrawingFile", "OutlineFormat", "OutlineName", "find_drawings", "load_drawing", "parse_name"]


def find_drawings(
    cohort: Cohort, outline_files: Sequence[Path]
) -> tuple[Mapping[str, tuple[DrawingFile, ...]], tuple[Problem, ...]]:
    """Return the outline files of each image, by image id, and those that belong to none.

    By name: beside the image's file, or beside the series' folder. A DICOM object (segmentation, RT structure
    set, structured report, presentation state) names its images itself, wherever it lies.

    Returns
    -------
    drawings : Mapping of str to tuple of DrawingFile
        Only images that have any, in the order of `outline_files`.
    problems : tuple of Problem
        ``outlines_without_image``, ``outlines_misnamed`` (warnings),
        ``outlines_ambiguous``, ``outlines_unreadable`` (errors).
    """
    index = Index.of(cohort)
    found: dict[str, list[DrawingFile]] = {}
    problems: list[Problem] = []
    objects: list[tuple[Path, str]] = []
    for path in outline_files:
        about = shown(path, cohort.root)
        name = parse_name(path)
        if name is None and ".outlines." in path.name:
            hint = "Name it <image>.outlines.geojson, .nii.gz, .nrrd or .seg.nrrd."
            problems.append(
                warning("outlines_misnamed", about, "The file's kind of outlines is not read.", hint)
            )
        elif name is None or name.format.is_dicom:
            objects.append((path, about))
        else:
            images = index.by_name(path, name)
            if len(images) == 1:
                file = DrawingFile(
                    path=path, image=images[0].id, reader=name.reader, format=name.format, about=about
                )
                found.setdefault(file.image, []).append(file)
            else:
                problems.append(
                    _ambiguous(about, images) if images else _without_image(about, name.format, name.image)
                )
    files, more = _find_objects(objects, index)
    for file in files:
        found.setdefault(file.image, []).append(file)
    problems += more
    return {id_: tuple(files) for id_, files in found.items()}, tuple(problems)


def _find_objects(
    objects: Sequence[tuple[Path, str]], index: Index
) -> tuple[list[DrawingFile], list[Problem]]:
    """Return the DICOM objects that hold outlines with the images they name, and those that name none."""
    if not objects:
        return [], []
    from lesionkit.io.dicom.references import Kind, read_references

    files: list[DrawingFile] = []
    problems: list[Problem] = []
    known: list[tuple[Path, str, Referred]] = []
    for path, about in objects:
        try:
            referred = read_references(path)
        except ReadError as fault:
            problems.append(raised("outlines_unreadable", about, fault))
            continue
        if referred is None:
            text = f"{about} is named as outlines, but is no DICOM object that holds any."
            problems.append(error("outlines_unreadable", about, text, "Export it again from its program."))
        else:
            known.append((path, about, referred))
    segmentations = {referred.uid: path for path, _, referred in known if referred.kind is Kind.SEG}
    for path, about, referred in known:
        name = parse_name(path)
        format_ = OutlineFormat(referred.kind.value)
        images = index.by_reference(referred, segmentations)
        if images is None:
            problems.append(_ambiguous(about, index.that_may_be_meant(referred)))
        elif not images and not referred.segmentations.keys() & segmentations.keys():
            problems.append(_without_image(about, format_))
        files += [
            DrawingFile(
                path=path,
                image=image.id,
                reader=name.reader if name else "",
                format=format_,
                about=about,
                companions=_companions(referred, known, segmentations),
            )
            for image in images or ()
        ]
    return files, problems


def _companions(
    referred: "Referred", known: "Sequence[tuple[Path, str, Referred]]", segmentations: Mapping[str, Path]
) -> tuple[Path, ...]:
    if referred.uid in segmentations:
        return tuple(path for path, _, other in known if referred.uid in other.segmentations)
    return tuple(segmentations[uid] for uid in referred.segmentations if uid in segmentations)


def load_drawing(file: DrawingFile, *, image: ImageRef) -> tuple[Drawing | None, tuple[Problem, ...]]:
    """Return what an outline file holds of its image, and what is wrong with it.

    Returns
    -------
    drawing : Drawing or None
        None where nothing was read, which is not the same as a drawing without deposits.
    problems : tuple of Problem
        Of the file, and of single deposits.
    """
    drawing, problems = drawing_in(file, image=image)
    return None if drawing is not None and drawing.tells_nothing else drawing, problems


Read = tuple[Drawing | None, tuple[Problem, ...]]


def drawing_in(file: DrawingFile, *, image: ImageRef) -> Read:
    """Return the same as `load_drawing`, also where nothing in it can be used: it can still be edited."""
    read = {
        OutlineFormat.GEOJSON: _read_geojson,
        OutlineFormat.LABEL_MAP: _read_labelmap,
        OutlineFormat.DICOM_SEG: _read_seg,
        OutlineFormat.RTSTRUCT: _read_rtstruct,
        OutlineFormat.DICOM_SR: _read_sr,
        OutlineFormat.PRESENTATION_STATE: _read_graphics,
    }[file.format]
    return read(file, image)


def _read_geojson(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.geojson import read_geojson

    return read_geojson(file.path, image=image, reader=file.reader, about=file.about)


def _read_labelmap(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.labelmap import read_labelmap

    return read_labelmap(file.path, image=image, reader=file.reader, about=file.about)


def _read_seg(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.dicom.references import read_segment_names
    from lesionkit.io.dicom.seg import read_seg

    names = read_segment_names(file.path, file.companions)
    return read_seg(file.path, image=image, reader=file.reader, about=file.about, names=names)


def _read_rtstruct(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.dicom.rtstruct import read_rtstruct

    return read_rtstruct(file.path, image=image, reader=file.reader, about=file.about)


def _read_sr(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.dicom.references import read_references
    from lesionkit.io.dicom.sr import read_sr

    found = (read_references(path) for path in file.companions)
    at_hand = {referred.uid for referred in found if referred}
    return read_sr(file.path, image=image, reader=file.reader, about=file.about, segmentations=at_hand)


def _read_graphics(file: DrawingFile, image: ImageRef) -> Read:
    from lesionkit.io.dicom.graphics import read_graphics

    return read_graphics(file.path, image=image, reader=file.reader, about=file.about)


def _ambiguous(about: str, images: Sequence[ImageRef]) -> Problem:
    places = ", ".join(dict.fromkeys(image.location for image in images))
    return error(
        "outlines_ambiguous",
        about,
        f"The outlines may belong to {len(images)} images ({places}); they are not read.",
        "Give each image a name or folder of its own.",
    )


def _without_image(about: str, format_: OutlineFormat, name: str = "") -> Problem:
    if format_.is_dicom:
        text = "It was drawn on a series that is not among the images."
        hint = "Put the series it refers to into the folder."
    elif format_ is OutlineFormat.GEOJSON:
        text = f"There is no photograph or radiograph named {name} beside these outlines."
        hint = "Put them beside their image, named <image>.outlines.geojson."
    else:
        text = f"There is no series' folder or image named {name} beside these outlines."
        hint = "Put them beside the series' folder, named <folder>.outlines.nii.gz or .nrrd."
    return warning("outlines_without_image", about, text, hint)
