"""What a file or a series is called to a person: where it lies below the cohort's folder."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lesionkit.io.dicom.header import Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Names files and series.

    Parameters
    ----------
    root : Path
        The cohort's folder.
    crowded : frozenset of Path
        Folders in which more than one series lies, so that they do not name one.
    """

    root: Path
    crowded: frozenset[Path] = frozenset()

    @classmethod
    def among(cls, headers: Iterable[Header], *, root: Path) -> "Where":
        """Return the names for some files."""
        series = defaultdict(set)
        for header in headers:
            series[header.path.parent].add(header.series)
        return cls(root=root, crowded=frozenset(folder for folder, uids in series.items() if len(uids) > 1))

    def file(self, path: Path) -> str:
        """Return a file's path relative to the root, with forward slashes."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def location(self, paths: Sequence[Path]) -> str:
        """Return where an image lies: its file, or the folder that holds all its files."""
        if len(paths) == 1:
            return self.file(paths[0])
        return self.file(Path(os.path.commonpath([path.parent for path in paths])))

    def about(self, paths: Sequence[Path]) -> str:
        """Return what a problem with files is about: their folder if it is theirs alone, else the first."""
        folders = {path.parent for path in paths}
        if len(paths) == 1 or folders & self.crowded:
            return self.file(min(paths))
        return self.location(paths)
