"""The manual is true: it builds, its commands and examples run, and its tables are those of the code."""

import ast
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest

from lesionkit.classification import CRITERIA, REASONS
from lesionkit.core.grid import ScaleSource
from lesionkit.core.outcome import Severity
from lesionkit.report.alike_rows import COMPARABILITY_COLUMNS
from lesionkit.report.measure_rows import MEASURE_COLUMNS
from lesionkit.report.rows import (
    MEASUREMENT_COLUMNS,
    PROBLEM_COLUMNS,
    RESPONSE_COLUMNS,
    TRACK_COLUMNS,
)

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if page.parent.name != "decisions"]
SAMPLE = ROOT / "sample_images"
TAKEN = ("P03", "P07")
"""Participants of the sample on which the examples are run."""

BLOCK = re.compile(
    r"(?P<marks>(?:<!--.*?-->\n)*)^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page, with the comments before it and the text block after it."""

    kind: str
    body: str
    marks: str
    shown: str


def blocks(page: Path) -> list[Block]:
    found = list(BLOCK.finditer(page.read_text(encoding="utf-8")))
    return [
        Block(
            kind=one["kind"],
            body=one["body"],
            marks=one["marks"],
            shown=after["body"] if after and after["kind"] == "text" and _follows(after, one) else "",
        )
        for one, after in zip_longest(found, found[1:])
    ]


def _follows(after: re.Match[str], one: re.Match[str]) -> bool:
    return after.string[one.end() : after.start()].strip() == ""


def pages_with(kind: str) -> pytest.MarkDecorator:
    """Parametrise a test by the pages that hold a block of some kind."""
    found = [page for page in PAGES if any(block.kind == kind for block in blocks(page))]
    return pytest.mark.parametrize("page", found, ids=lambda page: page.relative_to(DOCS).as_posix())


def cells(page: str, heading: str = "") -> list[list[str]]:
    """Return the rows of the tables of a page, or of one of its sections, with their cells."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if heading:
        text = re.split(r"^## ", text.split(f"\n## {heading}\n", 1)[1], flags=re.MULTILINE)[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def first_codes(page: str, heading: str = "") -> list[str]:
    """Return what stands in code type in the first column of the tables, in their order."""
    found = (re.findall(r"`([^`]+)`", row[0]) for row in cells(page, heading))
    return [name for names in found for name in names]


# --- the site and its links


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    pytest.importorskip("furo")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", tmp_path / "trees", DOCS]
    done = subprocess.run([*command, tmp_path / "site"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.relative_to(DOCS)}" for p in PAGES)]
)
def test_every_relative_link_leads_to_a_file(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text)
    missing = [link for link in links if not ((ROOT / page).parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("marker", ["main command", "test command"])
def test_the_readme_holds_each_of_its_two_commands_once(marker: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(rf"<!-- {marker} -->\n```bash\n[^\n]+\n```", text)) == 1
    assert text.count("<!-- ") == 2


def test_every_decision_has_a_title() -> None:
    for note in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        text = note.read_text(encoding="utf-8")
        assert text.startswith("# "), note.name


# --- commands and examples


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a part of the sample cohort, in which the manual's commands are run."""
    desk = tmp_path_factory.mktemp("manual")
    for name in (*TAKEN, "cohort.toml", "patients.csv", "treatments.csv"):
        copy = shutil.copytree if (SAMPLE / name).is_dir() else shutil.copyfile
        (desk / "sample_images").mkdir(exist_ok=True)
        copy(SAMPLE / name, desk / "sample_images" / name)
    return desk


def run_in(desk: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a user's shell would, with this interpreter's commands first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=desk,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def lines(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.splitlines() if line.strip(" ─.")}


def is_of_the_copy(line: str) -> bool:
    """Whether a line may be shown when only a part of the sample is there."""
    whole = re.match(r"(Photographs|Radiology|Images): ", line) or "further note" in line
    return not whole and (re.match(r"P\d\d ", line) is None or line.startswith(TAKEN))


@pages_with("bash")
def test_every_command_of_the_manual_runs_and_prints_what_is_shown(page: Path, desk: Path) -> None:
    for block in blocks(page):
        if block.kind != "bash" or "<!-- not run: " in block.marks:
            continue
        done = run_in(desk, block.body)
        promised = re.search(r"<!-- exit: (\d+) -->", block.marks)
        assert done.returncode == int(promised[1] if promised else 0), (block.body, done.stderr)
        shown = lines(block.shown)
        if any("sample_images" in line for line in block.body.splitlines() if line.startswith("lesionkit ")):
            shown = {line for line in shown if is_of_the_copy(line)}
        assert shown <= lines(done.stdout + done.stderr), block.body


@pages_with("python")
def test_every_python_example_of_the_manual_runs(
    page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    # What a page defines is what its reader's own package would hold.
    package = types.ModuleType("our_package")
    monkeypatch.setitem(sys.modules, "our_package", package)
    for block in blocks(page):
        if block.kind == "python":
            exec(compile(block.body, str(page), "exec"), package.__dict__)


def test_the_manual_names_no_command_that_is_not_there() -> None:
    from typer.main import get_command

    from lesionkit.cli.app import app

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    for page in [ROOT / "README.md", *PAGES]:
        named = re.findall(r"\blesionkit ([a-z]+)", " ".join(re.findall(r"`[^`\n]+`", page.read_text())))
        assert set(named) <= known, page.name
    assert (
        set(re.findall(r"^## `lesionkit (\w+)", (DOCS / "reference/commands.md").read_text(), re.M)) == known
    )


def test_the_manual_lists_the_options_of_every_command() -> None:
    from typer.main import get_command

    from lesionkit.cli.app import app

    text = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    explained = set(
        re.findall(
            r"--[a-z]+(?:-[a-z]+)*", " ".join(row[0] for row in cells("reference/commands.md", "Options"))
        )
    )
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        section = text.split(f"\n## `lesionkit {name}", 1)[1].split("\n## ")[0]
        listed = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", section.split("\nOptions:", 1)[1]))
        there = {option for p in command.params for option in p.opts if option.startswith("--")}
        assert listed == there - {"--help"}
        assert there <= explained | {"--help"}


# --- what the code says, in tables


def test_the_columns_of_every_table_are_explained_in_order() -> None:
    page = "reference/results.md"
    assert first_codes(page, "`measurements.csv`") == list(MEASUREMENT_COLUMNS)
    assert first_codes(page, "`measures.csv`") == list(MEASURE_COLUMNS)
    assert first_codes(page, "`tracks.csv`") == list(TRACK_COLUMNS)
    assert first_codes(page, "`responses.csv`") == list(RESPONSE_COLUMNS)
    assert first_codes(page, "`problems.csv`") == list(PROBLEM_COLUMNS)
    assert first_codes(page, "`comparability.csv`") == list(COMPARABILITY_COLUMNS)


def test_every_column_of_an_error_is_filled(desk: Path) -> None:
    import csv

    tables = desk / "sample_images/derivatives/lesionkit"
    if not (tables / "run.json").exists():
        assert run_in(desk, "lesionkit measure sample_images").returncode == 0
    odds = ("p_regression", "p_stable", "p_progression")
    filled = {
        "measurements.csv": ("area_mm2_se",),
        "tracks.csv": ("value_se", *odds),
        "responses.csv": ("change_pct_low", "change_pct_high", *odds),
    }
    for name, columns in filled.items():
        rows = list(csv.DictReader((tables / name).open(encoding="utf-8")))
        assert {column for row in rows for column in columns if row[column]} == set(columns)


def test_every_reason_is_explained_in_its_own_words() -> None:
    explained = {row[0].split("`")[1]: row[1] for row in cells("reference/reasons.md") if "`" in row[0]}
    assert explained == dict(REASONS)


def test_reasons_that_are_problems_too_are_marked() -> None:
    marked = {row[0].split("`")[1] for row in cells("reference/reasons.md") if row[0].endswith("*")}
    assert marked == hinted_reasons()


def hinted_reasons() -> set[str]:
    from lesionkit.classification import reasons

    return set(map(str, reasons._HINTS))


def test_every_criterion_is_explained_with_its_thresholds() -> None:
    rows = {row[0].split("`")[1]: row for row in cells("reference/criteria.md") if row[0].startswith("`")}
    installed = {e.name: CRITERIA.load(e.name) for e in CRITERIA.extensions() if e.origin == "lesionkit"}
    for name, rule in installed.items():
        _, _, regression, progression, against, new = rows[name][:6]
        assert against == rule.reference.value
        assert new == ("yes" if rule.new_deposit_is_progression else "no")
        if rule.regression_pct is not None and rule.progression_pct is not None:
            assert f"−{-rule.regression_pct:g} %" in regression
            assert f"+{rule.progression_pct:g} %" in progression
            assert ("or less" in regression, "or more" in progression) == (rule.inclusive,) * 2
        if rule.floor:
            assert f"at least {rule.floor:g} mm" in progression
    categories = cells("reference/criteria.md", "Categories and each rule's own words")[1:]
    for name, ours, oncology in [
        (row[0].strip("`"), *row[2:4]) for row in categories if row[0].startswith("`")
    ]:
        label = {c.value: installed["calcinosis-25"].label(c) for c in _categories()}
        assert ours == label[name]
        assert oncology == {c.value: installed["recist-1.1"].label(c) for c in _categories()}[name]


def _categories() -> Iterator["object"]:
    from lesionkit.core.response import Category

    return iter(Category)


def test_every_scale_source_is_explained() -> None:
    rows = {row[0].strip("`"): row[-1] for row in cells("reference/scale.md", "The sources")[1:]}
    assert set(rows) == set(map(str, ScaleSource))
    ours = ScaleSource.MANIFEST
    assert {name: said == "yes" for name, said in rows.items()} == {
        str(source): source.comparable_with(ours) for source in ScaleSource
    }


def test_every_key_of_cohort_toml_is_explained() -> None:
    from lesionkit.core.settings import ReaderError, ScaleSettings
    from lesionkit.io import settings

    named = set(first_codes("reference/cohort-toml.md"))
    keys = {*settings._CRITERION, *ScaleSettings.__dataclass_fields__, *ReaderError.__dataclass_fields__}
    # Those of the sites are a table of their own.
    keys = keys - {"surface", "surfaces"} | {"height_mm", "radius_mm"}
    assert keys | {"name", "timepoint_window_days", "baseline"} <= named


def test_the_example_of_cohort_toml_is_read(tmp_path: Path) -> None:
    from lesionkit.io import read_settings

    for page in PAGES:
        for block in blocks(page):
            if block.kind == "toml" and "entry-points" not in block.body:
                (tmp_path / "cohort.toml").write_text(block.body, encoding="utf-8")
                assert read_settings(tmp_path)


def test_every_noun_is_in_the_glossary() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    for path in (ROOT / "lesionkit/core").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nouns = [n.name for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
        assert [noun for noun in nouns if f"`{noun}`" not in text] == []


def test_every_public_module_is_in_the_python_reference() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference/python").glob("*.md"))
    packages = [p.parent for p in (ROOT / "lesionkit").glob("*/__init__.py") if p.parent.name != "cli"]
    for package in packages:
        public = "__all__" in (package / "__init__.py").read_text(encoding="utf-8")
        names = (
            [""]
            if public
            else [f".{p.stem}" for p in package.glob("*.py") if p.stem not in ("__init__", "arrays")]
        )
        for name in names:
            assert f".. automodule:: lesionkit.{package.name}{name}\n" in text


# --- problems


@dataclass(slots=True)
class Codes:
    """Problem codes found in the source, each with the severities that stand beside it."""

    found: dict[str, set[str]]

    @classmethod
    def of_source(cls) -> "Codes":
        trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "lesionkit").rglob("*.py")]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        places = {
            (n.name, "self" in (names := [a.arg for a in n.args.args])): names.index("code")
            - ("self" in names)
            for n in nodes
            if isinstance(n, ast.FunctionDef) and "code" in [a.arg for a in n.args.args]
        }
        aliases = {
            a.asname: a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names if a.asname
        }
        codes = cls({})
        for call in (n for n in nodes if isinstance(n, ast.Call)):
            is_method = isinstance(call.func, ast.Attribute)
            name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
            name = name if (name, is_method) in places else aliases.get(name, name)
            place = places.get((name, is_method), len(call.args))
            for node in (*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == "code")):
                codes._take(node, _severity(call, name))
        return codes

    def _take(self, node: ast.expr, severity: str | None) -> None:
        if isinstance(node, ast.IfExp):
            self._take(node.body, severity)
            self._take(node.orelse, severity)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.found.setdefault(node.value, set()).update({severity} - {None})  # type: ignore[arg-type]


def _severity(call: ast.Call, name: str) -> str | None:
    by_name = {
        **dict.fromkeys(("error", "raised", "_error"), "error"),
        **dict.fromkeys(("warning", "warn"), "warning"),
        **dict.fromkeys(("info", "note"), "info"),
    }
    for keyword in call.keywords:
        if keyword.arg == "severity" and isinstance(keyword.value, ast.Attribute):
            return Severity[keyword.value.attr].value if keyword.value.attr in Severity.__members__ else None
    return by_name.get(name)


def test_every_problem_is_explained_and_every_explained_problem_exists() -> None:
    codes = Codes.of_source().found
    codes |= {code: codes.get(code, set()) | {"warning"} for code in hinted_reasons()}
    explained: dict[str, set[str]] = {}
    for row in cells("reference/problems.md"):
        if row[0].startswith("`"):
            assert row[0].strip("`") not in explained, f"{row[0]} stands there twice"
            explained[row[0].strip("`")] = set(row[1].split(", "))
    assert sorted(codes) == sorted(explained)
    wrong = {code: found - explained[code] for code, found in codes.items() if found - explained[code]}
    assert wrong == {}
    assert set().union(*explained.values()) <= set(map(str, Severity))
