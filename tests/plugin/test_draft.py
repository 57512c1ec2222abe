"""One reader's work on one image: kept, saved, and never written over anybody else's."""

import errno
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
from annotating import FIRST, Clock, box, draw, text, write_photos
from making import write_series
from napari_lesionkit import _filing
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._draft import Keep
from napari_lesionkit._session import open_session

import lesionkit
from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.region import Mask, Role, Status
from lesionkit.errors import InputError
from lesionkit.io import read_geojson, write_outlines

CLAIM = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((0.5, 0.5), (0.5, 100.5)), length_mm=25.0)


@pytest.fixture
def folder(tmp_path):
    return write_photos(tmp_path / "hands")


def opened(folder, reader="anna", **more):
    """Return a session and the draft of its first case."""
    session = open_session(folder, reader=reader, clock=Clock(), **more)
    return session, session.open(session.cases[0])


def beside(folder):
    return sorted(path.name for path in (folder / "P01" / FIRST).iterdir() if ".outlines." in path.name)


def outlines(folder, reader="anna"):
    return folder / "P01" / FIRST / f"left-hand.outlines.{reader}.geojson"


def codes(draft):
    return [problem.code for problem in draft.problems]


def test_looking_at_an_image_writes_nothing_that_stays(folder):
    session, draft = opened(folder)
    assert not draft.problems
    assert beside(folder) == ["left-hand.outlines.anna.lock"]
    assert session.close()
    assert beside(folder) == []


def test_gestures_are_journalled_before_the_outlines_are_saved(folder):
    session, draft = opened(folder)
    draw(draft, box(10, 10))
    assert beside(folder) == ["left-hand.outlines.anna.journal.jsonl", "left-hand.outlines.anna.lock"]
    assert (draft.is_safe, draft.is_saved) == (True, False)
    assert draft.save()
    assert (draft.is_safe, draft.is_saved) == (True, True)
    assert session.close()
    assert beside(folder) == ["left-hand.outlines.anna.geojson", "left-hand.outlines.anna.journal.jsonl"]


def test_everything_is_as_it_was_after_closing_and_can_still_be_undone_and_done_again(folder):
    session, draft = opened(folder)
    states = [text(draft.drawn)]
    key = draw(draft, box(10, 10))
    states.append(text(draft.drawn))
    for edit in (
        lambda: verbs.rename(draft.drawn, key, "thumb"),
        lambda: verbs.redraw(draft.drawn, key, box(12.25, 10), by=draft.stamp),
        lambda: verbs.give_role(draft.drawn, key, Role.TARGET),
    ):
        draft.commit(edit())
        states.append(text(draft.drawn))
    draft.undo()
    session.close()

    session, draft = opened(folder)
    assert text(draft.drawn) == states[-2]
    assert draft.recovered == 0
    assert draft.redo()
    assert text(draft.drawn) == states[-1]
    for state in reversed(states[:-1]):
        assert draft.undo()
        assert text(draft.drawn) == state
    assert not draft.undo()
    session.close()
    assert not outlines(folder).exists()  # nothing is said any more, which is not "nothing is there"


def test_what_had_not_reached_the_outlines_is_there_and_told_of(folder):
    _, draft = opened(folder)
    draw(draft, box(10, 10))
    draft.save()
    draw(draft, box(60, 60))
    draw(draft, box(100, 100))
    before = text(draft.drawn)
    draft._door.leave()  # as if the process had died

    _, draft = opened(folder)
    assert text(draft.drawn) == before
    assert draft.recovered == 2
    draft.forget_recovered()
    assert len(draft.drawn.deposits) == 1
    assert draft.is_saved
    assert draft.redo()


def test_two_people_with_one_name_do_not_draw_on_one_image(folder):
    _, first = opened(folder)
    other, second = opened(folder)
    assert codes(second) == ["outlined_by_another"]
    assert not second.can_edit
    with pytest.raises(InputError, match="anna has been outlining it"):
        draw(second, box(10, 10))
    assert other.close()
    draw(first, box(10, 10))
    assert first.close()
    _, again = opened(folder)
    assert again.can_edit


