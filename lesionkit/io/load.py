"""One image by its path, without a cohort around it: found by the readers that bid, then loaded."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lesionkit.core.image import FoundImage, Image, ImageRef, Modality
from lesionkit.core.outcome import Severity
from lesionkit.errors import ReadError
from lesionkit.io.archive import is_zip, unpack
from lesionkit.io.outline_files import is_outline_file
from lesionkit.io.readers import READERS, Reader

_WORDS = {"ct": Modality.CT, "mr": Modality.MR, "mri": Modality.MR}


def load_image(source: Path | str | ImageRef, *, modality: Modality | None = None) -> Image:
    """Return an image with its pixels.

    Parameters
    ----------
    source : Path, str or ImageRef
        A photograph, a DICOM file, the folder or ZIP archive of one DICOM series, NIfTI, NRRD; or an image
        of a cohort.
    modality : Modality, optional
        What it is, where the file does not say (NIfTI, NRRD). Left out, a word ``ct`` or ``mr`` in
        its name decides, and without one a volume is taken as MR: numbers without a physical unit.

    Raises
    ------
    ReadError
        If there is no such file, no reader can read it, or a folder holds several images.

    Examples
    --------
    >>> load_image("P01/2012-03-01/left-hand.jpg").grid.shape  # doctest: +SKIP
    (1200, 1600)
    """
    ref = source if isinstance(source, ImageRef) else read_image(Path(source), modality=modality)
    return READERS.load(ref.reader).load(ref)


def read_image(path: Path, *, modality: Modality | None = None) -> ImageRef:
    """Return the one image a file or a series' folder holds, unread; its id is relative to where it lies.

    Raises
    ------
    ReadError
        If there is none, or more than one.
    """
    if not path.exists():
        raise ReadError(f"there is no {path}", path=path, hint="Check the path.")
    path = path.absolute()
    found, tried = _scan(_files(path), root=path.parent)
    if len(found) > 1:
        raise ReadError(
            f"{path.name} holds {len(found)} images: {', '.join(image.location for image in found[:5])}",
            path=path,
            hint="Name one file, or put each series into a folder of its own.",
        )
    if not found:
        raise ReadError(
            f"no reader could read {path.name}",
            path=path,
            tried=tried,
            hint="; ".join(f"{name}: {reason}" for name, reason in tried.items()),
        )
    return found[0].placed(modality=modality or found[0].modality or guess_modality(found[0]), site="")


def _files(path: Path) -> Sequence[Path]:
    if not path.is_file():
        return sorted(file for file in path.iterdir() if _may_be_image(file))
    if not is_zip(path):
        return [path]
    unpacked = unpack(path, root=path.parent)
    for problem in unpacked.problems:
        if problem.severity is Severity.ERROR:
            raise ReadError(f"{path.name} cannot be read. {problem.text}", path=path, hint=problem.hint)
    return [file for file in unpacked.files if _may_be_image(file)]


def _may_be_image(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and not is_outline_file(path)


def _scan(files: Iterable[Path], *, root: Path) -> tuple[list[FoundImage], Mapping[str, str]]:
    lots: dict[str, list[Path]] = {}
    readers = dict(READERS.loaded())
    for file in files:
        winner = best_reader(file, readers)
        if winner is not None:
            lots.setdefault(winner, []).append(file)
    found: list[FoundImage] = []
    tried: dict[str, str] = {}
    for name, lot in lots.items():
        scan = readers[name].scan(lot, root=root)
        found.extend(scan.images)
        worst = [p.text for p in scan.problems if p.severity is not Severity.INFO]
        tried[name] = " ".join(worst[:3]) or "no image in it"
    if found:
        return found, tried
    return found, {e.name: e.reason or "not its kind of file" for e in READERS.extensions()} | tried


def best_reader(path: Path, readers: Mapping[str, Reader]) -> str | None:
    """Return the name of the reader with the highest bid for a file; None where all bid nothing.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    bids = {name: reader.bid(path) for name, reader in readers.items()}
    winner = max(bids, key=lambda name: bids[name], default=None)
    return winner if winner is not None and bids[winner] > 0 else None


def said_modality(location: str) -> Modality | None:
    """Return the modality of which a path speaks by a word ``ct``, ``mr`` or ``mri``; nearest first.

    Examples
    --------
    >>> said_modality("P01/2012-03-01/ct/soft-tissue.nii.gz")
    <Modality.CT: 'CT'>
    """
    for part in reversed(location.lower().split("/")):
        for word in re.split(r"[^a-z]+", part):
            if word in _WORDS:
                return _WORDS[word]
    return None


def guess_modality(found: FoundImage) -> Modality:
    """Return what an image that does not say its modality is taken as."""
    if found.grid.is_planar:
        return Modality.XC
    said = said_modality(found.location)
    return said if said is not None and said.is_volume else Modality.MR
