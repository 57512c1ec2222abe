"""Bad input gets one clear line; the rest is still measured, and nothing is half written."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from making import write_outlines, write_photo, write_series

from lesionkit import run
from lesionkit.errors import LayoutError

Run = Callable[..., tuple[int, str, str]]


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1 and "Traceback" not in text


def problems(folder: Path) -> dict[str, str]:
    """Return what each problem code is about."""
    with (folder / "derivatives/lesionkit/problems.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["about"] for row in csv.DictReader(file)}


def measured_images(folder: Path) -> set[str]:
    with (folder / "derivatives/lesionkit/measurements.csv").open(encoding="utf-8", newline="") as file:
        return {row["image"] for row in csv.DictReader(file)}


GOOD = {"P01/2012-03-01/left-hand.jpg", "P01/2013-03-01/left-hand.jpg"}


@pytest.mark.parametrize("command", ["check", "measure", "report"])
def test_a_folder_that_does_not_exist_is_one_line_and_exit_2(
    lesionkit: Run, tmp_path: Path, command: str
) -> None:
    code, out, err = lesionkit(command, tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "does not exist" in err


def test_a_folder_that_does_not_say_when_is_one_line_and_exit_2(lesionkit: Run, tmp_path: Path) -> None:
    write_outlines(write_photo(tmp_path / "P01" / "left-hand.jpg"), {"a": (10, 10, 20, 20)})
    code, out, err = lesionkit("measure", tmp_path)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "holds 1 image, but nothing says of what day" in err
    assert "2012-03-01" in err
    with pytest.raises(LayoutError) as caught:
        run(tmp_path)
    assert caught.value.path == tmp_path


def test_an_empty_folder_is_one_line_and_exit_2(lesionkit: Run, tmp_path: Path) -> None:
    code, out, err = lesionkit("measure", tmp_path)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert list(tmp_path.iterdir()) == []


def test_images_without_a_single_outline_say_what_was_found_and_how_to_outline(
    lesionkit: Run, tmp_path: Path
) -> None:
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_series(tmp_path / "P01/2012-03-01/ct")
    code, out, err = lesionkit("measure", tmp_path)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert "holds 1 photograph, 1 CT series of 1 patient" in err
    assert ".outlines.geojson" in err
    assert not (tmp_path / "derivatives").exists()


def test_an_unknown_key_in_cohort_toml_is_named(lesionkit: Run, folder: Path) -> None:
    (folder / "cohort.toml").write_text("[scale]\nmarker_sise_mm = 20\n", encoding="utf-8")
    code, _, err = lesionkit("measure", folder)
    assert code == 2
    assert one_line(err)
    assert "marker_sise_mm" in err
    assert "marker_size_mm" in err
    assert not (folder / "derivatives").exists()


def test_an_unknown_criterion_names_those_there_are(lesionkit: Run, folder: Path) -> None:
    code, _, err = lesionkit("measure", folder, "--criterion", "calcinosis-20")
    assert code == 2
    assert one_line(err)
    assert "calcinosis-25" in err


def test_an_unknown_patient_names_those_there_are(lesionkit: Run, folder: Path) -> None:
    code, _, err = lesionkit("compare", folder, "--patient", "P09")
    assert code == 2
    assert one_line(err)
    assert "P01" in err


def test_a_text_file_named_jpg_is_a_problem_and_the_rest_is_measured(lesionkit: Run, folder: Path) -> None:
    (folder / "P01/2012-03-01/right-hand.jpg").write_text("not a picture", encoding="utf-8")
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "Traceback" not in err
    assert "P01/2012-03-01/right-hand.jpg" in problems(folder).values()
    assert measured_images(folder) == GOOD


def test_a_truncated_jpeg_is_a_problem_and_the_rest_is_measured(lesionkit: Run, folder: Path) -> None:
    image = write_photo(folder / "P01/2012-03-01/right-hand.jpg")
    write_outlines(image, {"c": (10, 10, 5, 5)})
    image.write_bytes(image.read_bytes()[: image.stat().st_size // 2])
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "Traceback" not in err
    assert "P01/2012-03-01/right-hand.jpg" in problems(folder).values()
    assert measured_images(folder) == GOOD


def test_a_truncated_dicom_is_a_problem_and_the_rest_is_measured(lesionkit: Run, folder: Path) -> None:
    paths = write_series(folder / "P01/2012-03-01/ct")
    paths[2].write_bytes(paths[2].read_bytes()[:400])
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "Traceback" not in err
    assert any(about.startswith("P01/2012-03-01/ct") for about in problems(folder).values())
    assert measured_images(folder) == GOOD


def test_a_series_with_a_missing_slice_is_left_out_with_an_error(lesionkit: Run, folder: Path) -> None:
    write_series(folder / "P01/2012-03-01/ct", planes=(0, 1, 2, 4, 5))
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "missing_slices" in err
    assert measured_images(folder) == GOOD


def test_two_patients_in_one_series_are_an_error_that_names_neither(lesionkit: Run, folder: Path) -> None:
    write_series(folder / "P01/2012-03-01/ct", planes=range(3), patient="HOSPITAL-1")
    write_series(folder / "P01/2012-03-01/ct", planes=range(3, 6), patient="HOSPITAL-2")
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "two_patients_in_series" in problems(folder)
    assert "HOSPITAL" not in err
    assert "Sentinel" not in err
    assert measured_images(folder) == GOOD


def test_an_image_without_a_date_is_a_problem_that_says_how_to_give_one(lesionkit: Run, folder: Path) -> None:
    image = write_photo(folder / "P02/left-hand.jpg")
    write_outlines(image, {"c": (10, 10, 5, 5)})
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert problems(folder)["no_date"] == "P02/left-hand.jpg"
    assert "images.csv" in err
    assert measured_images(folder) == GOOD


def broken(name: str) -> dict[str, object]:
    rings = {
        "outline_crosses_itself": [[10, 10], [30, 30], [30, 10], [10, 30], [10, 10]],
        "outline_outside_image": [[300, 200], [400, 200], [400, 230], [300, 230], [300, 200]],
        "outline_too_few_points": [[10, 10], [20, 20], [10, 10]],
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [rings[name]]},
        "properties": {"deposit": "bad"},
    }


@pytest.mark.parametrize(
    "code_name", ["outline_crosses_itself", "outline_outside_image", "outline_too_few_points"]
)
def test_a_bad_outline_is_left_out_and_the_others_on_the_image_are_measured(
    lesionkit: Run, folder: Path, code_name: str
) -> None:
    path = folder / "P01/2012-03-01/left-hand.outlines.geojson"
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["features"].append(broken(code_name))
    path.write_text(json.dumps(collection), encoding="utf-8")
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert code_name in err
    assert "Traceback" not in err
    assert measured_images(folder) == GOOD


def test_a_timepoint_of_which_an_outline_was_left_out_is_not_judged(lesionkit: Run, folder: Path) -> None:
    path = folder / "P01/2013-03-01/left-hand.outlines.geojson"
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["features"][0] = broken("outline_crosses_itself")
    path.write_text(json.dumps(collection), encoding="utf-8")
    _, out, _ = lesionkit("compare", folder, "--patient", "P01", "--json")
    compared = json.loads(out)
    assert {row["category"] for row in compared["responses"]} == {"not_evaluable"}
    presence = {row["track"]: row["presence"] for row in compared["tracks"] if row["date"] == "2013-03-01"}
    assert presence == {"a": "unseen", "b": "present"}


@pytest.mark.parametrize("header", [{"shape": [111, 222]}, {"sha256": "0" * 64}])
def test_outlines_of_another_image_are_refused_whole(
    lesionkit: Run, folder: Path, header: dict[str, object]
) -> None:
    path = folder / "P01/2013-03-01/left-hand.outlines.geojson"
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["lesionkit"] = {"schema": 1, **header}
    path.write_text(json.dumps(collection), encoding="utf-8")
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    assert "outline_for_another_image" in err
    assert measured_images(folder) == {"P01/2012-03-01/left-hand.jpg"}


def test_a_failing_run_leaves_the_tables_of_the_last_one_whole(lesionkit: Run, folder: Path) -> None:
    assert lesionkit("measure", folder)[0] == 0
    target = folder / "derivatives/lesionkit"
    before = {path.name: path.read_bytes() for path in target.glob("*.csv")}
    (folder / "cohort.toml").write_text("[nonsense]\n", encoding="utf-8")
    assert lesionkit("measure", folder)[0] == 2
    assert {path.name: path.read_bytes() for path in target.glob("*.csv")} == before
    assert not list(target.glob("*.part"))
