"""What every stage of one run needs: what was found, by which rules, on what, and whom to tell."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.response import Criterion
from lesionkit.pipeline.engine import Progress
from lesionkit.pipeline.examine import Examination
from lesionkit.pipeline.memo import Memo


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What every stage of one run needs."""

    examined: Examination
    criteria: Mapping[Modality, Criterion]
    inputs: Mapping[Path, str]
    memo: Memo
    executor: Executor
    progress: Progress

    def files_of(self, ref: ImageRef) -> tuple[Path, ...]:
        """Return an image's files and those of its outlines."""
        return (*ref.paths, *self.outlines_of(ref))

    def outlines_of(self, ref: ImageRef) -> tuple[Path, ...]:
        """Return the files of an image's outlines."""
        return tuple(path for file in self.examined.drawings[ref.id] for path in file.paths)

    def digest(self, paths: Iterable[Path]) -> str:
        """Return what changes when any of some files does."""
        return repr([self.inputs.get(path) for path in paths])


def criteria_of(examined: Examination, asked: str | Criterion | None) -> dict[Modality, Criterion]:
    """Return the rule for each modality: the one asked for, else as ``cohort.toml`` says."""
    from lesionkit.classification import find_criterion

    if isinstance(asked, Criterion):
        return dict.fromkeys(Modality, asked)
    settings = examined.settings
    return {
        modality: find_criterion(asked or settings.criterion_name(modality), custom=settings.custom_criteria)
        for modality in Modality
    }
