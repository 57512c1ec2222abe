"""Where the outlines of an image lie: reading them, writing them whole, and never over somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from lesionkit.core.cohort import Cohort
from lesionkit.core.image import ImageRef
from lesionkit.io import DrawingFile, load_drawing
from lesionkit.io.archive import is_packed
from lesionkit.io.files import stem
from lesionkit.io.outline_files import OutlineFormat, is_outline_file


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
    def is_within(self) -> bool:
        """Whether the file lies among those of the series: beside its folder is outside the cohort."""
        return len(self.ref.paths) > 1 and self.path.parent == self.cohort.root == self.ref.paths[0].parent

    @property
    def kind(self) -> OutlineFormat:
        """How the file is written."""
        name = self.path.name.lower()
        if name.endswith(".geojson"):
            return OutlineFormat.GEOJSON
        return OutlineFormat.DICOM_SEG if name.endswith(".dcm") else OutlineFormat.LABEL_MAP

    @property
    def absence(self) -> Path | None:
        """The file that says *looked, nothing there* where `path` cannot; None where it can, or none can."""
        if self.kind is not OutlineFormat.DICOM_SEG or self.is_within:
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
        folder, name = (place, place.name) if place == cohort.root else (place.parent, place.name)
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
