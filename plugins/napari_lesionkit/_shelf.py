"""Where the outlines of an image lie: reading them, writing them whole, and never over somebody else's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from lesionkit.core.cohort import Cohort
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.region import Deposit, Drawing, Status
from lesionkit.core.settings import Settings
from lesionkit.errors import InputError, OutlineError
from lesionkit.io import DrawingFile, load_drawing, read_geojson, write_outlines
from lesionkit.io.archive import is_packed
from lesionkit.io.files import stem, write_whole
from lesionkit.io.outline_files import OutlineFormat, is_outline_file, parse_name
from napari_lesionkit._drawn import Drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where one reader's outlines of one image lie.

    Parameters
    ----------
    ref : ImageRef
        The image.
    reader : str
        Whose; empty for the common reading.
    path : Path
        The outline file, whether it is there or not.
    files : tuple of DrawingFile
        What there is of this reader.
    cohort : Cohort
        To which the image belongs.
    refusal : str
        Why nothing can be written; empty where it can.
    hint : str
        What to do then.
    """

    ref: ImageRef
    reader: str
    path: Path
    cohort: Cohort
    files: tuple[DrawingFile, ...] = ()
    refusal: str = ""
    hint: str = ""

    @property
    def journal(self) -> Path:
        """Where its journal lies."""
        return self.path.with_name(f"{_base(self.path)}.journal.jsonl")

    @property
    def lock(self) -> Path:
        """Where its lock lies."""
        return self.path.with_name(f"{_base(self.path)}.lock")

    @property
    def kind(self) -> OutlineFormat:
        """How the file is written."""
        name = self.path.name.lower()
        if name.endswith(".geojson"):
            return OutlineFormat.GEOJSON
        return OutlineFormat.DICOM_SEG if name.endswith(".dcm") else OutlineFormat.LABEL_MAP

    @property
    def absence(self) -> Path | None:
        """The file that says *looked, nothing there* where `path` cannot; None where it can."""
        if self.kind is not OutlineFormat.DICOM_SEG:
            return None
        return self.path.with_name(f"{_base(self.path)}.nii.gz")

    def digest(self) -> str | None:
        """Return the SHA-256 of what is there; None where nothing is.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        found = digest(self.path)
        return digest(self.absence) if found is None and self.absence else found

    def signature(self) -> tuple[object, ...]:
        """Return what changes whenever the files of this shelf do."""
        paths = (self.path, self.absence, self.journal, *(file.path for file in self.files))
        return tuple(_stat(path) for path in paths if path is not None)

    def below(self, root: Path) -> "Shelf":
        """Return the same place below another folder than the cohort's."""
        place = root / Path(self.ref.location).parent / self.path.name
        return replace(self, path=place, files=(), refusal="", hint="")

    def called(self, reader: str) -> Path:
        """Return what the file would be called if it were another reader's."""
        name = self.path.name
        suffix = name[len(_base(self.path)) :]
        image = name[: name.lower().index(".outlines.")]
        return self.path.with_name(f"{image}.outlines.{reader}{suffix}")


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _base(path: Path) -> str:
    """Return the name of an outline file without the suffix of its format."""
    for suffix in (".nii.gz", ".seg.nrrd", ".geojson", ".nrrd", ".nii", ".dcm"):
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return path.name


def find_shelf(ref: ImageRef, *, reader: str, files: Sequence[DrawingFile], cohort: Cohort) -> Shelf:
    """Return where one reader's outlines of an image lie, or would.

    Parameters
    ----------
    ref : ImageRef
        The image.
    reader : str
        Whose.
    files : sequence of DrawingFile
        Outline files of the image, of whomever.
    cohort : Cohort
        To which it belongs.
    """
    own = tuple(file for file in files if file.reader == reader)
    new = Shelf(ref=ref, reader=reader, path=_new_path(ref, reader, cohort), cohort=cohort)
    telling = [file for file in own if file.path != new.absence or _holds_deposits(file, ref)]
    path = telling[0].path if len(telling) == 1 and is_outline_file(telling[0].path) else None
    shelf = replace(new, path=path or new.path, files=own)
    if is_packed(ref.paths[0]):
        return replace(
            shelf,
            refusal="The image lies in a ZIP archive, in which no outline file can be kept.",
            hint="Unpack the archive into the folder, or save elsewhere.",
        )
    if telling and path is None:
        return replace(
            shelf,
            refusal="Its outlines stand in another program's file, or in several: they are left as they are.",
            hint="Name yourself as reader: you may then take them over into a file of your own.",
        )
    return shelf


