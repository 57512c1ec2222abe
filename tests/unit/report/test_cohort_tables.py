"""A cohort's tables in print: exact figures, and hostile texts that stay texts."""

import csv
import io
import json
import re

import pytest

from lesionkit.core.agreement import Estimate
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.response import Category
from lesionkit.core.summary import (
    AdverseEvents,
    AnswerKind,
    Association,
    Characteristic,
    CohortSummary,
    FollowUpTime,
    ItemAnswers,
    LeftOut,
    Numbers,
    Share,
    StreamAgreement,
    StreamResponse,
)
from lesionkit.report.cohort_rows import COHORT_COLUMNS, cohort_rows
from lesionkit.report.cohort_tables import printed_tables
from lesionkit.report.cohort_words import estimate_text, left_out_text, months_range_text, p_text
from lesionkit.report.markup import latex_text, markdown_text, plain
from lesionkit.report.to_cohort import write

HOSTILE = (
    "<script>alert(1)</script>",
    '=cmd|"/c calc"!A1',
    "| a | b |\n\n# head",
    "\\input{/etc/passwd} \\\\ & % $x$ ^^5c {",
    "[link](javascript:alert(1)) ![x](http://x) *b* `c`",
    "‮gnp.exe‏ שלום",
    "😀" * 40,
    "x" * 10_000,
    "-- ?` '' ,, \" ~ # _",
    "[1ex] hline",
)


def summary(text="fever"):
    half, none = Share(count=1, of=2, low=0.1, high=0.9), Share(count=0, of=2, low=0.0, high=0.66)
    left = (LeftOut(patient=text, why=text),)
    numbers = Numbers(n=2, missing=1, mean=1.5, sd=0.7071, median=1.5, low=1, high=2)
    shares = {
        Category.RESOLVED: none,
        Category.REGRESSION: half,
        Category.STABLE: half,
        Category.PROGRESSION: none,
    }
    return CohortSummary(
        name=text,
        patients=3,
        characteristics=(
            Characteristic(name=text, counts={text: half}), Characteristic(name=text, numbers=numbers),
        ),
        treatments=(Characteristic(name="drug", counts={text: half}, missing=1),),
        comedication={text: half},
        times=(FollowUpTime(stream="photographs", months=numbers, left_out=left),),
        responses=(
            StreamResponse(
                stream=text, shares=shares, improved=half, not_worse=Share(count=2, of=2), left_out=left
            ),
        ),
        questionnaire=(
            ItemAnswers(item=text, kind=AnswerKind.YES_NO, answered=2, missing=1, yes=half),
            ItemAnswers(item=text, kind=AnswerKind.WORDS, answered=2, missing=1, words={text: half}),
        ),
        scores=(
            ItemAnswers(
                item=text, kind=AnswerKind.SCALE, answered=2, missing=1,
                last=numbers, baseline=numbers, change=numbers,
            ),
        ),
        adverse_events=AdverseEvents(reported=2, none=none, events={text: half}, left_out=left),
        associations=(
            Association(
                outcome=text, factor=text, having=half, without=none, p=0.4, p_least=0.1, p_holm=1.0,
                odds_ratio=Estimate(value=float("inf"), low=0.5, high=float("inf"), method="exact"),
                risk_difference=Estimate(value=0.5, low=-0.2, high=0.9, method="Newcombe"),
            ),
        ),
        agreements=(
            StreamAgreement(streams=(text, text), scale="improved", alike=half, kappa=Estimate(value=None)),
        ),
        notes={"association": (text,), "methods": (text,)},
        problems=(Problem(severity=Severity.INFO, code="column_not_summarised", about=text, text=text),),
    )  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_a_user_is_more_than_text(text, tmp_path):
    write(summary(text), tmp_path)
    markdown = (tmp_path / "tables.md").read_text(encoding="utf-8")
    assert "<" not in markdown
    heads = [line for line in markdown.splitlines() if line.startswith("#")]
    assert len(heads) == 1 + len(printed_tables(summary(text)))
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in markdown.splitlines() if line.startswith("| ")}
    assert widths <= {len(table.columns) + 1 for table in printed_tables(summary(text))}
    assert re.search(r"(?<!\\)\]\(", markdown) is None
    latex = (tmp_path / "tables.tex").read_text(encoding="utf-8")
    assert "\\input" not in re.sub(r"\\textbackslash\{\}", "", latex).replace("\\textbackslash", "")
    assert latex.count("\\begin{tabular}") == latex.count("\\end{tabular}") == 8
    assert len(re.findall(r"(?<!\\)\{", latex)) == len(re.findall(r"(?<!\\)\}", latex))
    assert not {"‮", "‏"} & set(markdown + latex)
    for name, columns in COHORT_COLUMNS.items():
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == list(columns)
        assert all(len(row) == len(columns) for row in rows)
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_a_row_of_a_latex_table_never_begins_an_option_of_the_line_before():
    assert latex_text("[1ex] a").startswith("{[}")
    assert latex_text("* a").startswith("{*}")


