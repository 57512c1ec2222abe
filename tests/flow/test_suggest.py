"""`lesionkit suggest`: what it writes, what it leaves alone, and that nothing of it counts."""

import json
import os
import zipfile
from datetime import date

import numpy as np
import pydicom
import pytest
from drawn_scenes import CT_BLOCK, dice, phantom_ct
from making import write_photo

import lesionkit as lk
from lesionkit.core.image import Modality
from lesionkit.core.region import Status
from lesionkit.phantom import Side
from lesionkit.phantom.dicom import Shot, write_volume

LATER = "P01/2013-03-01/left-hand.outlines.geojson"


@pytest.fixture
def unread(folder):
    """The small cohort, of which only the first photograph has been read."""
    (folder / LATER).unlink()
    return folder


def test_outlines_of_an_earlier_photograph_are_proposed_on_the_later_one(unread, lesionkit):
    code, out, _ = lesionkit("suggest", unread)
    assert code == 0
    assert "2 deposits on 1 of them" in out
    found = lk.read_outlines(unread / LATER)
    assert [deposit.name for deposit in found] == ["a", "b"]
    assert {deposit.status for deposit in found} == {Status.SUGGESTED}
    assert {deposit.author for deposit in found} == {f"lesionkit {lk.__version__} propagate"}


def test_what_is_proposed_counts_in_no_response(unread, lesionkit):
    before = lk.run(unread).responses
    lesionkit("suggest", unread)
    after = lk.run(unread)
    assert [r.category for r in after.responses] == [r.category for r in before]
    assert "suggestions_unconfirmed" in {problem.code for problem in after.problems}


def test_a_second_run_writes_nothing_and_changes_no_file(unread, lesionkit):
    lesionkit("suggest", unread)
    before = {path: path.read_bytes() for path in unread.rglob("*") if path.is_file()}
    code, out, _ = lesionkit("suggest", unread)
    assert code == 0
    assert "Images without outlines: 0" in out
    assert {path: path.read_bytes() for path in unread.rglob("*") if path.is_file()} == before


def test_the_outlines_of_another_reader_are_enough_to_leave_an_image_alone(unread, lesionkit):
    first = unread / "P01/2012-03-01/left-hand.outlines.geojson"
    theirs = unread / "P01/2013-03-01/left-hand.outlines.anna.geojson"
    theirs.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    code, _, _ = lesionkit("suggest", unread)
    assert code == 0
    assert first.exists()
    assert not (unread / LATER).exists()


def test_a_dry_run_tells_and_writes_nothing(unread, lesionkit):
    before = sorted(unread.rglob("*"))
    code, out, _ = lesionkit("suggest", unread, "--dry-run", "--json")
    told = json.loads(out)
    assert code == 0
    assert [(row["deposits"], row["file"]) for row in told["suggestions"]] == [(2, "")]
    assert sorted(unread.rglob("*")) == before


def test_files_go_elsewhere_when_asked_and_the_folder_stays_as_it_was(unread, lesionkit, tmp_path):
    before = sorted(unread.rglob("*"))
    code, _, _ = lesionkit("suggest", unread, "--out", tmp_path / "elsewhere")
    assert code == 0
    assert sorted(unread.rglob("*")) == before
    assert (tmp_path / "elsewhere" / LATER).is_file()


def test_where_nothing_can_be_proposed_no_file_is_written_and_it_says_why(unread, lesionkit):
    (unread / "P01/2012-03-01/left-hand.outlines.geojson").unlink()
    code, out, _ = lesionkit("suggest", unread, "--json")
    told = json.loads(out)
    assert code == 0
    assert {problem["code"] for problem in told["problems"]} == {"nothing_suggested"}
    assert not list(unread.rglob("*.geojson"))


