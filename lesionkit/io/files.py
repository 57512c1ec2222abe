"""Files as wholes: their SHA-256, their stem, and writing them whole or not at all."""

import os
from collections.abc import Iterable, Mapping
from hashlib import file_digest
from pathlib import Path

_DOUBLE_SUFFIXES = (".nii.gz", ".seg.nrrd")


def fingerprint(paths: Iterable[Path]) -> Mapping[Path, str]:
    """Return the SHA-256 of files, in hexadecimal, by path.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    return {path: _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def stem(path: Path) -> str:
    """Return a file's name without its suffix, also where that is a double one.

    Examples
    --------
    >>> stem(Path("left-hand.jpg")), stem(Path("ct.nii.gz"))
    ('left-hand', 'ct')
    """
    for suffix in _DOUBLE_SUFFIXES:
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return path.stem


def write_whole(path: Path, text: str) -> None:
    """Write a text file, UTF-8, such that no reader ever sees half of it.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is then still there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
