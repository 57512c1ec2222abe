"""Whatever a user's text holds is shown as text: it runs nowhere, and no file leaves its folder."""

import contextlib
import csv
import html.parser
import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import lesionkit as lk
from lesionkit.errors import MissingExtraError
from lesionkit.pipeline import export, summarise_outcome, write_summary
from lesionkit.pipeline.cohort import write_figures

HOSTILE = (
    '<script>alert("x")</script>',
    '=cmd|"/c calc"!A1',
    "@SUM(1)",
    "+1+1",
    "-2+3",
    "quote\"'`",
    "two\nlines",
    "\x1b[31mred\x1b[0m\x07\x08",
    "\x9b31m",
    "\u202etxt.exe\u2066",
    "😀👩🏽‍⚕️",
    "x" * 10_000,
    r"\input{/etc/passwd} $x^2$ %_&#~{",
    "../../escaped",
    "/absolute",
    "CON",
    "con",
    "nul.txt",
    "a/b",
    "a\\b",
    "..",
    " led ",
    "{{7*7}}{% raw %}",
    "[link](javascript:alert(1))",
    "[bold]rich[/]",
    '"><img src=x onerror=alert(1)>',
    "]]>--><!--",
    "</style></svg>",
    "%s%n{0}",
    "\x00nul",
)
FILES = (
    "=1+1",
    "<img src=x onerror=alert(1)>",
    "\x1b[31mred",
    "new\nline",
    "\u202egpj",
    "y" * 200,
    "CON",
    "&amp;",
)
FORMATS = ("coco", "geojson", "redcap", "sdtm", "sdtm-xpt", "xlsx")
DAYS = ("2012-03-01", "2013-03-01")


def told(number):
    """Return a text of the list; one without NUL, which no table holds, after the last."""
    return HOSTILE[number % (len(HOSTILE) - 1)]


