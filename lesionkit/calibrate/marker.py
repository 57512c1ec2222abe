"""The scale and perspective of a photograph from printed square markers (ArUco, AprilTag)."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.calibrate.detecting import Grey, Marked, cells_of, find_markers, grey_of, is_mirrored
from lesionkit.calibrate.finding import Finding, Scene, differ
from lesionkit.calibrate.laying import error_of, grid_on
from lesionkit.calibrate.pattern import UNIT_SQUARE, refine
from lesionkit.calibrate.plane import Plane, Print, fit_plane
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import ScaleSource
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.uncertainty import ErrorPart, combined
from lesionkit.geometry.polygon import ring_area

_FARTHEST = 0.1
"""By what share of its side the whole pattern may lie from where the corners were detected."""
_LARGEST_ERROR = 0.01
"""Standard error of a corner over the side above which a marker is not trusted."""
_MOST_BLUR = 0.6
"""Blur over the side of a cell above which a marker is not trusted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SizedMarker:
    """A marker seen, of known size, with its corners by its whole pattern.

    Parameters
    ----------
    number : int
        Its number in the dictionary.
    side_mm : float
        Of its black square.
    corners : ndarray of float, shape (4, 2)
        ``(row, col)``, going round the printed marker from its top left.
    covariance : ndarray of float, shape (8, 8)
        Theirs, px².
    """

    number: int
    side_mm: float
    corners: Floats
    covariance: Floats

    def as_print(self) -> Print:
        """Return its corners as points of a print."""
        return Print(seen=self.corners, printed_mm=UNIT_SQUARE * self.side_mm, covariance=self.covariance)

    def side_by(self, homography: Floats) -> float:
        """Return how wide it is on a plane, mm."""
        return math.sqrt(ring_area(homogeneous(homography, self.corners)))


def by_marker(scene: Scene) -> Finding:
    """Return the plane of the markers seen in a photograph.

    The whole pattern of each, and all of them together, say where the plane is on which they lie; so tilt is
    corrected there, and what lies above or below counts in the error. A marker that by the plane of the
    best one would be more than 5 % larger or smaller than it is said to be is left out, and
    a problem says so.
    """
    settings = scene.settings
    if not scene.is_photograph or settings.marker_dictionary is None or settings.marker_size_mm is None:
        return Finding()
    grey = grey_of(scene.image)
    found = find_markers(grey, dictionary=settings.marker_dictionary)
    if not found:
        return Finding(problems=(_not_found(scene, grey, dictionary=settings.marker_dictionary),))
    clear = [marker for marker in (_fitted(grey, one, scene) for one in found) if marker is not None]
    twice = _seen_twice(scene, [one.number for one in found])
    if not clear:
        return Finding(problems=(_unclear(scene, found[0]), *twice))
    clear.sort(key=lambda one: float(np.trace(one.covariance)) / ring_area(one.corners))
    plane, unlike = _common_plane(clear, scene)
    grid = grid_on(plane, scene, source=ScaleSource.MARKER, parts=(_print_size(scene, clear[0]),))
    if grid is None:
        return Finding(problems=(_too_oblique(scene),))
    return Finding(grid=grid, problems=(*twice, *_disagree(scene, plane, clear, unlike)))


def _fitted(grey: Grey, found: Marked, scene: Scene) -> SizedMarker | None:
    """Return a marker as its whole pattern shows it; None where it cannot be trusted."""
    settings = scene.settings
    assert settings.marker_dictionary is not None
    assert settings.marker_size_mm is not None
    cells = cells_of(settings.marker_dictionary, found.number)
    seen = refine(grey, found.corners, cells)
    if seen is None or np.abs(seen.corners - found.corners).max() > max(_FARTHEST * found.side_px, 2.0):
        return None
    sigma = math.sqrt(float(np.trace(seen.covariance)) / 8)
    if sigma > _LARGEST_ERROR * found.side_px or seen.blur_px > _MOST_BLUR * found.side_px / len(cells):
        return None
    return SizedMarker(
        number=found.number,
        side_mm=settings.marker_sizes_mm.get(found.number, settings.marker_size_mm),
        corners=seen.corners,
        covariance=seen.covariance,
    )


def _print_size(scene: Scene, marker: SizedMarker) -> ErrorPart:
    tolerance = scene.settings.marker_tolerance_mm
    return ErrorPart(
        name="print size",
        rel_se=tolerance / math.sqrt(3) / marker.side_mm,
        source=f"the marker's side is known within {tolerance:g} of {marker.side_mm:g} mm",
    )


def _common_plane(markers: Sequence[SizedMarker], scene: Scene) -> tuple[Plane, list[SizedMarker]]:
    """Return the plane of the best marker and of all that agree with it, and those that do not.

    What agrees is taken in, and the others are asked again: a plane that more markers hold reaches farther.
    """
    shape = scene.image.grid.shape
    used, left = list(markers[:1]), list(markers[1:])
    plane = fit_plane([one.as_print() for one in used], shape=shape)
    while left:
        like = [one for one in left if not _is_unlike(one, plane, scene)]
        if not like:
            break
        used, left = used + like, [one for one in left if one not in like]
        plane = fit_plane([one.as_print() for one in used], shape=shape)
    return plane, left


def _is_unlike(marker: SizedMarker, plane: Plane, scene: Scene) -> bool:
    """Return whether a marker's size contradicts a plane by more than the plane's own error explains."""
    side = marker.side_by(plane.homography)
    error = error_of(plane, parts=(), shape=scene.image.grid.shape, surface=scene.settings.surface)
    expected = combined(error.at(marker.corners.mean(axis=0), homography=plane.homography))
    return differ(side, marker.side_mm) and abs(math.log(side / marker.side_mm)) > 3 * expected


def _disagree(
    scene: Scene, plane: Plane, markers: Sequence[SizedMarker], unlike: Sequence[SizedMarker]
) -> tuple[Problem, ...]:
    if not unlike:
        return ()
    sides = {one.side_by(plane.homography): one.side_mm for one in unlike}
    side, said = max(sides.items(), key=lambda pair: abs(math.log(pair[0] / pair[1])))
    return (
        Problem(
            severity=Severity.WARNING,
            code="markers_disagree",
            about=scene.about,
            text=f"{len(unlike)} of {len(markers)} markers would be {side:.3g} mm wide by the one seen best, "
            f"not {said:.3g} mm: they differ in size, or do not lie on one plane; only those that agree with "
            "it are used.",
            hint="Lay markers flat at the height of the deposit. If they were printed in several sizes, give "
            "each number's own under marker_sizes_mm in cohort.toml.",
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


def _unclear(scene: Scene, largest: Marked) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="marker_unclear",
        about=scene.about,
        text=f"The marker is too small in this photograph ({largest.side_px:.0f} pixels wide), too blurred "
        "or partly covered: its pattern does not tell a scale; it is not used.",
        hint="Take the photograph from nearer, in focus, with the whole marker uncovered; or mark two points "
        "of known distance in the outline file.",
    )


def _too_oblique(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="marker_too_oblique",
        about=scene.about,
        text="The marker is seen so obliquely that its plane ends inside the photograph; it is not used.",
        hint="Take the photograph with the camera facing the marker and the skin squarely.",
    )


def _not_found(scene: Scene, grey: Grey, *, dictionary: str) -> Problem:
    if is_mirrored(grey, dictionary=dictionary):
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
