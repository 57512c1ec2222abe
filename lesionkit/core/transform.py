"""How one image's coordinates are carried onto another's."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen, homogeneous
from lesionkit.core.region import Outline
from lesionkit.core.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transform:
    """Carries pixel coordinates of one image onto another; outlines are carried, never pixels.

    Parameters
    ----------
    source, target : str
        Ids of the images.
    matrix : array_like, shape (3, 3) or (4, 4)
        Carries homogeneous ``(row, col, 1)`` or ``(plane, row, col, 1)`` pixel coordinates of the
        source to pixel coordinates of the target.
    method : str
        ``identity``, ``frame-of-reference``, ``features``, ``intensity`` or ``landmarks``.
    residual : Quantity, optional
        Typical distance left between corresponding points, in the target's length unit (mm or px).
    is_reliable : bool
        False where the alignment failed its checks: what is matched through it is unconfirmed.
    """

    source: str
    target: str
    matrix: Floats
    method: str
    residual: Quantity | None = None
    is_reliable: bool = True

    def __post_init__(self) -> None:
        matrix = frozen(self.matrix)
        if matrix.shape not in ((3, 3), (4, 4)) or not np.isfinite(matrix).all():
            raise ValueError("a transform is a finite 3 x 3 or 4 x 4 matrix")
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def identity(cls, source: str, target: str, *, axes: int, is_reliable: bool = True) -> "Transform":
        """Return the transform that leaves coordinates as they are."""
        return cls(
            source=source,
            target=target,
            matrix=np.eye(axes + 1),
            method="identity",
            is_reliable=is_reliable,
        )

    def carry(self, points: npt.ArrayLike) -> Floats:
        """Return points of the source in pixel coordinates of the target, shape (n, d)."""
        return homogeneous(self.matrix, points)

    def inverse(self) -> "Transform":
        """Return the transform from target to source (its residual stays in the old target's unit)."""
        return Transform(
            source=self.target,
            target=self.source,
            matrix=np.asarray(np.linalg.inv(self.matrix), dtype=np.float64),
            method=self.method,
            residual=self.residual,
            is_reliable=self.is_reliable,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """A deposit's outlines as they lie on another picture, by the skin around the deposit itself.

    Parameters
    ----------
    deposit : str
        Id of the deposit on its own picture.
    regions : tuple of Outline
        On the other picture; none where they could not be carried.
    area_rel_se : float
        Relative standard error that carrying adds to an area.
    refused : str
        Half a sentence that follows "because": why there is none; empty where there is.

    Raises
    ------
    ValueError
        If it has neither outlines nor a reason, or both.
    """

    deposit: str
    regions: tuple[Outline, ...] = ()
    area_rel_se: float = 0.0
    refused: str = ""

    def __post_init__(self) -> None:
        if bool(self.regions) == bool(self.refused):
            raise ValueError("a deposit is carried, or there is a reason why not")
