"""Pictures laid on one another by places that a person marked on both."""

from collections.abc import Mapping

import numpy as np

from lesionkit.align.found import Found, Refused
from lesionkit.align.motions import implausible
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid

Places = Mapping[str, tuple[float, float]]
"""``(row, col)`` by name."""

GREATEST_MISFIT = 0.1
"""Greatest distance left, as a share of how far apart the landmarks lie: beyond, two names are swapped."""


def align_landmarks(here: Places, there: Places, *, grid: Grid, baseline: Grid) -> Found | Refused | None:
    """Return the motion that carries marked places onto those of the same name; None of fewer than two.

    Least squares of a similarity (two landmarks), an affine motion (three or four) or a homography (five or
    more). The residual is told where there are more numbers than unknowns.

    Parameters
    ----------
    here, there : Mapping of str to (float, float)
        Landmarks of the image and of the baseline.
    grid, baseline : Grid
        Of the two.
    """
    names = sorted(set(here) & set(there))
    if len(names) < 2:
        return None
    source, target = (
        np.array([places[name] for name in names], dtype=np.float64) for places in (here, there)
    )
    apart = float(np.sqrt(((target - target.mean(axis=0)) ** 2).sum(axis=1).mean()))
    if apart == 0 or len(np.unique(source, axis=0)) < 2:
        return Refused(why="the landmarks lie in one place")
    matrix = _fit(source, target)
    if matrix is None:
        return Refused(why="the landmarks lie on one line")
    off = np.linalg.norm(homogeneous(matrix, source) - target, axis=1)
    if off.max() > GREATEST_MISFIT * apart:
        return Refused(why=f"the landmark {names[int(off.argmax())]} does not fit the others")
    refused = implausible(matrix, grid)
    if refused is not None:
        return refused
    return Found(matrix=matrix, method="landmarks", residual=_residual(matrix, source, target, baseline))


def _fit(source: Floats, target: Floats) -> Floats | None:
    count = len(source)
    if count >= 5:
        import cv2

        found, _ = cv2.findHomography(source, target, 0)
        return None if found is None else np.asarray(found / found[2, 2], dtype=np.float64)
    if count == 2:
        before, after = (complex(*(points[1] - points[0])) for points in (source, target))
        turn = after / before
        linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    else:
        around = source - source.mean(axis=0)
        if np.linalg.svd(around, compute_uv=False)[1] < 1e-3 * np.linalg.norm(around):
            return None
        linear = np.linalg.lstsq(around, target - target.mean(axis=0), rcond=None)[0].T
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = target.mean(axis=0) - linear @ source.mean(axis=0)
    return matrix


def _residual(matrix: Floats, source: Floats, target: Floats, baseline: Grid) -> float | None:
    unknowns = {2: 4, 3: 6, 4: 6}.get(len(source), 8)
    if 2 * len(source) <= unknowns:
        return None
    off = baseline.locate(homogeneous(matrix, source)) - baseline.locate(target)
    return float(np.sqrt((off**2).sum() / (len(source) - unknowns / 2)))
