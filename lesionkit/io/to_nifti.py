"""The deposits of volumes as NIfTI label maps, for programs that read no DICOM."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lesionkit.core.image import Image, ImageRef
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.region import Deposit
from lesionkit.core.spreadsheet import defused
from lesionkit.errors import LesionkitError
from lesionkit.io.files import stem, write_whole
from lesionkit.io.labelmap import write_labelmap
from lesionkit.io.problems import error, info, raised
from lesionkit.io.to_geojson import deposits_by_image

COLUMNS = ("label", "deposit", "track", "tracking_uid", "status")


def write(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Callable[[ImageRef], Image] | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    tell: Callable[[Problem], None] | None = None,
) -> tuple[Path, ...]:
    """Return ``<series>.outlines.nii.gz`` and ``<series>.labels.csv`` for every volume somebody has read.

    Each lies below `out` as its series lies in the cohort; the table says which label is which deposit and
    track. Of outlines, the voxels are written whose centres lie inside. What a label map cannot say
    (deposits that overlap or hold voxels in part, a volume scanned with a tilted gantry) is told and left
    out.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder.
    load, reason_texts
        Not needed.
    progress, tell
        As of `lesionkit.report.Exporter`.
    """
    del load, reason_texts
    say = tell or _say_nothing
    read = [ref for ref in outcome.cohort.images if ref.id in outcome.grids]
    refs = [ref for ref in read if not ref.grid.is_planar]
    if len(refs) < len(read):
        text = f"{len(read) - len(refs)} planar images have no label map; GeoJSON holds their outlines."
        say(info("planar_not_written", outcome.cohort.name, text))
    deposits = deposits_by_image(outcome)
    paths: list[Path] = []
    for done, ref in enumerate(refs, start=1):
        paths += _write_one(outcome, ref, deposits.get(ref.id, ()), out, say, taken=paths)
        if progress is not None:
            progress(done, len(refs))
    return tuple(paths)


def _say_nothing(problem: Problem) -> None:
    del problem


def _write_one(
    outcome: Outcome,
    ref: ImageRef,
    deposits: Sequence[Deposit],
    out: Path,
    say: Callable[[Problem], None],
    *,
    taken: Sequence[Path],
) -> list[Path]:
    location = Path(ref.location)
    single = len(ref.paths) == 1 and location.name == ref.paths[0].name
    name = stem(location) if single else location.name
    # A series that lies in the cohort's own folder has no name but its id.
    name = name or ref.id
    labels, number = out / location.parent / f"{name}.outlines.nii.gz", 1
    while labels in taken:
        number += 1
        labels = labels.with_name(f"{name}-{number}.outlines.nii.gz")
    labels.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_labelmap(labels, deposits, image=ref)
    except LesionkitError as fault:
        say(raised("outlines_not_written", ref.location, fault))
        return []
    except ValueError:
        text = "Its planes are sheared (gantry tilt), which NIfTI cannot hold safely: not written."
        say(error("outlines_not_written", ref.location, text, "Write --format dicom-seg."))
        return []
    table = labels.with_name(labels.name.replace(".outlines.nii.gz", ".labels.csv"))
    write_whole(table, _table(outcome, deposits))
    return [labels, table]


def _table(outcome: Outcome, deposits: Sequence[Deposit]) -> str:
    tracks = outcome.tracks_of_deposits
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for label, deposit in enumerate(deposits, start=1):
        track = tracks.get((deposit.image, deposit.id))
        cells = (deposit.id, track.id if track else "", deposit.tracking_uid or "", deposit.status)
        writer.writerow([label, *map(defused, cells)])
    return text.getvalue()