def test_who_was_away_too_long_finds_the_image_taken_over_and_writes_into_nothing(folder):
    _, away = opened(folder)
    draw(away, box(10, 10))
    lock = away.shelf.lock
    said = json.loads(lock.read_text())
    lock.write_text(json.dumps({**said, "who": "ben", "host": "ward-3", "token": "theirs"}))
    journal = away.shelf.journal.read_bytes()
    with pytest.raises(InputError, match="ben has been outlining it"):
        draw(away, box(60, 60))
    assert codes(away) == ["outlined_by_another"]
    assert len(away.drawn.deposits) == 1
    assert away.close()
    assert away.shelf.journal.read_bytes() == journal
    assert lock.exists()


def test_two_readers_draw_on_one_image_side_by_side(folder):
    ours, theirs = opened(folder)[0], opened(folder, reader="ben")[0]
    for session in (ours, theirs):
        draw(session.open(session.cases[0]), box(10, 10))
        assert session.close()
    assert set(opened(folder)[0].readers(ours.cases[0])) == {"ben"}


@pytest.mark.parametrize("keep", Keep)
def test_a_file_changed_by_somebody_else_is_not_overwritten(folder, keep):
    session, draft = opened(folder)
    draw(draft, box(10, 10), name="mine")
    draft.save()
    write_outlines(outlines(folder), [], image=draft.shelf.ref, replace=True)
    theirs = outlines(folder).read_bytes()
    draw(draft, box(60, 60), name="later")
    mine = text(draft.drawn)
    assert not draft.save()
    assert outlines(folder).read_bytes() == theirs
    assert codes(draft) == ["outlines_changed_elsewhere"]
    with pytest.raises(InputError, match="Somebody else has changed"):
        draw(draft, box(100, 100))
    assert text(draft.drawn) == mine

    aside = draft.settle(keep)
    assert draft.can_edit
    names = [deposit.name for deposit in draft.drawn.deposits]
    there = [d.name for d in lesionkit.read_outlines(outlines(folder))]
    beside_it = [d.name for d in lesionkit.read_outlines(aside, image=draft.shelf.ref.paths[0])]
    if keep is Keep.MINE:
        assert (names, there, beside_it) == (["mine", "later"], ["mine", "later"], [])
    else:
        assert (names, there, beside_it) == ([], [], ["mine", "later"])
    assert session.close()
    images = lesionkit.pipeline.examine(folder).readers
    assert len(images["P01/2012-03-01/left-hand.jpg"]) == 2  # both are legible readers
    _, again = opened(folder)
    assert not again.problems
    assert text(again.drawn) == text(draft.drawn)


def test_outlines_edited_in_another_program_between_two_days_are_taken_as_they_are(folder):
    session, draft = opened(folder)
    draw(draft, box(10, 10), name="mine")
    session.close()
    theirs = [replace(draft.drawn.deposits[0], name="theirs", properties={})]
    write_outlines(outlines(folder), theirs, image=draft.shelf.ref)
    _, again = opened(folder)
    assert [deposit.name for deposit in again.drawn.deposits] == ["theirs"]
    assert (again.can_edit, again.can_undo, again.recovered) == (True, False, 0)


def test_unsaved_gestures_and_a_file_changed_meanwhile_are_a_conflict_at_start(folder):
    _, draft = opened(folder)
    draw(draft, box(10, 10), name="mine")
    draft.save()
    draw(draft, box(60, 60), name="later")
    draft._door.leave()
    write_outlines(outlines(folder), [], image=draft.shelf.ref, replace=True)
    _, again = opened(folder)
    assert codes(again) == ["outlines_changed_elsewhere"]
    assert [deposit.name for deposit in again.drawn.deposits] == ["mine", "later"]
    again.settle(Keep.THEIRS)
    assert again.drawn.is_absent


