"""A plane found in a photograph as the photograph's grid, with every cause by which it may be wrong."""

import math
from collections.abc import Sequence

import numpy as np

from lesionkit.calibrate.finding import Scene
from lesionkit.calibrate.lens import UNKNOWN_LENS, Lens
from lesionkit.calibrate.plane import Plane
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.surface import Surface
from lesionkit.core.uncertainty import ErrorPart, GrowingPart, ScaleError


def grid_on(plane: Plane, scene: Scene, *, source: ScaleSource, parts: Sequence[ErrorPart]) -> Grid | None:
    """Return the grid of a photograph whose skin lies on a plane that was found in it.

    Parameters
    ----------
    plane : Plane
        Where the prints lie.
    scene : Scene
        The photograph; what is declared of its site's surface counts in the error.
    source : ScaleSource
        What the prints are.
    parts : sequence of ErrorPart
        How far their own size may be off.

    Returns
    -------
    Grid or None
        None where the plane ends inside the picture: where it is not in front of the camera everywhere, its
        horizon crosses the picture, and an area beyond it has no meaning.
    """
    rows, cols = scene.image.grid.shape
    corners = np.array([[r, c, 1.0] for r in (-0.5, rows - 0.5) for c in (-0.5, cols - 0.5)])
    if (corners @ plane.homography[2] <= 0).any():
        return None
    error = error_of(plane, parts=parts, shape=scene.image.grid.shape, surface=scene.settings.surface)
    row_mm, col_mm = np.linalg.norm(mm_per_px(plane.homography, scene.centre), axis=0).tolist()
    return scene.grid((row_mm, col_mm), source, homography=plane.homography, error=error)


def mm_per_px(homography: Floats, point: Floats) -> Floats:
    """Return mm moved (down, across) per pixel moved (along rows, along columns) at a point, 2 × 2."""
    steps = np.eye(2) / 2
    ahead, behind = homogeneous(homography, point + steps), homogeneous(homography, point - steps)
    return np.asarray((ahead - behind).T)


def error_of(
    plane: Plane,
    *,
    parts: Sequence[ErrorPart],
    shape: tuple[int, ...],
    surface: Surface,
    lens: Lens = UNKNOWN_LENS,
) -> ScaleError:
    """Return how far the scale on a plane may be off.

    Four causes: what the prints themselves bring (`parts`) and how well the plane is found; the distortion
    of the lens; the height of deposits above the plane; the curvature of the site. A thing at the height
    ``h`` under a camera at the height ``Z`` above the plane is seen larger by ``h / Z``. A distortion ``s``
    (in the corner, at the radius ``r``) that the homography follows at the prints leaves a length at the
    distance ``d`` from them wrong by ``2 s d² / r²``. A surface of radius ``R`` falls away from a plane that
    touches it by up to ``d² / 2R``, up to R; anything between none of that and all of it, up or down, is
    taken to be equally likely, so that its standard deviation is that over the root of 3.

    Parameters
    ----------
    plane : Plane
        Where the prints lie.
    parts : sequence of ErrorPart
        How far their own size may be off.
    shape : tuple of int
        Rows and columns of the picture.
    surface : Surface
        What is known of the site.
    lens : Lens
        What is known of the camera.
    """
    # What counts is how far the camera is above the plane; how far is known as well as the focal length, and
    # the mean square of one over something of that (log-normal) error is larger by its exponential.
    above_mm = plane.distance_mm * math.cos(math.radians(plane.tilt_deg))
    nearness = math.exp(plane.distance_rel_se**2) / above_mm
    away = f"the camera is some {above_mm:.0f} mm above"
    growing = [
        GrowingPart(
            part=ErrorPart(
                name="lens",
                # Also the distortion that the prints do tell: no homography can follow it away from them.
                rel_se=2 * math.hypot(plane.distortion, min(plane.distortion_se, lens.distortion_se)),
                source="told by the prints; pictures are assumed to be straight within 1 % in their corners",
            ),
            centre=plane.centre,
            reach_px=math.hypot(*shape) / 2,
        )
    ]
    if surface.radius_mm is not None:
        scale = math.sqrt(abs(float(np.linalg.det(mm_per_px(plane.homography, plane.centre)))))
        radius_px = surface.radius_mm / scale
        falls = surface.radius_mm / 2 * nearness / math.sqrt(3)
        far = f"{math.sqrt(2) * surface.radius_mm:.0f} mm and more from the prints such skin may lie up to "
        growing.append(
            GrowingPart(
                part=ErrorPart(
                    name="curvature",
                    rel_se=falls,
                    source=f"{surface.source}; {far}{surface.radius_mm:g} mm off their plane; {away}",
                ),
                centre=plane.centre,
                reach_px=radius_px,
                until_px=math.sqrt(2) * radius_px,
            )
        )
    height = ErrorPart(name="height", rel_se=surface.height_mm * nearness, source=f"{surface.source}; {away}")
    return ScaleError(parts=(*parts, height), covariance=plane.covariance, growing=tuple(growing))
