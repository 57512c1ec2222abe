"""How much more likely two drawn deposits are one than two: by how far they stray, and by their sizes.

The ratio compares "they are one" with "the earlier one vanished and the later one is new", as in tracking
of many targets; so it needs no gate, and it grows stricter by itself where deposits crowd.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.track.footprint import Footprint, size_of_radius

STAYS = 0.85
"""Prior probability that a deposit seen once is seen again as one, where it is looked for."""

PARTS = 0.25
"""The same that it is seen again in parts, or as a part of another."""

RETURNS = 0.1
"""By how much less likely a deposit is that was looked for in vain in between."""

IS_NEW = 0.2
"""Prior share of deposits that nobody has seen before."""

STRAYS = 0.2
"""How far a deposit and the line around it stray by themselves, as a share of the smaller one's radius."""

PART_STRAYS = 0.5
"""How much more a part strays: what joined it to the others is gone, and its own middle with it."""

GROWS, DIFFERS = 0.35, 0.8
"""Standard deviations of log radius: of one deposit at two times, and between deposits."""

FREEDOM = 5.0
"""Degrees of freedom of strays: heavier tails than the normal, as a residual is itself an estimate."""

FAR = 6.0
"""Standard deviations beyond which distances are not taken: the pair is none."""

FARTHEST = 0.9
"""Quantile that stands for the farthest of a deposit's points: what a slip of the pen does not move."""

LEAST_ALIKE = -4.0
"""What unlike sizes can at most speak against a match: a large deposit may wither to a grain."""

CERTAIN, NEVER = 50.0, -1e6
"""What stands for a name a person gave, and for what must not be."""

UNLIKELY = -3.0
"""Log likelihood ratio below which nobody asks how far below: not even a doubt comes of it (1 to 20)."""

_AT_ONCE = 64
"""Pairs whose distances are taken at once: few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Log likelihood ratios of earlier against later deposits; far below 0 where they cannot be one.

    Parameters
    ----------
    one : ndarray of float, shape (n, m)
        That the earlier one goes on as the later one.
    part : ndarray of float, shape (n, m)
        That the later one is a further part of the earlier one.
    partner : ndarray of float, shape (n, m)
        That the earlier one is a further partner in the later one.
    """

    one: Floats
    part: Floats
    partner: Floats

    @property
    def best(self) -> Floats:
        """The greatest of the three for each pair."""
        return np.maximum(self.one, np.maximum(self.part, self.partner))

    def ruled(self, may_be: npt.NDArray[np.bool_], are: npt.NDArray[np.bool_]) -> "Evidence":
        """Return the same where a person has said which pairs are one, and which may be."""
        one, part, partner = (np.where(may_be, table, NEVER) for table in (self.one, self.part, self.partner))
        return Evidence(one=np.where(are, CERTAIN, one), part=part, partner=partner)


def weigh(
    earlier: Sequence[Footprint],
    later: Sequence[Footprint],
    *,
    shifts: tuple[Floats, Floats],
    variances: tuple[Floats, Floats],
    missed: npt.NDArray[np.bool_],
    room: float,
) -> Evidence:
    """Return how likely each earlier and each later deposit are one.

    Let h be how far the one must be moved to lie within the other (see `_distances`), v the variance of
    strays along an axis, and d the number of axes. Being one has the density of a Student t of h over
    the places where the smaller may lie in the larger, (size difference) + (2 pi v)^(d/2), and of a
    normal log ratio of radii; being two that of new deposits anywhere in the room.

    Parameters
    ----------
    earlier, later : sequence of Footprint
        What to compare.
    shifts : tuple of ndarray, shape (n, d) and (m, d)
        By how much each is to be moved on the first image, in its length unit.
    variances : tuple of ndarray, shape (n,) and (m,)
        What is left of each place's error along one axis.
    missed : ndarray of bool, shape (n,)
        Whether each earlier deposit was looked for in vain since.
    room : float
        Area or volume in which deposits lie.
    """
    axes = shifts[0].shape[1]
    radii = [np.array([footprint.radius for footprint in each]) for each in (earlier, later)]
    pitches = [np.array([footprint.pitch for footprint in each]) for each in (earlier, later)]
    smaller = np.minimum.outer(radii[0], radii[1])
    variance = np.add.outer(*variances) + (STRAYS * smaller) ** 2 + np.maximum.outer(*pitches) ** 2 / 4
    of_part = variance + (PART_STRAYS * smaller) ** 2
    sizes = [size_of_radius(each, axes=axes) for each in radii]
    prior = np.log(np.where(missed, RETURNS, 1.0) * room / (IS_NEW * len(later)))[:, None]
    difference = np.abs(np.subtract.outer(*sizes))
    alike = _alike(np.subtract.outer(np.log(radii[0]), np.log(radii[1])))

    def weighed(within: Floats, around: Floats) -> Evidence:
        return Evidence(
            one=prior
            + np.log(STAYS / (1 - STAYS))
            + _strays(np.minimum(within, around), variance, difference, axes)
            + alike,
            part=prior + np.log(PARTS) + _strays(around, of_part, sizes[0][:, None], axes),
            partner=prior + np.log(PARTS) + _strays(within, of_part, sizes[1][None], axes),
        )

    clouds = [
        np.stack([f.cloud for f in each]) + shift[:, None]
        for each, shift in zip((earlier, later), shifts, strict=True)
    ]
    grains = [np.array([footprint.grain for footprint in each]) for each in (earlier, later)]
    least = _gaps(clouds)
    nearest = np.maximum(least - np.maximum.outer(*grains), 0.0)
    near = (least < FAR * np.sqrt(of_part) + smaller) & (weighed(nearest, nearest).best > UNLIKELY)
    return weighed(*_distances(clouds, grains, near))


