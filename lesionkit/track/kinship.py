"""Whether a deposit left over is a further part of another, or a partner in it: judged beside its company.

A split is seen in more than the distance of one part: the parts lie beside one another on their own
picture, whatever the alignment; together they fill the outline of the whole, and make up its size.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.track.assignment import Match
from lesionkit.track.evidence import FREEDOM, GROWS, STRAYS, Evidence, farthest
from lesionkit.track.footprint import Footprint, size_of_radius

CURVES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "gap": ((0.00, 0.27, 0.52, 0.98, 4.75), (0.00, -0.04, -0.24, -0.84, -1.77)),
    "away": ((0.18, 1.56, 2.53, 3.59, 11.68), (0.00, -2.05, -2.26, -2.26, -2.26)),
    "off": ((0.00, 0.33, 0.90, 2.00), (0.00, -1.72, -2.87, -4.63)),
    "inside": ((0.00, 0.02, 0.23, 1.00), (0.00, 0.00, 0.37, 1.83)),
    "explains": ((0.00, 0.07, 1.32), (0.00, 1.21, 7.08)),
    "along": ((0.65, 0.96, 1.03, 1.13, 1.49), (0.00, 0.00, 0.19, 1.20, 4.27)),
    "share": ((-2.10, -0.71, -0.27, 0.09, 1.15), (0.00, 0.00, -0.54, -1.03, -2.18)),
    "surplus": ((-1.14, -0.10, 0.15, 0.41, 1.33), (0.00, -1.77, -1.77, -1.77, -1.77)),
    "missed": ((0.00, 1.00), (0.00, -1.29)),
}
"""What each trait adds to the log odds: at these values, these weights, straight lines between them.

Fitted by ``benchmarks/tracking_weights.py`` on simulated histories, none of those reported.
"""

ALWAYS = 2.0
"""What the fit adds to the curves."""

LENIENCE = 2.5
"""Added to the log odds: who is asked about has other explanations to hold its own against."""

ROUND = 0.3
"""How far the middle of parts may lie from that of the whole by itself, as a share of the whole's radius."""

SETTLED = 10.0
"""Margin of a match from which its deposit is not asked whether it is a part of another."""

FARFETCHED = -3.0
"""Log likelihood ratio that one is a part of the other, by itself, below which its company is not asked."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A deposit moved by the drift.

    Parameters
    ----------
    footprint : Footprint
        The deposit.
    shift : ndarray of float, shape (d,)
        By how much it is to be moved on the first image, in its length unit.
    variance : float
        What is left of the error of its place along one axis.
    missed : bool
        Whether it was looked for in vain since.
    """

    footprint: Footprint
    shift: Floats
    variance: float
    missed: bool = False

    @property
    def cloud(self) -> Floats:
        """Its points, moved."""
        return self.footprint.cloud + self.shift

    @property
    def middle(self) -> Floats:
        """Mean of its cloud."""
        return self.footprint.cloud_middle + self.shift

    @property
    def radius(self) -> float:
        """Radius of the disc or ball of its size."""
        return self.footprint.radius

    @property
    def size(self) -> float:
        """Its area or volume."""
        return float(size_of_radius(self.radius, axes=len(self.shift)))


def in_company(
    evidence: Evidence, matches: Sequence[Match], earlier: Sequence[Placed], later: Sequence[Placed]
) -> Evidence:
    """Return the evidence with parts and partners judged beside those that were matched before.

    Parameters
    ----------
    evidence : Evidence
        Of each pair by itself; it stays where nothing else was matched with the whole.
    matches : sequence of Match
        As last found.
    earlier, later : sequence of Placed
        The deposits.
    """
    part, partner = evidence.part.copy(), evidence.partner.copy()
    for row, column, company in _asked(matches, evidence.part):
        part[row, column] = log_odds(earlier[row], [later[c] for c in company], later[column])
    turned = [Match(earlier=m.later, later=m.earlier, is_main=m.is_main, margin=m.margin) for m in matches]
    for column, row, company in _asked(turned, evidence.partner.T):
        partner[row, column] = log_odds(later[column], [earlier[r] for r in company], earlier[row])
    return Evidence(one=evidence.one, part=part, partner=partner)


