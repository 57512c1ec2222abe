from datetime import date

import pytest

from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure, Reference
from lesionkit.core.settings import BaselineRule, Settings
from lesionkit.errors import InputError
from lesionkit.io import read_settings

FULL = """
[cohort]
name = "Hands"
timepoint_window_days = 14
baseline = "first"

[criteria]
XC = "mine"
CR = "recist-1.1"

[[criterion]]
name = "mine"
measure = "area"
regression_pct = -30
progression_pct = 20
floor = 5.0
reference = "nadir"
new_deposit_is_progression = false
min_certainty = 0.8
citation = "Someone 2020"

[scale]
marker_dictionary = "DICT_4X4_50"
marker_size_mm = 20
reference_length_mm = 50.5

[sites]
LH = "left-hand"

[patients]
"Doe^Jane" = "P01"

[dates]
baseline = 2012-03-01
"P01/visit2" = "2013-04-02"
timed = 2014-05-06T10:00:00
"""


def settings(folder, text):
    (folder / "cohort.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_no_file_means_the_defaults(tmp_path):
    assert read_settings(tmp_path) == Settings()


def test_every_key_is_read(tmp_path):
    found = settings(tmp_path, FULL)
    assert (found.name, found.timepoint_window_days, found.baseline) == ("Hands", 14, BaselineRule.FIRST)
    assert found.criterion_name(Modality.XC) == "mine"
    assert found.criterion_name(Modality.CR) == found.criterion_name(Modality.DX) == "recist-1.1"
    (rule,) = found.custom_criteria
    assert (rule.name, rule.measure, rule.reference) == ("mine", BurdenMeasure.AREA, Reference.NADIR)
    assert (rule.regression_pct, rule.progression_pct, rule.floor) == (-30, 20, 5)
    assert (rule.new_deposit_is_progression, rule.min_certainty, rule.citation) == (
        False,
        0.8,
        "Someone 2020",
    )
    assert (found.scale.marker_dictionary, found.scale.marker_size_mm) == ("DICT_4X4_50", 20)
    assert found.scale.reference_length_mm == 50.5
    assert (found.sites, found.patients) == ({"LH": "left-hand"}, {"Doe^Jane": "P01"})
    assert found.dates == {
        "baseline": date(2012, 3, 1),
        "P01/visit2": date(2013, 4, 2),
        "timed": date(2014, 5, 6),
    }


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "cohort.toml").write_text("[cohort]\nname = 'Hände'", encoding="utf-8-sig")
    assert read_settings(tmp_path).name == "Hände"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "[cohort]\ntimepoint_windows_days = 3",
            "'timepoint_windows_days' in [cohort]",
            "'timepoint_window_days'",
        ),
        ("[chort]\nname = 'a'", "unknown table 'chort'", "'cohort'"),
        ("name = 'a'", "unknown table 'name'", "Known are: cohort"),
        ("[criteria]\nCTT = 'who'", "'CTT' in [criteria]", "'CT'"),
        ("[scale]\nmarkersize = 3", "'markersize' in [scale]", "'marker_size_mm'"),
        (
            "[[criterion]]\nname = 'a'\nregresion_pct = -3",
            "'regresion_pct' in [[criterion]]",
            "'regression_pct'",
        ),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path, text, message, hint):
    with pytest.raises(InputError) as caught:
        settings(tmp_path, text)
    assert message in caught.value.message
    assert "cohort.toml" in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[cohort]\ntimepoint_window_days = -1", "timepoint_window_days"),
        ("[cohort]\ntimepoint_window_days = true", "timepoint_window_days"),
        ("[cohort]\ntimepoint_window_days = 1.5", "timepoint_window_days"),
        ("[cohort]\nbaseline = 'last'", "one of treatment, first"),
        ("[cohort]\nname = 3", "name in [cohort]"),
        ("cohort = 3", "'cohort'"),
        ("[criteria]\nCR = 'who'\nDX = 'recist-1.1'", "same criterion"),
        ("[criterion]\nname = 'a'", "list of tables"),
        ("[[criterion]]\nregression_pct = -3", "no name"),
        ("[[criterion]]\nname = 'a'\nregression_pct = -3", "regression_pct and progression_pct"),
        ("[[criterion]]\nname = 'a'\nregression_pct = 25\nprogression_pct = 25", "regression_pct must lie"),
        ("[[criterion]]\nname = 'a'\nmeasure = 'weight'", "measure"),
        (
            "[[criterion]]\nname = 'a'\nregression_pct = -3\nprogression_pct = 3\n" * 2,
            "two [[criterion]]",
        ),
        ("[scale]\nmm_per_px = 0", "mm_per_px must be positive"),
        ("[scale]\nmm_per_px = nan", "mm_per_px"),
        ("[scale]\nmarker_size_mm = 20", "go together"),
        ("[scale]\nfield_diameter_mm = -20", "field_diameter_mm must be positive"),
        ("[scale]\nfind_rulers = 'no'", "find_rulers in [scale]"),
        ("[dates]\nbaseline = '01.03.2012'", "a date like 2012-03-01"),
        ("[dates]\nbaseline = 3", "a date like 2012-03-01"),
        ("[sites]\nLH = 3", "LH in [sites]"),
        ("[cohort", "not readable as TOML"),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_clear_line(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        settings(tmp_path, text)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_rulers_are_looked_for_unless_switched_off_and_a_field_has_a_diameter(tmp_path):
    assert settings(tmp_path, "").scale.find_rulers
    found = settings(tmp_path, "[scale]\nfind_rulers = false\nfield_diameter_mm = 20").scale
    assert not found.find_rulers
    assert found.field_diameter_mm == 20.0


def test_markers_have_sizes_of_their_own_and_a_tolerance(tmp_path):
    text = (
        "[scale]\nmarker_dictionary = 'DICT_4X4_50'\nmarker_size_mm = 20\n"
        "marker_sizes_mm = { 7 = 10.5, 12 = 30 }\nmarker_tolerance_mm = 0.05"
    )
    found = settings(tmp_path, text).scale
    assert found.marker_sizes_mm == {7: 10.5, 12: 30.0}
    assert found.marker_tolerance_mm == 0.05


def test_a_site_s_surface_is_declared_in_a_table_of_its_own(tmp_path):
    text = "[surface.left-hand]\nheight_mm = 3\n[surface.right-forearm]\nradius_mm = 35\n"
    found = settings(tmp_path, text).scale
    assert (found.at("left-hand").surface.height_mm, found.at("left-hand").surface.radius_mm) == (3, None)
    assert found.at("right-forearm").surface.radius_mm == 35
    assert "[surface.left-hand]" in found.at("left-hand").surface.source
    assert found.at("left-forearm").surface.radius_mm == 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scale]\nmarker_sizes_mm = { seven = 3 }", "sizes in mm by the markers' numbers"),
        ("[scale]\nmarker_sizes_mm = { 7 = -3 }", "size of marker 7"),
        ("[scale]\nmarker_tolerance_mm = -1", "marker_tolerance_mm"),
        ("[surface]\nheight_mm = 3", "height_mm"),
        ("[surface.left-hand]\nheight_mm = -3", "height_mm must be 0 or more"),
        ("[surface.left-hand]\nheigth_mm = 3", "'heigth_mm' in [surface.left-hand]"),
    ],
)
def test_wrong_sizes_and_surfaces_are_told(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        settings(tmp_path, text)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_utf8_is_told(tmp_path):
    (tmp_path / "cohort.toml").write_bytes("[cohort]\nname = 'Hände'".encode("latin-1"))
    with pytest.raises(InputError, match="not readable as TOML"):
        read_settings(tmp_path)


def test_calcium_is_calibrated_in_a_table_of_its_own(tmp_path):
    (tmp_path / "cohort.toml").write_text("[calcium]\nmg_per_ml_per_hu = 0.8\ndense_hu = 1200\n")
    found = read_settings(tmp_path).calcium
    assert (found.mg_per_ml_per_hu, found.dense_hu) == (0.8, 1200)


@pytest.mark.parametrize("line", ["dense_hu = 0", "mg_per_ml_per_hu = -1", "factor = 1"])
def test_a_calibration_of_calcium_that_cannot_be_is_refused(tmp_path, line):
    (tmp_path / "cohort.toml").write_text(f"[calcium]\n{line}\n")
    with pytest.raises(InputError, match="calcium"):
        read_settings(tmp_path)


def test_what_is_known_of_readers_is_read_by_modality(tmp_path):
    (tmp_path / "cohort.toml").write_text(
        '[errors]\nmodel = "mine"\n[errors.CR]\noutline_mm = 0.2\nreading_mm = 0.1\nsource = "us"\n'
        "[errors.CT]\nwsd_log = { volume = 0.06 }\nwsd = { long_axis = 0.5 }\n",
        encoding="utf-8",
    )
    errors = read_settings(tmp_path).errors
    assert errors.model == "mine"
    assert errors.reader(Modality.DX).outline_mm == 0.2
    assert errors.reader(Modality.DX).source == "us"
    assert errors.reader(Modality.CT).wsd_log == {"volume": 0.06}
    assert errors.reader(Modality.CT).wsd == {"long_axis": 0.5}
    assert errors.reader(Modality.XC).outline_mm is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[errors.XC]\noutline = 0.2\n", "unknown key 'outline'"),
        ("[errors.US]\noutline_mm = 0.2\n", "unknown key 'US'"),
        ("[errors.XC]\noutline_mm = -1\n", "0 or more"),
        ("[errors.XC]\nwsd = { colour = 1 }\n", "unknown measure 'colour'"),
        ("[errors.XC]\nwsd = { area = 1 }\nwsd_log = { area = 0.1 }\n", "both"),
        ("[errors.CR]\noutline_mm = 1\n[errors.DX]\noutline_mm = 1\n", "CR and DX"),
    ],
)
def test_wrong_errors_are_told(tmp_path, text, complaint):
    (tmp_path / "cohort.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=complaint):
        read_settings(tmp_path)
