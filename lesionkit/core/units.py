"""Numbers that know their unit, so that mm and px can never be mixed up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lesionkit.core.uncertainty import ErrorTerm, by_cause, summed
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
    MG = "mg"
    """Mass of calcium hydroxyapatite."""
    PERCENT = "%"
    """A share of a hundred."""
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
        Standard error in the same unit; None where it is not known (which is not zero). Where `errors` are
        given it is theirs together.
    errors : tuple of ErrorTerm
        What the standard error is made of, where that is known: what is shared with other quantities
        adds up in their sum and cancels in their difference.

    Raises
    ------
    ValueError
        If the value is not finite or the standard error is negative or not finite.
    """

    value: float
    unit: Unit
    standard_error: float | None = None
    errors: tuple[ErrorTerm, ...] = ()

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity must be finite, not {self.value}")
        if self.errors:
            object.__setattr__(self, "standard_error", _together(self.errors))
        if self.standard_error is not None and not 0 <= self.standard_error < math.inf:
            raise ValueError(f"a standard error must be 0 or more, not {self.standard_error}")

    def __add__(self, other: "Quantity") -> "Quantity":
        """Sum of two quantities of one unit; independent errors add in quadrature, shared ones add."""
        self._must_share_unit(other)
        return total((self, other))

    def __sub__(self, other: "Quantity") -> "Quantity":
        """Difference of two quantities of one unit; independent errors add in quadrature, shared cancel."""
        self._must_share_unit(other)
        return _weighted([(self, 1.0), (other, -1.0)])

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

    def relative_covariance(self, other: "Quantity") -> float | None:
        """Covariance of the logarithms of two quantities; of one with itself, its relative variance.

        To first order ``sum of (effect / value) · (effect' / value')`` over the causes both share. None
        where either is zero, or an error is not known.
        """
        if self.standard_error is None or other.standard_error is None or 0 in (self.value, other.value):
            return None
        if self is other:
            return (self.standard_error / self.value) ** 2
        mine, theirs = by_cause(self.errors), by_cause(other.errors)
        return math.fsum(
            mine[cause] / self.value * theirs[cause] / other.value for cause in mine if cause in theirs
        )

    def _must_share_unit(self, other: "Quantity") -> None:
        if self.unit != other.unit:
            raise ComparisonError(
                f"{self.unit} and {other.unit} cannot be combined",
                hint="Give both images a scale, or compare both in pixels.",
            )


def total(quantities: Sequence[Quantity]) -> Quantity:
    """Return the sum of quantities of one unit, its error from theirs; it does not hang on their order.

    Independent errors add in quadrature; errors with a cause in common (one scale, one reading) add as
    they are. The error is unknown where any is.

    Raises
    ------
    ValueError
        If there is none.
    ComparisonError
        If they have different units.
    """
    if not quantities:
        raise ValueError("a sum needs at least one quantity, for its unit")
    for quantity in quantities[1:]:
        quantities[0]._must_share_unit(quantity)
    return _weighted([(quantity, 1.0) for quantity in quantities])


def _weighted(summands: Sequence[tuple[Quantity, float]]) -> Quantity:
    value = math.fsum(weight * quantity.value for quantity, weight in summands)
    unit = summands[0][0].unit
    errors = [quantity.standard_error for quantity, _ in summands]
    known = [error for error in errors if error is not None]
    if len(known) < len(errors):
        return Quantity(value=value, unit=unit)
    if not any(quantity.errors for quantity, _ in summands):
        return Quantity(value=value, unit=unit, standard_error=math.sqrt(math.fsum(e * e for e in known)))
    terms = ((term, weight) for quantity, weight in summands for term in _terms(quantity))
    return Quantity(value=value, unit=unit, errors=summed(terms))


def _terms(quantity: Quantity) -> tuple[ErrorTerm, ...]:
    """Return what a known standard error is made of: of one that is not taken apart, itself."""
    if quantity.errors or not quantity.standard_error:
        return quantity.errors
    return (ErrorTerm(name="stated", source="given with the size", effect=quantity.standard_error),)


def _together(terms: tuple[ErrorTerm, ...]) -> float:
    shared = by_cause(terms).values()
    own = (term.effect for term in terms if not term.shared_by)
    return math.sqrt(math.fsum(effect * effect for effect in (*shared, *own)))
