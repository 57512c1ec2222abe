import pytest

from lesionkit.io.naming import given_name, unique_id


@pytest.mark.parametrize("text", ["left thumb", "D1", "Segment of elbow", "thumb 2"])
def test_what_a_person_wrote_is_a_name(text):
    assert given_name(f" {text} ") == text


@pytest.mark.parametrize("text", ["", " ", "3", "Segment_1", "segment 12", "Label 2", "Segmentation", "Mask"])
def test_what_a_program_counts_is_nobody_s_name(text):
    assert given_name(text) is None


def test_ids_stay_unique():
    taken = []
    for _ in range(3):
        taken.append(unique_id("thumb", taken))
    assert taken == ["thumb", "thumb (2)", "thumb (3)"]
