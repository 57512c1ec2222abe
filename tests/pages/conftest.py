"""Pages in a real browser, from files and without a network: whatever a page asks for is refused and kept."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def _must_run(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Yield a headless browser of the system; none is downloaded."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        _must_run("no Chromium, Chrome or Edge is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _must_run("playwright is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@dataclass(slots=True)
class Visit:
    """A page as it was opened, with what went wrong on it.

    `asked` holds every address the page tried to fetch beside itself; `said` all that its console said of
    severity warning and above. Both must stay empty: `look` fails at the end of a test where they did not.
    """

    page: object
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Return what axe finds of serious or critical impact, with where."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{fault['id']}: {fault['help']}: {node['html'][:160]}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]


@pytest.fixture
def look(browser) -> Iterator[Callable[..., Visit]]:
    """Yield what opens a file as a page: ``look(path, width=1280, height=900, scripts=True)``.

    With ``beside=True`` a page may show the pictures that lie in its own folder.
    """
    contexts, visits = [], []

    def open_page(
        path: Path,
        *,
        width: int = 1280,
        height: int = 900,
        scripts: bool = True,
        beside: bool = False,
        **more,
    ) -> Visit:
        folder = Path(path).resolve().parent.as_uri() + "/"
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, **more
        )
        contexts.append(context)
        context.set_offline(True)
        visit = Visit(page=context.new_page())
        visits.append(visit)

        def answer(route) -> None:
            asked = route.request
            is_beside = beside and asked.resource_type == "image" and asked.url.startswith(folder)
            if is_beside or (asked.is_navigation_request() and asked.url.startswith("file:")):
                route.continue_()
            else:
                visit.asked.append(asked.url)
                route.abort()

        context.route("**/*", answer)
        visit.page.on("dialog", lambda dialog: (visit.said.append(dialog.message), dialog.dismiss()))
        visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
        visit.page.on(
            "console",
            lambda told: visit.said.append(told.text) if told.type in ("error", "warning") else None,
        )
        visit.page.goto(Path(path).resolve().as_uri())
        return visit

    yield open_page
    for context in contexts:
        context.close()
    for visit in visits:
        assert visit.said == []
        assert visit.asked == []
