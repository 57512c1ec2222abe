"""The commands."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lesionkit.cli import options

Paper = Literal["a4", "letter"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Measure calcium deposits in the skin on photographs, X-ray, CT and MR, follow them through "
    "time, and say with reasons whether they shrink, stay or grow.",
)


def _show_version(*, value: bool) -> None:
    if value:
        from lesionkit import __version__

        typer.echo(f"lesionkit {__version__}")
        raise typer.Exit


@app.callback()
def lesionkit(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda value: _show_version(value=value),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Hold what is common to all commands."""


@app.command("check")
def check_folder(
    folder: options.Folder,
    *,
    patient: options.Patients = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Show what would be read, and everything that is wrong with it. Writes nothing."""
    from lesionkit.cli.inventory import show_examination
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import check

    with progress_bar(quiet=quiet) as progress:
        examined = check(
            folder, patients=patient, reader=reader, jobs=jobs, scheduler=scheduler, progress=progress
        )
    show_examination(examined, as_json=json, quiet=quiet)
    raise typer.Exit(int(examined.has_errors))


@app.command()
def measure(
    folder: options.Folder,
    *,
    out: options.Out = None,
    patient: options.Patients = None,
    explain: options.ExplainImage = None,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Measure, follow and judge every outlined deposit; write tables and pages."""
    from lesionkit.cli.explain import show_errors
    from lesionkit.cli.show import show_outcome
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import derivatives, must_be_writable, run, write_pages, write_tables

    target = derivatives(folder, out)
    must_be_writable(target)
    with progress_bar(quiet=quiet) as progress:
        outcome = run(
            folder,
            criterion=criterion,
            patients=patient,
            reader=reader,
            jobs=jobs,
            scheduler=scheduler,
            memo=target / ".kept",
            force=force,
            progress=progress,
        )
        write_tables(outcome, target)
        pages = write_pages(outcome, target, progress=progress)
    if explain is None:
        show_outcome(outcome, target, pages, as_json=json, quiet=quiet)
    else:
        show_errors(outcome, explain, as_json=json, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors))


@app.command()
def compare(
    folder: options.Folder,
    *,
    patient: options.Patient,
    out: options.Out = None,
    explain: options.Explain = False,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Compare one patient's timepoints with one another, in the terminal."""
    from lesionkit.cli.explain import show_explanation
    from lesionkit.cli.show import show_comparison
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import derivatives, run

    with progress_bar(quiet=quiet) as progress:
        outcome = run(
            folder,
            criterion=criterion,
            patients=[patient],
            reader=reader,
            jobs=jobs,
            scheduler=scheduler,
            memo=derivatives(folder, out) / ".kept",
            force=force,
            progress=progress,
        )
    if explain:
        show_explanation(outcome, as_json=json, quiet=quiet)
    else:
        show_comparison(outcome, as_json=json, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors))


@app.command()
def report(
    folder: options.Folder,
    *,
    out: options.Out = None,
    patient: options.Patients = None,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Write pages to look at: one for the cohort and one per patient."""
    from lesionkit.cli.show import show_pages
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import derivatives, must_be_writable, run, write_pages

    target = derivatives(folder, out)
    must_be_writable(target)
    with progress_bar(quiet=quiet) as progress:
        outcome = run(
            folder,
            criterion=criterion,
            patients=patient,
            reader=reader,
            jobs=jobs,
            scheduler=scheduler,
            memo=target / ".kept",
            force=force,
            progress=progress,
        )
        pages = write_pages(outcome, target, progress=progress)
    show_pages(outcome, pages, as_json=json, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors))


@app.command("agree")
def agree_folder(
    folder: options.Folder,
    *,
    reader: Annotated[
        list[str] | None,
        typer.Option(
            "--reader",
            metavar="NAME",
            help="Only this reader; may be given more than once; `common` is the reading without a name.",
        ),
    ] = None,
    write_errors: Annotated[
        bool, typer.Option("--write-errors", help="Put the readers' error into FOLDER's cohort.toml.")
    ] = False,
    out: options.Out = None,
    patient: options.Patients = None,
    criterion: options.CriterionName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Say how well readers agree on deposits, sizes and responses, and what their error is."""
    from lesionkit.cli.agreement import show_agreement
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import agree, derivatives, must_be_writable, remember_errors, write_agreement

    target = derivatives(folder, out)
    must_be_writable(target)
    with progress_bar(quiet=quiet) as progress:
        agreement = agree(
            folder,
            readers=reader,
            criterion=criterion,
            patients=patient,
            jobs=jobs,
            scheduler=scheduler,
            memo=target / ".kept",
            force=force,
            progress=progress,
        )
        paths = write_agreement(agreement, target)
    settings = remember_errors(folder, agreement) if write_errors else None
    show_agreement(agreement, paths, settings, as_json=json, quiet=quiet)
    raise typer.Exit(int(any(problem.severity == "error" for problem in agreement.problems)))


@app.command("export")
def export_folder(
    folder: options.Folder,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="dicom-seg, dicom-seg-fractional, dicom-sr, geojson, nifti, or another that "
            "`lesionkit plugins` lists.",
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
    from lesionkit.pipeline import export, must_be_exporter, must_be_outside, run

    must_be_exporter(to)
    must_be_outside(folder, out)
    with progress_bar(quiet=quiet) as progress:
        outcome = run(
            folder,
            criterion=criterion,
            patients=patient,
            reader=reader,
            jobs=jobs,
            scheduler=scheduler,
            progress=progress,
        )
        paths, left_out = export(outcome, to, out, progress=progress)
    problems = (*outcome.problems, *left_out)
    show_files(paths, problems, as_json=json, quiet=quiet)
    raise typer.Exit(int(any(problem.severity == "error" for problem in problems)))


@app.command()
def card(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.pdf", help="The PDF file to write.", show_default=False)
    ],
    *,
    paper: Annotated[Paper, typer.Option("--paper", help="Size of the paper.")] = "a4",
    patient: Annotated[
        str | None,
        typer.Option("--patient", metavar="ID", help="Pseudonym to print on it, in words and as QR code."),
    ] = None,
    strip: Annotated[
        bool, typer.Option("--strip", help="Strips to print on adhesive paper instead of one card.")
    ] = False,
    debug: options.Debug = False,
) -> None:
    """Write the printable calibration card, true to size."""
    from lesionkit.pipeline import write_card

    typer.echo(write_card(out, piece="strip" if strip else "card", paper=paper, patient=patient))


@app.command()
def phantom(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder to make; it must be empty or new.")],
    *,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed gives other pictures of the same histories.")
    ] = 2021,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make a digital cohort whose truth is known."""
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.errors import InputError
    from lesionkit.phantom import write_cohort
    from lesionkit.pipeline import must_be_writable

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        what = "is not empty" if out.is_dir() else "is a file"
        raise InputError(f"{out} {what}", hint="Name a folder that does not exist yet.")
    must_be_writable(out)
    with progress_bar(quiet=quiet) as progress:
        write_cohort(out, seed=seed, progress=progress)
    typer.echo(out)


@app.command()
def plugins(*, json: options.Json = False, debug: options.Debug = False) -> None:
    """List readers, measures, criteria and exporters: version, origin, or why one cannot be used."""
    from lesionkit.cli.inventory import show_plugins

    show_plugins(as_json=json)
