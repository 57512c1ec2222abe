"""The tables beside the sample's pictures are those that the command writes."""

from pathlib import Path

import pytest

from lesionkit.phantom import participants
from lesionkit.phantom.answers import ANSWERS
from lesionkit.phantom.tables import write_tables

SAMPLE = Path(__file__).parents[3] / "sample_images"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("tables")
    write_tables(out, participants(), [], [])
    return out


@pytest.mark.parametrize(
    "name",
    [
        *("patients.csv", "treatments.csv", "questionnaire.csv", "scores.csv", "adverse_events.csv"),
        *("cohort.toml", "README.md"),
    ],
)
def test_the_committed_tables_are_made_byte_for_byte(written, name):
    assert (written / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_answers_are_counted_as_in_the_paper():
    counted = {item: (said.count("y"), len(said.replace("-", ""))) for item, said in ANSWERS}
    assert counted == {
        "softening of lesions": (3, 6),
        "reduction of pain": (5, 6),
        "cessation of progression": (5, 6),
        "improved general condition": (5, 6),
        "improved mobility": (1, 3),
        "overall benefit": (5, 6),
    }
    assert {len(said) for _, said in ANSWERS} == {7}
