from datetime import date

import pytest

from lesionkit.io.words import dates_in, is_noise, site_word, without_dates


@pytest.mark.parametrize(
    "name", ["2012-03-01", "20120301", "P01_2012-03-01_hand", "IMG_20120301_101500", "IMG-20120301-WA0001"]
)
def test_a_day_is_found_wherever_it_stands_in_a_name(name):
    assert dates_in(name) == (date(2012, 3, 1),)


@pytest.mark.parametrize(
    "name",
    [
        "2012-0301",
        "2012-13-01",
        "20120230",
        "120120301",
        "20120301101500",
        "1.2.840.20120301.5.6",
        "18120301",
        "2012",
    ],
)
def test_other_numbers_are_no_day(name):
    assert dates_in(name) == ()


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("2012-03-01", ""),
        ("P01_2012-03-01", "P01"),
        ("2012-03-01 - baseline", "baseline"),
        ("P01_20120301_101500_left", "P01 left"),
        ("Jane - Doe_2", "Jane - Doe_2"),
    ],
)
def test_a_name_without_its_dates_keeps_the_rest(name, rest):
    assert without_dates(name) == rest


@pytest.mark.parametrize(
    ("name", "without", "site"),
    [
        ("P01_2012-03-01_left-hand", ["P01"], "left-hand"),
        ("sub-P01_2012-03-01_Left Hand", ["P01", "sub-P01"], "left-hand"),
        ("left_hand.p01", ["P01"], "left-hand"),
        ("P012_left", ["P01"], "p012-left"),
        ("hand-2", ["2"], "hand-2"),
        ("2_hand", ["2"], "hand"),
        ("20120301", [], ""),
        ("Hüfte links", [], "hüfte-links"),
    ],
)
def test_a_site_is_what_is_left_without_patient_and_date(name, without, site):
    assert site_word(name, without=without) == site


@pytest.mark.parametrize(
    "word",
    [
        "img-1234",
        "img-e1234",
        "dsc0001",
        "p1010001",
        "i10",
        "im0001",
        "0001",
        "pxl-101112345",
        "img-wa0001",
        "scan",
    ],
)
def test_what_a_camera_says_is_noise(word):
    assert is_noise(word)


@pytest.mark.parametrize("word", ["ses", "ses-1", "visit-2", "follow-up-3", "m12", "baseline", ""])
def test_what_says_when_is_noise(word):
    assert is_noise(word)


@pytest.mark.parametrize("word", ["left-hand", "hand-2", "ct", "knee", "p01", "left"])
def test_what_a_person_says_is_not(word):
    assert not is_noise(word)
