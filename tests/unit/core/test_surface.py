"""What is assumed of a site's surface."""

import pytest

from lesionkit.core.settings import ScaleSettings
from lesionkit.core.surface import Surface, usual_surface


@pytest.mark.parametrize(
    ("site", "radius_mm"),
    [
        ("left-hand", None),
        ("left-index-finger", 8.0),
        ("Right_Thumb", 8.0),
        ("right forearm", 40.0),
        ("right-elbow", 40.0),
        ("", None),
        ("armpit", None),
    ],
)
def test_a_site_is_curved_as_the_words_of_its_name_say(site, radius_mm):
    assert usual_surface(site).radius_mm == radius_mm


def test_what_is_declared_of_a_site_goes_before_what_is_usual():
    declared = Surface(height_mm=5.0)
    settings = ScaleSettings(surfaces={"left-forearm": declared})
    assert settings.at("left-forearm").surface is declared
    assert settings.at("right-forearm").surface.radius_mm == 40.0


@pytest.mark.parametrize("bad", [{"height_mm": -1.0}, {"radius_mm": 0.0}, {"radius_mm": float("inf")}])
def test_heights_and_radii_are_lengths(bad):
    with pytest.raises(ValueError, match="must be"):
        Surface(**bad)
