import pytest
from pydicom.sr._concepts_dict import concepts

from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.measurement import Code
from lesionkit.core.response import Category
from lesionkit.core.units import Unit
from lesionkit.measure.catalogue import MEASURES
from lesionkit.report import dicom_codes as codes

STANDARD = {
    scheme: {value for named in concepts[scheme].values() for value in named}
    for scheme in ("DCM", "SCT", "UCUM", "LN")
}


def standard_codes():
    found = [value for value in vars(codes).values() if isinstance(value, Code)]
    for table in vars(codes).values():
        if isinstance(table, dict):
            found += [value for value in table.values() if isinstance(value, Code)]
    return [code for code in found if code.scheme in STANDARD]


@pytest.mark.parametrize("code", standard_codes(), ids=lambda code: f"{code.scheme} {code.value}")
def test_every_standard_code_is_in_the_standard_s_dictionary(code):
    # In UCUM, what stands in braces is an annotation that anyone may choose.
    assert code.value in STANDARD[code.scheme] or (code.scheme == "UCUM" and code.value[0] in "{%")


def test_measures_are_coded_as_the_catalogue_has_it():
    assert {name: code.value for name, code in codes.MEASURES.items()} == {
        name: MEASURES[name].code.value for name in codes.MEASURES
    }


def test_every_size_and_stream_has_a_code():
    assert {unit for unit in Unit if unit.value[:2] in ("mm", "px")} <= set(codes.UNITS)
    assert {modality.stream for modality in Modality} == set(codes.PROCEDURES)


@pytest.mark.parametrize("word", [*Category, *ScaleSource])
def test_private_codes_are_our_own_words(word):
    code = codes.private(word)
    assert (code.value, code.scheme) == (word, "99LESIONKIT")
    assert len(code.meaning) <= 64


@pytest.mark.parametrize(
    ("site", "part", "side"),
    [
        ("left-hand", "Hand", "Left"),
        ("upper-arm-right", "Upper arm", "Right"),
        ("hand-both-pa", "Hand", "Bilateral"),
        ("scalp", None, None),
    ],
)
def test_a_site_is_coded_by_its_words(site, part, side):
    found = codes.site_codes(site)
    assert tuple(code.meaning if code else None for code in found) == (part, side)
