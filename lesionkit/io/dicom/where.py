"""What a file or a series is called to a person: where it lies below the cohort's folder."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from lesionkit.io.archive import shown
from lesionkit.io.dicom.header import Header

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Names files and series.

    Parameters
    ----------
    root : Path
        The cohort's folder.
    crowded : frozenset of Path
        Folders in which more than one series lies, so that they do not name one.
    shared : frozenset of str
        Folders, relative to the root, that hold more than one series of slices.
    """

    root: Path
    crowded: frozenset[Path] = frozenset()
    shared: frozenset[str] = frozenset()

    @classmethod
    def among(cls, headers: Iterable[Header], *, slices: Iterable[Header] = (), root: Path) -> "Where":
        """Return the names for some files, of which `slices` are those of CT and MR series."""
        series: dict[Path, set[str]] = defaultdict(set)
        for header in headers:
            if header.series or header.slices:
                series[header.path.parent].add(header.series)
        bare = cls(root=root)
        files: dict[str, list[Path]] = defaultdict(list)
        for header in slices:
            files[header.series].append(header.path)
        volumes: dict[str, set[str]] = defaultdict(set)
        for uid, paths in files.items():
            for folder in {*{bare.file(parent) for parent in {p.parent for p in paths}}, bare.folder(paths)}:
                volumes[folder].add(uid)
        return cls(root=root, crowded=_several(series), shared=_several(volumes))

    def file(self, path: Path) -> str:
        """Return a file's path relative to the root, with forward slashes."""
        return shown(path, self.root)

    def folder(self, paths: Sequence[Path]) -> str:
        """Return the folder that holds some files, relative to the root."""
        places = [PurePosixPath(self.file(folder)).parts for folder in {path.parent for path in paths}]
        together = []
        for names in zip(*places, strict=False):
            if len(set(names)) > 1:
                break
            together.append(names[0])
        return str(PurePosixPath(*together))

    def location(self, paths: Sequence[Path]) -> str:
        """Return where a series lies: its file, its folder, or in a folder of several its first file."""
        if len(paths) == 1:
            return self.file(paths[0])
        folder = self.folder(paths)
        return self.file(min(paths)) if folder in self.shared else folder

    def locations(self, several: Sequence[Sequence[Path]]) -> list[str]:
        """Return where the volumes of one series lie, no two called alike.

        Volumes of files of their own are called by their first ones, those of one file by their number.
        """
        places = [self.location(paths) for paths in several]
        places = [
            self.file(min(paths)) if places.count(place) > 1 else place
            for place, paths in zip(places, several, strict=True)
        ]
        return [
            f"{place}#{number}" if places.count(place) > 1 else place
            for number, place in enumerate(places, start=1)
        ]

    def about(self, paths: Sequence[Path]) -> str:
        """Return what a problem with files is about: their folder if it is theirs alone, else the first."""
        folders = {path.parent for path in paths}
        if len(paths) == 1 or folders & self.crowded:
            return self.file(min(paths))
        return self.folder(paths)


def _several(series: dict[K, set[str]]) -> frozenset[K]:
    return frozenset(folder for folder, uids in series.items() if len(uids) > 1)
