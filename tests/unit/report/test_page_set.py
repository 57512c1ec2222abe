"""Pages of many patients: taken up, left alone, and made of one patient's part only."""

import json
from dataclasses import fields, replace

import pytest
from outcomes import load_made_up, make_outcome

from lesionkit.core.outcome import Outcome
from lesionkit.core.track import Presence
from lesionkit.report import to_html
from lesionkit.report.slices import digest_of, outcomes_of
from lesionkit.report.source import Source


def stamps(out):
    return {path.name: path.stat().st_mtime_ns for path in (out / "report").rglob("*") if path.is_file()}


def write(outcome, out, **more):
    return to_html.write(outcome, out, kept=out / ".kept", **more)


@pytest.fixture(scope="module")
def outcome():
    return make_outcome()


def test_pages_of_which_nothing_changed_are_not_written_again(outcome, tmp_path):
    write(outcome, tmp_path)
    before = stamps(tmp_path)
    told = []
    write(outcome, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert stamps(tmp_path) == before
    assert told == [(2, 2)]


def test_only_the_page_of_the_patient_who_changed_is_made_again(outcome, tmp_path):
    write(outcome, tmp_path)
    before = stamps(tmp_path)
    changed = tuple(replace(r, reasons=("other",)) if r.patient == "P02" else r for r in outcome.responses)
    write(replace(outcome, responses=changed), tmp_path)
    after = stamps(tmp_path)
    assert after["P01.html"] == before["P01.html"]
    assert after["P02.html"] != before["P02.html"]


def test_an_interrupted_run_is_taken_up_where_it_stopped(outcome, tmp_path):
    seen = []

    def stop(done, total):
        seen.append(done)
        if len(seen) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(outcome, tmp_path, progress=stop)
    assert not (tmp_path / "report" / "P01.html").exists()
    told = []
    write(outcome, tmp_path, progress=lambda done, total: told.append(done))
    assert told == [1, 2]
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"index.html", "P01.html", "P02.html"}


def test_a_changed_or_lost_page_is_made_again_and_force_makes_all(outcome, tmp_path):
    write(outcome, tmp_path)
    page = tmp_path / "report" / "P01.html"
    original = page.read_bytes()
    page.write_text("scribbled over", encoding="utf-8")
    write(outcome, tmp_path)
    assert page.read_bytes() == original
    page.unlink()
    write(outcome, tmp_path)
    assert page.read_bytes() == original
    before = stamps(tmp_path)
    write(outcome, tmp_path, force=True)
    assert stamps(tmp_path)["P01.html"] != before["P01.html"]


def test_a_changed_picture_file_makes_its_page_anew(outcome, tmp_path):
    image = outcome.cohort.patients[0].images[0].location
    write(replace(outcome, inputs={image: "a"}), tmp_path)
    before = stamps(tmp_path)
    write(replace(outcome, inputs={image: "b"}), tmp_path)
    after = stamps(tmp_path)
    assert after["P01.html"] != before["P01.html"]
    assert after["P02.html"] == before["P02.html"]


@pytest.mark.parametrize("name", ["../../escaped.html", "P02.html", "pictures/P02-1.jpg"])
def test_a_record_that_names_other_files_is_not_believed(outcome, tmp_path, name):
    write(outcome, tmp_path)
    state = tmp_path / ".kept" / "pages.json"
    found = json.loads(state.read_text(encoding="utf-8"))
    found["P01.html"]["files"][name] = "0"
    found["P01.html"]["thumbs"] = [[name, "x"]]
    state.write_text(json.dumps(found), encoding="utf-8")
    write(outcome, tmp_path)
    assert not (tmp_path.parent / "escaped.html").exists()
    assert set(json.loads(state.read_text(encoding="utf-8"))["P01.html"]["files"]) == {"P01.html"}


def test_damaged_records_are_done_without(outcome, tmp_path):
    write(outcome, tmp_path)
    for text in ("", "[]", '{"P01.html": 3}', '{"P01.html": {"key": 1, "files": [], "thumbs": {}}}'):
        (tmp_path / ".kept" / "pages.json").write_text(text, encoding="utf-8")
        assert len(write(outcome, tmp_path)) == 3


def test_small_pictures_lie_in_a_folder_of_their_own_and_are_loaded_when_looked_at(outcome, tmp_path):
    write(outcome, tmp_path, load=load_made_up)
    pictures = {path.name for path in (tmp_path / "report" / "pictures").iterdir()}
    assert pictures == {"P01-1.jpg", "P01-2.jpg", "P02-1.jpg", "P02-2.jpg"}
    index = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert index.count('loading="lazy"') == 4
    assert 'src="pictures/P01-1.jpg"' in index


def test_several_at_a_time_gives_the_same_pages(outcome, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    one, two = tmp_path / "one", tmp_path / "two"
    to_html.write(outcome, one)
    with ThreadPoolExecutor(2) as executor:
        to_html.write(outcome, two, executor=executor)
    for path in (one / "report").iterdir():
        assert path.read_bytes() == (two / "report" / path.name).read_bytes()


def test_a_part_holds_all_of_its_patient_and_nothing_of_another(outcome):
    outcome = replace(outcome, places=outcome.deposits[::2])
    assert outcome.places
    parts = outcomes_of(Source.of(outcome, load=None, texts={}))
    assert list(parts) == ["P01", "P02"]
    for name in ("deposits", "places", "measurements", "tracks", "responses", "track_responses", "problems"):
        whole = getattr(outcome, name)
        shared = sum(len(getattr(part, name)) for part in parts.values())
        assert shared == (len(whole) if name != "problems" else shared)
    for key, part in parts.items():
        assert {track.patient for track in part.tracks} == {key}
        assert {place.image for place in part.places} <= {ref.id for ref in part.cohort.images}
        assert {ref.id for ref in part.cohort.images} >= set(part.grids)
        assert [patient.id for patient in part.cohort.patients] == [key]


def test_no_field_of_an_outcome_is_forgotten_when_it_is_parted():
    # Whoever adds a field decides here whether it belongs to patients, and parts it in `outcomes_of`.
    by_patient = {
        "cohort", "deposits", "places", "grids", "measurements", "transforms", "tracks", "track_responses",
        "responses", "scores", "discordances", "problems", "relative", "likenesses", "given_scores",
        "answers", "told", "intensity_units", "inputs", "timings_s",
    }  # fmt: skip
    assert {field.name for field in fields(Outcome)} == by_patient | {
        "settings",
        "criteria",
        "measures",
        "versions",
    }


def test_a_digest_tells_every_change_and_nothing_else(outcome):
    part = outcomes_of(Source.of(outcome, load=None, texts={}))["P01"]
    same = outcomes_of(Source.of(make_outcome(), load=None, texts={}))["P01"]
    assert digest_of(part) == digest_of(same)
    sighting = part.tracks[0].sightings[1]
    moved = replace(part.deposits[0], author="another")
    unseen = replace(
        part.tracks[0],
        sightings=(
            part.tracks[0].sightings[0],
            replace(sighting, presence=Presence.UNSEEN, image=None, deposits=(), event=None),
            *part.tracks[0].sightings[2:],
        ),
    )
    changed = (
        replace(part, deposits=(moved, *part.deposits[1:])),
        replace(part, tracks=(unseen, *part.tracks[1:])),
        replace(part, versions={"lesionkit": "0"}),
        replace(part, answers={"P01": ()}),
    )
    assert len({digest_of(one) for one in (part, *changed)}) == 5
    with pytest.raises(TypeError):
        digest_of(object())
