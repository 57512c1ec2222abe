"""``lesionkit report --pdf``, with a stand-in for the browser; the real one is asked in tests/pages."""

import json
import stat
import sys

import pytest

BROWSER = """#!{python}
import sys
from pathlib import Path
if {works}:
    out = next(a.partition("=")[2] for a in sys.argv if a.startswith("--print-to-pdf="))
    Path(out).write_bytes(b"%PDF-1.4")
"""


@pytest.fixture
def browser(tmp_path, monkeypatch):
    def make(*, works=True):
        place = tmp_path / "browser"
        place.write_text(BROWSER.format(python=sys.executable, works=works))
        place.chmod(place.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("LESIONKIT_BROWSER", str(place))

    return make


def test_without_a_browser_it_stops_before_it_computes(lesionkit, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LESIONKIT_BROWSER", str(tmp_path / "gone"))
    code, out, err = lesionkit("report", folder, "--out", tmp_path / "out", "--pdf")
    assert (code, out) == (2, "")
    assert "LESIONKIT_BROWSER names no program" in err
    assert "Set it to the path of Chromium, Chrome or Edge." in err
    assert not (tmp_path / "out" / "report").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_patients_are_printed_beside_their_pages_and_told_as_files(lesionkit, folder, tmp_path, browser):
    browser()
    code, out, _ = lesionkit("report", folder, "--out", tmp_path, "--pdf", "--json")
    assert code == 0
    names = [page.rpartition("/")[2] for page in json.loads(out)["pages"]]
    assert "P01.pdf" in names
    assert "index.pdf" not in names
    assert (tmp_path / "report" / "P01.pdf").read_bytes() == b"%PDF-1.4"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_a_page_that_is_not_printed_is_a_problem_and_the_run_says_so(lesionkit, folder, tmp_path, browser):
    browser(works=False)
    code, out, err = lesionkit("report", folder, "--out", tmp_path, "--pdf")
    assert code == 1
    assert "P01.html" in out
    assert "The browser did not print this page." in err
