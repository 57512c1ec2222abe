"""ZIP archives as folders: unpacked to a place of their own, and called by where they lie in the cohort."""

import atexit
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from threading import Lock

from lesionkit.core.outcome import Problem
from lesionkit.io.clutter import is_archive, is_clutter, is_passed_over, nobody_reads
from lesionkit.io.problems import error

_MARK = "lesionkit-unpacked-"
_POSIX = "-"

MOST_FILES = 100_000
"""Files in one archive: beyond a person's whole history of imaging."""

MOST_RATIO = 200
"""How many times its own size an archive may unpack to, once that passes `_SMALL`."""

_SMALL = 2**30
_SPARE = 2**30
"""Bytes of the temporary folder's disk that are left free."""

_CHUNK = 2**20

BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    MemoryError,
)
"""What the standard library raises on archives that are not what they claim to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What came out of an archive.

    Parameters
    ----------
    files : tuple of Path
        Where its files lie now, sorted.
    problems : tuple of Problem
        Why it was refused, or what in it is not read.
    """

    files: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Refusal(Exception):  # noqa: N818  # becomes a problem
    """Why an archive is not unpacked, and what to do."""

    def __init__(self, text: str, hint: str = "Unpack it into the folder yourself.") -> None:
        super().__init__(text)
        self.hint = hint


def is_zip(path: Path) -> bool:
    """Return whether a file is named as a ZIP archive.

    Examples
    --------
    >>> is_zip(Path("P01/study.ZIP")), is_zip(Path("P01/notes.docx"))
    (True, False)
    """
    return path.suffix.lower() == ".zip"


def seen_at(path: Path) -> Path:
    """Return where a person finds a file: where it lies, or its archive followed by its path therein."""
    if _MARK not in os.fspath(path):
        return path
    parts = path.parts
    at = next((place for place, part in enumerate(parts) if part.startswith(_MARK)), None)
    if at is None or len(parts) < at + 4:
        return path
    anchor, *rest = parts[at + 2 :]
    return Path("/" if anchor == _POSIX else f"{anchor}:\\", *rest)


def shown(path: Path, root: Path) -> str:
    """Return what a file is called: its path relative to the cohort's folder, with forward slashes.

    A file out of an archive is called as if the archive were a folder: ``P01/study.zip/IM0001``.
    """
    return Path(os.path.relpath(seen_at(path), root)).as_posix()


def is_packed(path: Path) -> bool:
    """Return whether a file came out of an archive, so that nothing written beside it would last."""
    return seen_at(path) is not path


def unpack(path: Path, *, root: Path) -> Unpacked:
    """Return the files of a ZIP archive, unpacked where nothing else lies.

    They go into the system's temporary folder (environment variable ``TMPDIR``), readable for this user
    only, and are removed when the process ends. An archive that was unpacked in this process and has not
    changed is not unpacked again. Documents and hidden files are left where they are.

    An archive is refused as a whole where it is encrypted or damaged, holds a path that leads out of it, a
    symbolic link, or one name twice, or would unpack to more than `MOST_FILES` files, than the disk has
    room for, or than `MOST_RATIO` times its own size (from 1 GiB on). What its directory announces is
    checked before anything is written, and never more is written than it announces.

    Parameters
    ----------
    path : Path
        The archive, absolute.
    root : Path
        The cohort's folder, for what problems are about.

    Returns
    -------
    Unpacked
        Problems: ``archive_refused`` (error), ``archive_not_read`` (warning) for an archive within it.
    """
    about = shown(path, root)
    try:
        return _UNPACKED.of(path, root)
    except _Refusal as refusal:
        return Unpacked(problems=(error("archive_refused", about, f"{refusal}", refusal.hint),))
    except BROKEN_ARCHIVE:
        text = "The archive is damaged or incomplete, or packed in a way that is not understood: not read."
        hint = "Fetch it again, or unpack it into the folder yourself."
        return Unpacked(problems=(error("archive_refused", about, text, hint),))


