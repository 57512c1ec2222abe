"""A person at a folder: the table says what `lesionkit measure` will say; one call confirms a match."""

import subprocess
import sys

import pytest
from annotating import FIRST, SECOND, Clock, box, draw, write_photos
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._session import open_session

import lesionkit
from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.region import Status
from lesionkit.core.response import Category, Evaluation
from lesionkit.errors import ComparisonError, InputError

THIRD = "2014-05-03"


@pytest.fixture
def folder(tmp_path):
    return write_photos(tmp_path / "hands", (FIRST, SECOND, THIRD))


def opened(folder, reader="anna", **more):
    return open_session(folder, reader=reader, clock=Clock(), **more)


def outlined(folder):
    """Return a session in which two visits are outlined, nobody having named anything."""
    session = opened(folder)
    for case, grown in zip(session.cases[:2], (0, 4), strict=True):
        draft = session.open(case)
        draw(draft, box(20, 30, 20 + grown))
        draw(draft, box(120, 200, 30))
        session.leave(case)
    return session


def test_the_table_says_what_a_run_says_afterwards(folder):
    session = outlined(folder)
    case = session.cases[1]
    session.load(case)
    session.follow(case)
    draft = session.open(case)
    draw(draft, box(170, 60, 25))
    draft.commit(verbs.redraw(draft.drawn, draft.drawn.deposits[0].id, box(20, 30, 26.5), by=draft.stamp))
    draft.save()
    rows, verdict = session.rows(case), session.response(case)
    session.close()

    outcome = lesionkit.run(folder, reader="anna")
    found = {(m.image, m.deposit, m.measure): m.quantity for m in outcome.measurements}
    tracks = {
        t.id: r.change_pct
        for r in outcome.track_responses
        if r.date == case.day
        for t in outcome.tracks
        if t.id == r.track
    }
    assert [row.called for row in rows] == ["1", "2", "3"]
    for row in rows:
        assert row.size == found[case.ref.id, row.called, "area"]
        assert row.size.standard_error
        assert row.long_axis == found[case.ref.id, row.called, "long_axis"]
        assert row.track is not None
        assert row.change_baseline_pct == tracks[row.track]
    (said,) = (
        r
        for r in outcome.responses
        if r.date == case.day and r.site == case.ref.site and r.evaluation is Evaluation.FOLLOW_UP
    )
    assert (verdict.category, verdict.change_pct, verdict.reasons) == (
        said.category,
        said.change_pct,
        said.reasons,
    )
    assert verdict.category is Category.PROGRESSION


def test_while_a_line_moves_the_table_keeps_up_as_if_judged_anew(folder):
    session = outlined(folder)
    case = session.cases[1]
    session.follow(case)
    draft = session.open(case)
    before = session.rows(case)
    assert before[0].change_previous_pct == pytest.approx(44)
    draft.commit(verbs.redraw(draft.drawn, before[0].key, box(20, 30, 22), by=draft.stamp))
    moving, verdict = session.rows(case), session.response(case)
    draft.save()
    resting = session.rows(case)
    for one, other in zip(moving, resting, strict=True):
        assert (one.key, one.size, one.long_axis) == (other.key, other.size, other.long_axis)
        assert (one.track, one.match.key) == (other.track, other.match.key)
        assert one.change_previous_pct == pytest.approx(other.change_previous_pct)
        assert one.change_baseline_pct == pytest.approx(other.change_baseline_pct)
    assert resting[0].change_previous_pct == pytest.approx(21)
    assert verdict.change_pct == pytest.approx(session.response(case).change_pct)


def test_a_match_is_proposed_and_one_call_gives_both_the_same_name(folder):
    session = outlined(folder)
    case = session.cases[1]
    session.follow(case)
    session.open(case)
    row = session.rows(case)[0]
    assert (row.match.called, row.match.image, row.match.is_named) == ("1", session.cases[0].ref.id, False)
    assert row.match.score > 0.5
    assert session.confirm_match(case, row.key) == "D1"
    row, other = session.rows(case)
    assert (row.name, row.match.is_named, row.match.called) == ("D1", True, "D1")
    assert session.confirm_match(case, other.key) == "D2"
    session.close()
    for earlier in session.cases[:2]:
        path = folder / "P01" / earlier.day.isoformat() / "left-hand.outlines.anna.geojson"
        assert [deposit.name for deposit in lesionkit.read_outlines(path)] == ["D1", "D2"]
    tracks = lesionkit.run(folder, reader="anna").tracks
    assert {track.id for track in tracks} == {"D1", "D2"}


def test_a_name_given_on_either_side_is_the_one_that_both_get(folder):
    session = outlined(folder)
    first, case = session.cases[:2]
    draft = session.open(first)
    draft.commit(verbs.rename(draft.drawn, draft.drawn.deposits[0].id, "thumb"))
    session.follow(case)
    rows = session.rows(case)
    assert session.confirm_match(case, rows[0].key) == "thumb"
    draft = session.open(case)
    draft.commit(verbs.rename(draft.drawn, rows[1].key, "wrist"))
    assert session.confirm_match(case, rows[1].key) == "wrist"
    assert [deposit.name for deposit in session.peek(first).deposits] == ["thumb", "wrist"]


