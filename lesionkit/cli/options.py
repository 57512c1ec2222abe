"""Options that several commands share, with the help a clinician reads."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="The folder of follow-up images.", show_default=False),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Where results go. (default: FOLDER/derivatives/lesionkit)",
        show_default=False,
    ),
]
Patients = Annotated[
    list[str] | None,
    typer.Option("--patient", metavar="ID", help="Only this patient; may be given more than once."),
]
Patient = Annotated[str, typer.Option("--patient", metavar="ID", help="Which patient.")]
CriterionName = Annotated[
    str | None,
    typer.Option(
        "--criterion",
        metavar="NAME",
        help="Rule that decides regression, stable or progression; `lesionkit plugins` lists them. "
        "(default: as cohort.toml says, else calcinosis-25)",
        show_default=False,
    ),
]
ReaderName = Annotated[
    str | None,
    typer.Option("--reader", metavar="NAME", help="Whose outlines to use where several people drew."),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        metavar="N",
        help="Images handled at a time. (default: one per processor)",
        show_default=False,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster, such as tcp://host:8786."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print no progress and only problems that are errors.")
]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Print the patients' pages to PDF too; needs Chromium, Chrome or Edge.")
]
Force = Annotated[bool, typer.Option("--force", help="Measure again what has not changed.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback where something fails.")]
ExplainImage = Annotated[
    str | None,
    typer.Option(
        "--explain",
        metavar="IMAGE",
        help="Print instead what the error of each deposit on this image is made of.",
        show_default=False,
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="Print instead why each response is what it is, and what would change it."
    ),
]
