import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from outcomes import DAYS

from lesionkit.core.cohort import Cohort
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Mask, Status
from lesionkit.core.response import Evaluation
from lesionkit.errors import ReadError
from lesionkit.report import to_html, write
from lesionkit.report.page_parts import page_names
from lesionkit.report.source import Source

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "base", "source", "wbr"}
HOSTILE = '=cmd()|"<script>alert(1)</script>\u202e& 🙂'


class Page(HTMLParser):
    """Reads a page, refusing tags that do not close in order; keeps its tags, attributes and text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))


@pytest.fixture(scope="module")
def pages(outcome, load, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    paths = write(
        outcome,
        "html",
        out,
        load=load,
        reason_texts={"above_progression": "It has grown past the threshold."},
    )
    assert [path.relative_to(out).as_posix() for path in paths] == [
        "report/index.html",
        "report/P01.html",
        "report/P02.html",
    ]
    return {path.stem: Page(path) for path in paths}


def test_nothing_is_fetched_from_anywhere(pages):
    for page in pages.values():
        for tag, attrs in page.tags:
            for name in ("src", "href", "xlink:href", "data", "action", "poster", "srcset"):
                value = attrs.get(name) or ""
                assert not re.match(r"(https?:|file:|//)", value), (tag, value)
        assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in page.tags}


def test_a_page_runs_the_one_script_of_its_own_and_permits_no_other(pages, load, outcome, tmp_path):
    for path in to_html.write(outcome, tmp_path):
        text = path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
        policy = next(a["content"] for a in Page(path).named("meta") if a.get("http-equiv"))
        permitted = re.findall(r"'sha256-([^']+)'", policy)
        assert permitted == [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        assert "default-src 'none'" in policy


def test_the_index_gives_the_answer_before_anything_else(pages):
    text = pages["index"].text
    assert text.index("Progression") < text.index("Problems in the data")
    assert "Total area: larger by" in text
    assert "Total volume: smaller by" in text
    assert {"P01.html", "P02.html"} <= {attrs["href"] for attrs in pages["index"].named("a")}


def test_a_reason_is_told_in_words_and_an_unknown_one_as_its_code(pages):
    assert "It has grown past the threshold." in pages["P01"].text
    assert "track unseen" in pages["P02"].text


def test_the_rule_its_source_and_what_it_was_validated_on_are_told(pages):
    for page in pages.values():
        assert "Semin Arthritis Rheum 2022" in page.text
        assert "the SCTC radiograph score of the hands at one year" in page.text


def test_every_picture_can_be_heard_and_every_table_has_a_caption(pages):
    for page in pages.values():
        for attrs in page.named("svg"):
            assert attrs.get("aria-label") or attrs.get("aria-hidden") == "true"
        assert len(page.named("table")) == len(page.named("caption"))
        assert len(page.named("h1")) == 1
    labels = [attrs["aria-label"] for attrs in pages["P01"].named("svg") if "aria-label" in attrs]
    assert "Photographs, left-hand, 2012-03-01; outlined: thumb, T1" in labels


def test_pictures_lie_in_the_page_and_outlines_over_them(pages):
    images = pages["P01"].named("image")
    ghosts = [image for image in images if image["href"].startswith("data:image/png;base64,")]
    assert len(images) == 4 + 2 + 2, "four photographs once each, the radiographs, the capture sheet"
    assert len(ghosts) == 1
    assert all(image["href"].startswith("data:image/jpeg;base64,") for image in images if image not in ghosts)
    assert sum(attrs.get("class") == "pic-outline" for attrs in pages["P01"].named("path")) > 6
    assert any(attrs.get("class") == "pic-outline pic-suggested" for attrs in pages["P01"].named("path"))


def test_every_drawing_that_is_used_is_there_once(pages):
    for name in ("P01", "P02"):
        keys = [attrs["id"] for attrs in pages[name].named("symbol")]
        assert len(set(keys)) == len(keys)
        assert {attrs["href"].removeprefix("#") for attrs in pages[name].named("use")} == set(keys)


def test_absent_unseen_split_and_unconfirmed_are_told_apart(pages):
    assert "split into 2" in pages["P02"].text
    assert "not seen" in pages["P02"].text
    assert "absent resolved" in pages["P02"].text
    assert "match not confirmed" in pages["P01"].text


def test_a_picture_without_scale_says_so(pages):
    assert "no scale: sizes in pixels" in pages["P02"].text
    assert re.search(r"\d px\b", pages["P02"].text)


def test_hostile_names_are_shown_as_text(outcome, load, tmp_path):
    # The stored ids stay as they are; only the patient who bears the name is shown.
    patient = replace(outcome.cohort.patients[0], id=HOSTILE, treatments=(), facts={"sex": HOSTILE})
    hostile = replace(
        outcome,
        cohort=Cohort(root=Path("x"), name=HOSTILE, patients=(patient,)),
        tracks=tuple(replace(t, patient=HOSTILE, id=f"{t.id}{HOSTILE}") for t in outcome.tracks[:3]),
        track_responses=(),
        responses=tuple(
            replace(r, patient=HOSTILE, reasons=(HOSTILE,)) for r in outcome.responses if r.patient == "P01"
        ),
        problems=(Problem(severity=Severity.ERROR, code="x", about=HOSTILE, text=HOSTILE, hint=HOSTILE),),
    )
    paths = to_html.write(hostile, tmp_path, load=load)
    for path in paths:
        page = Page(path)
        assert "<script>alert(1)</script>" in page.text
        assert len(page.named("script")) <= 1, "ours alone"
    assert paths[1].name.endswith(".html")
    assert re.fullmatch(r"[A-Za-z0-9._-]+", paths[1].name)
    assert paths[1].name in {attrs.get("href") for attrs in Page(paths[0]).named("a")}


def test_an_image_that_cannot_be_loaded_is_told_of_and_the_others_are_shown(outcome, load, tmp_path):
    def load_but_one(ref):
        if ref.id == "P01/2012-03-01/left-hand.jpg":
            raise ReadError("This picture is cut short.", path=Path("left-hand.jpg"))
        return load(ref)

    page = Page(to_html.write(outcome, tmp_path, load=load_but_one)[1])
    assert "This picture is cut short." in page.text
    assert len(page.named("image")) == 5, "three photographs, two radiographs; no capture sheet"


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_failure_leaves_the_old_pages(outcome, load, tmp_path, monkeypatch):
    to_html.write(outcome, tmp_path, load=load)
    before = contents(tmp_path)
    calls = []

    def fail(ref):
        calls.append(ref)
        if len(calls) > 7:
            raise RuntimeError("the disk is gone")
        return load(ref)

    changed = replace(outcome, cohort=replace(outcome.cohort, name="Another"))
    with pytest.raises(RuntimeError):
        to_html.write(changed, tmp_path, load=fail)
    assert contents(tmp_path) == before


def test_progress_is_told_once_per_patient(outcome, tmp_path):
    told = []
    to_html.write(outcome, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_page_names_are_safe_and_never_collide():
    ids = ["P01", "p01", "../P01", "P/01", "P 01", "P-01", "index", "", "..", "é", "ü", "a" * 300]
    names = page_names(ids)
    assert len({name.lower() for name in names.values()} | {"index.html"}) == len(ids) + 1
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.html", name) for name in names.values())
    assert names["P01"] == "P01.html"


def test_a_problem_goes_to_the_page_of_its_patient(outcome):
    named = Problem(severity=Severity.WARNING, code="no_scale", about="P02 XC elbow 2013-03-04", text="x")
    more = replace(outcome, problems=(*outcome.problems, named))
    found = Source.of(more, load=None, texts={}).problems
    assert {p.code for p in found["P01"]} == {"unreadable", "alignment_failed"}
    assert [p.code for p in found["P02"]] == ["no_scale"]


def test_a_folder_two_patients_share_tells_nobody_whose_a_problem_is(outcome):
    refs = [
        replace(patient.images[0], location=f"flat/{patient.id}.jpg") for patient in outcome.cohort.patients
    ]
    patients = tuple(
        replace(patient, facts={}, timepoints=(replace(patient.timepoints[0], images=(ref,)),))
        for patient, ref in zip(outcome.cohort.patients, refs, strict=True)
    )
    lost = Problem(severity=Severity.ERROR, code="unreadable", about="flat/x.jpg", text="x")
    flat = replace(outcome, cohort=replace(outcome.cohort, patients=patients), problems=(lost,))
    assert Source.of(flat, load=None, texts={}).problems == {}


def test_no_hospital_number_reaches_a_page(outcome, load, tmp_path):
    for path in to_html.write(outcome, tmp_path, load=load):
        assert "4711" not in Page(path).text


def test_suggestions_alone_are_neither_a_reading_nor_an_absence(outcome, tmp_path):
    only = tuple(replace(d, status=Status.SUGGESTED) for d in outcome.deposits if "elbow" in d.image)
    suggested = replace(outcome, deposits=only, tracks=(), track_responses=(), responses=())
    paths = to_html.write(suggested, tmp_path)
    assert "There are only suggestions, which nobody has confirmed yet." in Page(paths[2]).text
    assert "Looked at, and no deposit was found." in Page(paths[1]).text
    assert "8 of 11 images read" in Page(paths[0]).text


def test_a_deposit_on_another_plane_is_named_under_the_picture(outcome, tmp_path):
    moved = tuple(
        replace(d, properties={}, regions=(Mask(voxels=d.regions[0].voxels[:1], origin=(0, 5, 5)),))
        if d.image == "1.2.3.0" and d.id == "2"
        else d
        for d in outcome.deposits
    )
    page = Page(to_html.write(replace(outcome, deposits=moved), tmp_path)[2])
    assert "on other planes: T2" in page.text


def test_the_capture_sheet_says_mm_only_where_all_of_its_picture_has_one_scale(outcome, load, tmp_path):
    def bar(made):
        page = to_html.write(made, tmp_path, load=load)[1].read_text(encoding="utf-8")
        sheet = page[page.index('<section class="capture">') :]
        return re.search(
            r'<path class="bar" d="M24,\d+h([\d.]+)"/>\s*<text[^>]*>([^<]+)</text>', sheet
        ).groups()

    length, label = bar(outcome)
    # 640 columns of 0.25 mm
    assert (label, float(length) + 4) == ("20 mm", pytest.approx(720 * 20 / 160))
    slanted = {
        key: replace(grid, homography=[[0.2, 0, 0], [0, 0.25, 0], [0, 0.0001, 1]])
        if grid.shape == (480, 640)
        else grid
        for key, grid in outcome.grids.items()
    }
    length, label = bar(replace(outcome, grids=slanted))
    assert (label, float(length) + 4) == ("100 px", pytest.approx(720 * 100 / 640))


def test_a_picture_is_called_baseline_only_where_it_is(outcome, tmp_path):
    judged = to_html.write(outcome, tmp_path / "a")[1].read_text(encoding="utf-8")
    assert "<b>Baseline: " in judged
    assert "<b>First: " not in judged
    fewer = tuple(r for r in outcome.responses if r.date <= DAYS[2])
    final = tuple(
        replace(r, evaluation=Evaluation.FINAL) for r in fewer if r.date == DAYS[2] and r.site == "left-hand"
    )
    only = tuple(r for r in fewer if r.evaluation is Evaluation.FOLLOW_UP)
    earlier = to_html.write(replace(outcome, responses=only + final), tmp_path / "b")[1]
    assert "<b>Last that could be judged: " in earlier.read_text(encoding="utf-8")
    nothing = to_html.write(replace(outcome, responses=(), track_responses=()), tmp_path / "c")[1]
    assert "<b>First: " in nothing.read_text(encoding="utf-8")


def test_a_stream_that_nobody_has_read_says_so(outcome, tmp_path):
    bare = replace(
        outcome, grids={}, deposits=(), measurements=(), tracks=(), track_responses=(), responses=()
    )
    page = Page(to_html.write(bare, tmp_path)[1])
    assert "Nobody has outlined anything on: left-hand ." in page.text
    assert "No image has been outlined yet." in page.text