def table(path, columns, *rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A patient for each text, which also names its site, deposits, author, drug, answers and events."""
    root = tmp_path_factory.mktemp("in") / "cohort"
    root.mkdir()
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    images, drugs, answers, events, scores, facts = [], [], [], [], [], []
    for number in range(len(HOSTILE) - 1):
        patient = told(number)
        for visit, day in enumerate(DAYS[: 1 + (number % 3 == 0)]):
            stem = FILES[number % len(FILES)] if visit == 0 and number < len(FILES) else f"{number}-{visit}"
            Image.fromarray(noise).save(root / f"{stem}.png")
            images.append((f"{stem}.png", patient, day, "XC", told(number + 1), "0.5"))
            ring = [[20, 10], [40, 10], [40, 30 - 10 * visit], [20, 30 - 10 * visit], [20, 10]]
            feature = {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {
                    "deposit": HOSTILE[number - 1],
                    "author": HOSTILE[number - 2],
                    "note": told(number),
                },
            }
            whole = json.dumps({"type": "FeatureCollection", "features": [feature]})
            (root / f"{stem}.outlines.geojson").write_text(whole, encoding="utf-8")
        drugs.append((patient, told(number + 4), "2012-04-01", "", told(number + 5), told(number + 6)))
        answers += [
            (patient, "2014-01-01", told(number % 5), told(number + 8)),
            (patient, "", told(7 + number % 9), "yes"),
        ]
        events.append((patient, told(number + 9)))
        scores.append((patient, "2012-03-01", told(number % 3), "3", told(number + 11)))
        facts.append((patient, told(number + 12), told(number + 13), told(number)))
    table(root / "images.csv", ("path", "patient", "date", "modality", "site", "mm_per_px"), *images)
    table(root / "treatments.csv", ("patient", "drug", "start", "end", "dose", "cycles"), *drugs)
    table(root / "questionnaire.csv", ("patient", "date", "item", "answer"), *answers)
    table(root / "adverse_events.csv", ("patient", "event"), *events)
    table(root / "scores.csv", ("patient", "date", "score", "value", "reader"), *scores)
    table(root / "patients.csv", ("patient", "sex", "diagnosis", told(12)), *facts)
    name = json.dumps(HOSTILE[0] + HOSTILE[7] + HOSTILE[9] + HOSTILE[12])
    rule = json.dumps("=[red]" + HOSTILE[0] + HOSTILE[7])
    (root / "cohort.toml").write_text(
        f"[cohort]\nname = {name}\n[criteria]\nXC = {rule}\n[[criterion]]\nname = {rule}\n"
        f"regression_pct = -25\nprogression_pct = 25\ncitation = {name}\n",
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="module")
def out(root, tmp_path_factory):
    """Every format and table, and what the commands printed."""
    from lesionkit.cli import main

    out = tmp_path_factory.mktemp("all") / "out"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        assert main(["measure", str(root), "--out", str(out / "measure"), "--jobs", "1"]) in (0, 1)
        assert main(["check", str(root)]) in (0, 1)
        assert main(["check", str(root), "--json"]) in (0, 1)
        assert (
            main(["compare", str(root), "--patient", HOSTILE[0], "--explain", "--out", str(out / "measure")])
            == 0
        )
        assert main(["compare", str(root), "--patient", "\x1b[31mnobody", "--out", str(out / "measure")]) == 2
    outcome = lk.run(root, jobs=1)
    for name in FORMATS:
        export(outcome, name, out / name)
    summary = summarise_outcome(outcome)
    write_summary(summary, out)
    with contextlib.suppress(MissingExtraError):
        write_figures(outcome, summary, out)
    (out / "printed.log").write_text(printed.getvalue(), encoding="utf-8")
    return out


def test_every_patient_is_there(root, out):
    with (out / "measure" / "measurements.csv").open(encoding="utf-8", newline="") as file:
        patients = {row["patient"].removeprefix("'") for row in csv.DictReader(file)}
    # Blanks around a cell are no part of it.
    assert {" ".join(one.split()) for one in patients} >= {" ".join(one.split()) for one in HOSTILE[:-1]}


def test_files_stay_in_the_folder_and_keep_apart(root, out):
    assert {path.name for path in out.parent.iterdir()} == {"out"}
    made = [path for path in out.rglob("*") if path.is_file()]
    assert all(path.resolve().is_relative_to(out.resolve()) for path in made)
    own = [path for path in made if "geojson" not in path.parts and ".kept" not in path.parts]
    names = [path.relative_to(out).as_posix() for path in own]
    assert len({name.casefold() for name in names}) == len(names)
    for path in own:
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", path.name), path.name
        assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", path.name, re.IGNORECASE), path.name
    pages = [path for path in (out / "measure" / "report").glob("*.html") if path.name != "index.html"]
    assert len(pages) == len({" ".join(one.split()) for one in HOSTILE[:-1]})
    assert len(list((out / "geojson").rglob("*.geojson"))) == len(list(root.glob("*.png")))


def test_no_terminal_is_told_to_do_anything(out):
    text = (out / "printed.log").read_text(encoding="utf-8")
    assert "red" in text
    assert "alert" in text
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text) == []


def test_paths_on_a_terminal_are_shown_and_in_a_pipe_are_kept(capsys, monkeypatch):
    import sys

    from lesionkit.cli.terminal import print_lines

    print_lines(["a\x1b[2Jb"])
    assert capsys.readouterr().out == "a\x1b[2Jb\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    print_lines(["a\x1b[2Jb"])
    assert capsys.readouterr().out == "a [2Jb\n"


def test_no_cell_of_a_table_is_a_formula(out):
    csv.field_size_limit(10**7)
    for path in out.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
                        assert float(cell) <= 0, (path.name, cell)


def test_no_cell_of_the_workbook_is_a_formula(out):
    openpyxl = pytest.importorskip("openpyxl")
    for place in ("xlsx",):
        book = openpyxl.load_workbook(out / place / "lesionkit.xlsx")
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        texts = [cell.value for cell in cells if cell.data_type == "s"]
        assert any(text.startswith("=cmd") for text in texts)
        assert any('<script>alert("x")' in text for text in texts)
        assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []


class Page(html.parser.HTMLParser):
    """What a browser would run of a page, and the text it shows."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.scripts, self.handlers, self.text, self.inside, self.links, self.tags = [], [], [], "", [], set()

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        self.tags.add(tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.handlers.append((tag, name, value))
            if name in ("href", "src", "action", "formaction", "xlink:href"):
                self.links.append(value or "")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        (self.scripts if self.inside == "script" else self.text).append(data)


def test_pages_run_nothing_of_a_user_s(out):
    pages = list((out / "measure").rglob("*.html"))
    seen = ""
    own = set()
    for path in pages:
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        assert page.handlers == []
        assert not page.tags & {"iframe", "object", "embed", "base"}
        assert not any(re.match(r"\s*(javascript|vbscript):", link, re.IGNORECASE) for link in page.links)
        assert not any('<script>alert("x")' in script for script in page.scripts)
        own.update(re.sub(r"\s+", "", script)[:200] for script in page.scripts if "alert(" in script)
        seen += "".join(page.text)
        assert "Content-Security-Policy" in path.read_text(encoding="utf-8")
    assert own == set()
    assert '<script>alert("x")</script>' in seen
    assert "{{7*7}}" in seen
    assert "49{%" not in seen


def test_figures_run_nothing_of_a_user_s(out):
    pytest.importorskip("typst")
    figures = list((out / "cohort" / "figures").glob("*.svg"))
    assert figures
    for path in figures:
        for element in ElementTree.parse(path).iter():
            assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "iframe", "a")
            assert [name for name in element.attrib if name.startswith("on")] == []


def test_papers_hold_texts_as_text(out):
    latex = (out / "cohort" / "tables.tex").read_text(encoding="utf-8")
    assert r"\input{" not in latex
    assert r"\textbackslash{}input\{" in latex
    markdown = (out / "cohort" / "tables.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<\s*(script|img|/style)", markdown)
    assert not re.search(r"(?<!\\)\]\(javascript", markdown)
    for text in (latex, markdown):
        assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text) == []