def test_a_full_disk_is_told_and_the_work_stays_until_there_is_room(folder, monkeypatch):
    session, draft = opened(folder)
    draw(draft, box(10, 10))
    write = os.write

    def full(handle, content):
        write(handle, bytes(content[:5]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    draw(draft, box(60, 60))
    draw(draft, box(100, 100))
    assert codes(draft) == ["journal_not_written"]
    assert "No space left" in draft.problems[0].text
    assert (len(draft.drawn.deposits), draft.is_safe) == (3, False)
    draft.undo()
    monkeypatch.setattr(os, "write", write)
    draft.beat()
    assert not draft.problems
    assert draft.is_saved
    assert session.close()
    assert len(opened(folder)[1].drawn.deposits) == 2


def test_an_outline_file_that_cannot_be_written_is_told_and_tried_again(folder, monkeypatch):
    session, draft = opened(folder)
    draw(draft, box(10, 10))

    def full(*args, **more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(_filing, "write_outlines", full)
        assert not draft.save()
        assert codes(draft) == ["outlines_not_saved"]
        assert not session.close()
        assert draft.is_safe
    assert session.close()
    assert len(lesionkit.read_outlines(outlines(folder))) == 1


def fill(path):
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"0" * 512)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk"
)
def test_a_disk_that_is_really_full_loses_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        folder = write_photos(disk / "hands")
        session, draft = opened(folder)
        draw(draft, box(10, 10))
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space"):
            fill(ballast)
        for number in range(40):  # the last page of the journal's file takes some
            draw(draft, box(60 + 2 * number, 60 + number, 1.5 + number / 7))
        assert "journal_not_written" in codes(draft)
        assert not draft.save()
        assert len(draft.drawn.deposits) == 41
        ballast.unlink()
        assert draft.save()
        assert not draft.problems
        assert session.close()
        assert len(opened(folder)[1].drawn.deposits) == 41
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_a_folder_that_goes_away_and_comes_back_loses_nothing(folder):
    session, draft = opened(folder)
    draw(draft, box(10, 10))
    draft.save()
    away = folder.with_name("away")
    folder.rename(away)
    draw(draft, box(60, 60))
    assert codes(draft) == ["journal_not_written"]
    assert not draft.save()
    assert set(codes(draft)) == {"journal_not_written", "outlines_not_saved"}
    away.rename(folder)
    assert draft.save()
    assert not draft.problems
    assert session.close()
    assert len(opened(folder)[1].drawn.deposits) == 2


def test_a_journal_that_was_deleted_is_begun_anew_with_all_that_is_drawn(folder):
    _, draft = opened(folder)
    draw(draft, box(10, 10))
    (folder / "P01" / FIRST / "left-hand.outlines.anna.journal.jsonl").unlink()
    draw(draft, box(60, 60))
    assert not draft.problems
    draft._door.leave()
    _, again = opened(folder)
    assert text(again.drawn) == text(draft.drawn)
    assert again.recovered


def test_a_damaged_journal_is_kept_under_another_name_and_the_outlines_are_read(folder):
    session, draft = opened(folder)
    for at in (10, 60, 100):
        draw(draft, box(at, at))
    session.close()
    journal = folder / "P01" / FIRST / "left-hand.outlines.anna.journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], b"nonsense\n", *lines[2:]]))
    _, again = opened(folder)
    assert "journal_damaged" in codes(again)
    assert len(lesionkit.read_outlines(outlines(folder))) == 3
    if again.conflict is not None:
        again.settle(Keep.THEIRS)
    assert len(again.drawn.deposits) == 3
    kept = [name for name in beside(folder) if name.endswith(".journal.jsonl") and ".anna.2026" in name]
    assert len(kept) == 1


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told_at_once(folder):
    place = folder / "P01" / FIRST
    place.chmod(0o555)
    try:
        _, draft = opened(folder)
        assert codes(draft) == ["folder_not_writable"]
        draw(draft, box(10, 10))
        assert len(draft.drawn.deposits) == 1
    finally:
        place.chmod(0o755)


def test_work_that_cannot_be_saved_in_place_is_saved_elsewhere(folder, tmp_path, monkeypatch):
    from napari_lesionkit import _lock

    def refused(*args, **more):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patched:
        patched.setattr(_lock.os, "open", refused)
        _, draft = opened(folder)
        assert codes(draft) == ["folder_not_writable"]
        draw(draft, box(10, 10), name="thumb")
        assert not draft.is_safe
    elsewhere = tmp_path / "stick"
    path = draft.save_below(elsewhere)
    assert path == elsewhere / "P01" / FIRST / "left-hand.outlines.anna.geojson"
    shutil.copytree(folder, elsewhere, dirs_exist_ok=True)
    assert text(opened(elsewhere)[1].drawn) == text(draft.drawn)


def test_nothing_is_written_beside_images_in_an_archive(tmp_path):
    loose = write_photos(tmp_path / "loose")
    folder = tmp_path / "packed"
    (folder / "P01").mkdir(parents=True)
    with zipfile.ZipFile(folder / "P01" / "visit.zip", "w") as archive:
        archive.write(loose / "P01" / FIRST / "left-hand.jpg", f"{FIRST}/left-hand.jpg")
    _, draft = opened(folder)
    assert codes(draft) == ["outlines_not_ours"]
    with pytest.raises(InputError, match="ZIP archive"):
        draw(draft, box(10, 10))


def test_outlines_of_another_program_are_left_alone_and_can_be_taken_over(folder):
    session, draft = opened(folder, reader="")
    draw(draft, box(10, 10), name="thumb")
    session.close()
    session, draft = opened(folder)
    case = session.cases[0]
    draft.commit(verbs.adopt(draft.drawn, session.drawn_by(case, "").deposits, by=draft.stamp))
    assert [deposit.name for deposit in draft.drawn.deposits] == ["thumb"]
    session.close()
    assert len(lesionkit.read_outlines(outlines(folder))) == 1


def test_absent_excised_and_not_assessable_are_read_again_as_what_they_are(folder):
    session, draft = opened(folder)
    draft.commit(verbs.say_absent(draft.drawn))
    draft.save()
    assert json.loads(outlines(folder).read_text())["absent"] is True
    draft.commit(verbs.say_not_assessable(draft.drawn))
    draft.save()
    drawing, _ = read_geojson(outlines(folder), image=draft.shelf.ref)
    assert drawing.left_out == ("everything",)
    keys = [draw(draft, box(10 + 40 * n, 10)) for n in range(3)]
    draft.commit(verbs.mark(draft.drawn, keys[0], Status.EXCISED, by=draft.stamp))
    draft.commit(verbs.mark(draft.drawn, keys[1], Status.NOT_ASSESSABLE, by=draft.stamp))
    for _ in range(2):
        draft.save()
        drawing, _ = read_geojson(outlines(folder), image=draft.shelf.ref)
        assert [len(drawing.deposits), len(drawing.removed), len(drawing.unjudged)] == [1, 1, 1]
        draft.commit(verbs.rename(draft.drawn, keys[2], "index"))
    session.close()
    (folder / "P01" / FIRST / "left-hand.outlines.anna.journal.jsonl").unlink()
    _, again = opened(folder)
    assert [deposit.status for deposit in again.drawn.deposits] == [
        Status.DRAWN,
        Status.EXCISED,
        Status.NOT_ASSESSABLE,
    ]


def test_a_scale_is_set_undone_and_set_again(tmp_path):
    folder = write_photos(tmp_path / "hands", mm_per_px=None)
    session, draft = opened(folder)
    case = session.cases[0]
    assert not session.load(case).grid.is_calibrated
    draft.commit(verbs.set_scale(draft.drawn, CLAIM))
    grid = session.load(case).grid
    assert (grid.scale_source, grid.spacing_mm) == (ScaleSource.TWO_POINTS, (0.25, 0.25))
    draft.save()
    assert not outlines(folder).exists()  # a scale alone does not say that the image was read
    draw(draft, box(10, 10))
    draft.save()
    assert read_geojson(outlines(folder), image=draft.shelf.ref)[0].scale_claims == (CLAIM,)
    draft.undo()
    draft.undo()
    assert not session.load(case).grid.is_calibrated


def test_what_other_programs_put_into_the_file_stays(folder):
    point = {"type": "Feature", "properties": {"q": 1}, "geometry": {"type": "Point", "coordinates": [3, 4]}}
    outlines(folder).write_text(json.dumps({"type": "FeatureCollection", "features": [point], "stage": "x"}))
    session, draft = opened(folder)
    draw(draft, box(10, 10))
    session.close()
    content = json.loads(outlines(folder).read_text())
    assert content["stage"] == "x"
    assert point in content["features"]


def test_watchers_are_told_of_every_change_until_they_leave(folder):
    _, draft = opened(folder)
    seen = []
    leave = draft.watch(lambda one: seen.append(len(one.drawn.deposits)))
    draw(draft, box(10, 10))
    draft.undo()
    leave()
    draft.redo()
    assert seen == [1, 0]


def mask(*corner, side=4):
    return Mask(voxels=np.ones((2, side, side), dtype=bool), origin=corner)


def test_deposits_of_a_ct_become_a_segmentation_beside_the_series(tmp_path):
    folder = tmp_path / "scans"
    write_series(folder / "P01" / "ct")
    session, draft = opened(folder)
    key = draw(draft, mask(1, 2, 3), name="thumb")
    draw(draft, mask(3, 10, 10))
    session.close()
    path = folder / "P01" / "ct.outlines.anna.dcm"
    assert path.exists()
    found = {d.name: d for d in lesionkit.read_outlines(path, image=draft.shelf.ref)}
    assert set(found) == {"thumb", None}
    assert found["thumb"].regions[0].origin == (1, 2, 3)
    run = lesionkit.run(folder, reader="anna")
    volumes = sorted(m.quantity.value for m in run.measurements if m.measure == "volume")
    assert volumes == pytest.approx([2 * 16 * 0.6 * 0.7 * 2.5] * 2)

    session, draft = opened(folder)
    assert {deposit.name for deposit in draft.drawn.deposits} == {"thumb", None}
    assert draft.undo()
    draft.redo()
    draft.commit(verbs.redraw(draft.drawn, key, mask(1, 2, 3, side=5), by=draft.stamp))
    assert draft.save()
    with pytest.raises(InputError, match="no file of a volume"):
        draft.commit(verbs.give_role(draft.drawn, key, Role.TARGET))
    with pytest.raises(InputError, match="would be read"):
        draft.commit(verbs.rename(draft.drawn, key, "thumb (Excised)"))
    assert draft.is_saved


def _volume(folder, kind):
    place = folder / "P01" / "ct"
    if kind == "dcm":
        write_series(place)
    else:
        (place.parent / FIRST).mkdir(parents=True)
        image = SimpleITK.GetImageFromArray(np.zeros((6, 20, 30), np.int16))
        image.SetSpacing((0.7, 0.6, 2.5))
        SimpleITK.WriteImage(image, str(place.parent / FIRST / "ct.nrrd"))
        place = place.parent / FIRST / "ct"
    return place.with_name(f"ct.outlines.anna.{kind}")


@pytest.mark.parametrize("kind", ["dcm", "seg.nrrd"])
def test_what_became_of_a_deposit_of_a_volume_is_written_and_read_again(tmp_path, kind):
    path = _volume(tmp_path / "scans", kind)
    session, draft = opened(tmp_path / "scans")
    keys = [draw(draft, mask(1, 2, 3 + 6 * n), name=name) for n, name in enumerate(("a", "b", "c", None))]
    for key, status in zip(keys, (Status.EXCISED, Status.EXTRUDED, Status.NOT_ASSESSABLE), strict=False):
        draft.commit(verbs.mark(draft.drawn, key, status, by=draft.stamp))
    session.close()
    said = [("a", Status.EXCISED), ("b", Status.EXTRUDED), ("c", Status.NOT_ASSESSABLE), (None, Status.DRAWN)]
    assert len(lesionkit.read_outlines(path, image=draft.shelf.ref)) == 1
    for journal in path.parent.glob("*.journal.jsonl"):
        journal.unlink()
    session, draft = opened(tmp_path / "scans")
    found = {(d.name, d.status): d.regions[0].origin for d in draft.drawn.deposits}
    assert found == {pair: (1, 2, 3 + 6 * n) for n, pair in enumerate(said)}
    assert [d.status for d in draft.drawn.places] == [status for _, status in said[:3]]
    (b,) = [d.id for d in draft.drawn.deposits if d.name == "b"]
    draft.commit(verbs.mark(draft.drawn, b, Status.DRAWN, by=draft.stamp))
    session.close()
    assert {d.name for d in lesionkit.read_outlines(path, image=draft.shelf.ref)} == {"b", None}


@pytest.mark.parametrize("kind", ["dcm", "seg.nrrd"])
@pytest.mark.parametrize("status", [Status.EXCISED, Status.NOT_ASSESSABLE])
def test_a_volume_on_which_only_a_place_is_marked_keeps_it(tmp_path, kind, status):
    path = _volume(tmp_path / "scans", kind)
    session, draft = opened(tmp_path / "scans")
    key = draw(draft, mask(1, 2, 3), name="thumb")
    draft.commit(verbs.mark(draft.drawn, key, status, by=draft.stamp))
    session.close()
    assert path.exists()
    assert not path.with_name("ct.outlines.anna.nii.gz").exists()
    for journal in path.parent.glob("*.journal.jsonl"):
        journal.unlink()
    _, draft = opened(tmp_path / "scans")
    assert [(d.name, d.status) for d in draft.drawn.deposits] == [("thumb", status)]
    assert not draft.drawn.is_absent
    with pytest.raises(InputError, match="no file of a volume"):
        draft.commit(verbs.say_not_assessable(draft.drawn))


def test_a_plain_label_map_says_neither_names_nor_what_became_of_a_deposit(tmp_path):
    path = _volume(tmp_path / "scans", "seg.nrrd")
    labels = SimpleITK.GetImageFromArray(np.zeros((6, 20, 30), np.uint8))
    labels.SetSpacing((0.7, 0.6, 2.5))
    SimpleITK.WriteImage(labels, str(path.with_name("ct.outlines.anna.nrrd")))
    _, draft = opened(tmp_path / "scans")
    key = draw(draft, mask(1, 2, 3))
    for refused in (
        verbs.mark(draft.drawn, key, Status.EXCISED, by=draft.stamp),
        verbs.rename(draft.drawn, key, "thumb"),
    ):
        with pytest.raises(InputError, match="holds numbers only"):
            draft.commit(refused)


def test_a_ct_on_which_nothing_was_seen_is_read_as_absent_and_can_be_drawn_on_later(tmp_path):
    folder = tmp_path / "scans"
    write_series(folder / "P01" / "ct")
    session, draft = opened(folder)
    draft.commit(verbs.say_absent(draft.drawn))
    session.close()
    assert (folder / "P01" / "ct.outlines.anna.nii.gz").exists()
    assert lesionkit.run(folder, reader="anna").deposits == ()
    session, draft = opened(folder)
    assert draft.drawn.is_absent
    assert not draft.problems
    draw(draft, mask(1, 2, 3))
    session.close()
    assert not (folder / "P01" / "ct.outlines.anna.nii.gz").exists()
    assert len(lesionkit.run(folder, reader="anna").deposits) == 1


def test_a_series_in_the_cohorts_own_folder_keeps_its_outlines_inside(tmp_path):
    folder = tmp_path / "scans"
    write_series(folder)
    session, draft = opened(folder)
    with pytest.raises(InputError, match="own folder"):
        draft.commit(verbs.say_absent(draft.drawn))
    draw(draft, mask(1, 2, 3))
    assert session.close()
    assert (folder / "scans.outlines.anna.dcm").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["scans"]
    assert len(lesionkit.run(folder, reader="anna").deposits) == 1


def test_what_qupath_says_of_its_outlines_survives_the_journal(folder):
    def feature(id_, name, row):
        corners = [[10, row], [30, row], [30, row + 20], [10, row + 20], [10, row]]
        return {
            "type": "Feature",
            "id": id_,
            "geometry": {"type": "Polygon", "coordinates": [corners], "plane": {"z": 0}},
            "properties": {"name": name, "measurements": {"Area": 400.0}, "color": [1, 2, 3]},
        }

    both = [feature("4f1b-1", "thumb", 10), feature("4f1b-2", "thumb", 60), feature("4f1b-3", "index", 120)]
    outlines(folder).write_text(json.dumps({"type": "FeatureCollection", "features": both}))
    session, draft = opened(folder)
    draw(draft, box(180, 200))
    session.close()
    session, draft = opened(folder)
    draft.commit(verbs.give_role(draft.drawn, draft.drawn.deposits[1].id, Role.TARGET))
    session.close()
    features = json.loads(outlines(folder).read_text())["features"]
    assert [one.get("id") for one in features] == ["4f1b-1", "4f1b-2", "4f1b-3", None]
    assert [one["properties"].get("measurements") for one in features[:3]] == [{"Area": 400.0}] * 3
    assert features[0]["geometry"]["plane"] == {"z": 0}
    assert features[2]["properties"]["role"] == "target"
