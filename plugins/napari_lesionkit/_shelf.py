"""Where the outlines of an image lie: reading them, writing them whole, and never over somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from lesionkit.core.cohort import Cohort
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.region import Deposit, Status
from lesionkit.core.settings import Settings
from lesionkit.errors import InputError, LesionkitError, OutlineError
from lesionkit.io import DrawingFile, load_drawing, write_outlines
from lesionkit.io.archive import is_packed
from lesionkit.io.files import stem, write_whole
from lesionkit.io.outline_files import OutlineFormat
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._verbs import new_key


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
    path = own[0].path if len(own) == 1 and ".outlines." in own[0].path.name.lower() else None
    shelf = Shelf(
        ref=ref, reader=reader, path=path or _new_path(ref, reader, cohort), files=own, cohort=cohort
    )
    if is_packed(ref.paths[0]):
        return replace(
            shelf,
            refusal="The image lies in a ZIP archive, in which no outline file can be kept.",
            hint="Unpack the archive into the folder, or save elsewhere.",
        )
    if own and path is None:
        return replace(
            shelf,
            refusal="Its outlines stand in another program's file, or in several: they are left as they are.",
            hint="Name yourself as reader: you may then take them over into a file of your own.",
        )
    return shelf


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
    """Return what the outline files of a shelf say, each deposit under a new key, and what is wrong."""
    deposits: list[Deposit] = []
    problems: list[Problem] = []
    drawings = []
    for file in shelf.files:
        drawing, found = load_drawing(file, image=shelf.ref)
        problems.extend(found)
        if drawing is not None:
            drawings.append(drawing)
            deposits += [*drawing.deposits, *drawing.removed]
    keyed = tuple(replace(d, id=new_key(), properties=dict(d.properties)) for d in deposits)
    return Drawn(
        deposits=keyed,
        scale_claims=tuple(claim for drawing in drawings for claim in drawing.scale_claims),
        is_absent=any(not (drawing.deposits or drawing.left_out) for drawing in drawings) and not keyed,
    ), tuple(problems)


def write_shelf(shelf: Shelf, drawn: Drawn) -> str | None:
    """Write what is drawn and return the SHA-256 of the file; None where nothing is said, and none is left.

    Raises
    ------
    OSError
        If it cannot be written.
    LesionkitError
        If the file cannot say it, or what is there belongs to another image.
    """
    if drawn.is_silent:
        shelf.path.unlink(missing_ok=True)
        return None
    if shelf.kind is OutlineFormat.GEOJSON:
        write_outlines(shelf.path, drawn.deposits, image=shelf.ref, scale_claims=drawn.scale_claims or None)
    elif shelf.kind is OutlineFormat.DICOM_SEG and drawn.deposits:
        write_whole(shelf.path, _segmentation(shelf, drawn))
    else:
        _write_labels(shelf, drawn)
    return digest(shelf.path)


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


def _write_labels(shelf: Shelf, drawn: Drawn) -> None:
    from lesionkit.io.labelmap import write_labelmap

    stands = [deposit for deposit in drawn.present if deposit.status is not Status.SUGGESTED]
    write_labelmap(shelf.path, stands, image=shelf.ref)


def must_be_sayable(shelf: Shelf, drawn: Drawn) -> None:
    """Refuse what the file of an image could not say, before it is drawn.

    Raises
    ------
    InputError
        If a volume's file is asked for a role, or for what became of a deposit.
    """
    if shelf.kind is OutlineFormat.GEOJSON:
        return
    for deposit in drawn.deposits:
        if deposit.status.is_removed:
            raise InputError(
                f"no file of a volume can say that a deposit was {deposit.status}",
                hint="Delete it: where it was is then absent.",
            )
        if deposit.role is not None:
            raise InputError(
                "no file of a volume can say what a deposit is followed for", hint="Leave its role open."
            )


def is_conflict(error: LesionkitError) -> bool:
    """Return whether an error says that a file belongs to another image."""
    return isinstance(error, InputError)