def test_what_latex_would_join_stays_apart():
    assert latex_text("a--b ''c'' ?`") == r"a-{}-b '{}'c'{}' ?\textasciigrave{}"
    assert latex_text("well-known") == "well-known"
    assert latex_text("−1 ± 2") == r"$-$1 $\pm$ 2"


def test_every_sign_that_markdown_reads_is_escaped():
    assert markdown_text("a*b_c`|<&") == r"a\*b\_c\`\|&lt;&amp;"
    assert plain("a\r\nb\x00c\u2028d") == "a  b c d"


def test_rows_hold_numbers_and_can_be_json():
    rows = cohort_rows(summary())
    assert json.loads(json.dumps(rows, allow_nan=False))
    (found,) = rows["association"]
    assert found["odds_ratio"] == found["odds_ratio_high"] == "inf"
    assert (found["n"], found["good_with"], found["with"], found["risk_difference_pct"]) == (4, 1, 2, 50)
    for name, columns in COHORT_COLUMNS.items():
        assert all(list(row) == list(columns) for row in rows[name]), name


def test_an_empty_cohort_writes_every_table_with_its_header(tmp_path):
    paths = write(CohortSummary(name="none", patients=0), tmp_path)
    assert {path.name for path in paths} == {
        "tables.md",
        "tables.tex",
        *(f"{name}.csv" for name in COHORT_COLUMNS),
    }
    for name, columns in COHORT_COLUMNS.items():
        assert list(csv.reader(io.StringIO((tmp_path / f"{name}.csv").read_text()))) == [list(columns)]


def test_resolved_has_a_column_where_there_is_one():
    (table,) = [t for t in printed_tables(summary()) if t.key == "response"]
    assert "resolved" not in table.columns
    assert all(
        len(row) == len(table.columns) for t in printed_tables(summary()) for row in t.rows if (table := t)
    )


def test_figures_in_words():
    assert estimate_text(Estimate(value=float("inf"), low=0.02, high=float("inf"))) == "∞ (0.02–∞)"
    assert estimate_text(Estimate(value=-0.667, low=-0.94, high=0.14), percent=True) == "−67 % (−94 to 14 %)"
    assert estimate_text(Estimate(value=None)) == "–"
    assert months_range_text(Numbers(n=2, median=19.055, low=0.26, high=36.99)) == "19 (0.3–37)"
    assert (p_text(0.99999), p_text(0.0996), p_text(0.0994), p_text(0.0)) == (
        "1.00",
        "0.10",
        "0.099",
        "< 0.001",
    )
    many = [LeftOut(patient=f"P{n:04}", why="no radiology") for n in range(2000)]
    assert left_out_text(many) == "P0000, P0001, P0002, P0003, P0004, 1995 more: no radiology"
