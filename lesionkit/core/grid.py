"""Where an image's pixels lie, and why we believe it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen, homogeneous
from lesionkit.core.uncertainty import ErrorPart, ScaleError, combined
from lesionkit.core.units import LENGTH, Unit
from lesionkit.errors import CalibrationError


class ScaleSource(StrEnum):
    """Why we believe an image's millimetres."""

    PATIENT_PLANE = "patient-plane"
    """DICOM spacing in the patient: cross-sectional images, or a radiograph calibrated in DICOM."""
    MAGNIFICATION_CORRECTED = "magnification-corrected"
    """Detector spacing divided by the estimated radiographic magnification factor."""
    DETECTOR_PLANE = "detector-plane"
    """DICOM spacing at the detector: larger than the patient by the (unknown) magnification."""
    UNSPECIFIED_PLANE = "unspecified-plane"
    """A radiograph's PixelSpacing of which DICOM does not say at which plane it holds."""
    MARKER = "marker"
    RULER = "ruler"
    TWO_POINTS = "two-points"
    REFERENCE_LENGTH = "reference-length"
    MANIFEST = "manifest"
    """Declared by the user (images.csv, cohort.toml or the outline file)."""
    BASELINE_PICTURE = "baseline-picture"
    """No millimetres: sizes in pixels of the first picture of the site, onto which this one is aligned. Never
    of a grid, only of measurements that say how much something has changed."""
    NONE = "none"
    """No scale: everything is in pixels."""

    def comparable_with(self, other: "ScaleSource") -> bool:
        """Whether sizes from two sources may be compared over time.

        One source with itself always may (the same bias at both timepoints cancels); two different
        ones only where both claim the patient's own millimetres. A detector-plane or unspecified
        spacing is biased by magnification (DICOM PS3.3 section 10.7), so it is compared with its like only.
        """
        return self == other or not ({self, other} & _NOT_THE_PATIENT)


