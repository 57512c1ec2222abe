"""A folder's outlines and measurements in other programs' formats."""

from pathlib import Path
from typing import Annotated

import typer

from lesionkit.cli import options


def export_folder(
    folder: options.Folder,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="dicom-seg, dicom-seg-fractional, dicom-sr, geojson, nifti, coco, redcap, sdtm, sdtm-xpt, "
            "xlsx, or another that `lesionkit plugins` lists.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="The folder to write into, outside FOLDER.", show_default=False
        ),
    ],
    patient: options.Patients = None,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Write outlines and measurements in a format that archives and other programs read."""
    from lesionkit.cli.files import show_files
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.core.outcome import any_error
    from lesionkit.pipeline import Engine, export, must_be_exporter, must_be_outside, run_on

    must_be_exporter(to)
    must_be_outside(folder, out)
    with progress_bar(quiet=quiet) as progress:
        engine = Engine(jobs=jobs, scheduler=scheduler, progress=progress)
        outcome = run_on(engine, folder, criterion=criterion, patients=patient, reader=reader)
        paths, left_out = export(outcome, to, out, progress=progress)
    problems = (*outcome.problems, *left_out)
    show_files(paths, problems, as_json=json, quiet=quiet)
    raise typer.Exit(int(any_error(problems)))