def _holds_deposits(file: DrawingFile, ref: ImageRef) -> bool:
    drawing, _ = load_drawing(file, image=ref)
    return drawing is None or bool(drawing.deposits)


def _new_path(ref: ImageRef, reader: str, cohort: Cohort) -> Path:
    whose = f".{reader}" if reader else ""
    first = ref.paths[0]
    if ref.grid.is_planar or len(ref.paths) == 1:
        twins = any(
            other.id != ref.id
            and other.paths[0].parent == first.parent
            and stem(other.paths[0]) == stem(first)
            for other in cohort.images
        )
        name = (first.name if twins else stem(first)) + _number(ref)
        folder = first.parent
    else:
        place = cohort.root / ref.location
        folder, name = place.parent, place.name
    return folder / f"{name}.outlines{whose}{_suffix(ref)}"


def _number(ref: ImageRef) -> str:
    name, mark, number = ref.location.rpartition("#")
    return f"#{number}" if mark and name.endswith(ref.paths[0].name) and ref.frames else ""


def _suffix(ref: ImageRef) -> str:
    if ref.grid.is_planar:
        return ".geojson"
    return ".dcm" if ref.reader == "dicom" else ".seg.nrrd"


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file; None where there is none.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


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
    if file.format is not OutlineFormat.GEOJSON:
        return load_drawing(file, image=shelf.ref)
    # Not `load_drawing`: what holds nothing that can be measured is not read, but can still be edited.
    return read_geojson(file.path, image=shelf.ref, reader=file.reader, about=file.about)


def _keyed(deposit: Deposit, place: str) -> Deposit:
    key = sha256(place.encode()).hexdigest()[:8]
    return replace(deposit, id=key, properties=dict(deposit.properties))


def write_shelf(shelf: Shelf, drawn: Drawn) -> str | None:
    """Write what is drawn and return the SHA-256 of the file; None where nothing is said, and none is left.

    Raises
    ------
    OSError
        If it cannot be written.
    LesionkitError
        If the file cannot say it, or what is there belongs to another image.
    """
    unwanted = [shelf.absence] if shelf.absence else []
    if drawn.is_silent and not (drawn.left_out or drawn.landmarks):
        unwanted.append(shelf.path)
    elif not drawn.is_assessable and shelf.kind is not OutlineFormat.GEOJSON:
        unwanted.append(shelf.path)  # no file: not read, which is what it says
    elif shelf.kind is OutlineFormat.GEOJSON:
        write_outlines(
            shelf.path,
            drawn.present,
            image=shelf.ref,
            scale_claims=_claims(shelf, drawn),
            places=drawn.places,
            is_assessable=drawn.is_assessable,
        )
    elif shelf.absence is not None and not drawn.present:
        _write_labels(shelf.absence, shelf, drawn)
        unwanted = [shelf.path]
    elif shelf.kind is OutlineFormat.DICOM_SEG:
        write_whole(shelf.path, _segmentation(shelf, drawn))
    else:
        _write_labels(shelf.path, shelf, drawn)
    for path in unwanted:
        path.unlink(missing_ok=True)
    return shelf.digest()


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
    write_labelmap(path, stands, image=shelf.ref)


def must_be_sayable(shelf: Shelf, drawn: Drawn) -> None:
    """Refuse what the file of an image could not say, before it is drawn.

    Raises
    ------
    InputError
        If a volume's file is asked for a role, or for what became of a deposit.
    """
    if shelf.kind is OutlineFormat.GEOJSON:
        return
    is_named = shelf.path.name.lower().endswith(".seg.nrrd")
    for deposit in drawn.deposits:
        if deposit.status.is_place_only:
            raise InputError(
                f"no file of a volume can say that a deposit is {deposit.status}",
                hint="Delete it: where it was is then absent.",
            )
        if deposit.role is not None:
            raise InputError(
                "no file of a volume can say what a deposit is followed for", hint="Leave its role open."
            )
        if deposit.name and shelf.path.name.lower().endswith((".nii", ".nii.gz", ".nrrd")) and not is_named:
            raise InputError(
                f"{shelf.path.name} holds numbers only, no names",
                hint="Name yourself as reader: you may then take the outlines over into a file of your own.",
            )
