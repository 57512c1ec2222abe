"""One outline file by its path, without a cohort around it."""

from dataclasses import replace
from pathlib import Path

from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit
from lesionkit.errors import InputError, OutlineError, ReadError
from lesionkit.io.drawings import load_drawing
from lesionkit.io.files import stem
from lesionkit.io.outline_files import DrawingFile, OutlineFormat, OutlineName, is_outline_file, parse_name


def read_outlines(path: Path | str, *, image: ImageRef | Path | str | None = None) -> tuple[Deposit, ...]:
    """Return the deposits of an outline file; none where someone looked and saw nothing.

    Parameters
    ----------
    path : Path or str
        GeoJSON, NIfTI, NRRD, ``.seg.nrrd``, or DICOM: a segmentation, RT structure set, structured report or
        presentation state.
    image : ImageRef, Path or str, optional
        The image they were drawn on. Left out, it is looked for beside the file by its name; GeoJSON is
        also read without it, if its header gives the image's shape or it came without a header.

    Raises
    ------
    InputError
        If there is no such file, or its image is needed and not found.
    OutlineError
        If any part of it cannot be used; to read what can, see `lesionkit.io.read_geojson`.

    Examples
    --------
    >>> read_outlines("P01/2012-03-01/left-hand.outlines.geojson")  # doctest: +SKIP
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no file {path}", hint="Check the path.")
    name = parse_name(path)
    if name is None or name.format.is_dicom:
        told = name or OutlineName(image="", reader="", format=OutlineFormat.DICOM_SEG)
        name = replace(told, format=_format(path))
    ref = image if isinstance(image, ImageRef) else _image(path, name, Path(image) if image else None)
    if ref is None:
        return _without_image(path)
    file = DrawingFile(path=path, image=ref.id, reader=name.reader, format=name.format, about=path.name)
    drawing, problems = load_drawing(file, image=ref)
    _raise_first_error(problems)
    if drawing is None:
        raise OutlineError(f"{path.name} holds no outline of {ref.location}", hint="Name the image it is of.")
    return drawing.deposits


def _format(path: Path) -> OutlineFormat:
    name = path.name.lower()
    if name.endswith((".geojson", ".json")):
        return OutlineFormat.GEOJSON
    if name.endswith((".nii", ".nii.gz", ".nrrd", ".nhdr")):
        return OutlineFormat.LABEL_MAP
    from lesionkit.io.dicom.references import read_references

    referred = read_references(path)
    if referred is None:
        raise ReadError(f"{path.name} holds no outlines", path=path, hint="Name a file of outlines.")
    return OutlineFormat(referred.kind.value)


def _image(path: Path, name: OutlineName, given: Path | None) -> ImageRef | None:
    from lesionkit.io.load import read_image

    if given is not None:
        return read_image(given)
    beside = sorted(
        p
        for p in path.parent.iterdir()
        if p != path and name.image and not is_outline_file(p) and name.image in (p.name, stem(p))
    )
    if len(beside) == 1:
        return read_image(beside[0])
    if name.format is OutlineFormat.GEOJSON:
        return None
    raise InputError(
        f"the image that {path.name} was drawn on is not told",
        hint="Name it: read_outlines(path, image=...).",
    )


def _without_image(path: Path) -> tuple[Deposit, ...]:
    from lesionkit.io.geojson.content import read_content
    from lesionkit.io.geojson.read import read_deposits

    content = read_content(path)
    shape = content.header.shape
    problems: list[Problem] = []
    name = content.header.image or path.name
    deposits, _ = read_deposits(content, image_id=name, shape=shape, about=path.name, problems=problems)
    _raise_first_error(problems)
    return deposits


def _raise_first_error(problems: tuple[Problem, ...] | list[Problem]) -> None:
    for problem in problems:
        if problem.severity is Severity.ERROR:
            raise OutlineError(f"{problem.about}: {problem.text.rstrip('.')}", hint=problem.hint)
