"""Whether two images, laid on one another by intensity, are believed to show the same thing."""

import numpy as np

from lesionkit.align.found import Refused
from lesionkit.align.intensity import Lattice
from lesionkit.core.arrays import Floats, homogeneous

LEAST_COVER = 0.3
"""Least share of the inside of the image's body that must lie inside the baseline's body."""

LEAST_INFORMATION = 0.05
"""Least share of information the two bodies' insides must have in common, 0 to 1.

Phantoms and scans of different people and organs laid on one another at best reach 0 to 0.07, a scan
moved and given 5 % noise 0.49 and more; `LEAST_PEAK` parts what lies between.
"""

LEAST_PEAK = 1.25
"""How many times the information shared must exceed that shared four lattice steps aside.

Right alignments reach 2 to 8, wrong ones 0.8 to 1.13.
"""

GREATEST_ROUND_TRIP = 2.0
"""Greatest error, in lattice steps, of going onto the baseline by one registration and back by another."""

_ASIDE = 4
_BINS = 16
_FEWEST = 200


def refuse(image: Lattice, baseline: Lattice, forth: Floats, back: Floats) -> Refused | None:
    """Return why an alignment is not believed, None where it passes.

    Outlines alone make any two limbs alike, so it is the insides of the bodies that are compared.

    Parameters
    ----------
    image, baseline : Lattice
        What was registered.
    forth, back : ndarray of float, shape (d + 1, d + 1)
        Found independently: physical places of the image onto the baseline, and the reverse.
    """
    cover, shared = _common(image, baseline, forth)
    if cover < LEAST_COVER:
        return Refused(why=f"only {cover:.0%} of what it shows lies on the first image")
    if shared < LEAST_INFORMATION:
        return Refused(why="what the two show inside the body is not alike")
    aside = np.mean([_common(image, baseline, shift @ forth)[1] for shift in _shifts(image)])
    if shared < LEAST_PEAK * aside:
        return Refused(why="the two look no more alike at the place found than beside it")
    error = round_trip(image, forth, back)
    if error > GREATEST_ROUND_TRIP * image.step:
        return Refused(why="aligning the first image with this one gives another place")
    return None


def round_trip(image: Lattice, forth: Floats, back: Floats) -> float:
    """Return the root mean square distance of the body's places from where they return to."""
    places = image.points(image.body)
    returned = homogeneous(back, homogeneous(forth, places))
    return float(np.sqrt(((returned - places) ** 2).sum(axis=1).mean()))


def shared(image: Lattice, baseline: Lattice, forth: Floats) -> float:
    """Return the share of information that the insides of two bodies have in common, 0 to 1."""
    return _common(image, baseline, forth)[1]


def _shifts(lattice: Lattice) -> list[Floats]:
    axes = lattice.values.ndim
    shifts = []
    for direction in (*np.eye(axes), *-np.eye(axes)):
        matrix = np.eye(axes + 1)
        matrix[:axes, axes] = _ASIDE * lattice.step * direction
        shifts.append(matrix)
    return shifts


def _common(image: Lattice, baseline: Lattice, forth: Floats) -> tuple[float, float]:
    """Share of the image's inside that lies in the baseline's, and the information they share there.

    The latter is 2 I(A, B) / (H(A) + H(B)): 0 for independent, 1 for equivalent values; blind to contrast
    (Witten IH, Frank E. Data mining, 2nd ed. 2005, p. 291: symmetric uncertainty).
    """
    from scipy.ndimage import binary_erosion

    within, there = binary_erosion(image.body), binary_erosion(baseline.body)
    if not within.any():
        return 0.0, 0.0
    places = homogeneous(forth, image.points(within))
    both = baseline.at(places, there) > 0.99
    if both.sum() < _FEWEST:
        return float(both.mean()), 0.0
    one, other = image.values[within][both], baseline.at(places[both], baseline.values)
    joint = np.histogram2d(one, other, bins=_BINS, range=((0, 1), (0, 1)))[0] / len(one)
    entropies = _entropy(joint.sum(axis=0)) + _entropy(joint.sum(axis=1))
    information = entropies - _entropy(joint.ravel())
    return float(both.mean()), 2 * information / entropies if entropies > 0 else 0.0


def _entropy(shares: Floats) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())
