"""The SDTM domains that are written: their variables in the implementation guide's order, and their terms."""

from dataclasses import dataclass

from lesionkit.core.image import Modality
from lesionkit.report.cells import Row

LONGEST = 200
"""Bytes that a text of a version 5 transport file may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A column of a domain.

    Parameters
    ----------
    name, label : str
        As the SDTM Implementation Guide 3.4 has them: at most 8 and 40 characters.
    core : str
        ``Req`` (never empty), ``Exp`` (always a column) or ``Perm``.
    is_number : bool
        Whether it holds numbers rather than text.
    """

    name: str
    label: str
    core: str
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A dataset: what it is called, its variables and its records.

    Parameters
    ----------
    name, label : str
        Such as ``TR``, ``Tumor/Lesion Results``.
    variables : tuple of Variable
        In order.
    rows : tuple of Row
        In order of patient and sequence number.
    """

    name: str
    label: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(variable.name for variable in self.variables)


def _variables(text: str) -> tuple[Variable, ...]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return tuple(
        Variable(name=name, label=label, core=core, is_number=kind == "Num")
        for name, label, kind, core in rows
    )


TU = Domain(
    name="TU",
    label="Tumor/Lesion Identification",
    variables=_variables("""
STUDYID|Study Identifier|Char|Req
DOMAIN|Domain Abbreviation|Char|Req
USUBJID|Unique Subject Identifier|Char|Req
TUSEQ|Sequence Number|Num|Req
TUREFID|Reference ID|Char|Perm
TUSPID|Sponsor-Defined Identifier|Char|Perm
TULNKID|Link ID|Char|Exp
TUTESTCD|Tumor/Lesion ID Short Name|Char|Req
TUTEST|Tumor/Lesion ID Test Name|Char|Req
TUORRES|Tumor/Lesion ID Result|Char|Exp
TUSTRESC|Tumor/Lesion ID Result Std. Format|Char|Exp
TULOC|Location of the Tumor/Lesion|Char|Exp
TULAT|Laterality|Char|Perm
TUMETHOD|Method of Identification|Char|Exp
TULOBXFL|Last Observation Before Exposure Flag|Char|Exp
TUEVAL|Evaluator|Char|Exp
VISITNUM|Visit Number|Num|Exp
TUDTC|Date/Time of Tumor/Lesion Identification|Char|Exp"""),
)
TR = Domain(
    name="TR",
    label="Tumor/Lesion Results",
    variables=_variables("""
STUDYID|Study Identifier|Char|Req
DOMAIN|Domain Abbreviation|Char|Req
USUBJID|Unique Subject Identifier|Char|Req
TRSEQ|Sequence Number|Num|Req
TRREFID|Reference ID|Char|Perm
TRLNKID|Link ID|Char|Exp
TRLNKGRP|Link Group|Char|Perm
TRTESTCD|Tumor/Lesion Assessment Short Name|Char|Req
TRTEST|Tumor/Lesion Assessment Test Name|Char|Req
TRORRES|Result or Finding in Original Units|Char|Exp
TRORRESU|Original Units|Char|Exp
TRSTRESC|Character Result/Finding in Std Format|Char|Exp
TRSTRESN|Numeric Result/Finding in Standard Units|Num|Exp
TRSTRESU|Standard Units|Char|Exp
TRSTAT|Completion Status|Char|Perm
TRREASND|Reason Not Done|Char|Perm
TRMETHOD|Method Used to Identify the Tumor/Lesion|Char|Exp
TRLOBXFL|Last Observation Before Exposure Flag|Char|Exp
TREVAL|Evaluator|Char|Exp
VISITNUM|Visit Number|Num|Exp
TRDTC|Date/Time of Tumor/Lesion Measurement|Char|Exp"""),
)
RS = Domain(
    name="RS",
    label="Disease Response and Clin Classification",
    variables=_variables("""
STUDYID|Study Identifier|Char|Req
DOMAIN|Domain Abbreviation|Char|Req
USUBJID|Unique Subject Identifier|Char|Req
RSSEQ|Sequence Number|Num|Req
RSLNKID|Link ID|Char|Perm
RSLNKGRP|Link Group ID|Char|Perm
RSTESTCD|Assessment Short Name|Char|Req
RSTEST|Assessment Name|Char|Req
RSCAT|Category for Assessment|Char|Exp
RSSCAT|Subcategory|Char|Perm
RSORRES|Result or Finding in Original Units|Char|Exp
RSSTRESC|Character Result/Finding in Std Format|Char|Exp
RSEVAL|Evaluator|Char|Perm
VISITNUM|Visit Number|Num|Exp
RSDTC|Date/Time of Assessment|Char|Exp"""),
)
_SUPPLEMENT = _variables("""
STUDYID|Study Identifier|Char|Req
RDOMAIN|Related Domain Abbreviation|Char|Req
USUBJID|Unique Subject Identifier|Char|Req
IDVAR|Identifying Variable|Char|Exp
IDVARVAL|Identifying Variable Value|Char|Exp
QNAM|Qualifier Variable Name|Char|Req
QLABEL|Qualifier Variable Label|Char|Req
QVAL|Data Value|Char|Req
QORIG|Origin|Char|Req
QEVAL|Evaluator|Char|Exp""")
SUPPTR = Domain(name="SUPPTR", label="Supplemental Qualifiers for TR", variables=_SUPPLEMENT)
SUPPRS = Domain(name="SUPPRS", label="Supplemental Qualifiers for RS", variables=_SUPPLEMENT)

QUALIFIERS = {
    "TRSTRSE": "Standard Error of Result",
    "TRSCALE": "Source of Scale",
    "TRCAUSE": "Cause of Absence",
    "RSCHGPCT": "Percent Change from Baseline",
    "RSCATEG": "Category in Words of lesionkit",
    "RSREASON": "Reasons for Assessment",
}
"""Labels of the supplemental qualifiers; all are the sponsor's own names."""

TESTS = {
    "long_axis": ("LDIAM", "Longest Diameter"),
    "short_axis": ("LPERP", "Longest Perpendicular"),
    "area": ("AREA", "Area"),
    "volume": ("VOLUME", "Volume"),
}
"""Test code and name by measure."""
STATE = ("TUMSTATE", "Tumor State")
IDENTIFICATION = ("LESIDENT", "Lesion Identification")
OVERALL = ("OVRLRESP", "Overall Response")
OF_ONE = ("DEPORESP", "Deposit Response")
"""The sponsor's own: the standard has no response of a single lesion."""

METHODS = {
    Modality.XC: "PHOTOGRAPHY",
    Modality.CR: "X-RAY",
    Modality.DX: "X-RAY",
    Modality.CT: "CT SCAN",
    Modality.MR: "MRI",
}
PLACES = frozenset(
    {
        *("ABDOMEN", "ANKLE", "ARM", "BACK", "BUTTOCK", "CHEST", "ELBOW", "FACE", "FINGER", "FOOT"),
        *("FOREARM", "HAND", "HEAD", "HIP", "KNEE", "LEG", "NECK", "PELVIS", "SHOULDER", "THIGH"),
        *("TOE", "WRIST"),
    }
)
"""Places of the body of which the name of a site is searched for one word."""
SIDES = {"left": "LEFT", "right": "RIGHT", "both": "BILATERAL", "bilateral": "BILATERAL"}
