"""An alignment as found, before it is believed, or the reason why there is none."""

from dataclasses import dataclass

from lesionkit.core.arrays import Floats
from lesionkit.core.transform import Part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """An alignment that passed its checks.

    Parameters
    ----------
    matrix : ndarray of float, shape (d + 1, d + 1)
        Carries pixel coordinates of the image onto the baseline.
    method : str
        ``features``, ``intensity`` or ``landmarks``.
    residual : float, optional
        Typical distance left between corresponding points, in the baseline's length unit; None where
        nothing tells it.
    parts : tuple of Part
        What moved by itself.
    """

    matrix: Floats
    method: str
    residual: float | None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No alignment that could be believed.

    Parameters
    ----------
    why : str
        Half a sentence that follows "because".
    """

    why: str
