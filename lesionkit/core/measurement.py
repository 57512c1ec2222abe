"""What can be measured, and what was."""

from dataclasses import dataclass
from enum import StrEnum

from lesionkit.core.grid import ScaleSource
from lesionkit.core.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A coded concept as DICOM writes it: value, scheme designator and meaning."""

    value: str
    scheme: str
    meaning: str


SCHEME = "99LESIONKIT"
"""Designator of the coded concepts for which DICOM has none."""

STANDARD_ERROR = Code(value="STANDARD_ERROR", scheme=SCHEME, meaning="Standard error")
"""Of a reported number, in its own unit."""


class Dimension(StrEnum):
    """What kind of number a measure is, which says what units it can have."""

    LENGTH = "length"
    AREA = "area"
    VOLUME = "volume"
    INTENSITY = "intensity"
    """In the image's own unit of pixel values."""
    POSITION = "position"
    """In pixels, also where the image has a scale."""
    SHARE = "share"
    """In percent."""
    NUMBER = "number"
    SCORE = "score"
    MASS = "mass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that can be measured of a deposit.

    Parameters
    ----------
    name : str
        As in tables, without its unit: ``area``, ``long_axis``.
    meaning : str
        How it is defined, one sentence.
    dimension : Dimension
        What kind of number it is.
    code : Code, optional
        The coded concept of the DICOM standard.
    source : str
        Where the definition or its thresholds come from; empty for what needs none.
    """

    name: str
    meaning: str
    dimension: Dimension
    code: Code | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measure of one deposit on one image.

    Parameters
    ----------
    image : str
        Id of the image.
    deposit : str
        Id of the deposit in that image; empty for what is measured of all of them together.
    measure : str
        Name of the measure.
    quantity : Quantity
        The value with its unit and standard error.
    scale_source : ScaleSource
        Where the millimetres come from.
    about : str
        Name of the landmark or of the region of interest it refers to; empty where it needs none.
    """

    image: str
    deposit: str
    measure: str
    quantity: Quantity
    scale_source: ScaleSource
    about: str = ""
