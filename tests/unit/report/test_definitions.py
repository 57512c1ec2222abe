"""The words of the definitions are those of the reference manual."""

import re
from pathlib import Path

from lesionkit.report.alike_rows import COMPARABILITY_COLUMNS
from lesionkit.report.definitions import definition_rows, meaning_of
from lesionkit.report.measure_rows import MEASURE_COLUMNS
from lesionkit.report.rows import MEASUREMENT_COLUMNS, PROBLEM_COLUMNS, RESPONSE_COLUMNS, TRACK_COLUMNS

RESULTS = Path(__file__).parents[3] / "docs/reference/results.md"
TABLES = {
    "measurements": MEASUREMENT_COLUMNS,
    "measures": MEASURE_COLUMNS,
    "tracks": TRACK_COLUMNS,
    "responses": RESPONSE_COLUMNS,
    "problems": PROBLEM_COLUMNS,
    "comparability": COMPARABILITY_COLUMNS,
}


def plain(text):
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text).replace("`", "").strip()


def of_the_manual(table):
    text = RESULTS.read_text(encoding="utf-8").split(f"\n## `{table}.csv`\n", 1)[1]
    section = re.split(r"^## ", text, flags=re.MULTILINE)[0]
    lines = [line.strip().strip("|").split("|", 2) for line in section.splitlines() if line.startswith("| `")]
    return [tuple(plain(cell) for cell in line) for line in lines]


def test_every_column_is_defined_in_the_words_of_the_manual():
    # Where this fails, bring what changed in docs/reference/results.md to lesionkit/report/definitions.csv.
    for table, columns in TABLES.items():
        defined = [
            (row["column"], row["unit"] or "", row["meaning"])
            for row in definition_rows()
            if row["table"] == table
        ]
        assert [row[0] for row in defined] == list(columns)
        assert defined == of_the_manual(table)


def test_a_column_nobody_defined_has_no_meaning():
    assert meaning_of("measurements", "area_mm2")["unit"] == "mm²"
    assert meaning_of("measurements", "no_such") == {"unit": "", "meaning": ""}
