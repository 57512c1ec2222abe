"""The door through which every kind of image comes in, ours included."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lesionkit.core.image import FoundImage, Image, ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a reader found among some files, from headers only.

    Parameters
    ----------
    images : tuple of FoundImage
        Images; a series of files is one.
    outlines : tuple of Path
        Files that hold outlines rather than images (DICOM SEG).
    problems : tuple of Problem
        Files that could not be read or were left out, and why.
    """

    images: tuple[FoundImage, ...] = ()
    outlines: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()


class Reader(Protocol):
    """What reads one kind of image. Register it as entry point in the group ``lesionkit.readers``."""

    def bid(self, path: Path) -> float:
        """Return how sure the reader is that a file is its kind, 0 (no) to 1; the highest bid wins.

        Must be quick: the name and at most a few hundred bytes.
        """
        ...

    def scan(self, paths: Iterable[Path], *, root: Path) -> Scan:
        """Return what lies in files for which this reader won, without loading pixels.

        Ids and what problems are about are relative to `root`, with forward slashes.
        """
        ...

    def load(self, ref: ImageRef) -> Image:
        """Return the image with its pixels.

        Raises
        ------
        ReadError
            If a file cannot be read, is truncated, or is not what its header says.
        """
        ...


READERS: Registry[Reader] = Registry("lesionkit.readers")
