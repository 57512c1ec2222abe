"""Whether two pictures of a site were taken alike enough to be compared, and in what they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Comparable(StrEnum):
    """The plain verdict on two pictures."""

    YES = "comparable"
    WITH_CARE = "comparable_with_care"
    RETAKE = "not_comparable"
    """The later one should be taken again."""


class Difference(StrEnum):
    """In what two pictures differ: stable codes; `DIFFERENCES` holds the sentence of each."""

    NOT_ALIGNED = "not_aligned"
    LITTLE_OVERLAP = "little_overlap"
    NEARER = "nearer"
    FARTHER = "farther"
    OTHER_ANGLE = "other_angle"
    BLURRED = "blurred"
    DARKER = "darker"
    BRIGHTER = "brighter"
    OVEREXPOSED = "overexposed"
    OTHER_COLOUR = "other_colour"


DIFFERENCES: Mapping[Difference, str] = MappingProxyType(
    {
        Difference.NOT_ALIGNED: "The two pictures could not be laid on one another.",
        Difference.LITTLE_OVERLAP: "Part of the skin around the deposits is not on the later picture.",
        Difference.NEARER: "The later picture was taken from nearer, so that the skin is shown larger.",
        Difference.FARTHER: "The later picture was taken from farther off, so that skin is shown smaller.",
        Difference.OTHER_ANGLE: "The two were taken from different sides.",
        Difference.BLURRED: "The later picture is less sharp.",
        Difference.DARKER: "The later picture is darker.",
        Difference.BRIGHTER: "The later picture is brighter.",
        Difference.OVEREXPOSED: "The later picture is so bright that skin is lost in white.",
        Difference.OTHER_COLOUR: "The light has another colour.",
    }
)
"""What each code means, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparability:
    """How alike a picture was taken to the first one of its site.

    Parameters
    ----------
    image, baseline : str
        Ids of the two.
    verdict : Comparable
        Whether they may be compared.
    differences : tuple of Difference
        Why not, or why with care; empty where they are alike.
    scale_ratio : float, optional
        Pixels per length of skin, over those of the first picture.
    distance_ratio : float, optional
        From how much farther away it was taken, with a lens of the same angle of view.
    tilt_deg, roll_deg : float, optional
        How far the camera was held from another side (at least), and turned in the picture's plane.
    overlap : float, optional
        Share of the surroundings of the first picture's deposits that is on this one.
    sharpness_ratio : float, optional
        Strength of fine detail on the skin both show, over that of the first picture.
    exposure_stops : float, optional
        How much brighter the skin is: 1 is twice the light.
    clipped_share : float, optional
        Share of the skin that is as bright as the file can say.
    colour_delta : float, optional
        Difference of the skin's colour without its brightness, in units of CIELAB (of a* and b*).
    residual_px, residual_mm : float, optional
        Typical distance left between what was laid on one another, on the first picture.
    """

    image: str
    baseline: str
    verdict: Comparable
    differences: tuple[Difference, ...] = ()
    scale_ratio: float | None = None
    distance_ratio: float | None = None
    tilt_deg: float | None = None
    roll_deg: float | None = None
    overlap: float | None = None
    sharpness_ratio: float | None = None
    exposure_stops: float | None = None
    clipped_share: float | None = None
    colour_delta: float | None = None
    residual_px: float | None = None
    residual_mm: float | None = None
