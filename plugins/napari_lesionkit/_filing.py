"""The outline files of a shelf: reading them, and writing them whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from lesionkit.core.grid import ScaleClaim
from lesionkit.core.mark import split_mark
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.region import Deposit, Drawing, Status
from lesionkit.core.settings import Settings
from lesionkit.errors import InputError, OutlineError
from lesionkit.io import DrawingFile, read_geojson, write_outlines
from lesionkit.io.drawings import drawing_in
from lesionkit.io.files import write_whole
from lesionkit.io.outline_files import OutlineFormat, parse_name
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._shelf import Shelf, digest


def read_shelf(shelf: Shelf) -> tuple[Drawn, tuple[Problem, ...]]:
    """Return what the outline files of a shelf say, and what is wrong with them.

    The keys of the deposits are the same whenever the same files are read.
    """
    drawings: list[Drawing] = []
    problems: list[Problem] = []
    files = {file.path: file for file in (*_expected(shelf), *shelf.files)}
    keyed: list[Deposit] = []
    is_assessable = True
    for file in files.values():
        if not file.path.exists():
            continue
        drawing, found = _read(file, shelf)
        problems.extend(found)
        is_assessable &= not any(problem.code == "image_not_assessable" for problem in found)
        if drawing is not None:
            drawings.append(drawing)
            of_file = digest(file.path) or ""
            there = (*drawing.deposits, *drawing.removed, *drawing.unjudged)
            keyed += [_keyed(deposit, f"{of_file} {number}") for number, deposit in enumerate(there)]
    unjudged = {deposit.id for drawing in drawings for deposit in drawing.unjudged}
    left_out = [name for drawing in drawings for name in drawing.left_out if name not in unjudged]
    return Drawn(
        deposits=tuple(keyed),
        scale_claims=tuple(claim for drawing in drawings for claim in drawing.scale_claims),
        is_absent=bool(drawings) and not (keyed or left_out) and is_assessable,
        is_assessable=is_assessable,
        left_out=tuple(left_out),
        landmarks={name: at for drawing in drawings for name, at in drawing.landmarks.items()},
    ), tuple(problems)


def _expected(shelf: Shelf) -> Iterator[DrawingFile]:
    """Yield the files that may be there by now, whether they were when the folder was read or not."""
    for path in (shelf.path, shelf.absence):
        name = parse_name(path) if path else None
        if path is not None and name is not None:
            yield DrawingFile(
                path=path, image=shelf.ref.id, reader=shelf.reader, format=name.format, about=path.name
            )


def _read(file: DrawingFile, shelf: Shelf) -> tuple[Drawing | None, tuple[Problem, ...]]:
    # Not `load_drawing`: what holds nothing that can be measured is not read, but can still be edited.
    return drawing_in(file, image=shelf.ref)


def _keyed(deposit: Deposit, place: str) -> Deposit:
    key = sha256(place.encode()).hexdigest()[:8]
    return replace(deposit, id=key, properties=dict(deposit.properties))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """What is to be written: made first, so that its digest can be journalled before it is there.

    Parameters
    ----------
    contents : Mapping of Path to (bytes or None)
        By file; None takes the file away.
    digest : str or None
        SHA-256 of the outline file that will be there; None of none.
    """

    contents: Mapping[Path, bytes | None]
    digest: str | None

    def put(self) -> None:
        """Write it, each file whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        for path, content in self.contents.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, content)


def make_sheets(shelf: Shelf, drawn: Drawn) -> Sheets:
    """Return what is to be written for what is drawn; where nothing is said, nothing is left.

    Raises
    ------
    OSError
        If what is there cannot be read.
    LesionkitError
        If the file cannot say it, or what is there belongs to another image.
    """
    contents: dict[Path, bytes | None] = {shelf.path: None}
    if shelf.absence is not None:
        contents[shelf.absence] = None
    is_planar = shelf.kind is OutlineFormat.GEOJSON
    is_kept = is_planar and (drawn.left_out or drawn.landmarks)
    if (drawn.is_silent or (not drawn.is_assessable and not is_planar)) and not is_kept:
        return Sheets(contents=contents, digest=None)  # no file: not read
    path = shelf.absence if shelf.absence is not None and not drawn.deposits else shelf.path
    content = _content(path, shelf, drawn)
    return Sheets(contents=contents | {path: content}, digest=sha256(content).hexdigest())