def test_a_match_is_not_confirmed_while_somebody_else_is_at_the_earlier_image(folder):
    session, other = outlined(folder), opened(folder)
    other.open(other.cases[0])
    case = session.cases[1]
    session.follow(case)
    row = session.rows(case)[0]
    with pytest.raises(InputError, match="has been outlining"):
        session.confirm_match(case, row.key)
    assert session.rows(case)[0].name is None


def test_pixels_of_two_pictures_are_not_compared(tmp_path):
    session = outlined(write_photos(tmp_path / "hands", (FIRST, SECOND), mm_per_px=None))
    case = session.cases[1]
    session.follow(case)
    rows = session.rows(case)
    assert {row.size.unit.value for row in rows} == {"px2"}
    assert {row.change_previous_pct for row in rows} == {None}


def test_another_scale_changes_every_number_at_once(folder):
    (folder / "images.csv").unlink()
    session = outlined(folder)
    case = session.cases[0]
    draft = session.open(case)
    claim = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((5.0, 5.0), (5.0, 105.0)), length_mm=50.0)
    draft.commit(verbs.set_scale(draft.drawn, claim))
    assert [row.size.value for row in session.rows(case)] == pytest.approx([100, 225])
    assert "no_scale" not in {problem.code for problem in session.doubts(case)}
    draft.undo()
    assert [row.size.value for row in session.rows(case)] == pytest.approx([400, 900])


def test_earlier_outlines_are_carried_over_as_suggestions_and_confirmed(folder):
    session = outlined(folder)
    first, case = session.cases[0], session.cases[1]
    draft = session.open(first)
    draft.commit(verbs.rename(draft.drawn, draft.drawn.deposits[0].id, "thumb"))
    last = session.cases[2]
    with pytest.raises(InputError, match="no earlier outlines"):
        session.propagate(first)
    draft = session.open(last)
    draft.commit(session.propagate(last))
    assert {deposit.status for deposit in draft.drawn.deposits} == {Status.SUGGESTED}
    assert draft.drawn.deposits[0].author.endswith("propagate")
    rows = session.rows(last)
    assert len(rows) == len(session.peek(case).deposits)
    assert {row.track for row in rows} == {None}
    draft.commit(verbs.confirm(draft.drawn, by=draft.stamp))
    session.follow(last)
    assert {row.match.image for row in session.rows(last)} == {case.ref.id}


def test_places_stand_at_the_end_of_the_table_without_a_size(folder):
    session = outlined(folder)
    case = session.cases[1]
    draft = session.open(case)
    draft.commit(verbs.mark(draft.drawn, draft.drawn.deposits[0].id, Status.EXCISED, by=draft.stamp))
    rows = session.rows(case)
    assert [(row.called, row.status, row.size is None) for row in rows] == [
        ("1", Status.DRAWN, False),
        ("2", Status.EXCISED, True),
    ]


def test_only_images_of_one_site_are_aligned(tmp_path):
    folder = write_photos(tmp_path / "hands")
    other = folder / "P01" / FIRST / "right-hand.jpg"
    other.write_bytes((folder / "P01" / FIRST / "left-hand.jpg").read_bytes())
    session = opened(folder)
    with pytest.raises(ComparisonError, match="different sites"):
        session.align(*session.cases)


@pytest.mark.parametrize("reader", ["a/b", "anna.b", " anna", "a:b"])
def test_a_reader_is_called_as_a_file_can_be_called(folder, reader):
    with pytest.raises(InputError, match="part of a file's name"):
        open_session(folder, reader=reader)


def test_neither_qt_nor_napari_is_needed():
    code = (
        "import sys; import napari_lesionkit._session, napari_lesionkit._trail, napari_lesionkit._study;"
        "print([m for m in ('napari', 'qtpy', 'PyQt6', 'PySide6', 'magicgui') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_image_that_is_drawn_on_is_read_once_however_many_others_are_looked_at(tmp_path, monkeypatch):
    from napari_lesionkit import _looking

    read = []
    look = _looking.look_into

    def note(ref, *, before=None, **more):
        read.append(ref.id)
        return look(ref, before=before, **more)

    monkeypatch.setattr(_looking, "look_into", note)
    days = tuple(f"20{year}-03-01" for year in range(10, 17))
    session = opened(write_photos(tmp_path / "hands", days))
    first = session.cases[0]
    draft = session.open(first)
    draw(draft, box(20, 30))
    for case in session.cases:
        session.load(case)
    session.rows(first)
    assert read.count(first.ref.id) == 1
    assert len(session._looking._held) == _looking.HELD + 1
