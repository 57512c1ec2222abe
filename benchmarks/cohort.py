"""Whether the report of thousands of patients is made in one go, opens, and filters without a visible delay.

    python benchmarks/cohort.py             # 2,000 patients
    python benchmarks/cohort.py 200

The cohort is `cohort_world`: generated tables, few pictures. Printed are the size of the cohort's page;
how long the pages take, beside making them again when nothing has changed and when a run was
interrupted half-way; and in headless Chromium how long it takes from a letter typed into the filter
until the list is laid out, beside laying out the list of everybody (what a page without paging would
do). Times of one machine say little: read the ratios. The least of several rounds is given, since
others may be at work.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cohort_world import load, make

from lesionkit.classification import REASONS
from lesionkit.core.outcome import Outcome
from lesionkit.core.summary import CohortSummary
from lesionkit.pipeline import summarise_outcome
from lesionkit.report import to_html

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
ROUNDS = 7

TYPED = """([id, value]) => new Promise((done) => {
  const field = document.getElementById(id);
  const start = performance.now();
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("list").getBoundingClientRect();
  done(performance.now() - start);
})"""


def main(patients: int) -> None:
    outcome = make(patients)
    summary = summarise_outcome(outcome)
    folder = Path(tempfile.mkdtemp(prefix="cohort-"))
    try:
        _pages(outcome, summary, folder)
        _browser(folder / "report" / "index.html")
    finally:
        shutil.rmtree(folder)


def _pages(outcome: Outcome, summary: CohortSummary, folder: Path) -> None:
    def write(stop: int | None = None) -> None:
        def count(done: int, _: int) -> None:
            if stop is not None and done >= stop:
                raise KeyboardInterrupt

        with ThreadPoolExecutor() as executor:
            to_html.write(
                outcome,
                folder,
                load=load,
                reason_texts=REASONS,
                summary=summary,
                executor=executor,
                kept=folder / ".kept",
                progress=count,
            )

    half = len(outcome.cohort.patients) // 2
    before = _seconds(lambda: _interrupted(lambda: write(half)))
    rest = _seconds(write)
    again = _seconds(write)
    whole = before + rest
    index = (folder / "report" / "index.html").stat().st_size
    print(f"patients                            {len(outcome.cohort.patients)}")
    print(f"index.html                          {index / 1e6:.2f} MB")
    each = 1000 * whole / len(outcome.cohort.patients)
    print(f"all pages                           {whole:.1f} s, {each:.0f} ms each")
    print(f"interrupted half-way, then the rest {rest / whole:.2f} of all pages")
    print(f"nothing changed                     {again / whole:.2f} of all pages")


def _interrupted(work: Callable[[], None]) -> None:
    try:
        work()
    except KeyboardInterrupt:
        return


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _browser(index: Path) -> None:
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        opened = []
        for _ in range(3):
            page.goto(index.resolve().as_uri())
            opened.append(
                page.evaluate(
                    "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
                )
            )
        print(f"opened until it can be used         {min(opened):.0f} ms")
        everybody = _least(page, "many", ["0", "50"])
        for name, field, values in (
            ("a letter typed", "find", ["s", ""]),
            ("a name typed", "find", ["P1234", ""]),
            ("a response chosen", "kind", ["progression", ""]),
            ("another order", "order", ["fall", "id"]),
        ):
            least = _least(page, field, values)
            print(f"{name:<35} {least:.1f} ms, {least / everybody:.3f} of laying out everybody")
        browser.close()


def _least(page, field: str, values: list[str]) -> float:
    """Return the least time of the first value; the second puts things back."""
    found = []
    for _ in range(ROUNDS):
        found.append(page.evaluate(TYPED, [field, values[0]]))
        page.evaluate(TYPED, [field, values[1]])
    return min(found)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
