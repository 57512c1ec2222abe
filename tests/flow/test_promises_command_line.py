"""Section 3 of the interface manual, word by word: exit codes, streams, options, interruption."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from making import write_outlines, write_photo

Run = Callable[..., tuple[int, str, str]]
COMMAND = [sys.executable, "-m", "lesionkit"]


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1 and text.startswith("lesionkit: ")


def on_disk(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nosuch",), "nosuch"),
        (("measure",), "FOLDER"),
        (("measure", "x", "--nope"), "--nope"),
        (("measure", "x", "--jobs", "many"), "--jobs"),
        (("compare", "x"), "--patient"),
    ],
)
def test_a_command_that_means_nothing_is_one_line_on_stderr_and_exit_2(
    lesionkit: Run, arguments: tuple[str, ...], named: str
) -> None:
    code, out, err = lesionkit(*arguments)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert named in err
    assert "--help" in err


@pytest.mark.parametrize("jobs", ["0", "-3"])
def test_a_number_of_jobs_below_one_is_refused(lesionkit: Run, folder: Path, jobs: str) -> None:
    code, _, err = lesionkit("measure", folder, "--jobs", jobs)
    assert code == 2
    assert one_line(err)
    assert not (folder / "derivatives").exists()


def test_check_writes_nothing(lesionkit: Run, folder: Path) -> None:
    before = on_disk(folder)
    assert lesionkit("check", folder)[0] == 0
    assert on_disk(folder) == before


def test_measure_writes_nothing_but_derivatives(lesionkit: Run, folder: Path) -> None:
    before = on_disk(folder)
    assert lesionkit("measure", folder)[0] == 0
    assert [path for path in on_disk(folder) if not path.startswith("derivatives")] == before


def test_with_out_elsewhere_nothing_at_all_is_written_into_the_folder(
    lesionkit: Run, folder: Path, tmp_path: Path
) -> None:
    before = on_disk(folder)
    for command in ("measure", "report"):
        assert lesionkit(command, folder, "--out", tmp_path / "deep/results")[0] == 0
    assert lesionkit("compare", folder, "--patient", "P01", "--out", tmp_path / "deep/results")[0] == 0
    assert on_disk(folder) == before
    assert (tmp_path / "deep/results/report/index.html").is_file()


def test_results_put_into_the_folder_are_not_read_as_its_images(lesionkit: Run, folder: Path) -> None:
    assert lesionkit("measure", folder, "--out", folder / "results")[0] == 0
    code, out, _ = lesionkit("check", folder, "--json")
    assert code == 0
    said = json.loads(out)
    assert len(said["images"]) == 2
    assert not [p for p in said["problems"] if p["about"].startswith("results")]


def test_results_written_straight_into_the_folder_do_not_hide_its_images(
    lesionkit: Run, folder: Path
) -> None:
    for _ in range(2):
        assert lesionkit("measure", folder, "--out", folder)[0] == 0
    assert list(folder.glob("report/pictures/*.jpg"))
    said = json.loads(lesionkit("check", folder, "--json")[1])
    assert len(said["images"]) == 2
    assert said["problems"] == []


def test_results_are_known_without_what_was_kept_of_them(lesionkit: Run, folder: Path) -> None:
    for command, place in (("measure", "results"), ("report", "pages")):
        assert lesionkit(command, folder, "--out", folder / place)[0] == 0
        assert list((folder / place).glob("report/pictures/*.jpg"))
        shutil.rmtree(folder / place / ".kept")
    shutil.move(folder / "pages/report", folder / "P01/2013-03-01/moved")
    said = json.loads(lesionkit("check", folder, "--json")[1])
    assert len(said["images"]) == 2
    assert said["problems"] == []


def test_stdout_is_the_result_and_stderr_the_problems(lesionkit: Run, folder: Path) -> None:
    write_photo(folder / "P01/2014-03-01/left-hand.jpg")
    code, out, err = lesionkit("measure", folder)
    assert code == 0
    assert "not_outlined" in err
    assert "not_outlined" not in out
    assert "\x1b" not in out + err
    assert all(line == line.rstrip() for line in out.splitlines())
    assert out.splitlines()[0].startswith("patient")


@pytest.mark.parametrize("command", ["check", "measure", "compare", "report"])
def test_json_is_all_that_is_on_stdout(lesionkit: Run, folder: Path, command: str) -> None:
    write_photo(folder / "P01/2014-03-01/left-hand.jpg")
    only = ["--patient", "P01"] if command == "compare" else []
    code, out, err = lesionkit(command, folder, "--json", *only)
    assert code == 0
    assert {problem["code"] for problem in json.loads(out)["problems"]} >= {"not_outlined"}
    assert err == ""


def test_json_of_responses_holds_the_columns_of_the_table(lesionkit: Run, folder: Path) -> None:
    _, out, _ = lesionkit("measure", folder, "--json")
    rows = json.loads(out)["responses"]
    with (folder / "derivatives/lesionkit/responses.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [list(row) for row in rows] == [list(row) for row in table]
    assert rows[0]["baseline"] == pytest.approx((20 * 40 + 80) * 0.0625)
    assert rows[0]["months_from_treatment"] is None


def test_quiet_says_only_errors(lesionkit: Run, folder: Path) -> None:
    write_photo(folder / "P01/2014-03-01/left-hand.jpg")
    assert lesionkit("measure", folder, "--quiet")[2] == ""
    (folder / "P01/2014-03-01/bad.jpg").write_text("text")
    code, _, err = lesionkit("measure", folder, "--quiet")
    assert code == 1
    assert err.startswith("error: P01/2014-03-01/bad.jpg: ")
    assert len(err.splitlines()) == 1


def test_debug_shows_the_traceback(folder: Path) -> None:
    quiet, loud = (
        subprocess.run([*COMMAND, "check", str(folder / "nowhere"), *more], capture_output=True, text=True)
        for more in ([], ["--debug"])
    )
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr


def test_an_unchanged_image_is_not_measured_again_but_by_force(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionkit.pipeline import measuring

    measured: list[str] = []
    measure = measuring._measure

    def count(job: object, *args: object) -> object:
        measured.append(job.ref.location)  # type: ignore[attr-defined]
        return measure(job, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(measuring, "_measure", count)
    lesionkit("measure", folder)
    assert len(measured) == 2
    lesionkit("measure", folder)
    assert len(measured) == 2
    write_outlines(folder / "P01/2013-03-01/left-hand.jpg", {"a": (100, 120, 12, 40), "b": (30, 40, 8, 10)})
    lesionkit("measure", folder)
    assert measured[2:] == ["P01/2013-03-01/left-hand.jpg"]
    lesionkit("measure", folder, "--force")
    assert len(measured) == 5


def test_only_the_named_patients_are_measured(lesionkit: Run, folder: Path) -> None:
    for patient in ("P02", "P03"):
        write_outlines(write_photo(folder / patient / "2012-03-01/left-hand.jpg"), {"a": (10, 10, 20, 20)})
    code, _, _ = lesionkit("measure", folder, "--patient", "P02", "--patient", "P03")
    assert code == 0
    with (folder / "derivatives/lesionkit/measurements.csv").open(encoding="utf-8", newline="") as file:
        assert [row["patient"] for row in csv.DictReader(file)] == ["P02", "P03"]


def test_the_named_criterion_judges(lesionkit: Run, folder: Path) -> None:
    _, out, _ = lesionkit("measure", folder, "--criterion", "recist-1.1", "--json")
    assert {(r["criterion"], r["measure"], r["unit"]) for r in json.loads(out)["responses"]} == {
        ("recist-1.1", "long_axis", "mm")
    }


@pytest.mark.parametrize("how", ["{}/", "./{}", "{}/../{}", "{}//"])
def test_the_folder_may_be_named_in_any_way(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(folder.parent)
    code, _, err = lesionkit("measure", how.format(folder.name, folder.name))
    assert (code, err) == (0, "")
    assert (folder / "derivatives/lesionkit/responses.csv").is_file()


def test_the_folder_may_be_the_one_one_is_in(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code, _, err = lesionkit("measure", ".")
    assert (code, err) == (0, "")
    assert "P01" in (folder / "derivatives/lesionkit/responses.csv").read_text(encoding="utf-8")
    monkeypatch.chdir(folder / "P01")
    code, out, err = lesionkit("check", ".", "--json")
    assert {image["patient"] for image in json.loads(out)["images"]} == {"P01"}


def test_a_folder_that_may_not_be_looked_into_is_one_line(folder: Path) -> None:
    folder.chmod(0o000)
    done = run_bound([*COMMAND, "check", str(folder)])
    folder.chmod(0o755)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)


def test_a_folder_that_is_a_file_is_one_line(lesionkit: Run, folder: Path) -> None:
    code, out, err = lesionkit("measure", folder / "images.csv")
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "not a folder" in err


@pytest.mark.parametrize("command", ["measure", "report"])
@pytest.mark.parametrize("below", ["", "below/it"])
def test_an_output_folder_that_is_a_file_is_one_line_before_any_work(
    lesionkit: Run, folder: Path, tmp_path: Path, command: str, below: str
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    code, out, err = lesionkit(command, folder, "--out", taken / below)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "taken is not a folder" in err
    assert taken.read_text() == "mine"


def run_bound(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command so that file permissions bind it, also where the tests run as root."""
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may write everywhere, and setpriv is not installed")
        powers = "-dac_override,-dac_read_search"
        arguments = [setpriv, f"--bounding-set={powers}", f"--inh-caps={powers}", *arguments]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.fixture
