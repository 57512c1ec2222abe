"""What a DICOM object is to us: an image of the patient, outlines, or something to leave out."""

import re
from dataclasses import dataclass

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.header import TRAITS, Header, Slice
from lesionkit.io.dicom.references import Kind, kind_of, read_references

_STORAGE = "1.2.840.10008.5.1.4.1.1."

_IMAGES = {
    _STORAGE + "1": Modality.CR,
    _STORAGE + "1.1": Modality.DX,
    _STORAGE + "1.1.1": Modality.DX,
    _STORAGE + "2": Modality.CT,
    _STORAGE + "2.1": Modality.CT,
    _STORAGE + "2.2": Modality.CT,
    _STORAGE + "4": Modality.MR,
    _STORAGE + "4.1": Modality.MR,
    _STORAGE + "4.4": Modality.MR,
    _STORAGE + "77.1.4": Modality.XC,
    _STORAGE + "77.1.7": Modality.XC,
}
"""SOP classes of images we measure."""

_BY_MODALITY = {
    "XC": Modality.XC,
    "DMS": Modality.XC,
    "CR": Modality.CR,
    "RG": Modality.CR,
    "DX": Modality.DX,
    "CT": Modality.CT,
    "MR": Modality.MR,
}

_DOSE = _STORAGE + "481.2"

_SURVEYS = {"LOCALIZER", "SCOUT", "SURVEY", "SURVIEW", "TOPOGRAM"}
_SCOUT = re.compile(r"(?<![A-Z])(LOCALI[SZ]ER|SCOUT|SURVEY|(3|TRI)-?PL(ANE)?[ _-]LOC)(?![A-Z])")
"""How MR series are described whose planes only serve to plan others: their ImageType tells nothing."""

_PROJECTIONS = {"MIP", "MINIP", "MAXIP", "PROJECTION", "VRT", "VOLREN", "SSD", "CPR", "CURVED"}
_SCREENS = {"SCREEN", "SCREENSHOT", "SCREENSAVE", "DOSE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Why an object is not read.

    Parameters
    ----------
    severity : Severity
        ``INFO`` where it is no image of the patient.
    code : str
        Of the problem.
    what : str
        What it is, as a clinician calls it.
    hint : str
        What to do; empty where nothing need be done.
    """

    severity: Severity
    code: str
    what: str
    hint: str = ""


class Outlines:
    """The object holds outlines: a segmentation, a structure set, a report or graphics with regions."""


OUTLINES = Outlines()


def role_of(header: Header) -> Modality | Outlines | LeftOut:
    """Return what a file is: an image of some modality, outlines, or something to leave out, and why."""
    kind = kind_of(header.sop_class, header.modality)
    if kind is not None:
        return _outlines(header, kind)
    if not header.slices:
        return _without_pixels(header)
    modality = _modality(header)
    if modality is None:
        return _foreign(header)
    return _picture_of_nothing(header, modality) or modality


def _outlines(header: Header, kind: Kind) -> Outlines | LeftOut:
    if kind in (Kind.SEG, Kind.RTSTRUCT):
        return OUTLINES
    # Most reports and presentation states outline nothing: they are no matter of ours.
    try:
        found = read_references(header.path)
    except ReadError:
        what = "a structured report or presentation state that breaks off or nests its content absurdly deep"
        return _damaged("dicom_unreadable", what)
    return OUTLINES if found is not None and found.outlines_something else _not_an_image(_name(header))


def _without_pixels(header: Header) -> LeftOut:
    claims_pixels = header.sop_class in _IMAGES or (not header.sop_class and header.modality in _BY_MODALITY)
    if claims_pixels:
        return _damaged("dicom_truncated", "an image whose header breaks off before its size is told")
    if not header.sop_class and not header.modality:
        return _damaged(
            "dicom_unreadable", "a file that does not say what it is, or breaks off before it does"
        )
    return _not_an_image(_name(header))


def _damaged(code: str, what: str) -> LeftOut:
    return LeftOut(severity=Severity.ERROR, code=code, what=what, hint="Export it again from the archive.")


def _modality(header: Header) -> Modality | None:
    stated = _BY_MODALITY.get(header.modality)
    if _is_capture(header):
        # A photograph is often wrapped so, and so is a digitised film; what else is captured is a screen.
        is_film = header.conversion == "DF" and stated in (Modality.CR, Modality.DX)
        return stated if stated is Modality.XC or is_film else None
    if not header.sop_class:
        return stated
    found = _IMAGES.get(header.sop_class)
    return stated if found is Modality.CR and stated is Modality.DX else found


def _is_capture(header: Header) -> bool:
    return header.sop_class == _STORAGE + "7" or header.sop_class.startswith(_STORAGE + "7.")


def _picture_of_nothing(header: Header, modality: Modality) -> LeftOut | None:
    if not modality.is_volume:
        return None
    if modality is Modality.MR and _SCOUT.search(header.description.upper()):
        return _not_an_image("a localizer")
    return _computed(header.image_type) or (
        _not_an_image("a screenshot or colour picture made by the scanner") if header.samples > 1 else None
    )


def role_of_frame(frame: Slice) -> LeftOut | None:
    """Return why one frame of a CT or MR file is left out; None where it shows the patient."""
    return _computed(tuple(value.upper() for value in frame.traits[_FRAME_TYPE].split("\\")))


_FRAME_TYPE = TRAITS.index("FrameType")


def _computed(image_type: tuple[str, ...]) -> LeftOut | None:
    words = {word for value in image_type[2:] for word in re.split(r"[ _/]+", value)}
    if words & _SURVEYS:
        return _not_an_image("a localizer")
    if words & _PROJECTIONS or {"MIN", "IP"} <= words or {"MAX", "IP"} <= words:
        return _not_an_image("a projection or rendering computed from other images")
    if words & _SCREENS:
        return _not_an_image("a screenshot or colour picture made by the scanner")
    return None


def _foreign(header: Header) -> LeftOut:
    if _is_capture(header) or header.sop_class == _DOSE:
        what = "a secondary capture (a screenshot or scanned page)" if _is_capture(header) else "a dose map"
        return _not_an_image(what)
    if "image" not in _name(header).lower() and header.sop_class:
        return _not_an_image(_name(header))
    return LeftOut(
        severity=Severity.WARNING,
        code="dicom_modality_not_read",
        what=f"{_name(header)} (modality {header.modality or 'not given'})",
    )


def _not_an_image(what: str) -> LeftOut:
    return LeftOut(severity=Severity.INFO, code="dicom_not_an_image", what=what)


def _name(header: Header) -> str:
    name = tags.uid_name(header.sop_class)
    if name and name != header.sop_class:
        return name.removesuffix(" Storage")
    return "an object of a private kind" if header.sop_class else "an object that does not say what it is"
