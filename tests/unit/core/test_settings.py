import pytest

from lesionkit.core.image import Modality
from lesionkit.core.settings import DEFAULT_CRITERION, BaselineRule, ScaleSettings, Settings


def test_baseline_is_before_treatment_unless_the_user_says_otherwise():
    assert Settings().baseline is BaselineRule.TREATMENT


@pytest.mark.parametrize("modality", [Modality.CR, Modality.DX])
def test_the_criterion_of_radiographs_holds_for_cr_and_dx(modality):
    settings = Settings(criteria={Modality.DX: "who"})
    assert settings.criterion_name(modality) == "who"
    assert settings.criterion_name(Modality.CT) == DEFAULT_CRITERION


def test_a_window_of_days_is_not_negative():
    with pytest.raises(ValueError, match="timepoint_window_days"):
        Settings(timepoint_window_days=-1)


@pytest.mark.parametrize("name", ["marker_size_mm", "mm_per_px", "reference_length_mm"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_sizes_are_positive(name, value):
    with pytest.raises(ValueError, match=name):
        ScaleSettings(**{"marker_dictionary": "DICT_4X4_50", "marker_size_mm": 20} | {name: value})


@pytest.mark.parametrize("half", [{"marker_dictionary": "DICT_4X4_50"}, {"marker_size_mm": 20}])
def test_a_marker_needs_its_dictionary_and_its_size(half):
    with pytest.raises(ValueError, match="go together"):
        ScaleSettings(**half)


def test_settings_cannot_be_changed_from_outside():
    sites = {"lh": "left-hand"}
    settings = Settings(sites=sites)
    sites["lh"] = "foot"
    assert settings.sites == {"lh": "left-hand"}
    with pytest.raises(TypeError):
        settings.sites["lh"] = "foot"