def read_only(folder: Path) -> Iterator[Path]:
    """The cohort, which nobody may write to."""
    paths = (folder, *folder.rglob("*"))
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_read_only_folder_is_measured_to_elsewhere(read_only: Path) -> None:
    elsewhere = read_only.parent / "results"
    elsewhere.mkdir()
    done = run_bound([*COMMAND, "measure", str(read_only), "--out", str(elsewhere)])
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "responses.csv").is_file()


def test_a_read_only_folder_without_out_is_one_line_that_names_out(read_only: Path) -> None:
    done = run_bound([*COMMAND, "measure", str(read_only)])
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert "--out" in done.stderr


def test_a_read_only_folder_can_be_compared(read_only: Path) -> None:
    done = run_bound([*COMMAND, "compare", str(read_only), "--patient", "P01"])
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_is_one_line_and_leaves_the_last_tables(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lesionkit("measure", folder)[0] == 0
    target = folder / "derivatives/lesionkit"
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    write_outlines(folder / "P01/2013-03-01/left-hand.jpg", {"a": (100, 120, 12, 40)})

    def refuse(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    code, out, err = lesionkit("measure", folder)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "No space left" in err
    after = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert {path: text for path, text in after.items() if ".kept" not in path.parts} == {
        path: text for path, text in before.items() if ".kept" not in path.parts
    }


def test_a_pipe_closed_early_is_no_failure(folder: Path) -> None:
    for command in (["measure", str(folder)], ["check", str(folder), "--json"], ["plugins"], ["--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([*COMMAND, *command], stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_a_terminal_without_our_letters_is_no_failure(folder: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for command in (["measure"], ["compare", "--patient", "P01"]):
        done = subprocess.run([*COMMAND, *command, str(folder)], capture_output=True, env=env)
        assert done.returncode == 0, done.stderr


def test_an_interrupted_run_exits_130_and_the_next_one_resumes(folder: Path) -> None:
    images = [write_photo(folder / f"P{n:02}/2012-03-01/left-hand.jpg", seed=n) for n in range(2, 10)]
    # Large ones come last, so that the run is still busy when it is interrupted.
    images += [
        write_photo(folder / f"P{n}/2012-03-01/left-hand.jpg", shape=(3000, 4000)) for n in (97, 98, 99)
    ]
    for image in images:
        write_outlines(image, {"a": (10, 10, 20, 20)})
    target = folder / "derivatives/lesionkit"
    running = subprocess.Popen(
        [*COMMAND, "measure", str(folder), "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # What a shell starts in the background ignores the signal, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while not list(target.glob(".kept/*.json")) and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == b""
    assert one_line(err.decode())
    assert b"Traceback" not in err
    assert not list(target.glob("*.csv"))
    assert not list(target.rglob("*.part"))
    kept = {path: path.stat().st_mtime_ns for path in target.glob(".kept/*.json")}
    assert 0 < len(kept) < 13
    again = subprocess.run([*COMMAND, "measure", str(folder)], capture_output=True, text=True)
    assert again.returncode == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_an_image_that_fails_in_a_way_nobody_foresaw_does_not_stop_the_others(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionkit.pipeline import measuring

    measure = measuring._measure

    def stumble(ref: object, *args: object) -> object:
        if "2012" in ref.location:  # type: ignore[attr-defined]
            raise ZeroDivisionError("a bug")
        return measure(ref, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(measuring, "_measure", stumble)
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "image_not_measured" in err


def test_a_scheduler_that_does_not_answer_is_one_line(lesionkit: Run, folder: Path) -> None:
    pytest.importorskip("distributed")
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        code, _, err = lesionkit("measure", folder, "--scheduler", address)
        assert code == 2
        assert one_line(err)
        assert address in err


def test_a_dask_cluster_finds_the_same(lesionkit: Run, folder: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    assert lesionkit("measure", folder, "--out", tmp_path / "here")[0] == 0
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        code, _, err = lesionkit(
            "measure", folder, "--out", tmp_path / "there", "--scheduler", cluster.scheduler_address
        )
    assert (code, err) == (0, "")
    for name in ("measurements.csv", "tracks.csv", "responses.csv", "problems.csv"):
        assert (tmp_path / "there" / name).read_text() == (tmp_path / "here" / name).read_text()


def test_plugins_lists_readers_measures_criteria_and_exporters(lesionkit: Run) -> None:
    code, out, _ = lesionkit("plugins", "--json")
    found = {(e["group"], e["name"]) for e in json.loads(out)}
    assert code == 0
    assert {
        ("lesionkit.readers", "photo"),
        ("lesionkit.measures", "area"),
        ("lesionkit.criteria", "calcinosis-25"),
        ("lesionkit.exporters", "csv"),
    } <= found


def test_tables_fit_a_terminal_of_80_columns(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lesionkit.cli.terminal.PIPE_WIDTH", 80)
    for command in (["measure"], ["compare", "--patient", "P01"], ["check"]):
        _, out, _ = lesionkit(*command, folder)
        text = [line for line in out.splitlines() if str(folder.parent) not in line]
        assert max(map(len, text)) <= 80
        assert "…" not in out


@pytest.fixture
def seen_once(tmp_path: Path) -> Path:
    """A cohort of one patient, one photograph."""
    root = tmp_path / "once"
    write_outlines(write_photo(root / "P01/2012-03-01/left-hand.jpg"), {"a": (10, 10, 20, 20)})
    return root


def test_what_was_seen_once_is_measured_and_said_to_await_a_second_look(
    lesionkit: Run, seen_once: Path
) -> None:
    code, out, _ = lesionkit("measure", seen_once)
    assert code == 0
    assert out.startswith("Nothing to compare yet")
    code, out, _ = lesionkit("compare", seen_once, "--patient", "P01")
    assert code == 0
    assert "400 px²" in out
    assert "Nothing to compare yet" in out


def test_a_patient_without_images_and_a_reader_nobody_knows_are_named_as_such(
    lesionkit: Run, seen_once: Path
) -> None:
    (seen_once / "patients.csv").write_text("patient,sex\nP01,f\nP02,m\n")
    code, _, err = lesionkit("compare", seen_once, "--patient", "P02")
    assert code == 2
    assert "no image of the patients asked for" in err
    code, _, err = lesionkit("measure", seen_once, "--reader", "ben")
    assert code == 2
    assert "the reader asked for" in err
    assert "(common files)" in err


def test_a_folder_in_which_nothing_can_be_read_says_what_is_wrong_with_the_first(
    lesionkit: Run, tmp_path: Path
) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_text("text")
    code, _, err = lesionkit("check", tmp_path)
    assert code == 2
    assert one_line(err)
    assert "a.jpg" in err
    assert "(and 1 more problem)" in err
    assert ".," not in err


def test_a_phantom_is_put_neither_on_a_file_nor_below_one_nor_among_other_files(
    lesionkit: Run, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for place, said in (
        (taken, "is a file"),
        (taken / "below", "is not a folder"),
        (tmp_path, "is not empty"),
    ):
        code, out, err = lesionkit("phantom", place)
        assert (code, out) == (2, "")
        assert one_line(err)
        assert said in err
    assert on_disk(tmp_path) == ["taken"]