def test_what_programs_read_is_whole(out):
    for path in [*out.rglob("*.json"), *out.rglob("*.geojson")]:
        json.loads(path.read_text(encoding="utf-8"))
    pyreadstat = pytest.importorskip("pyreadstat")
    frame, _ = pyreadstat.read_xport(str(out / "sdtm-xpt" / "tr.xpt"))
    with (out / "sdtm" / "tr.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(frame) == len(rows)
    for name, keys in {
        "tu": ("USUBJID", "TULNKID"),
        "tr": ("USUBJID", "TRLNKID", "TRTESTCD", "VISITNUM"),
    }.items():
        with (out / "sdtm" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found = [tuple(row[key] for key in keys) for row in csv.DictReader(file)]
        assert len(set(found)) == len(found)
        assert all(len(cell.encode()) <= 201 for row in found for cell in row)


def test_redcap_takes_every_record_and_field(out):
    with (out / "redcap" / "redcap_dictionary.csv").open(encoding="utf-8", newline="") as file:
        fields = list(csv.DictReader(file))
    for field in fields:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,25}", field["Variable / Field Name"])
        assert not re.search(r"<[a-z/!]|\[\w", field["Field Label"], re.IGNORECASE)
    assert len({field["Variable / Field Name"] for field in fields}) == len(fields)
    with (out / "redcap" / "redcap_data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    records = {row["record_id"] for row in rows}
    assert all(re.fullmatch(r"[A-Za-z0-9 ._'-]{1,101}", record) for record in records)
    assert len(records) == len([row for row in rows if not row["redcap_repeat_instrument"]])


def test_a_zero_byte_is_no_name(tmp_path, lesionkit):
    write = tmp_path / "c" / "P01"
    write.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(write / "2012-03-01.png")
    table(tmp_path / "c" / "images.csv", ("path", "patient"), ("P01/2012-03-01.png", HOSTILE[-1]))
    code, out, err = lesionkit("check", tmp_path / "c")
    assert code in (0, 1, 2)
    assert "\0" not in out + err
