"""Files that appear together or not at all, so that no one reads half a result."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import TracebackType


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write into; its files go to `folder` together once all are written.

    Leaving the context by an exception leaves `folder` as it was.

    Parameters
    ----------
    folder : Path
        Where the files belong; made where it is missing.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".lesionkit-", suffix=".part", dir=folder))
    try:
        yield draft
        for path in sorted(path for path in draft.rglob("*") if path.is_file()):
            place = folder / path.relative_to(draft)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
        missing.clear()
    finally:
        rmtree(draft, ignore_errors=True)
        for place in missing:
            with suppress(OSError):
                place.rmdir()


class Batch:
    """A set of files that is written beside its places first, and put in place once all are ready.

    Used as a context: leaving it normally puts every file in place, leaving it by an exception
    removes what was begun and leaves the old files as they were.

    Parameters
    ----------
    folder : Path
        Where the files belong; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ready: dict[Path, Path] = {}

    def __enter__(self) -> "Batch":
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def add(self, name: str, text: str) -> Path:
        """Return where a text will stand, as UTF-8, once the batch is done."""
        place = self.folder / name
        draft = self.folder / f".{name}.{secrets.token_hex(4)}.part"
        self._ready[place] = draft
        # newline="": line ends are those of the text; the csv module and JSON have chosen theirs.
        with draft.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return place

    @property
    def places(self) -> tuple[Path, ...]:
        """Where the files stand, in the order they were added."""
        return tuple(self._ready)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                for place, draft in self._ready.items():
                    draft.replace(place)
        finally:
            for draft in self._ready.values():
                draft.unlink(missing_ok=True)
