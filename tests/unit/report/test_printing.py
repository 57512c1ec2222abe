import stat
import sys

import pytest

from lesionkit.errors import InputError
from lesionkit.report.printing import BROWSER_VARIABLE, find_browser, print_pages

BROWSER = """#!{python}
import sys
from pathlib import Path
out = next(a.partition("=")[2] for a in sys.argv if a.startswith("--print-to-pdf="))
if "bad" in sys.argv[-1]:
    sys.exit(3)
Path(out).write_bytes(b"%PDF-1.4 " + sys.argv[-1].encode())
"""


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    for name in (BROWSER_VARIABLE, "PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path / "bin"


def _program(place, text="#!/bin/sh\n"):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    place.chmod(place.stat().st_mode | stat.S_IXUSR)
    return place


def test_without_a_browser_one_line_says_what_to_install(nowhere):
    with pytest.raises(InputError, match="no browser that can print") as told:
        find_browser()
    assert "Install Chromium, Chrome or Edge" in told.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="commands have other endings there")
@pytest.mark.parametrize("name", ["chromium", "google-chrome", "msedge"])
def test_a_browser_among_the_commands_is_found(nowhere, name):
    place = _program(nowhere / name)
    assert find_browser() == place


@pytest.mark.skipif(sys.platform == "win32", reason="commands have other endings there")
def test_the_browser_that_the_environment_names_comes_first(nowhere, monkeypatch, tmp_path):
    _program(nowhere / "chromium")
    mine = _program(tmp_path / "my browser")
    monkeypatch.setenv(BROWSER_VARIABLE, str(mine))
    assert find_browser() == mine
    monkeypatch.setenv(BROWSER_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(InputError, match=BROWSER_VARIABLE):
        find_browser()


def test_a_browser_where_windows_installs_it_is_found(nowhere, monkeypatch, tmp_path):
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    inside = r"Google\Chrome\Application\chrome.exe"
    place = _program(tmp_path / inside)
    assert find_browser() == place


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_a_page_that_is_not_printed_is_a_problem_and_the_others_are_printed(tmp_path):
    browser = _program(tmp_path / "browser", BROWSER.format(python=sys.executable))
    pages = [tmp_path / name for name in ("P 01.html", "bad.html", "P03.html")]
    for page in pages:
        page.write_text("x")
    told = []
    printed, problems = print_pages(pages, browser, progress=lambda done, total: told.append((done, total)))
    assert [path.name for path in printed] == ["P 01.pdf", "P03.pdf"]
    assert printed[0].read_bytes().endswith(b"P%2001.html")
    assert [(p.code, p.severity.value, p.about) for p in problems] == [
        ("page_not_printed", "error", "report/bad.html")
    ]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_browser_that_cannot_be_started_is_told_as_a_page_that_is_not_printed(tmp_path):
    page = tmp_path / "P01.html"
    page.write_text("x")
    printed, (problem,) = print_pages([page], tmp_path / "gone")
    assert printed == ()
    assert problem.code == "page_not_printed"
