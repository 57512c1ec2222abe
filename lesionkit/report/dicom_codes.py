"""The coded concepts that DICOM objects are written in; docs/reference/dicom.md lists them."""

import re
from typing import TYPE_CHECKING

from lesionkit.core.image import Modality
from lesionkit.core.measurement import SCHEME, Code
from lesionkit.core.units import Unit

if TYPE_CHECKING:
    from highdicom.sr import CodedConcept

FINDING = Code(value="18115005", scheme="SCT", meaning="Pathologic calcification")
CATEGORY = Code(value="49755003", scheme="SCT", meaning="Morphologically Abnormal Structure")
LOCAL_ANALYSIS = Code(value="123101", scheme="DCM", meaning="Neighborhood Analysis")
TOTAL = Code(value="255619001", scheme="SCT", meaning="Total")

TITLE = Code(value="126000", scheme="DCM", meaning="Imaging Measurement Report")
DEVICE = Code(value="121007", scheme="DCM", meaning="Device")

CRITERION = Code(value="112021", scheme="DCM", meaning="Response Evaluation Method")
RESPONSE = Code(value="RESPONSE", scheme=SCHEME, meaning="Response of calcinosis")
REASON = Code(value="REASON", scheme=SCHEME, meaning="Reason for the response")
SCALE_SOURCE = Code(value="SCALE_SOURCE", scheme=SCHEME, meaning="Where the millimetres come from")
CHANGE = Code(value="CHANGE_BASELINE", scheme=SCHEME, meaning="Change from baseline")

UNCERTAINTY = Code(value="371884006", scheme="SCT", meaning="+/-, range of measurement uncertainty")
UPPER = Code(value="371886008", scheme="SCT", meaning="+, range of upper measurement uncertainty")
LOWER = Code(value="371885007", scheme="SCT", meaning="-, range of lower measurement uncertainty")
"""DICOM PS3.16 CID 225."""

BASELINE = Code(value="C1442488", scheme="UMLS", meaning="Baseline")
"""As a time point (CID 6146)."""
BASELINE_EVENT = Code(value="121079", scheme="DCM", meaning="Baseline")
"""As what time is counted from (CID 280)."""
DAY = Code(value="d", scheme="UCUM", meaning="day")

CRITERIA = {
    "recist-1.1": Code(value="126081", scheme="DCM", meaning="RECIST 1.1"),
    "who": Code(value="112029", scheme="DCM", meaning="WHO"),
}

MEASURES = {
    "area": Code(value="42798000", scheme="SCT", meaning="Area"),
    "volume": Code(value="118565006", scheme="SCT", meaning="Volume"),
    "long_axis": Code(value="103339001", scheme="SCT", meaning="Long axis"),
    "short_axis": Code(value="103340004", scheme="SCT", meaning="Short axis"),
}
"""What is written of a deposit. A test holds them to the catalogue of measures."""

POLYGON_AREA = Code(value="122501", scheme="DCM", meaning="Area of closed irregular polygon")
SLICE_AREAS = Code(
    value="122503",
    scheme="DCM",
    meaning="Integration of sum of closed areas on contiguous slices",
)
VOXEL_SUM = Code(value="126030", scheme="DCM", meaning="Sum of segmented voxels")

UNITS = {
    Unit.MM: Code(value="mm", scheme="UCUM", meaning="millimeter"),
    Unit.MM2: Code(value="mm2", scheme="UCUM", meaning="square millimeter"),
    Unit.MM3: Code(value="mm3", scheme="UCUM", meaning="cubic millimeter"),
    Unit.PX: Code(value="{pixels}", scheme="UCUM", meaning="pixels"),
    Unit.PX2: Code(value="{pixels}2", scheme="UCUM", meaning="square pixels"),
    Unit.PX3: Code(value="{voxels}", scheme="UCUM", meaning="voxels"),
}
PERCENT = Code(value="%", scheme="UCUM", meaning="percent")

PROCEDURES = {
    Modality.XC: Code(value="197157006", scheme="SCT", meaning="Photography of patient"),
    Modality.DX: Code(value="43468-8", scheme="LN", meaning="XR unspecified body region"),
    Modality.CT: Code(value="25045-6", scheme="LN", meaning="CT unspecified body region"),
    Modality.MR: Code(value="25056-3", scheme="LN", meaning="MRI unspecified body region"),
}
"""By stream. DICOM PS3.16 CID 100."""

_SITES = {
    "hand": Code(value="85562004", scheme="SCT", meaning="Hand"),
    "finger": Code(value="7569003", scheme="SCT", meaning="Finger"),
    "thumb": Code(value="76505004", scheme="SCT", meaning="Thumb"),
    "elbow": Code(value="16953009", scheme="SCT", meaning="Elbow joint"),
    "forearm": Code(value="14975008", scheme="SCT", meaning="Forearm"),
    "knee": Code(value="72696002", scheme="SCT", meaning="Knee"),
    "thigh": Code(value="68367000", scheme="SCT", meaning="Thigh"),
    "foot": Code(value="56459004", scheme="SCT", meaning="Foot"),
    "toe": Code(value="29707007", scheme="SCT", meaning="Toe"),
    "buttock": Code(value="46862004", scheme="SCT", meaning="Buttock"),
    "trunk": Code(value="22943007", scheme="SCT", meaning="Trunk"),
}
_PAIRED_WORDS = {
    "upper-arm": Code(value="40983000", scheme="SCT", meaning="Upper arm"),
    "lower-leg": Code(value="30021000", scheme="SCT", meaning="Lower leg"),
}
_SIDES = {
    "left": Code(value="7771000", scheme="SCT", meaning="Left"),
    "right": Code(value="24028007", scheme="SCT", meaning="Right"),
    "both": Code(value="51440002", scheme="SCT", meaning="Bilateral"),
}


def site_codes(site: str) -> tuple[Code | None, Code | None]:
    """Return body part and side of a site's name; None for what its words do not tell.

    Examples
    --------
    >>> part, side = site_codes("left-hand")
    >>> part.meaning, side.meaning
    ('Hand', 'Left')
    """
    words = re.split(r"[^a-z]+", site.lower())
    joined = "-".join(words)
    part = next((code for name, code in _PAIRED_WORDS.items() if name in joined), None)
    part = part or next((_SITES[word] for word in words if word in _SITES), None)
    return part, next((_SIDES[word] for word in words if word in _SIDES), None)


def criterion_code(name: str) -> Code:
    """Return the code of a criterion: the standard's where it has one, else a private one with its name."""
    return CRITERIA.get(name, private(name))


def private(name: str) -> Code:
    """Return a private code for a word of lesionkit's own vocabulary."""
    return Code(value=name, scheme=SCHEME, meaning=name.replace("_", " ")[:64])


def concept(code: Code) -> "CodedConcept":
    """Return a code as highdicom writes it."""
    from highdicom.sr import CodedConcept

    return CodedConcept(value=code.value, scheme_designator=code.scheme, meaning=code.meaning[:64])
