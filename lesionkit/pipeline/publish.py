"""An outcome -> the files people open."""

from pathlib import Path

from lesionkit.core.outcome import Outcome
from lesionkit.pipeline.engine import Progress, Step, stay_quiet


def derivatives(folder: Path | str, out: Path | None = None) -> Path:
    """Return where a folder's results go: `out`, else ``derivatives/lesionkit`` in it (as in BIDS)."""
    return out if out is not None else Path(folder) / "derivatives" / "lesionkit"


def write_tables(outcome: Outcome, out: Path) -> tuple[Path, ...]:
    """Write the tables and ``run.json``; return their paths."""
    from lesionkit.report.to_csv import write

    return write(outcome, out)


def write_pages(outcome: Outcome, out: Path, *, progress: Progress = stay_quiet) -> tuple[Path, ...]:
    """Write ``report/index.html`` and one page per patient; return their paths."""
    from lesionkit.classification import REASONS
    from lesionkit.io import load_image
    from lesionkit.report.to_html import write

    def show(done: int, total: int) -> None:
        progress(Step(stage="Writing pages", done=done, total=total))

    return write(outcome, out, load=load_image, reason_texts=REASONS, progress=show)
