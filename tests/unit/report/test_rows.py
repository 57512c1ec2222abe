from dataclasses import replace

import pytest

from lesionkit.report import cell_text, measurement_rows, problem_rows, response_rows, track_rows


def _one(rows, **wanted):
    found = [row for row in rows if all(cell_text(row[key]) == value for key, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


def test_a_millimetre_column_is_empty_without_a_scale_and_the_pixel_column_filled(outcome):
    rows = measurement_rows(outcome)
    plain = _one(rows, image="P02/2012-03-01/elbow.png", deposit="1")
    assert plain["area_mm2"] is None
    assert plain["row_spacing_mm"] is None
    assert plain["area_px2"] > 3000
    assert plain["scale_source"] == "none"


def test_a_pixel_column_is_empty_with_a_scale(outcome):
    scaled = _one(measurement_rows(outcome), image="P01/2012-03-01/left-hand.jpg", deposit="thumb")
    assert scaled["area_px2"] is None
    assert scaled["area_mm2"] == pytest.approx(20 * 26 * 3.14159 * 0.2 * 0.25, rel=0.02)
    assert (scaled["row_spacing_mm"], scaled["col_spacing_mm"]) == (0.2, 0.25)
    assert scaled["plane_spacing_mm"] is None
    assert (scaled["status"], scaled["role"], scaled["track"]) == ("confirmed", "target", "thumb")


def test_a_volume_tells_its_three_spacings_and_where_its_centre_lies(outcome):
    row = _one(measurement_rows(outcome), image="1.2.3.0", deposit="1")
    assert [row[f"{axis}_spacing_mm"] for axis in ("plane", "row", "col")] == [3.0, 0.5, 0.75]
    assert [row[f"centroid_{axis}"] for axis in ("plane", "row", "col")] == pytest.approx([5, 40, 50])
    assert (row["mean_intensity"], row["intensity_unit"]) == (640.5, "HU")


def test_the_centre_is_the_one_that_was_measured(outcome):
    # Of a deposit whose parts overlap, what they share counts once: only who measured it knows.
    moved = tuple(
        replace(m, quantity=replace(m.quantity, value=41.5)) if m.measure == "centroid_row" else m
        for m in outcome.measurements
    )
    rows = measurement_rows(replace(outcome, measurements=moved))
    assert _one(rows, image="1.2.3.0", deposit="1")["centroid_row"] == 41.5


def test_a_suggestion_belongs_to_no_track(outcome):
    assert _one(measurement_rows(outcome), status="suggested")["track"] is None


def test_a_radiograph_is_printed_as_it_was_made(outcome):
    assert {row["modality"] for row in measurement_rows(outcome)} == {"XC", "CR", "CT"}
    # Every radiograph of this patient is CR, so the stream is called so.
    assert {row["modality"] for row in response_rows(outcome)} == {"XC", "CR", "CT"}


def test_an_absent_track_is_zero_and_an_unseen_one_empty(outcome):
    rows = track_rows(outcome)
    absent = _one(rows, patient="P02", modality="CT", track="T2", date="2015-06-01")
    unseen = _one(rows, patient="P02", modality="CT", track="T2", date="2013-03-04")
    assert (absent["presence"], absent["value"], absent["unit"]) == ("absent", 0.0, "mm3")
    assert (unseen["presence"], unseen["value"], unseen["unit"]) == ("unseen", None, None)


def test_a_split_track_carries_both_parts(outcome):
    row = _one(track_rows(outcome), patient="P02", modality="CT", track="T1", date="2015-06-01")
    parts = [
        m["volume_mm3"] for m in measurement_rows(outcome) if m["image"] == "1.2.3.2" and m["track"] == "T1"
    ]
    assert len(parts) == 2
    assert row["deposits"] == "1;2"
    assert row["value"] == pytest.approx(sum(parts))
    assert row["category"] == "regression", "a final evaluation repeats a follow-up and is not another row"


def test_an_unconfirmed_match_says_so(outcome):
    row = _one(track_rows(outcome), modality="CR", date="2015-06-01")
    assert (row["match_confirmed"], row["matched_by"], row["match_score"]) == ("no", "overlap", 0.62)
    assert _one(track_rows(outcome), modality="CR", date="2012-03-01")["match_confirmed"] is None


def test_a_response_keeps_its_limits_probabilities_and_reasons(outcome):
    row = _one(response_rows(outcome), modality="CT", site="forearm", evaluation="final")
    assert (row["change_pct_low"], row["change_pct_high"], row["p_regression"]) == (-80.0, -60.0, 0.99)
    assert (row["unit"], row["reasons"]) == ("mm3", "below_regression")
    photo = _one(response_rows(outcome), modality="XC", site="all", evaluation="final", patient="P01")
    assert photo["reasons"] == "above_progression;new_deposit"
    assert photo["label"] == "progressive"


def test_problems_come_as_they_are(outcome):
    assert [row["severity"] for row in problem_rows(outcome)] == ["error", "warning", "info"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (365318.0, "365318"),
        (123456789.25, "123456789"),
        (1234567890123.0, "1234567890123"),
        (1e-5, "0.00001"),
        (-2e-13, "0"),
        (-0.0, "0"),
        (9.9999999, "10"),
        (-25.0, "-25"),
        (3, "3"),
    ],
)
def test_a_number_is_written_without_exponent_and_without_noise(value, text):
    assert cell_text(value) == text
