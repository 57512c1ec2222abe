"""DICOMDIR, the table of contents of a disc: silent where all it lists is there, telling where not."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.outcome import Problem
from lesionkit.io.archive import shown
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet
from lesionkit.io.problems import warning

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

DIRECTORY = "1.2.840.10008.1.3.10"
"""Media Storage Directory Storage."""


def check_directory(path: Path, *, root: Path) -> Iterator[Problem]:
    """Yield the problem that files which a DICOMDIR lists are not there.

    Names on a disc are upper case and may end in a version (``;1``); copies of discs lose either, or gain
    a suffix, and are found all the same. Names that lead out of the disc's folder count as missing.

    References
    ----------
    DICOM PS3.10 section 8.6 (DICOMDIR), PS3.3 annex F (Basic Directory Information Object).
    """
    from pydicom import dcmread

    about = shown(path, root)
    try:
        with quiet():
            dataset = dcmread(path, force=True, specific_tags=["DirectoryRecordSequence"])
            listed = sorted({name for name in _listed(dataset) if name})
    except BROKEN_FILE:
        listed = []
    if not listed:
        text = (
            "The disc's table of contents (DICOMDIR) is damaged: nobody knows whether all images are there."
        )
        yield warning("dicomdir_unreadable", about, text, "Copy the whole disc again.")
        return
    there: dict[Path, frozenset[str]] = {}
    missing = [names for names in listed if not _exists(path.parent, names, there)]
    if missing:
        first = "/".join(missing[0])
        text = (
            f"{len(missing)} of the {len(listed)} files that the disc's table of contents (DICOMDIR) lists "
            f"{'is' if len(missing) == 1 else 'are'} not there, the first is {first}."
        )
        hint = "Copy the whole disc again, unless they were left out on purpose."
        yield warning("dicomdir_files_missing", about, text, hint)


def _listed(dataset: "Dataset") -> Iterator[tuple[str, ...]]:
    for record in tags.values((dataset,), "DirectoryRecordSequence"):
        yield tags.texts((record,), "ReferencedFileID")


def _exists(folder: Path, names: tuple[str, ...], there: dict[Path, frozenset[str]]) -> bool:
    for name in names[:-1]:
        found = _find(folder, name, there)
        if found is None:
            return False
        folder = folder / found
    return _find(folder, names[-1], there) is not None


def _find(folder: Path, name: str, there: dict[Path, frozenset[str]]) -> str | None:
    """Return what a file or folder is really called; None where there is none."""
    if name in (".", "..") or "/" in name or "\\" in name:
        return None
    if folder not in there:
        try:
            there[folder] = frozenset(entry.name for entry in folder.iterdir())
        except OSError:
            there[folder] = frozenset()
    if name in there[folder]:
        return name
    return next((entry for entry in sorted(there[folder]) if _plain(entry) == _plain(name)), None)


def _plain(name: str) -> str:
    return name.upper().partition(";")[0].removesuffix(".DCM").rstrip(".")
