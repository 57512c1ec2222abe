"""Files as wholes: their SHA-256, their stem, and writing them whole or not at all."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest
from pathlib import Path

_DOUBLE_SUFFIXES = (".nii.gz", ".seg.nrrd")


def fingerprint(paths: Iterable[Path]) -> Mapping[Path, str]:
    """Return the SHA-256 of files, in hexadecimal, by path.

    That of an NRRD header whose voxels lie in files of their own (``.nhdr``) covers these too.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    return {path: _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256")
    for part in detached(path):
        digest.update(bytes.fromhex(_sha256(part)))
    return digest.hexdigest()


def detached(path: Path) -> Iterator[Path]:
    """Yield the files in which the voxels of an NRRD header lie, as its field ``data file`` names them."""
    if path.suffix.lower() != ".nhdr":
        return
    lines = path.read_text(encoding="latin-1").splitlines()
    fields = [number for number, line in enumerate(lines) if re.match("data ?file:", line.lower())]
    for number in fields[:1]:
        named = lines[number].split(":", 1)[1].strip()
        several = lines[number + 1 :] if named.upper().startswith("LIST") else []
        for name in several or [named]:
            # "slice%03d.raw 1 9 1" stands for a row of files.
            pattern = re.sub(r"%\d*d", "*", name.strip().split(" ")[0] if "%" in name else name.strip())
            place = path.parent / pattern
            found = place.parent.glob(place.name) if "*" in pattern else [place]
            yield from (file for file in sorted(found) if pattern and file.is_file())


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


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, such that no reader ever sees half of it.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is then still there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