def _content(path: Path, shelf: Shelf, drawn: Drawn) -> bytes:
    if path.name.lower().endswith(".dcm"):
        return _segmentation(shelf, drawn)
    with TemporaryDirectory(prefix="lesionkit-") as folder:
        draft = Path(folder) / path.name
        if shelf.kind is OutlineFormat.GEOJSON:
            if path.exists():  # what other programs put there is kept
                draft.write_bytes(path.read_bytes())
            write_outlines(
                draft,
                drawn.present,
                image=shelf.ref,
                scale_claims=_claims(shelf, drawn),
                places=drawn.places,
                is_assessable=drawn.is_assessable,
            )
        else:
            _write_labels(draft, shelf, drawn)
        return draft.read_bytes()


def _claims(shelf: Shelf, drawn: Drawn) -> tuple[ScaleClaim, ...] | None:
    """Return the scales to write; None where the file says the same, and perhaps more than is understood."""
    if not shelf.path.exists():
        return drawn.scale_claims
    there, _ = read_geojson(shelf.path, image=shelf.ref)
    return None if there is not None and there.scale_claims == drawn.scale_claims else drawn.scale_claims


def _segmentation(shelf: Shelf, drawn: Drawn) -> bytes:
    from lesionkit.pipeline.provenance import versions
    from lesionkit.report.to_dicom_seg import write

    told: list[Problem] = []
    outcome = Outcome(
        cohort=shelf.cohort,
        settings=Settings(),
        deposits=drawn.present,
        places=drawn.places,
        grids={shelf.ref.id: shelf.ref.grid},
        versions=versions(),
    )
    with TemporaryDirectory(prefix="lesionkit-") as draft:
        paths = write(outcome, Path(draft), tell=told.append)
        if not paths:
            text = told[0].text if told else "The segmentation could not be made."
            raise OutlineError(text.rstrip("."), hint=told[0].hint if told else "")
        return paths[0].read_bytes()


def _write_labels(path: Path, shelf: Shelf, drawn: Drawn) -> None:
    from lesionkit.io.labelmap import write_labelmap

    stands = [deposit for deposit in drawn.present if deposit.status is not Status.SUGGESTED]
    write_labelmap(path, (*stands, *drawn.places), image=shelf.ref)


def must_be_sayable(shelf: Shelf, drawn: Drawn) -> None:
    """Refuse what the file of an image could not say, before it is drawn.

    Raises
    ------
    InputError
        If a volume's file is asked for a role, a plain label map for a name or for what became of a deposit.
    """
    if shelf.kind is OutlineFormat.GEOJSON:
        return
    if drawn.is_absent and shelf.is_within:
        raise InputError(
            "that nothing is there cannot be said of a series that lies in the cohort's own folder",
            hint="Put the series into a folder of its own, and open the folder above.",
        )
    if drawn.places and not drawn.is_assessable:
        raise InputError(
            "no file of a volume can say that it cannot be judged and what became of a deposit",
            hint="Mark each deposit that cannot be judged, instead of the whole image.",
        )
    for deposit in drawn.deposits:
        _must_be_sayable(shelf, deposit)


def _must_be_sayable(shelf: Shelf, deposit: Deposit) -> None:
    if deposit.role is not None:
        raise InputError(
            "no file of a volume can say what a deposit is followed for", hint="Leave its role open."
        )
    name = shelf.path.name.lower()
    holds_names = not name.endswith((".nii", ".nii.gz", ".nrrd")) or name.endswith(".seg.nrrd")
    if not holds_names and (deposit.name or deposit.status.is_place_only):
        what = "no names" if deposit.name else f"not that a deposit is {deposit.status}"
        raise InputError(
            f"{shelf.path.name} holds numbers only, {what}",
            hint="Name yourself as reader: you may then take the outlines over into a file of your own.",
        )
    if split_mark(deposit.name or "")[1] is not None:
        raise InputError(
            f"the name {deposit.name} would be read as what became of the deposit",
            hint="Name it without, and mark it: Excised, Extruded or Unclear.",
        )
