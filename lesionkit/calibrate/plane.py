"""From points whose places on a flat print are known, to the plane they lie on and its error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.calibrate.fitting import Fit, fit
from lesionkit.calibrate.homography import homography_of, of_square
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
    distortion : float
        The lens's distortion in the corner of the picture, as a share of the distance from its middle.
    distortion_se : float
        Its standard error.
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
    distortion: float
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
    return camera.plane(fit(camera.residuals, camera.start))


_CORNERS, _FOCAL, _CENTRE, _SHARE, _OWN = slice(0, 8), 8, slice(9, 11), 11, 12


class _Camera:
    """The picture as a function of the plane's, the camera's and the prints' parameters.

    The plane is told by where a perfect lens would show four corners around the first print. That four
    corners are a square seen by a camera is an observation like any other: pixels hold the plane, so that
    the search goes straight down even where focal length and tilt can hardly be told apart.
    """

    def __init__(self, prints: Sequence[Print], shape: tuple[int, ...], lens: Lens) -> None:
        self.prints = prints
        self.middle = (np.asarray(shape[-2:], dtype=np.float64) - 1) / 2
        self.radius = math.hypot(*shape[-2:]) / 2
        self.focal = lens.focal_px(shape[-2:])
        self.priors = np.array([lens.focal_rel_se, lens.centre_se, lens.centre_se, lens.distortion_se])
        self.square_se = lens.aspect_se
        self.whitening = [np.linalg.inv(np.linalg.cholesky(_regular(one.covariance))) for one in prints]
        first = homography_of(prints[0].printed_mm, prints[0].seen)
        low, high = prints[0].printed_mm.min(axis=0), prints[0].printed_mm.max(axis=0)
        self.frame_mm = np.array([low, (low[0], high[1]), high, (high[0], low[1])])
        self.frame = homogeneous(first, self.frame_mm)
        self.to_frame = np.asarray(np.linalg.inv(of_square(self.frame_mm)))
        own = [_laid(other, np.asarray(np.linalg.inv(first))) for other in prints[1:]]
        self.start = np.concatenate([np.zeros(_OWN), np.ravel(own)])

    def _ideal(self, parameters: Floats) -> Floats:
        """Return the matrix from mm on the plane to where a perfect lens would show them."""
        return of_square(self.frame + parameters[_CORNERS].reshape(4, 2)) @ self.to_frame

    def columns(self, parameters: Floats, ideal: Floats) -> Floats:
        """Return the plane's down and across and its shift in the camera's coordinates, of any length."""
        focal = self.focal * math.exp(parameters[_FOCAL])
        moved = self.middle + parameters[_CENTRE] * self.radius
        return np.vstack([(ideal[:2] - moved[:, None] * ideal[2]) / focal, ideal[2]])

    def seen(self, parameters: Floats, ideal: Floats, points_mm: Floats, own: Floats) -> Floats:
        """Return where points of a print are seen, ``(row, col)``."""
        centre = self.middle + parameters[_CENTRE] * self.radius
        there = homogeneous(ideal, points_mm @ _turn(own[0]).T + own[1:])
        return distorted(there, centre=centre, radius=self.radius, share=float(parameters[_SHARE]))

    def shown(self, parameters: Floats, ideal: Floats) -> list[Floats]:
        """Return where all points of all prints are seen."""
        return [
            self.seen(parameters, ideal, one.printed_mm, own)
            for one, own in zip(self.prints, self._own(parameters), strict=True)
        ]

    def residuals(self, parameters: Floats) -> Floats:
        """Return differences over their standard errors: of coordinates, of the lens, of squareness."""
        ideal = self._ideal(parameters)
        shown = self.shown(parameters, ideal)
        parts = [
            white @ (here - one.seen).ravel()
            for one, white, here in zip(self.prints, self.whitening, shown, strict=True)
        ]
        down, across, _ = self.columns(parameters, ideal).T
        lengths = math.sqrt(down @ down), math.sqrt(across @ across)
        square = [math.log(lengths[0] / lengths[1]), down @ across / (lengths[0] * lengths[1])]
        return np.concatenate(
            [*parts, parameters[_FOCAL:_OWN] / self.priors, np.divide(square, self.square_se)]
        )

    def _own(self, parameters: Floats) -> list[Floats]:
        return [np.zeros(3), *parameters[_OWN:].reshape(-1, 3)]

    def homography(self, parameters: Floats) -> Floats:
        """Return the matrix from pixels to mm of the first print that holds where the prints are."""
        places = [
            one.printed_mm @ _turn(own[0]).T + own[1:]
            for one, own in zip(self.prints, self._own(parameters), strict=True)
        ]
        return homography_of(
            np.concatenate(self.shown(parameters, self._ideal(parameters))), np.concatenate(places)
        )

    def middle_of(self, parameters: Floats) -> Floats:
        """Return the middle of the first print in the camera's coordinates, mm."""
        columns = self.columns(parameters, self._ideal(parameters))
        columns = columns / np.linalg.norm(columns[:, :2], axis=0).mean()
        return np.asarray(columns @ [*self.prints[0].printed_mm.mean(axis=0), 1.0])

    def plane(self, found: Fit) -> Plane:
        """Return what is to be told of the plane."""
        best = found.parameters
        shown = np.concatenate(self.shown(best, self._ideal(best)))
        seen = np.concatenate([one.seen for one in self.prints])
        homography = self.homography(best)
        apart = seen - shown
        apart_mm = homogeneous(homography, seen) - homogeneous(homography, shown)
        # The camera's own numbers are held by what is known of it, not by the prints: it costs none.
        redundancy = 2 * len(seen) - 3 * len(self.prints) - 3
        misfit = math.sqrt(found.chi2 / redundancy)
        covariance = found.covariance * max(misfit, 1.0) ** 2
        told = found.slopes_of(lambda p: np.append(self.homography(p), np.linalg.norm(self.middle_of(p))))
        slopes, away = told[:9], told[9:]
        middle = self.middle_of(best)
        distance = float(np.linalg.norm(middle))
        normal = np.cross(*self.columns(best, self._ideal(best))[:, :2].T)
        cosine = abs(normal @ middle) / (np.linalg.norm(normal) * distance)
        return Plane(
            homography=homography,
            covariance=slopes @ covariance @ slopes.T,
            residual_px=_root_mean_square(apart),
            residual_mm=_root_mean_square(apart_mm),
            redundancy=redundancy,
            misfit=misfit,
            centre=shown.mean(axis=0),
            distance_mm=distance,
            distance_rel_se=math.sqrt(float((away @ covariance @ away.T).item())) / distance,
            tilt_deg=math.degrees(math.acos(min(float(cosine), 1.0))),
            distortion=float(best[_SHARE]),
            distortion_se=math.sqrt(float(covariance[_SHARE, _SHARE])),
        )


def _root_mean_square(apart: Floats) -> float:
    return math.sqrt(float(np.mean(np.sum(apart**2, axis=1))))


def _regular(covariance: Floats) -> Floats:
    """Return a covariance to which a thousandth of a pixel is added, so that it can be inverted."""
    return np.asarray(covariance + np.eye(len(covariance)) * 1e-6)


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