def _asked(matches: Sequence[Match], by_itself: Floats) -> Iterator[tuple[int, int, list[int]]]:
    """Return places of wholes and of what may be a part of them, and of the parts they have besides."""
    company: dict[int, list[int]] = defaultdict(list)
    hosts: dict[int, list[int]] = defaultdict(list)
    settled = np.zeros(by_itself.shape[1], dtype=np.bool_)
    for match in matches:
        company[match.earlier].append(match.later)
        hosts[match.later].append(match.earlier)
        settled[match.later] |= match.is_main and match.margin > SETTLED
    for whole, place in np.argwhere((by_itself > FARFETCHED) & ~settled).tolist():
        others = [other for other in company[whole] if other != place]
        if others and hosts[others[0]] == [whole]:
            yield whole, place, others


def log_odds(whole: Placed, company: Sequence[Placed], part: Placed) -> float:
    """Return the log odds that a deposit is a further part of a whole whose other parts are known.

    Against: it is new (or, of a partner in a merge, gone). They are the sum of what its traits
    (see `traits`) add by their `CURVES`, `ALWAYS` and `LENIENCE`.

    Parameters
    ----------
    whole : Placed
        The deposit that has split, or that several have become.
    company : sequence of Placed
        Its other parts, at least one.
    part : Placed
        What is asked about.
    """
    found = traits(whole, company, part)
    return ALWAYS + LENIENCE + float(sum(np.interp(found[name], *curve) for name, curve in CURVES.items()))


def traits(whole: Placed, company: Sequence[Placed], part: Placed) -> dict[str, float]:
    """Return what speaks for or against a deposit's being a further part of a whole.

    * ``gap``: between it and the nearest of the others, over the sum of their radii; no alignment spoils it
      where both were seen on one picture;
    * ``away``: of its middle from that of the whole, in radii of the whole;
    * ``off``: how far it must be moved to touch the whole, as the log of a Student t;
    * ``inside``: which share of it lies within the whole, once the middle of all parts, by size, is laid
      on that of the whole as far as the alignment may be off;
    * ``explains``: by how much less the whole stands out of all parts than of the others alone, as the
      difference of two logs as above;
    * ``along``: how long the whole is along the line from the others to it, over its mean length;
    * ``share``: log of its radius over that of the whole;
    * ``surplus``: log of the sum of all sizes over the size of the whole, as of radii;
    * ``missed``: 1 where it, or the whole, was looked for in vain in between.

    Parameters
    ----------
    whole, company, part
        As of `log_odds`.
    """
    axes, own, cloud = len(whole.shift), whole.cloud, part.cloud
    pitch = max(whole.footprint.pitch, part.footprint.pitch)
    misplaced = whole.variance + part.variance + pitch**2 / 4
    variance = misplaced + (STRAYS * min(whole.radius, part.radius)) ** 2
    grown = variance + (GROWS * whole.radius) ** 2
    gap, nearest = min(
        (float(_away(cloud, one.cloud, one.footprint.grain).min()), place)
        for place, one in enumerate(company)
    )
    to_part = _away(own, cloud, part.footprint.grain)
    to_others = np.min([_away(own, one.cloud, one.footprint.grain) for one in company], axis=0)
    alone, together = (float(farthest(away)) for away in (to_others, np.minimum(to_others, to_part)))
    middle, here = whole.middle, part.middle
    others = sum(one.size for one in company)
    there = sum(one.size * one.middle for one in company) / others
    askew = middle - (part.size * here + others * there) / (part.size + others)
    laid = cloud + askew * misplaced / (misplaced + (ROUND * whole.radius) ** 2)
    return {
        "gap": gap / (company[nearest].radius + part.radius),
        "away": float(np.linalg.norm(here - middle)) / whole.radius,
        "off": _tail(float(to_part.min()), variance),
        "inside": float((_away(laid, own, whole.footprint.grain) <= 0).mean()),
        "explains": _tail(alone, grown) - _tail(together, grown),
        "along": _length_along(own - middle, here - there),
        "share": float(np.log(part.radius / whole.radius)),
        "surplus": float(np.log((others + part.size) / whole.size)) / axes,
        "missed": float(whole.missed or part.missed),
    }


def _length_along(around: Floats, way: Floats) -> float:
    """Return the spread of points about their middle along a way, over their mean spread; 1 of a ball."""
    spread = float(np.sqrt((around**2).sum(axis=1).mean() / len(way)))
    length = float(np.linalg.norm(way))
    if spread == 0 or length == 0:
        return 1.0
    return float(np.sqrt(((around @ way / length) ** 2).mean())) / spread


def _away(points: Floats, others: Floats, grain: float) -> Floats:
    """Return how far points lie from a cloud."""
    from scipy.spatial.distance import cdist

    return np.asarray(np.maximum(cdist(points, others).min(axis=1) - grain, 0.0))


def _tail(away: float, variance: float) -> float:
    return float(np.log1p(away**2 / (FREEDOM * variance)))
