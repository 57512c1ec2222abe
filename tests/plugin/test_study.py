"""Reader studies: what is hidden, in which order, what comes twice, and how long it took."""

import csv

import pytest
from annotating import Clock, box, draw, write_photos
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._session import open_session
from napari_lesionkit._stopwatch import PAUSE_S, Stopwatch
from napari_lesionkit._study import Study
from napari_lesionkit._trail import TIMES, TRAIL, write_times, write_trail

import lesionkit
from lesionkit.errors import InputError

DAYS = tuple(f"2012-{month:02}-01" for month in range(1, 10))


@pytest.fixture
def folder(tmp_path):
    return write_photos(tmp_path / "hands", DAYS)


def study(folder, *, reader="anna", seed=7, repeats=0):
    return open_session(folder, reader=reader, study=Study(seed=seed, repeats=repeats), clock=Clock())


def days(session):
    return [case.day.isoformat() for case in session.cases]


def test_cases_are_shuffled_by_seed_and_otherwise_for_every_reader(folder):
    anna = days(study(folder))
    assert sorted(anna) == list(DAYS)
    assert anna != list(DAYS)
    assert anna == days(study(folder))
    assert anna != days(study(folder, seed=8))
    assert anna != days(study(folder, reader="ben"))


def test_a_blinded_reader_is_shown_numbers_only(folder):
    session = study(folder)
    assert [case.label for case in session.cases[:2]] == ["case 01", "case 02"]


def test_the_same_images_come_twice_for_every_reader_and_not_at_once(folder):
    repeated = set()
    for reader in ("anna", "ben", "eve"):
        for seed in (7,):
            cases = study(folder, reader=reader, seed=seed, repeats=3).cases
            assert len(cases) == len(DAYS) + 3
            again = [case for case in cases if case.reader == f"{reader}~2"]
            repeated.add(frozenset(case.ref.id for case in again))
            for case in again:
                first = next(one for one in cases if one.ref.id == case.ref.id)
                assert case.number - first.number >= len(DAYS) // 3
    assert len(repeated) == 1


def test_more_repeats_than_images_repeat_them_all_once(folder):
    assert len(study(folder, repeats=50).cases) == 2 * len(DAYS)


def test_nobody_elses_outlines_and_no_other_timepoint_are_shown(folder):
    plain = open_session(folder, reader="ben", clock=Clock())
    for case in plain.cases:
        draw(plain.open(case), box(20, 30))
    plain.close()
    session = study(folder)
    case = session.cases[-1]
    assert session.readers(case) == ()
    assert (session.previous(case), session.baseline(case), session.timeline(case)) == (None, None, (case,))
    with pytest.raises(InputError):
        session.drawn_by(case, "ben")
    draw(session.open(case), box(20, 30))
    session.follow(case)
    (row,) = session.rows(case)
    assert (row.match, row.change_previous_pct, row.change_baseline_pct) == (None, None, None)
    assert session.response(case) is None


def test_what_is_wrong_names_the_case_and_not_the_patient(folder):
    session = study(folder)
    other = study(folder)
    case = session.cases[0]
    session.open(case)
    other.open(case)
    (problem,) = other.problems
    assert problem.about == "case 01"
    assert "P01" not in problem.text


def test_a_study_needs_a_reader(folder):
    with pytest.raises(InputError, match="who reads"):
        open_session(folder, study=Study(seed=1))


def test_repeated_readings_lie_where_agreement_finds_them(folder):
    session = study(folder, repeats=3)
    for case in session.cases:
        draft = session.open(case)
        draw(draft, box(20, 30, 20 + (case.reader != "anna")))
        assert session.leave(case)
    readers = lesionkit.pipeline.examine(folder).readers
    assert sorted(names for names in readers.values()).count(("anna", "anna~2")) == 3


def test_pauses_are_taken_off():
    seconds = iter([0.0, 10.0, 10.0 + PAUSE_S + 25, 10.0 + PAUSE_S + 30])
    watch = Stopwatch(lambda: next(seconds))
    watch.tick()
    watch.tick()
    assert watch.read() == (10.0 + PAUSE_S + 30, 25.0)


def rows(path):
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def test_times_are_told_for_every_case_that_was_opened(folder, tmp_path):
    session = study(folder)
    for case in session.cases[:3]:
        draft = session.open(case)
        if case.number < 3:
            draw(draft, box(20, 30))
            draw(draft, box(120, 30))
            draft.undo()
        session.leave(case)
    path = tmp_path / "times.csv"
    assert write_times(folder, path) == 3
    found = {row["case"]: row for row in rows(path)}
    assert tuple(found["case 01"]) == TIMES
    assert {name: (row["gestures"], row["deposits"]) for name, row in found.items()} == {
        "case 01": ("3", "1"),
        "case 02": ("3", "1"),
        "case 03": ("0", "0"),
    }
    assert all(float(row["seconds"]) >= 0 and row["reader"] == "anna" for row in found.values())


def test_the_time_of_a_visit_that_crashed_is_that_between_its_gestures(folder, tmp_path):
    session = study(folder)
    draft = session.open(session.cases[0])
    for at in (20, 60, 100):
        draw(draft, box(at, 30))
    path = tmp_path / "times.csv"
    write_times(folder, path)
    (row,) = rows(path)
    assert 2 <= float(row["seconds"]) <= 20  # the clock goes on a second whenever it is read


def test_the_trail_tells_who_did_what_to_which_deposit(folder, tmp_path):
    session = open_session(folder, reader="anna", author="=Anna", clock=Clock())
    draft = session.open(session.cases[0])
    key = draw(draft, box(20, 30, 20), name="=thumb")
    draft.commit(verbs.redraw(draft.drawn, key, box(20, 30, 30), by=draft.stamp))
    draft.undo()
    draft.commit(verbs.delete(draft.drawn, key))
    draft.commit(verbs.say_absent(draft.drawn))
    session.close()
    path = tmp_path / "trail.csv"
    assert write_trail(folder, path) == 5
    found = rows(path)
    assert tuple(found[0]) == TRAIL
    assert [(row["gesture"], row["size_px_before"], row["size_px"]) for row in found] == [
        ("draw", "", "400.00"),
        ("redraw", "400.00", "900.00"),
        ("undo: redraw", "900.00", "400.00"),
        ("delete", "400.00", ""),
        ("say absent", "", ""),
    ]
    assert {row["who"] for row in found} == {"'=Anna"}  # no spreadsheet runs it
    assert found[0]["name"] == "'=thumb"
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)
    assert len({row["link"] for row in found}) == 5


def test_a_folder_without_a_journal_says_so(folder, tmp_path):
    for write in (write_trail, write_times):
        with pytest.raises(InputError, match="holds no journal"):
            write(folder, tmp_path / "x.csv")