def test_a_named_patient_alone_is_looked_at(unread, lesionkit):
    write_photo(unread / "P02" / "2012-03-01" / "left-hand.jpg")
    _, out, _ = lesionkit("suggest", unread, "--patient", "P02", "--json")
    assert {row["patient"] for row in json.loads(out)["suggestions"]} == {"P02"}


def test_an_unknown_suggester_is_refused_in_one_line_that_names_those_there_are(unread, lesionkit):
    code, _, err = lesionkit("suggest", unread, "--suggester", "magic")
    assert code == 2
    assert err.count("\n") == 1
    assert "calcium" in err
    assert "propagate" in err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="folders cannot be made read-only here")
def test_a_folder_that_may_not_be_written_to_is_refused_in_one_line(unread, lesionkit):
    unread.chmod(0o555)
    try:
        code, _, err = lesionkit("suggest", unread)
    finally:
        unread.chmod(0o755)
    assert code == 2
    assert err.count("\n") == 1
    assert "--out" in err


def test_images_in_archives_are_refused_each_in_one_line(unread, lesionkit, tmp_path):
    photo = unread / "P01/2013-03-01/left-hand.jpg"
    with zipfile.ZipFile(unread / "P01/2013-03-01.zip", "w") as archive:
        archive.write(photo, "2013-03-01/left-hand.jpg")
    photo.unlink()
    code, _, err = lesionkit("suggest", unread)
    assert code == 1
    assert err.count("suggestion_in_archive") == 1
    code, _, _ = lesionkit("suggest", unread, "--out", tmp_path / "elsewhere")
    assert code == 0
    assert len(list((tmp_path / "elsewhere").rglob("*.geojson"))) == 1


def test_a_file_that_appears_meanwhile_is_not_overwritten(unread, lesionkit, monkeypatch):
    from lesionkit.pipeline import suggesting

    propose = suggesting.propose

    def slowly(job):
        result = propose(job)
        (unread / LATER).write_text("theirs", encoding="utf-8")
        return result

    monkeypatch.setattr(suggesting, "propose", slowly)
    code, _, err = lesionkit("suggest", unread)
    assert code == 1
    assert "suggestion_not_written" in err
    assert (unread / LATER).read_text(encoding="utf-8") == "theirs"


def test_a_ct_gets_a_segmentation_of_suggested_deposits_without_its_bones(tmp_path, lesionkit):
    root, made = tmp_path / "cohort", phantom_ct()
    series = root / "P01" / "2012-03-01" / "ct"
    shot = Shot(patient="P01", day=date(2012, 3, 1), body_part="FOREARM", side=Side.LEFT, seed=1)
    write_volume(series, made.image.pixels, shot=shot, modality=Modality.CT, block=CT_BLOCK)
    code, _, err = lesionkit("suggest", root)
    assert code == 0, err
    found = lk.read_outlines(series.with_name("ct.outlines.dcm"), image=series)
    assert {deposit.status for deposit in found} == {Status.SUGGESTED}
    assert {deposit.name for deposit in found} == {None}
    assert len(found) == len(made.deposits)
    for deposit in made.deposits:
        (own,) = deposit.regions
        truth = np.zeros(made.image.grid.shape, dtype=bool)
        truth[own.box] = own.voxels
        assert max(dice(mask, truth) for one in found for mask in one.regions) > 0.93
    written = pydicom.dcmread(series.with_name("ct.outlines.dcm"), stop_before_pixels=True)
    for segment in written.SegmentSequence:
        (program,) = segment.SegmentationAlgorithmIdentificationSequence
        assert segment.SegmentAlgorithmType == "AUTOMATIC"
        assert program.AlgorithmName == "lesionkit calcium"
        assert program.AlgorithmVersion == lk.__version__


def test_the_suggesters_are_listed_among_the_plugins(lesionkit):
    _, out, _ = lesionkit("plugins", "--json")
    names = {row["name"] for row in json.loads(out) if row["group"] == "lesionkit.suggesters"}
    assert {"calcium", "propagate"} <= names
