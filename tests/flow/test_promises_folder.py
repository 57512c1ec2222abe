"""Section 1 of the interface manual, word by word: whose image it is, of which day, site and modality."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from making import write_outlines, write_photo, write_series

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def seen(lesionkit: Run) -> Callable[[Path], tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]]:
    """What `check --json` says: images by location, problems by code."""

    def look(root: Path) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
        code, out, err = lesionkit("check", root, "--json")
        assert code in (0, 1), err
        said = json.loads(out)
        return (
            {image["image"] if image["image"] != "." else image["id"]: image for image in said["images"]},
            {problem["code"]: problem for problem in said["problems"]},
        )

    return look


Look = Callable[[Path], tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]]


def test_the_first_folder_that_is_not_a_date_names_the_patient(seen: Look, tmp_path: Path) -> None:
    places = {
        "P01/2012-03-01/left-hand.jpg": "P01",
        "2012-03-01/P02/left-hand.jpg": "P02",
        "20120301/P03/left-hand.jpg": "P03",
        "sub-P04/2012-03-01/left-hand.jpg": "P04",
        "P05/arm/2012-03-01/left-hand.jpg": "P05",
    }
    for place in places:
        write_photo(tmp_path / place)
    images, _ = seen(tmp_path)
    assert {place: image["patient"] for place, image in images.items()} == places
    assert {image["date"] for image in images.values()} == {"2012-03-01"}
    assert {image["site"] for image in images.values()} == {"left-hand"}


def test_images_directly_in_the_folder_are_of_the_patient_the_folder_is_named_after(
    seen: Look, tmp_path: Path
) -> None:
    root = tmp_path / "Ms-X"
    write_photo(root / "2012-03-01_left-hand.jpg")
    write_photo(root / "2013-03-01/left-hand.jpg")
    images, _ = seen(root)
    assert {(i["patient"], i["site"]) for i in images.values()} == {("Ms-X", "left-hand")}
    assert {i["date"] for i in images.values()} == {"2012-03-01", "2013-03-01"}


def test_a_flat_dump_of_dicom_is_taken_apart_by_patient_id(seen: Look, tmp_path: Path) -> None:
    for number in (1, 2):
        for path in write_series(tmp_path / f"s{number}", patient=f"H{number}", uid=f"1.2.3.{number}"):
            path.rename(tmp_path / f"{number}-{path.name}")
        (tmp_path / f"s{number}").rmdir()
    images, _ = seen(tmp_path)
    assert {(i["patient"], i["id"]) for i in images.values()} == {("H1", "1.2.3.1"), ("H2", "1.2.3.2")}


def test_a_folder_names_the_patient_before_the_hospital_number_which_appears_nowhere(
    lesionkit: Run, tmp_path: Path
) -> None:
    write_series(tmp_path / "P01/2012-03-01/ct", patient="HOSPITAL-1")
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    _, out, err = lesionkit("check", tmp_path, "--json")
    assert {i["patient"] for i in json.loads(out)["images"]} == {"P01"}
    assert "HOSPITAL" not in out + err
    assert "Sentinel" not in out + err


def test_under_a_folder_with_two_patient_ids_each_goes_by_its_own(seen: Look, tmp_path: Path) -> None:
    write_series(tmp_path / "dump/a", patient="H1", uid="1.2.3.1")
    write_series(tmp_path / "dump/b", patient="H2", uid="1.2.3.2")
    images, problems = seen(tmp_path)
    assert sorted(i["patient"] for i in images.values()) == ["H1", "H2"]
    assert "folder_of_several_patients" in problems


def test_cohort_toml_maps_patient_ids_and_folders(seen: Look, tmp_path: Path) -> None:
    write_series(tmp_path / "dump/a", patient="H1", uid="1.2.3.1")
    write_series(tmp_path / "dump/b", patient="H2", uid="1.2.3.2")
    write_photo(tmp_path / "Doe/2012-03-01/left-hand.jpg")
    (tmp_path / "cohort.toml").write_text('[patients]\nH1 = "P01"\nH2 = "P02"\nDoe = "P01"\n')
    images, _ = seen(tmp_path)
    assert sorted(i["patient"] for i in images.values()) == ["P01", "P01", "P02"]


def test_images_csv_overrides_single_cells_and_leaves_the_others(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_photo(tmp_path / "P01/2012-03-01/right-hand.jpg")
    write_series(tmp_path / "P01/2012-03-01/ct")
    (tmp_path / "images.csv").write_text(
        "path,patient,date,modality,site,mm_per_px\n"
        "P01/2012-03-01/left-hand.jpg,,2013-04-05,,,\n"
        "P01/2012-03-01/right-hand.jpg,P09,,,toe,0.5\n"
        "P01/2012-03-01/ct,,,MR,knee,\n"
    )
    images, _ = seen(tmp_path)
    cells = {
        place.rsplit("/", 1)[-1]: (i["patient"], i["date"], i["modality"], i["site"])
        for place, i in images.items()
    }
    assert cells == {
        "left-hand.jpg": ("P01", "2013-04-05", "XC", "left-hand"),
        "right-hand.jpg": ("P09", "2012-03-01", "XC", "toe"),
        "ct": ("P01", "2012-03-01", "MR", "knee"),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_saved_by_a_spreadsheet_with_windows_line_ends_is_read(
    seen: Look, tmp_path: Path, encoding: str, separator: str
) -> None:
    write_photo(tmp_path / "Müller/2012-03-01/Hand ü.jpg")
    rows = [["path", "site", "mm_per_px"], ["Müller\\2012-03-01\\Hand ü.jpg", "Daumen", '"0,25"']]
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    (tmp_path / "images.csv").write_bytes(text.encode(encoding))
    images, problems = seen(tmp_path)
    assert [(i["patient"], i["site"]) for i in images.values()] == [("Müller", "daumen")]
    assert "table_row_without_image" not in problems


def test_the_date_in_a_dicom_header_comes_before_the_path(seen: Look, tmp_path: Path) -> None:
    write_series(tmp_path / "P01/2015-01-01/ct", day=date(2012, 3, 1))
    images, problems = seen(tmp_path)
    assert [i["date"] for i in images.values()] == ["2012-03-01"]
    assert problems["dates_disagree"]["severity"] == "warning"


def test_the_nearest_date_in_the_path_is_taken(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/2011-01-01/x/20120301_left-hand.jpg")
    images, _ = seen(tmp_path)
    assert [(i["date"], i["site"]) for i in images.values()] == [("2012-03-01", "left-hand")]


def write_exif(path: Path, day: str) -> None:
    from PIL import Image

    write_photo(path)
    picture = Image.open(path)
    exif = picture.getexif()
    exif.get_ifd(0x8769)[0x9003] = f"{day.replace('-', ':')} 10:11:12"
    picture.save(path, exif=exif)


def test_exif_gives_the_date_only_where_the_path_does_not(seen: Look, tmp_path: Path) -> None:
    write_exif(tmp_path / "P01/left-hand.jpg", "2012-03-02")
    write_exif(tmp_path / "P02/2012-03-01/left-hand.jpg", "2012-03-02")
    images, problems = seen(tmp_path)
    assert {i["patient"]: i["date"] for i in images.values()} == {"P01": "2012-03-02", "P02": "2012-03-01"}
    assert problems["dates_disagree"]["about"].startswith("P02")


def test_file_times_are_never_used(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/left-hand.jpg")
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    images, problems = seen(tmp_path)
    assert list(images) == ["P01/2012-03-01/left-hand.jpg"]
    assert problems["no_date"]["severity"] == "error"


def test_sites_are_by_dicom_header_and_by_stem_and_aliases(seen: Look, tmp_path: Path) -> None:
    write_series(tmp_path / "P01/2012-03-01/ct")
    write_photo(tmp_path / "P01/2012-03-01/P01_2012-03-01_Hand li.jpg")
    (tmp_path / "cohort.toml").write_text('[sites]\n"hand li" = "left-hand"\n')
    images, _ = seen(tmp_path)
    assert {i["site"] for i in images.values()} == {"left-hand", "forearm-l"} or {
        i["site"] for i in images.values()
    } == {"left-hand", "forearm-left"}


def test_derivatives_are_never_read(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_photo(tmp_path / "derivatives/other/P01/2012-03-01/right-hand.jpg")
    write_photo(tmp_path / "P01/derivatives/2012-03-01/right-hand.jpg")
    images, problems = seen(tmp_path)
    assert list(images) == ["P01/2012-03-01/left-hand.jpg"]
    assert all("derivatives" not in problem["about"] for problem in problems.values())


def test_a_git_tree_around_and_inside_the_cohort_is_passed_over(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    for name in (".git/objects/ab/cdef", ".git/HEAD", ".gitignore", ".gitattributes", "P01/.DS_Store"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "README.md").write_text("hello")
    images, problems = seen(tmp_path)
    assert list(images) == ["P01/2012-03-01/left-hand.jpg"]
    assert set(problems) == {"not_outlined"}


def test_a_timepoint_is_one_day_and_cohort_toml_widens_it(lesionkit: Run, tmp_path: Path) -> None:
    for day, site in (("2012-03-01", "left-hand"), ("2012-03-04", "right-hand"), ("2013-03-01", "left-hand")):
        write_outlines(write_photo(tmp_path / f"P01/{day}/{site}.jpg"), {"a": (10, 10, 20, 20)})
    _, out, _ = lesionkit("compare", tmp_path, "--patient", "P01", "--json")
    days = {row["date"] for row in json.loads(out)["tracks"]}
    assert days == {"2012-03-01", "2012-03-04", "2013-03-01"}
    (tmp_path / "cohort.toml").write_text("[cohort]\ntimepoint_window_days = 5\n")
    _, out, _ = lesionkit("compare", tmp_path, "--patient", "P01", "--json")
    assert {row["date"] for row in json.loads(out)["tracks"]} == {"2012-03-01", "2013-03-01"}


def test_a_patients_folder_given_as_the_cohort_is_that_patient(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    images, _ = seen(tmp_path / "P01")
    assert [i["patient"] for i in images.values()] == ["P01"]


@pytest.mark.parametrize("name", ["Hand links", "Hände-ß", "手-🖐️", "a" * 200, 'it\'s, "quoted"; 100% [red]'])
def test_names_of_any_kind_are_measured_and_reported(lesionkit: Run, tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    for day in ("2012-03-01", "2013-03-01"):
        write_outlines(write_photo(root / name / day / f"{name[:60]}.jpg"), {f"{name}": (10, 10, 20, 20)})
    code, _, err = lesionkit("measure", root)
    assert code == 0, err
    assert (root / "derivatives/lesionkit/report/index.html").is_file()
    code, _, err = lesionkit("compare", root, "--patient", name)
    assert code == 0, err


def test_links_are_followed_once(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "elsewhere/2012-03-01/left-hand.jpg")
    root = tmp_path / "cohort"
    root.mkdir()
    (root / "P01").symlink_to(tmp_path / "elsewhere")
    (root / "P01/loop").symlink_to(root)
    link = tmp_path / "link"
    link.symlink_to(root)
    for folder in (root, link):
        images, _ = seen(folder)
        assert list(images) == ["P01/2012-03-01/left-hand.jpg"]


def test_a_patient_who_would_be_called_like_a_kind_of_image_is_warned_of(seen: Look, tmp_path: Path) -> None:
    write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_series(tmp_path / "P01/2012-03-01/ct")
    _, problems = seen(tmp_path)
    assert "patient_named_like_images" not in problems
    _, problems = seen(tmp_path / "P01")
    assert problems["patient_named_like_images"]["severity"] == "warning"
    (tmp_path / "P01/cohort.toml").write_text('[patients]\nct = "P01"\n')
    images, problems = seen(tmp_path / "P01")
    assert {image["patient"] for image in images.values()} == {"P01"}
    assert "patient_named_like_images" not in problems