def _strays(away: Floats, variance: Floats, free: Floats, axes: int) -> Floats:
    """Return the log density of a stray, over the places it may have come from."""
    tail = -(FREEDOM + axes) / 2 * np.log1p(away**2 / (FREEDOM * variance))
    return np.asarray(tail - np.log(free + (2 * np.pi * variance) ** (axes / 2)))


def _alike(log_ratio: Floats) -> Floats:
    """Return how much likelier a ratio of radii is for one deposit than for two."""
    evidence = np.log(DIFFERS / GROWS) - log_ratio**2 / 2 * (1 / GROWS**2 - 1 / DIFFERS**2)
    return np.asarray(np.maximum(evidence, LEAST_ALIKE))


def _gaps(clouds: Sequence[Floats]) -> Floats:
    """Return the greatest distance of two clouds' boxes along an axis: none of their points is nearer."""
    low, high = ([cloud.min(axis=1) for cloud in clouds], [cloud.max(axis=1) for cloud in clouds])
    return np.asarray(
        np.maximum(low[0][:, None] - high[1][None], low[1][None] - high[0][:, None]).max(axis=2)
    )


def _distances(
    clouds: Sequence[Floats], grains: Sequence[Floats], near: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return how far earlier ones stand out of later ones, and later ones of earlier ones, shape (n, m).

    That is the `FARTHEST` quantile of the distances of the one's points from the nearest of the other's,
    a partial Hausdorff distance [1]_; infinite where the two are not near.

    References
    ----------
    .. [1] Huttenlocher DP et al. Comparing images using the Hausdorff distance. IEEE Trans Pattern
       Anal Mach Intell 1993;15:850-863.
    """
    places = np.argwhere(near)
    within, around = np.full(near.shape, np.inf), np.full(near.shape, np.inf)
    for start in range(0, len(places), _AT_ONCE):
        rows, columns = places[start : start + _AT_ONCE].T
        one, other = clouds[0][rows], clouds[1][columns]
        middle = one.mean(axis=1, keepdims=True)
        one, other = one - middle, other - middle
        squares = (one**2).sum(axis=2)[:, :, None] + (other**2).sum(axis=2)[:, None]
        squares -= 2 * one @ other.transpose(0, 2, 1)
        for found, axis, grain in ((within, 2, grains[1][columns]), (around, 1, grains[0][rows])):
            away = np.sqrt(np.maximum(squares.min(axis=axis), 0))
            found[rows, columns] = np.maximum(farthest(away) - grain, 0.0)
    return within, around


def farthest(away: Floats) -> Floats:
    """Return the `FARTHEST` quantile along the last axis, as `numpy.quantile` does, which is slow."""
    place = FARTHEST * (away.shape[-1] - 1)
    low = int(place)
    high = min(low + 1, away.shape[-1] - 1)
    ordered = np.partition(away, (low, high), axis=-1)
    return np.asarray(ordered[..., low] + (place - low) * (ordered[..., high] - ordered[..., low]))
