"""How one image's coordinates are carried onto another's."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen, homogeneous
from lesionkit.core.region import Outline
from lesionkit.core.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A part of a planar image that moved by itself, such as a finger that is spread, and how it lies.

    Parameters
    ----------
    here, there : tuple of Outline
        Where it lies on the source, and where on the target.
    matrix : array_like, shape (3, 3)
        Carries its homogeneous ``(row, col, 1)`` pixel coordinates of the source to those of the target.
    residual : Quantity, optional
        Typical distance left between corresponding points of it, in the target's length unit.
    is_reliable : bool
        False where it moved, but nobody knows how: its matrix is then a guess.

    Raises
    ------
    ValueError
        If its matrix is none, or its outlines lie on a plane of a volume.
    """

    here: tuple[Outline, ...]
    there: tuple[Outline, ...]
    matrix: Floats
    residual: Quantity | None = None
    is_reliable: bool = True

    def __post_init__(self) -> None:
        matrix = frozen(self.matrix)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
            raise ValueError("a part is carried by a finite 3 x 3 matrix")
        if any(outline.plane is not None for outline in (*self.here, *self.there)):
            raise ValueError("only planar images have parts")
        object.__setattr__(self, "matrix", matrix)

    def holds(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return which points of the source lie in it or on its line, shape (n,)."""
        # Loaded here so that `import lesionkit` stays light.
        from shapely import MultiPolygon, intersects_xy, prepare

        shape = MultiPolygon([(outline.exterior, outline.holes) for outline in self.here])
        prepare(shape)
        rows, cols = np.atleast_2d(np.asarray(points, dtype=np.float64)).T
        return np.asarray(intersects_xy(shape, rows, cols), dtype=np.bool_)

    def inverse(self) -> "Part":
        """Return the same part from target to source."""
        return replace(self, here=self.there, there=self.here, matrix=_inverse(self.matrix))


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
    parts : tuple of Part
        What moved by itself, and is carried by a matrix of its own; of several that hold a point, the first.

    Raises
    ------
    ValueError
        If the matrix is none, or that of a volume has parts.
    """

    source: str
    target: str
    matrix: Floats
    method: str
    residual: Quantity | None = None
    is_reliable: bool = True
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        matrix = frozen(self.matrix)
        if matrix.shape not in ((3, 3), (4, 4)) or not np.isfinite(matrix).all():
            raise ValueError("a transform is a finite 3 x 3 or 4 x 4 matrix")
        if self.parts and len(matrix) != 3:
            raise ValueError("only planar images have parts")
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
        """Return points of the source in pixel coordinates of the target, shape (n, d).

        Each is carried by the part in which it lies. What must not be torn is carried by `at`.
        """
        carried = homogeneous(self.matrix, points)
        for part in reversed(self.parts):
            inside = part.holds(points)
            carried[inside] = homogeneous(part.matrix, np.atleast_2d(points)[inside])
        return carried

    def at(self, points: npt.ArrayLike) -> "Transform":
        """Return the transform, without parts, of whatever holds most of some points of the source.

        So a deposit goes as a whole with the finger on which most of it lies. Where two hold equally
        many it is the earlier one, the whole before any part.
        """
        if not self.parts:
            return self
        held = [part.holds(points) for part in self.parts]
        counts = [int((~np.any(held, axis=0)).sum()), *(int(each.sum()) for each in held)]
        most = int(np.argmax(counts))
        if most == 0:
            return replace(self, parts=())
        part = self.parts[most - 1]
        return replace(
            self,
            matrix=part.matrix,
            residual=part.residual,
            is_reliable=self.is_reliable and part.is_reliable,
            parts=(),
        )

    def inverse(self) -> "Transform":
        """Return the transform from target to source (its residuals stay in the old target's unit)."""
        return replace(
            self,
            source=self.target,
            target=self.source,
            matrix=_inverse(self.matrix),
            parts=tuple(part.inverse() for part in self.parts),
        )


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


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