_NOT_THE_PATIENT = {
    ScaleSource.DETECTOR_PLANE,
    ScaleSource.UNSPECIFIED_PLANE,
    ScaleSource.BASELINE_PICTURE,
    ScaleSource.NONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleClaim:
    """What someone says of an image's scale: points on something of known length, or mm per pixel.

    Parameters
    ----------
    source : ScaleSource
        ``TWO_POINTS``, ``RULER`` or ``REFERENCE_LENGTH`` with points; ``MANIFEST`` with `mm_per_px`.
    points : tuple of (float, float), optional
        Two ``(row, col)`` in pixels, centres on integers; or three on a circle such as a coin's rim.
    length_mm : float, optional
        The distance of two points on the object, or the circle's diameter; None where the settings'
        reference length is meant.
    mm_per_px : float, optional
        One scale for both axes.
    rel_se : float, optional
        Relative standard error of a length; None where not known.

    Raises
    ------
    ValueError
        If it has neither or both of points and `mm_per_px`, points that coincide or three on a line, or a
        length that is not positive.
    """

    source: ScaleSource
    points: tuple[tuple[float, float], ...] | None = None
    length_mm: float | None = None
    mm_per_px: float | None = None
    rel_se: float | None = None

    def __post_init__(self) -> None:
        if (self.points is None) == (self.mm_per_px is None):
            raise ValueError("a scale is either two points or mm_per_px")
        if self.points is not None:
            self._points_must_fit(np.asarray(self.points, dtype=np.float64))
        for name in ("length_mm", "mm_per_px"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise ValueError(f"{name} must be positive, not {value}")
        if self.rel_se is not None and not 0 <= self.rel_se < np.inf:
            raise ValueError(f"rel_se must be 0 or more, not {self.rel_se}")

    @staticmethod
    def _points_must_fit(points: Floats) -> None:
        if points.shape not in ((2, 2), (3, 2)):
            raise ValueError(f"a scale has two points, or three on a circle, not {len(points)}")
        if len(np.unique(points, axis=0)) < len(points):
            raise ValueError("the two points of a scale must differ")
        if len(points) == 3 and abs(np.linalg.det(points[1:] - points[0])) < 1e-6:
            raise ValueError("the three points of a circle must not lie on a line")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Where an image's pixels lie: shape, spacing and place.

    Coordinates are ``(row, col)`` or ``(plane, row, col)`` in pixels, centres on integers.

    Parameters
    ----------
    shape : tuple of int
        ``(rows, columns)`` or ``(planes, rows, columns)``.
    spacing_mm : tuple of float, optional
        Distance of neighbouring pixel centres along each axis, in `shape`'s order; between planes
        it is the distance along their normal. None where the image has no scale.
    affine : array_like, shape (4, 4), optional
        Volumes: carries ``(plane, row, col, 1)`` to DICOM patient coordinates (LPS, mm);
        right-handed. Under gantry tilt it is sheared, and its determinant is still the voxel's volume.
    homography : array_like, shape (3, 3), optional
        Photographs with perspective: carries ``(row, col, 1)`` to mm on the object's plane.
        `spacing_mm` then holds at the image's centre.
    frame_of_reference : str, optional
        DICOM FrameOfReferenceUID: two volumes that share it lie in the same coordinates.
    scale_source : ScaleSource
        Why we believe `spacing_mm`; ``NONE`` exactly where `spacing_mm` is None.
    scale_error : ScaleError, optional
        How far the scale may be off; None where that is not known.
    aspect : float
        Height of a pixel over its width where there is no spacing (DICOM PixelAspectRatio): for showing only.

    Raises
    ------
    ValueError
        If the parts contradict one another.
    """

    shape: tuple[int, ...]
    spacing_mm: tuple[float, ...] | None = None
    affine: Floats | None = None
    homography: Floats | None = None
    frame_of_reference: str | None = None
    scale_source: ScaleSource = ScaleSource.NONE
    scale_error: ScaleError | None = None
    aspect: float = 1.0

    def __post_init__(self) -> None:
        if len(self.shape) not in (2, 3) or min(self.shape) < 1:
            raise ValueError(f"a grid has 2 or 3 axes of at least one pixel, not {self.shape}")
        if (self.spacing_mm is None) != (self.scale_source is ScaleSource.NONE):
            raise ValueError("a grid has a spacing exactly where it has a scale source")
        if self.spacing_mm is not None:
            if len(self.spacing_mm) != len(self.shape):
                raise ValueError("a grid has one spacing per axis")
            if not all(0 < s < np.inf for s in self.spacing_mm):
                raise ValueError(f"spacings must be positive, not {self.spacing_mm}")
        if not 0 < self.aspect < np.inf:
            raise ValueError(f"a pixel has a height and a width, not {self.aspect}")
        if self.affine is not None:
            object.__setattr__(self, "affine", frozen(self.affine))
            self._affine_must_fit(self.affine)
        if self.homography is not None:
            if self.spacing_mm is None or len(self.shape) != 2:
                raise ValueError("a homography needs a planar image with a spacing")
            object.__setattr__(self, "homography", frozen(self.homography))

    def _affine_must_fit(self, affine: Floats) -> None:
        if self.spacing_mm is None or len(self.shape) != 3:
            raise ValueError("an affine needs a volume with a spacing")
        volume = float(np.linalg.det(np.asarray(affine)[:3, :3]))
        if not np.isclose(volume, self.voxel_volume_mm3, rtol=1e-3):
            raise ValueError(
                f"the affine's determinant {volume:.6g} is not the voxel's volume "
                f"{self.voxel_volume_mm3:.6g} mm3 (left-handed, or another spacing)"
            )

    @property
    def is_calibrated(self) -> bool:
        """Whether lengths come in mm."""
        return self.spacing_mm is not None

    @property
    def is_planar(self) -> bool:
        """Whether the image is one plane (a photograph or a radiograph)."""
        return len(self.shape) == 2

    @property
    def length_unit(self) -> Unit:
        """Unit of a length on this grid: mm where it is calibrated, else px."""
        return LENGTH[self.is_calibrated]

    @property
    def scale_rel_se(self) -> float | None:
        """Relative standard error of a length at the image's centre by its scale; None where not known."""
        if self.scale_error is None:
            return None
        return combined(self.scale_parts_at((np.asarray(self.shape[-2:]) - 1) / 2))

    def scale_parts_at(self, point: npt.ArrayLike) -> tuple[ErrorPart, ...]:
        """Return what the scale's error is made of at ``(row, col)``; nothing where it is not known."""
        if self.scale_error is None:
            return ()
        return self.scale_error.at(np.asarray(point, dtype=np.float64), homography=self.homography)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel, mm3: the product of the spacings.

        Raises
        ------
        CalibrationError
            If the image has no scale or is planar.
        """
        if self.spacing_mm is None or self.is_planar:
            raise CalibrationError(
                "this image has no voxel volume", hint="A volume needs a spacing along three axes."
            )
        return float(np.prod(self.spacing_mm))

    def locate(self, points: npt.ArrayLike) -> Floats:
        """Return where points lie, in `length_unit`.

        Straight lines stay straight, so polygons may be measured by their carried vertices.

        Parameters
        ----------
        points : array_like, shape (n, 2) or (n, 3)
            Pixel coordinates in the order of `shape`.

        Returns
        -------
        ndarray of float, shape (n, 2) or (n, 3)
            Planar: mm (rows, then columns) in the image's plane; volumes: LPS mm; uncalibrated: px.
        """
        if self.homography is not None:
            return homogeneous(self.homography, points)
        if self.affine is not None:
            return homogeneous(self.affine, points)
        spacing = np.asarray(self.spacing_mm or (1.0,) * len(self.shape), dtype=np.float64)
        return np.asarray(np.atleast_2d(np.asarray(points, dtype=np.float64)) * spacing)

    def contains(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return which points lie on the image: within half a pixel of its outermost pixel centres.

        Parameters
        ----------
        points : array_like, shape (n, d)
            Pixel coordinates.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        pts = np.atleast_2d(np.asarray(points, dtype=np.float64))
        inside = (pts >= -0.5) & (pts <= np.asarray(self.shape) - 0.5)
        return np.asarray(inside.all(axis=1))
