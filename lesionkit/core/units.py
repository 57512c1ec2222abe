"""Numbers that know their unit, so that mm and px can never be mixed up."""

import math
from dataclasses import dataclass
from enum import StrEnum

from lesionkit.errors import ComparisonError


class Unit(StrEnum):
    """Every unit a number of lesionkit can have; a closed vocabulary."""

    MM = "mm"
    MM2 = "mm2"
    MM3 = "mm3"
    PX = "px"
    PX2 = "px2"
    PX3 = "px3"
    """Voxels: the volume of a volume image without a scale."""
    HU = "HU"
    GREY = "grey"
    """Luma of a photograph as a fraction of full scale, 0 to 1."""
    STORED = "stored"
    """Pixel value of a radiograph or MR image after its rescale: it has no physical unit."""
    AGATSTON = "Agatston"
    """Agatston calcium score."""
    ONE = "1"
    """A plain number."""

    @property
    def is_metric(self) -> bool:
        """Whether this is a length, area or volume in millimetres."""
        return self in (Unit.MM, Unit.MM2, Unit.MM3)


LENGTH = {True: Unit.MM, False: Unit.PX}
AREA = {True: Unit.MM2, False: Unit.PX2}
VOLUME = {True: Unit.MM3, False: Unit.PX3}
"""The unit of a length, an area, a volume: indexed by whether the image is calibrated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A finite number with its unit and, where known, its standard error.

    Parameters
    ----------
    value : float
        The number, in `unit`.
    unit : Unit
        What it is counted in.
    standard_error : float, optional
        Standard error in the same unit; None where it is not known (which is not zero).

    Raises
    ------
    ValueError
        If the value is not finite or the standard error is negative or not finite.
    """

    value: float
    unit: Unit
    standard_error: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity must be finite, not {self.value}")
        if self.standard_error is not None and not 0 <= self.standard_error < math.inf:
            raise ValueError(f"a standard error must be 0 or more, not {self.standard_error}")

    def __add__(self, other: "Quantity") -> "Quantity":
        """Sum of two quantities of one unit; independent errors add in quadrature."""
        self._must_share_unit(other)
        return Quantity(
            value=self.value + other.value, unit=self.unit, standard_error=_quadrature(self, other)
        )

    def __sub__(self, other: "Quantity") -> "Quantity":
        """Difference of two quantities of one unit; independent errors add in quadrature."""
        self._must_share_unit(other)
        return Quantity(
            value=self.value - other.value, unit=self.unit, standard_error=_quadrature(self, other)
        )

    def __lt__(self, other: "Quantity") -> bool:
        """Whether this is the smaller of two quantities of one unit."""
        self._must_share_unit(other)
        return self.value < other.value

    def change_pct_from(self, reference: "Quantity") -> float | None:
        """Change from a reference in percent of it; None where the reference is zero.

        Defined as ``100 * (self - reference) / reference``.

        Raises
        ------
        ComparisonError
            If the two have different units.
        """
        self._must_share_unit(reference)
        if reference.value == 0:
            return None
        return 100.0 * (self.value - reference.value) / reference.value

    def _must_share_unit(self, other: "Quantity") -> None:
        if self.unit != other.unit:
            raise ComparisonError(
                f"{self.unit} and {other.unit} cannot be combined",
                hint="Give both images a scale, or compare both in pixels.",
            )


def _quadrature(a: Quantity, b: Quantity) -> float | None:
    if a.standard_error is None or b.standard_error is None:
        return None
    return math.hypot(a.standard_error, b.standard_error)
