"""From points whose places on a flat print are known, to the plane they lie on and its error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.calibrate.fitting import Fit, fit
from lesionkit.calibrate.lens import UNKNOWN_LENS, Lens, distorted
from lesionkit.core.arrays import Floats, frozen, homogeneous


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Print:
    """Points of one flat print: where they are seen, and where they are on it.

    Parameters
    ----------
    seen : array_like, shape (n, 2)
        ``(row, col)`` in pixels, centres on integers; at least four, no three of four on a line.
    printed_mm : array_like, shape (n, 2)
        ``(down, across)`` on the print.
    covariance : array_like, shape (2n, 2n)
        Of `seen`, px²: row and column of the first point, of the second, and so on.

    Raises
    ------
    ValueError
        If there are fewer than four points, or the shapes do not fit.
    """

    seen: Floats
    printed_mm: Floats
    covariance: Floats

    def __post_init__(self) -> None:
        for name in ("seen", "printed_mm", "covariance"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        number = len(self.seen)
        if number < 4 or self.seen.shape != (number, 2) or self.printed_mm.shape != (number, 2):
            raise ValueError("a print has four points or more, each with its place on it")
        if self.covariance.shape != (2 * number, 2 * number):
            raise ValueError("the covariance has a row for each coordinate of each point")

    @classmethod
    def of(cls, seen: Floats, printed_mm: Floats, *, sigma_px: float) -> "Print":
        """Return a print all of whose points were found independently with one standard error."""
        return cls(seen=seen, printed_mm=printed_mm, covariance=np.eye(2 * len(seen)) * sigma_px**2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """The plane that prints lie on, as a photograph shows it.

    Parameters
    ----------
    homography : ndarray of float, shape (3, 3)
        Carries ``(row, col, 1)`` to mm ``(down, across)`` of the first print.
    covariance : ndarray of float, shape (9, 9)
        Of its entries, row by row.
    residual_px, residual_mm : float
        Root mean square distance of where points are seen and where the plane says; mm at the prints.
    redundancy : int
        How many more coordinates were seen than the plane and the prints' places on it need.
    misfit : float
        Residuals over their expected size: the root of chi² per redundant coordinate. Where it is above 1,
        `covariance` is the larger by its square.
    centre : ndarray of float, shape (2,)
        ``(row, col)`` of the middle of the prints.
    distance_mm : float
        From the camera to the prints.
    distance_rel_se : float
        Its relative standard error.
    tilt_deg : float
        Between the plane's normal and the line of sight to the prints.
    distortion_se : float
        Standard error of the lens's distortion in the corner of the picture that the prints leave.
    """

    homography: Floats
    covariance: Floats
    residual_px: float
    residual_mm: float
    redundancy: int
    misfit: float
    centre: Floats
    distance_mm: float
    distance_rel_se: float
    tilt_deg: float
    distortion_se: float


def fit_plane(prints: Sequence[Print], *, shape: tuple[int, ...], lens: Lens = UNKNOWN_LENS) -> Plane:
    """Return the plane on which prints lie.

    Pose of the camera over the plane (6 numbers), its focal length, its optical centre, its radial distortion
    and the print's width over height are found together by least squares; what is known of the lens
    beforehand counts as observed. Of several prints each further one lies on the plane at an
    unknown place (3 numbers), so that they must agree in size and tilt only; points of a card or board whose
    places are known to one another are one print. The homography is the one that carries the points as the
    fitted camera shows them to their places: it follows the distortion where the prints are,
    and departs from it with the square of the distance from there.

    Parameters
    ----------
    prints : sequence of Print
        At least one.
    shape : tuple of int
        Rows and columns of the picture.
    lens : Lens
        What is known of the camera.

    Raises
    ------
    ValueError
        If there is no print, or its points lie on a line.

    References
    ----------
    Hartley R, Zisserman A. Multiple View Geometry in Computer Vision, 2nd ed., chapters 5 and 8.
    Zhang Z. A flexible new technique for camera calibration. IEEE PAMI 2000;22:1330-4.
    """
    if not prints:
        raise ValueError("a plane needs a print")
    camera = _Camera(prints, shape, lens)
    found = min((fit(camera.residuals, start) for start in camera.starts()), key=lambda one: one.chi2)
    return camera.plane(found)


_POSE, _FOCAL, _CENTRE, _SHARE, _ASPECT, _OWN = slice(0, 6), 6, slice(7, 9), 9, 10, 11


class _Camera:
    """The picture as a function of the camera's and the prints' parameters."""

    def __init__(self, prints: Sequence[Print], shape: tuple[int, ...], lens: Lens) -> None:
        self.prints = prints
        self.middle = (np.asarray(shape[-2:], dtype=np.float64) - 1) / 2
        self.radius = math.hypot(*shape[-2:]) / 2
        self.focal = lens.focal_px(shape[-2:])
        self.priors = np.array(
            [lens.focal_rel_se, lens.centre_se, lens.centre_se, lens.distortion_se, lens.aspect_se]
        )
        self.whitening = [np.linalg.inv(np.linalg.cholesky(_regular(one.covariance))) for one in prints]
        self.size = max(float(np.ptp(one.printed_mm, axis=0).max()) for one in prints)
        first = homography_of(prints[0].printed_mm, prints[0].seen)
        self.to_plane = [np.zeros(3)]
        for other in prints[1:]:
            self.to_plane.append(_laid(other, np.asarray(np.linalg.inv(first))))
        self.rotation, self.shift = _pose(first, self.focal, self.middle)

    def starts(self) -> list[Floats]:
        """Return where to start from: the plane as seen, and tipped to the other side.

        A small square seen from afar looks almost the same from both.
        """
        middle = self.rotation[:, :2] @ self.prints[0].printed_mm.mean(axis=0) + self.shift
        sight = middle / np.linalg.norm(middle)
        normal = self.rotation[:, 2]
        # Half a turn about the normal and half a turn about the line of sight: the normal tips over.
        tipped = _half_turn(sight) @ _half_turn(normal) @ self.rotation
        out = []
        for rotation in (self.rotation, tipped):
            shift = middle - rotation[:, :2] @ self.prints[0].printed_mm.mean(axis=0)
            pose = [*_rotation_vector(rotation), *(shift / self.shift[2])]
            out.append(np.array([*pose, *np.zeros(len(self.priors)), *np.ravel(self.to_plane[1:])]))
        return out

    def seen(self, parameters: Floats, points_mm: Floats, own: Floats) -> Floats:
        """Return where points of a print are seen, ``(row, col)``."""
        rotation = _rotation(parameters[:3])
        stretched = points_mm * np.exp([parameters[_ASPECT] / 2, -parameters[_ASPECT] / 2])
        turned = stretched @ _turn(own[0]).T + own[1:]
        in_camera = turned @ rotation[:, :2].T + parameters[3:6] * self.shift[2]
        focal = self.focal * math.exp(parameters[_FOCAL])
        centre = self.middle + parameters[_CENTRE] * self.radius
        ideal = centre + focal * in_camera[:, :2] / in_camera[:, 2:]
        return distorted(ideal, centre=centre, radius=self.radius, share=float(parameters[_SHARE]))

    def residuals(self, parameters: Floats) -> Floats:
        """Return differences over their standard errors: of all coordinates, then of the lens."""
        parts = [
            white @ (self.seen(parameters, one.printed_mm, own) - one.seen).ravel()
            for one, white, own in zip(self.prints, self.whitening, self._own(parameters), strict=True)
        ]
        return np.concatenate([*parts, parameters[_FOCAL:_OWN] / self.priors])

    def _own(self, parameters: Floats) -> list[Floats]:
        return [np.zeros(3), *parameters[_OWN:].reshape(-1, 3)]

    def homography(self, parameters: Floats) -> Floats:
        """Return the matrix from pixels to mm of the first print that holds where the prints are."""
        seen, places = [], []
        for one, own in zip(self.prints, self._own(parameters), strict=True):
            seen.append(self.seen(parameters, one.printed_mm, own))
            places.append(one.printed_mm @ _turn(own[0]).T + own[1:])
        return homography_of(np.concatenate(seen), np.concatenate(places))

    def plane(self, found: Fit) -> Plane:
        """Return what is to be told of the plane."""
        best = found.parameters
        shown = [
            self.seen(best, one.printed_mm, own)
            for one, own in zip(self.prints, self._own(best), strict=True)
        ]
        apart = np.concatenate([one.seen for one in self.prints]) - np.concatenate(shown)
        homography = self.homography(best)
        apart_mm = homogeneous(homography, np.concatenate(shown) + apart) - homogeneous(
            homography, np.concatenate(shown)
        )
        redundancy = sum(2 * len(one.seen) for one in self.prints) - 3 * len(self.prints) - 3
        misfit = math.sqrt(found.chi2 / redundancy)
        covariance = found.covariance * max(misfit, 1.0) ** 2
        slopes = found.slopes_of(lambda p: self.homography(p).ravel())
        middle_mm = self.prints[0].printed_mm.mean(axis=0)
        rotation, shift = _rotation(best[:3]), best[3:6] * self.shift[2]
        middle = rotation[:, :2] @ middle_mm + shift
        depth = found.slopes_of(lambda p: np.array([p[5]]))
        cosine = abs(rotation[:, 2] @ middle) / np.linalg.norm(middle)
        return Plane(
            homography=homography,
            covariance=slopes @ covariance @ slopes.T,
            residual_px=math.sqrt(float(np.mean(np.sum(apart**2, axis=1)))),
            residual_mm=math.sqrt(float(np.mean(np.sum(apart_mm**2, axis=1)))),
            redundancy=redundancy,
            misfit=misfit,
            centre=np.concatenate(shown).mean(axis=0),
            distance_mm=float(np.linalg.norm(middle)),
            distance_rel_se=math.sqrt(float((depth @ covariance @ depth.T).item())) / float(best[5]),
            tilt_deg=math.degrees(math.acos(min(float(cosine), 1.0))),
            distortion_se=math.sqrt(float(covariance[_SHARE, _SHARE])),
        )


def homography_of(points: Floats, onto: Floats) -> Floats:
    """Return the matrix that carries points onto others, shape (3, 3), with entry (2, 2) equal to 1.

    Parameters
    ----------
    points, onto : ndarray of float, shape (n, 2)
        At least four; of more, the algebraic least squares of coordinates shifted and scaled.

    References
    ----------
    Hartley R. In defense of the eight-point algorithm. IEEE PAMI 1997;19:580-93.
    """
    from_unit, to_unit = _to_unit(points), _to_unit(onto)
    here, there = homogeneous(from_unit, points), homogeneous(to_unit, onto)
    ones, zeros = np.ones((len(here), 1)), np.zeros((len(here), 3))
    left = np.block(
        [
            [here, ones, zeros, -here * there[:, :1]],
            [zeros, here, ones, -here * there[:, 1:]],
        ]
    )
    entries = np.linalg.lstsq(left, there.T.ravel(), rcond=None)[0]
    matrix = np.linalg.inv(to_unit) @ np.append(entries, 1.0).reshape(3, 3) @ from_unit
    return np.asarray(matrix / matrix[2, 2])


def _to_unit(points: Floats) -> Floats:
    middle = points.mean(axis=0)
    scale = math.sqrt(2) / float(np.sqrt(np.sum((points - middle) ** 2, axis=1)).mean())
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])


def _regular(covariance: Floats) -> Floats:
    """Return a covariance to which a thousandth of a pixel is added, so that it can be inverted."""
    return np.asarray(covariance + np.eye(len(covariance)) * 1e-6)


def _pose(to_picture: Floats, focal: float, middle: Floats) -> tuple[Floats, Floats]:
    """Return rotation and shift of a plane whose homography onto the picture is known."""
    lens = np.array([[focal, 0, middle[0]], [0, focal, middle[1]], [0, 0, 1]])
    columns = np.linalg.solve(lens, to_picture)
    columns *= math.copysign(1.0, columns[2, 2]) / np.linalg.norm(columns[:, :2], axis=0).mean()
    rotation = np.column_stack([columns[:, 0], columns[:, 1], np.cross(columns[:, 0], columns[:, 1])])
    left, _, right = np.linalg.svd(rotation)
    return left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right, columns[:, 2]


def _laid(one: Print, to_mm: Floats) -> Floats:
    """Return turn and shift of a print on the plane of another, as far as that plane tells them."""
    places = homogeneous(to_mm, one.seen)
    here, there = one.printed_mm - one.printed_mm.mean(axis=0), places - places.mean(axis=0)
    turn = math.atan2(
        float(np.sum(here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0])), float(np.sum(here * there))
    )
    return np.array([turn, *(places.mean(axis=0) - _turn(turn) @ one.printed_mm.mean(axis=0))])


def _turn(angle: float) -> Floats:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _half_turn(axis: Floats) -> Floats:
    return np.asarray(2 * np.outer(axis, axis) - np.eye(3))


def _rotation(vector: Floats) -> Floats:
    """Return the rotation about a vector by its length (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    a, b, c = vector / angle
    cross = np.array([[0, -c, b], [c, 0, -a], [-b, a, 0]])
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross)


def _rotation_vector(rotation: Floats) -> Floats:
    import cv2

    return np.asarray(cv2.Rodrigues(rotation)[0], dtype=np.float64).ravel()
