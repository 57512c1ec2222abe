import pytest

from lesionkit.core.region import Status
from lesionkit.io.naming import given_name, titled, unique_id


@pytest.mark.parametrize("text", ["left thumb", "D1", "Segment of elbow", "thumb 2"])
def test_what_a_person_wrote_is_a_name(text):
    assert given_name(f" {text} ") == text


@pytest.mark.parametrize(
    "text", ["", " ", "3", "Segment_1", "segment 12", "Label 2", "Segmentation", "Mask", "lesionkit:T1"]
)
def test_what_a_program_counts_is_nobody_s_name(text):
    assert given_name(text) is None


def test_ids_stay_unique():
    taken = []
    for _ in range(3):
        taken.append(unique_id("thumb", taken))
    assert taken == ["thumb", "thumb (2)", "thumb (3)"]


@pytest.mark.parametrize(
    ("texts", "name", "place"),
    [
        ({"label": "thumb"}, "thumb", None),
        ({"label": "thumb (excised)"}, "thumb", Status.EXCISED),
        ({"label": "Segment_3 (extruded)"}, None, Status.EXTRUDED),
        ({"label": "lesionkit:T1 (excised)"}, None, Status.EXCISED),
        ({"tracked": "thumb", "label": "thumb (excised)"}, "thumb", Status.EXCISED),
        ({"tracked": "thumb (excised)", "label": "other"}, "thumb", Status.EXCISED),
        ({"tracked": "lesionkit:T1", "label": "lesionkit:T1 (not-assessable)"}, None, Status.NOT_ASSESSABLE),
        ({"tracked": "thumb", "label": "x", "described": " Excised "}, "thumb", Status.EXCISED),
        ({"label": "thumb", "described": "excised in part"}, "thumb", None),
        ({}, None, None),
    ],
)
def test_a_segment_s_texts_say_whose_it_is_and_what_became_of_it(texts, name, place):
    title = titled(**texts)
    assert (title.name, title.place) == (name, place)
