"""The catalogue is what tables and DICOM rely on."""

import pytest

from lesionkit.core.units import Unit
from lesionkit.measure import MEASURES
from lesionkit.measure.catalogue import column


def test_measures_stand_in_the_order_of_the_table():
    assert list(MEASURES) == [
        "area",
        "perimeter",
        "long_axis",
        "short_axis",
        "volume",
        "mean_intensity",
        "max_intensity",
        "min_intensity",
        "sd_intensity",
        "agatston",
        "centroid_row",
        "centroid_col",
        "centroid_plane",
    ]


def test_every_code_is_in_dicoms_own_dictionary_with_that_meaning():
    from pydicom.sr.codedict import codes

    coded = [measure.code for measure in MEASURES.values() if measure.code is not None]
    assert len(coded) == 6
    known = {
        (code.value, code.scheme_designator): code.meaning
        for code in (
            codes.SCT.Area,
            codes.SCT.Perimeter,
            codes.SCT.LongAxis,
            codes.SCT.ShortAxis,
            codes.SCT.Volume,
            codes.DCM.CalciumScore,
        )
    }
    assert {(code.value, code.scheme): code.meaning for code in coded} == known


@pytest.mark.parametrize(
    ("measure", "unit", "expected"),
    [
        ("area", Unit.MM2, "area_mm2"),
        ("perimeter", Unit.MM, "perimeter_mm"),
        ("long_axis", Unit.PX, "long_axis_px"),
        ("volume", Unit.PX3, "volume_px3"),
        ("centroid_row", Unit.PX, "centroid_row"),
        ("agatston", Unit.AGATSTON, "agatston"),
        ("max_intensity", Unit.HU, "max_intensity"),
    ],
)
def test_only_sizes_carry_their_unit_in_the_column(measure, unit, expected):
    assert column(measure, unit) == expected
