"""The scale and perspective of a photograph from a printed square marker (ArUco)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.finding import Finding, Scene, differ
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import ScaleSource
from lesionkit.core.outcome import Problem, Severity
from lesionkit.errors import CalibrationError
from lesionkit.geometry.polygon import ring_area


def by_marker(scene: Scene) -> Finding:
    """Return the plane of the largest marker seen in a photograph.

    Its four corners fix the homography that carries pixels to mm on the plane it lies on, so tilt is
    corrected there; what lies above or below that plane is not. Four corners leave no residual, so no error
    is told. Further markers must have the same size on that plane, else a problem says so.
    """
    settings = scene.settings
    if not scene.is_photograph or settings.marker_dictionary is None or settings.marker_size_mm is None:
        return Finding()
    name, side_mm = settings.marker_dictionary, settings.marker_size_mm
    grey = _grey(scene)
    found = find_markers(grey, dictionary=name)
    if not found:
        return Finding(problems=(_not_found(scene, grey, dictionary=name),))
    corners = [marker for _, marker in found]
    homography = plane_of(max(corners, key=ring_area), side_mm=side_mm)
    if not _sees_whole_image(homography, scene):
        return Finding(problems=(_too_oblique(scene),))
    row_mm, col_mm = np.linalg.norm(_jacobian(homography, scene.centre), axis=0).tolist()
    return Finding(
        grid=scene.grid((row_mm, col_mm), ScaleSource.MARKER, homography=homography),
        problems=(
            *_seen_twice(scene, [number for number, _ in found]),
            *_unlike(scene, homography, corners, side_mm=side_mm),
        ),
    )


def find_markers(grey: npt.NDArray[np.uint8], *, dictionary: str) -> tuple[tuple[int, Floats], ...]:
    """Return number and corners of the markers seen in a picture.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture.
    dictionary : str
        OpenCV's name of the set of markers, such as ``DICT_4X4_50``.

    Returns
    -------
    tuple of (int, ndarray of float, shape (4, 2))
        The marker's number in its dictionary, and its corners ``(row, col)`` in the order in which they go
        round the printed marker from its top left, refined to a fraction of a pixel.

    Raises
    ------
    CalibrationError
        If OpenCV has no such dictionary.

    References
    ----------
    Garrido-Jurado S et al. Automatic generation and detection of highly reliable fiducial markers under
    occlusion. Pattern Recognition 2014;47:2280-92.
    """
    from cv2 import aruco

    detector = aruco.ArucoDetector(_dictionary(dictionary), _parameters())
    corners, numbers, _ = detector.detectMarkers(grey)
    if numbers is None:
        return ()
    return tuple(
        (int(number), np.asarray(quad, dtype=np.float64).reshape(4, 2)[:, ::-1])
        for number, quad in zip(np.ravel(numbers), corners, strict=True)
    )


def _dictionary(name: str) -> Any:
    from cv2 import aruco

    number = getattr(aruco, name, None) if name.startswith("DICT_") else None
    if number is None:
        raise CalibrationError(
            f"OpenCV knows no marker dictionary {name}",
            hint="Use a name such as DICT_4X4_50, DICT_6X6_250 or DICT_APRILTAG_36h11 in cohort.toml.",
        )
    return aruco.getPredefinedDictionary(number)


def _parameters() -> Any:
    from cv2 import aruco

    parameters = aruco.DetectorParameters()
    parameters.cornerRefinementMethod = aruco.CORNER_REFINE_SUBPIX
    return parameters


def plane_of(corners: Floats, *, side_mm: float) -> Floats:
    """Return the homography that carries pixels to mm on a marker's plane.

    Parameters
    ----------
    corners : ndarray of float, shape (4, 2)
        ``(row, col)`` of the marker's corners, going round from its top left.
    side_mm : float
        Side of its black square.

    Returns
    -------
    ndarray of float, shape (3, 3)
        Carries ``(row, col, 1)`` to mm down and across the printed marker from its top left corner.
    """
    import cv2

    square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * side_mm
    plane = cv2.getPerspectiveTransform(corners.astype(np.float32), square.astype(np.float32))
    return np.asarray(plane, dtype=np.float64)


def _grey(scene: Scene) -> npt.NDArray[np.uint8]:
    import cv2

    pixels = np.asarray(scene.image.pixels)
    if pixels.dtype != np.uint8:
        pixels = cv2.convertScaleAbs(pixels, alpha=255 / np.iinfo(pixels.dtype).max)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if scene.image.is_colour else pixels)


def _jacobian(homography: Floats, point: Floats) -> Floats:
    """Return mm moved (down, across) per pixel moved (along rows, along columns) at a point."""
    steps = np.eye(2) / 2
    ahead, behind = homogeneous(homography, point + steps), homogeneous(homography, point - steps)
    return np.asarray((ahead - behind).T)


def _sees_whole_image(homography: Floats, scene: Scene) -> bool:
    """Return whether the marker's plane is in front of the camera everywhere in the image.

    Where it is not, its horizon crosses the image, and an area beyond it has no meaning.
    """
    rows, cols = scene.image.grid.shape
    corners = np.array([[r, c, 1.0] for r in (-0.5, rows - 0.5) for c in (-0.5, cols - 0.5)])
    depth = corners @ homography[2]
    return bool((depth > 0).all() or (depth < 0).all())


def _unlike(
    scene: Scene, homography: Floats, corners: Sequence[Floats], *, side_mm: float
) -> tuple[Problem, ...]:
    sides = [float(np.sqrt(ring_area(homogeneous(homography, marker)))) for marker in corners]
    unlike = [side for side in sides if differ(side, side_mm)]
    if not unlike:
        return ()
    farthest = max(unlike, key=lambda side: max(side / side_mm, side_mm / side))
    return (
        Problem(
            severity=Severity.WARNING,
            code="markers_disagree",
            about=scene.about,
            text=f"{len(unlike)} of {len(sides)} markers would be {farthest:.3g} mm wide by the largest, "
            f"not {side_mm:.3g} mm: they differ in size, do not lie on one plane or are seen too small.",
            hint="Lay one marker flat beside the deposit, and let both fill the picture.",
        ),
    )


def _seen_twice(scene: Scene, numbers: Sequence[int]) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            severity=Severity.WARNING,
            code="marker_seen_twice",
            about=scene.about,
            text=f"Marker {number} is seen {times} times in this photograph.",
            hint="Lay one copy of each marker into the picture, and avoid mirrors.",
        )
        for number, times in sorted(Counter(numbers).items())
        if times > 1
    )


def _too_oblique(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="marker_too_oblique",
        about=scene.about,
        text="The marker is seen so obliquely that its plane ends inside the photograph; it is not used.",
        hint="Take the photograph with the camera facing the marker and the skin squarely.",
    )


def _not_found(scene: Scene, grey: npt.NDArray[np.uint8], *, dictionary: str) -> Problem:
    if find_markers(np.ascontiguousarray(grey[:, ::-1]), dictionary=dictionary):
        return Problem(
            severity=Severity.WARNING,
            code="marker_mirrored",
            about=scene.about,
            text="The marker is seen mirrored, so left and right of this photograph are in doubt; "
            "the marker is not used.",
            hint="Use the original photograph, or switch off mirroring in the camera.",
        )
    return Problem(
        severity=Severity.INFO,
        code="marker_not_found",
        about=scene.about,
        text=f"No marker of {dictionary} is seen in this photograph.",
        hint="Lay the printed marker flat beside the deposit, whole, in focus, with a white rim around it.",
    )
