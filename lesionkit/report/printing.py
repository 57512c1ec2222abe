"""Pages as PDF, printed by a browser that is installed anyway: it draws them as it shows them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lesionkit.core.outcome import Problem, Severity
from lesionkit.errors import InputError

BROWSER_VARIABLE = "LESIONKIT_BROWSER"
"""Environment variable that names the browser to use."""

_COMMANDS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser", "brave"),
)
_APPLICATIONS = ("Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser")
_PROGRAMS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)
_LONGEST_S = 180


def find_browser() -> Path:
    """Return the browser that prints pages: the one the environment names, else one that is installed.

    Chromium, Chrome, Edge and Brave can print without a window; they are looked for among the commands and
    where they are installed on macOS and Windows.

    Raises
    ------
    InputError
        If there is none, or the one named is not there.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise InputError(
                f"{BROWSER_VARIABLE} names no program", hint="Set it to the path of Chromium, Chrome or Edge."
            )
        return Path(found)
    for place in _places():
        if place.is_file():
            return place
    raise InputError(
        "no browser that can print to PDF was found",
        hint=f"Install Chromium, Chrome or Edge, or set {BROWSER_VARIABLE} to its path; "
        "or open the pages and print them.",
    )


def _places() -> Iterator[Path]:
    yield from (Path(found) for found in map(shutil.which, _COMMANDS) if found)
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / f"{name}.app" / "Contents" / "MacOS" / name for name in _APPLICATIONS)
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if variable in os.environ:
            yield from (Path(os.environ[variable]) / program for program in _PROGRAMS)


def print_pages(
    pages: Sequence[Path], browser: Path, *, progress: Callable[[int, int], None] | None = None
) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """Return a PDF beside each page, and which pages could not be printed.

    Parameters
    ----------
    pages : sequence of Path
        HTML files.
    browser : Path
        From `find_browser`.
    progress : callable, optional
        Called after each page with how many are done, of how many.
    """
    printed: list[Path] = []
    problems: list[Problem] = []
    with TemporaryDirectory(prefix="lesionkit-print-") as folder:
        for done, page in enumerate(pages, start=1):
            draft = Path(folder) / "page.pdf"
            draft.unlink(missing_ok=True)
            if _print(page, draft, browser, profile=Path(folder) / "profile"):
                printed.append(page.with_suffix(".pdf"))
                shutil.move(draft, printed[-1])
            else:
                problems.append(_not_printed(page))
            if progress is not None:
                progress(done, len(pages))
    return tuple(printed), tuple(problems)


def _print(page: Path, draft: Path, browser: Path, *, profile: Path) -> bool:
    """Return whether a page was printed; its network is off, and nothing of the user's profile is read."""
    command = [
        str(browser),
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-extensions",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--no-pdf-header-footer",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={draft}",
        page.resolve().as_uri(),
    ]
    if sys.platform == "linux" and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # Chromium refuses to start as root otherwise, as in containers
    try:
        subprocess.run(  # noqa: S603 - a browser the user has installed, and a page of ours
            command, check=False, capture_output=True, timeout=_LONGEST_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return draft.is_file() and draft.read_bytes()[:5] == b"%PDF-"


def _not_printed(page: Path) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code="page_not_printed",
        about=f"report/{page.name}",
        text="The browser did not print this page.",
        hint="Open the page and print it from there; its file is complete.",
    )
