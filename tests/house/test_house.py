"""If a rule of the house matters, a machine checks it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lesionkit

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "lesionkit").rglob("*.py"))
HEAVY = {
    "pydicom",
    "cv2",
    "skimage",
    "pandas",
    "PyQt6",
    "PySide6",
    "qtpy",
    "napari",
    "scipy",
    "SimpleITK",
    "PIL",
    "shapely",
}


def imported_by(code: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after running code."""
    script = f"{code}\nimport sys; print(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


def test_importing_lesionkit_loads_nothing_heavy() -> None:
    assert imported_by("import lesionkit") & HEAVY == set()


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['lesionkit', '--help']\nfrom lesionkit.cli import main\nmain()"
    assert imported_by(code) & HEAVY == set()


@pytest.mark.parametrize("name", sorted(set(lesionkit.__all__) - {"__version__"}))
def test_every_public_name_is_a_documented_function_whatever_was_imported_before(name: str) -> None:
    import lesionkit.pipeline

    value = getattr(lesionkit, name)
    assert callable(value)
    assert value.__name__ == name
    assert value.__doc__


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("command", [["ruff", "check", "."], ["ruff", "format", "--check", "."]])
def test_style_holds(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_types_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_is_short_and_says_why_it_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 320, "a noun is missing"
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "no module docstring"


def test_no_file_carries_a_machine_path() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    pattern = re.compile(r"(^|[^\w.])/(work|root|home|tmp|opt)/")
    found = []
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".yaml", ".csv", ".geojson", ".html", ".cfg"}
            and path.is_file()
        ):
            found += [name for line in path.read_text(encoding="utf-8").splitlines() if pattern.search(line)]
    assert found == []


def test_every_built_in_extension_can_be_loaded() -> None:
    from lesionkit.core.registry import Registry

    for group in ("lesionkit.readers", "lesionkit.criteria", "lesionkit.exporters"):
        extensions = Registry[object](group).extensions()
        assert extensions
        assert [e.reason for e in extensions if e.origin == "lesionkit"] == [""] * len(extensions)
