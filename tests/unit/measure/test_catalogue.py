"""The catalogue is what tables and DICOM rely on."""

from pathlib import Path

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
        "equivalent_diameter",
        "ellipse_area",
        "circularity",
        "solidity",
        "max_diameter",
        "surface_area",
        "sphericity",
        "parts",
        "p10_intensity",
        "median_intensity",
        "p90_intensity",
        "rim_intensity",
        "contrast",
        "calcium_volume",
        "calcium_mass",
        "integrated_volume",
        "erythema",
        "rim_erythema",
        "whiteness",
        "rim_whiteness",
        "colour_delta_e",
        "landmark_distance",
        "coverage",
        "density_grade",
    ]


def test_every_code_is_in_dicoms_own_dictionary_with_that_meaning():
    from pydicom.sr.codedict import codes

    coded = [measure.code for measure in MEASURES.values() if measure.code is not None]
    assert len(coded) == 11
    known = {
        (code.value, code.scheme_designator): code.meaning
        for code in (
            codes.SCT.Area,
            codes.SCT.Perimeter,
            codes.SCT.LongAxis,
            codes.SCT.ShortAxis,
            codes.SCT.Volume,
            codes.DCM.CalciumScore,
            codes.DCM.CalciumVolume,
            codes.DCM.CalciumMass,
            codes.IBSI.Maximum3DDiameterOfAMesh,
            codes.IBSI.SurfaceAreaOfMesh,
            codes.IBSI.Sphericity,
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
        ("calcium_mass", Unit.MG, "calcium_mass_mg"),
        ("sphericity", Unit.ONE, "sphericity"),
    ],
)
def test_only_sizes_carry_their_unit_in_the_column(measure, unit, expected):
    assert column(measure, unit) == expected


def test_the_page_of_measures_says_what_the_catalogue_says():
    page = Path(__file__).parents[3] / "docs/reference/measures.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    for measure in MEASURES.values():
        code = f"{measure.code.scheme} {measure.code.value}" if measure.code else ""
        row = f"| `{measure.name}` | {measure.dimension} | {measure.meaning} | {code} | {measure.source} |"
        assert row in lines
