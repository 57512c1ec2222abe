"""Proposed outlines -> a file beside their image, whole and never in place of another."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.region import Deposit
from lesionkit.errors import LesionkitError
from lesionkit.pipeline.examine import Examination
from lesionkit.pipeline.provenance import versions


def write_beside(
    ref: ImageRef, deposits: Sequence[Deposit], examined: Examination, *, root: Path
) -> tuple[Path | None, tuple[Problem, ...]]:
    """Return the file that holds an image's proposals below a folder, or why there is none.

    Pictures: GeoJSON. DICOM volumes: a segmentation whose segments are AUTOMATIC. Other volumes have no file
    that could say that a deposit is only suggested.

    Parameters
    ----------
    ref : ImageRef
        The image.
    deposits : sequence of Deposit
        Proposed for it.
    examined : Examination
        The cohort it belongs to.
    root : Path
        The cohort's folder, or the one named instead.

    Returns
    -------
    path : Path or None
    problems : tuple of Problem
        ``suggestion_not_written`` (error), and what the exporter leaves out.
    """
    problems: list[Problem] = []
    try:
        with TemporaryDirectory(prefix="lesionkit-") as draft:
            if ref.grid.is_planar:
                made: Path | None = _as_geojson(ref, deposits, examined, Path(draft))
            elif ref.reader == "dicom":
                made = _as_segmentation(ref, deposits, examined, Path(draft), problems)
            else:
                return None, (_only_drawn(ref),)
            if made is None:
                return None, tuple(problems)
            place = root / made.relative_to(draft)
            place.parent.mkdir(parents=True, exist_ok=True)
            _put(made.read_bytes(), place)
            return place, tuple(problems)
    except FileExistsError:
        text = "A file of the name that its outlines would have is there already, and is left as it is."
        return None, (_unwritten(ref, text, "Move that file away, or write elsewhere with --out."),)
    except LesionkitError as error:
        return None, (_unwritten(ref, f"{error.message.rstrip('.')}.", error.hint),)
    except OSError as error:
        text = f"The outlines proposed could not be written ({error.strerror or error})."
        return None, (_unwritten(ref, text, "Name a folder that may be written to with --out."),)


def _as_geojson(ref: ImageRef, deposits: Sequence[Deposit], examined: Examination, draft: Path) -> Path:
    from lesionkit.io import write_outlines

    location = Path(ref.location)
    twins = [
        other
        for other in examined.cohort.images
        if Path(other.location).with_suffix("") == location.with_suffix("") and other.id != ref.id
    ]
    path = draft / location.with_name(f"{location.name if twins else location.stem}.outlines.geojson")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_outlines(path, deposits, image=ref)
    return path


def _as_segmentation(
    ref: ImageRef, deposits: Sequence[Deposit], examined: Examination, draft: Path, problems: list[Problem]
) -> Path | None:
    from lesionkit.report.to_dicom_seg import write

    outcome = Outcome(
        cohort=examined.cohort,
        settings=examined.settings,
        deposits=tuple(deposits),
        grids={ref.id: ref.grid},
        versions=versions(),
    )
    paths = write(outcome, draft, tell=problems.append)
    return paths[0] if paths else None


def _put(content: bytes, place: Path) -> None:
    """Write a file that is not there yet; no reader sees half of it.

    Raises
    ------
    FileExistsError
        If it is there.
    """
    draft = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name(draft, place)
    finally:
        draft.unlink(missing_ok=True)


def _name(draft: Path, place: Path) -> None:
    try:
        place.hardlink_to(draft)  # fails where the place is taken, which renaming does not
    except FileExistsError:
        raise
    except OSError:
        # Shares and sticks without links: taken for good, if not in one step.
        with place.open("xb") as file:
            file.write(draft.read_bytes())


def _only_drawn(ref: ImageRef) -> Problem:
    text = "A label map cannot say that a deposit is only suggested, so none is written for this volume."
    return _unwritten(ref, text, "Have the series as DICOM, to which segmentations can be written.")


def _unwritten(ref: ImageRef, text: str, hint: str) -> Problem:
    return Problem(
        severity=Severity.ERROR, code="suggestion_not_written", about=ref.location, text=text, hint=hint
    )