class _Kept:
    """What this process has unpacked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._folder: Path | None = None
        self._owner = 0
        self._known: dict[str, Unpacked] = {}

    def of(self, path: Path, root: Path) -> Unpacked:
        """Return an archive's files."""
        status = path.stat()
        key = sha256(f"{path}\0{root}\0{status.st_size}\0{status.st_mtime_ns}".encode()).hexdigest()[:12]
        with self._lock:
            known = self._known.get(key)
            if known is None or not all(file.exists() for file in known.files[:1]):
                known = self._known[key] = _unpack(path, root, self._place(key))
            return known

    def _place(self, key: str) -> Path:
        if self._folder is None or self._owner != os.getpid() or not self._folder.exists():
            self._folder, self._owner = Path(tempfile.mkdtemp(prefix=_MARK)), os.getpid()
            atexit.register(_remove, self._folder, self._owner)
        return self._folder / key


def _remove(folder: Path, owner: int) -> None:
    # A process that was forked off ends without taking the files of the one that is still at work.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


_UNPACKED = _Kept()


def _unpack(path: Path, root: Path, place: Path) -> Unpacked:
    anchor = "".join(letter for letter in path.anchor if letter.isalnum()) or _POSIX
    target = place.joinpath(anchor, *path.parts[1:])
    shutil.rmtree(place, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _must_be_harmless(members)
            files = [member for member in members if not _plain(member).endswith("/")]
            within = [member for member in files if _is_shown(member) and is_archive(Path(_plain(member)))]
            wanted = [m for m in files if _is_shown(m) and m not in within and not _is_clutter(archive, m)]
            _must_fit(wanted, packed=path.stat().st_size, disk=place.parent)
            unpacked = sorted(_extract(archive, member, target) for member in wanted)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    names = (f"{shown(path, root)}/{_plain(member)}" for member in within)
    return Unpacked(files=tuple(unpacked), problems=tuple(nobody_reads(Path(name), name) for name in names))


def _plain(member: zipfile.ZipInfo) -> str:
    # Some programs on Windows separate folders by what separates them there.
    return member.filename.replace("\\", "/")


def _is_shown(member: zipfile.ZipInfo) -> bool:
    return not any(map(is_passed_over, PurePosixPath(_plain(member)).parts))


def _is_clutter(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    if not is_clutter(Path(_plain(member))):
        return False
    with archive.open(member) as file:
        return file.read(132)[128:] != b"DICM"


def _must_be_harmless(members: Sequence[zipfile.ZipInfo]) -> None:
    """Raise _Refusal where an archive is encrypted, or holds what must not be unpacked."""
    if len(members) > MOST_FILES:
        raise _Refusal(f"The archive holds {len(members)} files, more than {MOST_FILES}: not read.")
    names: set[str] = set()
    for member in members:
        name = _plain(member)
        if member.flag_bits & 1:
            raise _Refusal(
                "The archive is encrypted: not read.", "Unpack it into the folder with its password."
            )
        if name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in name or not name.strip():
            raise _Refusal("The archive holds a file whose path leads out of it: not read.", _DOUBTFUL)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _Refusal("The archive holds a link or another special file: not read.", _DOUBTFUL)
        if name in names and not name.endswith("/"):
            raise _Refusal("The archive holds two files of one name: not read.")
        names.add(name)


_DOUBTFUL = "Find out where it comes from; fetch the images again from the archive they were exported from."


def _must_fit(members: Sequence[zipfile.ZipInfo], *, packed: int, disk: Path) -> None:
    """Raise _Refusal where an archive announces absurdly much, or more than there is room for."""
    needed = sum(member.file_size for member in members)
    if needed > max(_SMALL, MOST_RATIO * packed):
        raise _Refusal(
            f"The archive would unpack to {needed / packed:.0f} times its size ({_gigabytes(needed)}): "
            "not read.",
            _DOUBTFUL,
        )
    free = shutil.disk_usage(disk).free
    if needed + _SPARE > free:
        raise _Refusal(
            f"Unpacked, the archive needs {_gigabytes(needed)} of the temporary folder, "
            f"which has {_gigabytes(free)} free: not read.",
            "Make room, name a larger folder in the environment variable TMPDIR, or unpack it yourself.",
        )


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:.2g} GiB" if size < 10 * 2**30 else f"{size / 2**30:.0f} GiB"


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    """Write one file; never more of it than was announced."""
    path = target.joinpath(*PurePosixPath(_plain(member)).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with archive.open(member) as source, path.open("xb") as copy:
        while block := source.read(_CHUNK):
            left -= len(block)
            if left < 0:
                raise zipfile.BadZipFile(member.filename)
            copy.write(block)
    if left:
        raise EOFError(member.filename)
    return path
