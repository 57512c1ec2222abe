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

ALWAYS, APART, OFF, EXPLAINS, SURPLUS, LARGE, MISSED = 1.5, -0.34, -4.5, 5.3, -1.2, -0.9, -2.8
"""Weights of a logistic regression on simulated histories, none of those reported: see `log_odds`."""

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

    Against: it is new (or, of a partner in a merge, gone). They are a weighted sum of

    * `APART`: the gap between it and the nearest of the others, as a share of their radii, which no
      alignment spoils where both were seen on one picture;
    * `OFF`: how far it must be moved to touch the whole, as the log of a Student t;
    * `EXPLAINS`: by how much less the whole stands out of all parts than of the others alone, as the
      difference of two such;
    * `SURPLUS`: log of the sum of all sizes over the size of the whole, as of radii;
    * `LARGE`: log of the sum of all sizes over that of the others, as of radii;
    * `MISSED`: whether it was looked for in vain in between.

    Parameters
    ----------
    whole : Placed
        The deposit that has split, or that several have become.
    company : sequence of Placed
        Its other parts, at least one.
    part : Placed
        What is asked about.
    """
    axes, own, cloud = len(whole.shift), whole.cloud, part.cloud
    pitch = max(whole.footprint.pitch, part.footprint.pitch)
    variance = whole.variance + part.variance + pitch**2 / 4
    variance += (STRAYS * min(whole.radius, part.radius)) ** 2
    grown = variance + (GROWS * whole.radius) ** 2
    gap, nearest = min(
        (float(_away(cloud, one.cloud, one.footprint.grain).min()), place)
        for place, one in enumerate(company)
    )
    to_part = _away(own, cloud, part.footprint.grain)
    to_others = np.min([_away(own, one.cloud, one.footprint.grain) for one in company], axis=0)
    left = [float(farthest(away)) for away in (to_others, np.minimum(to_others, to_part))]
    others = sum(one.size for one in company)
    return float(
        ALWAYS
        + APART * gap / (company[nearest].radius + part.radius)
        + OFF * _tail(float(to_part.min()), variance)
        + EXPLAINS * (_tail(left[0], grown) - _tail(left[1], grown))
        + SURPLUS * np.log((others + part.size) / whole.size) / axes
        + LARGE * np.log((others + part.size) / others) / axes
        + MISSED * (whole.missed or part.missed)
    )


def _away(points: Floats, others: Floats, grain: float) -> Floats:
    """Return how far points lie from a cloud."""
    from scipy.spatial.distance import cdist

    return np.asarray(np.maximum(cdist(points, others).min(axis=1) - grain, 0.0))


def _tail(away: float, variance: float) -> float:
    return float(np.log1p(away**2 / (FREEDOM * variance)))
