"""Cards and strips as a photograph shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.card.codes import CORRECTED_BITS, MODULES, NUMBERS, pattern
from lesionkit.calibrate.card.layout import CARD, FACES, Face, Marker
from lesionkit.calibrate.homography import homography_of
from lesionkit.calibrate.pattern import refine
from lesionkit.calibrate.plane import Print
from lesionkit.core.arrays import Floats, homogeneous

_LOOKED_AT_PX = 2000
"""Markers are looked for in a picture no longer than this, and their corners then found in the full one."""
_GROWTH_PX = 1.0
"""By how much the edges of black squares may seem to lie farther in or out."""
_CORNER_PX = 0.1
"""Standard error of a corner in the full picture; where the fit says worse, its own word counts."""
_ROUGH_PX = 0.7
"""The same where it could not be found there."""
_ASTRAY_PX, _ASTRAY = 3.0, 8.0
"""A corner is astray that lies so many pixels from where the others say, and so many times as far as they."""
_LOST_PX = 1e3
"""Standard error of a corner of which nothing is known."""
_PLACE_TOLERANCE = 0.5
"""How far a marker may be from where the largest one says, in sides of it; farther, it is of another card."""

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenMarker:
    """One marker of a card in a photograph.

    Parameters
    ----------
    marker : Marker
        Which.
    corners : ndarray of float, shape (4, 2)
        ``(row, col)``, going round from its top left as printed.
    covariance : ndarray of float, shape (8, 8)
        Theirs, px².
    """

    marker: Marker
    corners: Floats
    covariance: Floats

    @property
    def length_px(self) -> float:
        """Length of its outline."""
        return float(np.linalg.norm(np.roll(self.corners, -1, axis=0) - self.corners, axis=1).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenCard:
    """A card or strip in a photograph, whole or in part.

    Parameters
    ----------
    face : Face
        Which.
    markers : tuple of SeenMarker
        Those of its markers that are seen, by their numbers.
    """

    face: Face
    markers: tuple[SeenMarker, ...]

    def as_print(self, *, bars_mm: tuple[float, float] | None = None) -> Print:
        """Return its points, with their places on the paper.

        Parameters
        ----------
        bars_mm : tuple of float, optional
            What the two bars of 100 mm measure on this print, across and down.
        """
        across, down = bars_mm or (100.0, 100.0)
        count = len(self.markers)
        covariance = np.zeros((8 * count, 8 * count))
        for index, seen in enumerate(self.markers):
            own = slice(8 * index, 8 * index + 8)
            covariance[own, own] = seen.covariance
        return Print(
            seen=np.concatenate([seen.corners for seen in self.markers]),
            printed_mm=np.concatenate([seen.marker.corners for seen in self.markers])
            * (down / 100, across / 100),
            covariance=covariance,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What was seen of cards in a photograph.

    Parameters
    ----------
    cards : tuple of SeenCard
        The best seen first.
    is_mirrored : bool
        Whether cards are seen mirrored, and so left and right of the picture are in doubt.
    """

    cards: tuple[SeenCard, ...] = ()
    is_mirrored: bool = False


def find_cards(grey: Grey) -> Look:
    """Return the cards and strips seen in a picture.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture.

    References
    ----------
    Garrido-Jurado S et al. Automatic generation and detection of highly reliable fiducial markers under
    occlusion. Pattern Recognition 2014;47:2280-92.
    """
    import cv2

    step = max(1.0, max(grey.shape) / _LOOKED_AT_PX)
    small = (
        grey if step == 1 else cv2.resize(grey, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    )
    corners, numbers, _ = _detector().detectMarkers(small)
    if numbers is None:
        return Look()
    zoom = np.asarray(grey.shape) / np.asarray(small.shape[:2])
    found = [
        (int(number), (quad.reshape(4, 2)[:, ::-1].astype(np.float64) + 0.5) * zoom - 0.5)
        for number, quad in zip(np.ravel(numbers), corners, strict=True)
    ]
    straight = [(number, quad) for number, quad in found if number < len(NUMBERS)]
    if not straight:
        return Look(is_mirrored=True)
    seen = [_sharpened(grey, number, quad) for number, quad in straight]
    cards = [without_astray(_refined(grey, card)) for face in FACES for card in _cards(face, seen)]
    return Look(cards=tuple(sorted(cards, key=_worth, reverse=True)))


@cache
def _detector() -> Any:
    """Return a detector of the card's markers, and of what a mirror makes of them (numbers from 16)."""
    from cv2 import aruco

    both = [pattern(number) for number in NUMBERS]
    both += [np.ascontiguousarray(one[:, ::-1]) for one in both]
    rows = np.concatenate([aruco.Dictionary.getByteListFromBits(one) for one in both])
    parameters = aruco.DetectorParameters()
    parameters.cornerRefinementMethod = aruco.CORNER_REFINE_SUBPIX
    parameters.minMarkerPerimeterRate = 0.02
    return aruco.ArucoDetector(aruco.Dictionary(rows, MODULES, CORRECTED_BITS), parameters)


def _sharpened(grey: Grey, number: int, corners: Floats) -> SeenMarker:
    """Return a marker with its corners found to a fraction of a pixel in the full picture."""
    import cv2

    marker = next(marker for face in FACES for marker in face.markers if marker.number == number)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    reach = int(np.clip(0.35 * sides.min() / (MODULES + 2), 2, 8))
    places = np.ascontiguousarray(corners[:, None, ::-1], dtype=np.float32)
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 40, 0.005)
    found = cv2.cornerSubPix(grey, places, (reach, reach), (-1, -1), until)
    near = np.asarray(found, dtype=np.float64)[:, 0, ::-1]
    kept = np.linalg.norm(near - corners, axis=1) < reach
    return SeenMarker(
        marker=marker,
        corners=np.where(kept[:, None], near, corners),
        covariance=np.diag(np.repeat(np.where(kept, _CORNER_PX, _ROUGH_PX), 2) ** 2),
    )


def _refined(grey: Grey, card: SeenCard) -> SeenCard:
    """Return a card with what light and ink do to the edges of black squares taken off its corners.

    A tone curve, sharpening or spreading ink let all squares look a little larger or smaller alike. Where
    several are seen, their distances tell by how much; of one, or of a strip whose markers lie in a row, each
    whole pattern does, which takes longer.
    """
    if len(card.markers) == 1 or card.face is not CARD:
        return replace(card, markers=tuple(_by_pattern(grey, seen) for seen in card.markers))
    printed = np.concatenate([seen.marker.corners for seen in card.markers])
    trials = np.array([-1.0, 0.0, 1.0]) * _GROWTH_PX
    misfits = []
    for trial in trials:
        corners = np.concatenate([_grown(seen, trial).corners for seen in card.markers])
        apart = homogeneous(homography_of(printed, corners), printed) - corners
        misfits.append(float(np.sum(apart**2)))
    bend, slope, _ = np.polyfit(trials, misfits, 2)
    growth = float(np.clip(-slope / (2 * bend), *trials[[0, -1]])) if bend > 0 else 0.0
    return replace(card, markers=tuple(_grown(seen, growth) for seen in card.markers))


def without_astray(card: SeenCard) -> SeenCard:
    """Return a card on which a corner that does not lie where all the others say counts as not known.

    A shadow, or print that touches a square, may lead a corner astray by many pixels. A bent card is another
    matter: there the others do not agree either.
    """
    printed = np.concatenate([seen.marker.corners for seen in card.markers])
    corners = np.concatenate([seen.corners for seen in card.markers])
    kept = list(range(len(corners)))
    while len(kept) > max(6, 0.75 * len(corners)):
        trials = [[one for one in kept if one != left] for left in kept]
        fits = [
            homogeneous(homography_of(printed[some], corners[some]), printed) - corners for some in trials
        ]
        best = int(np.argmin([np.sum(apart[some] ** 2) for apart, some in zip(fits, trials, strict=True)]))
        off = float(np.linalg.norm(fits[best][kept[best]]))
        rest = float(np.sqrt(np.mean(np.sum(fits[best][trials[best]] ** 2, axis=1))))
        if off < max(_ASTRAY_PX, _ASTRAY * rest):
            break
        kept = trials[best]
    lost = np.ones(len(corners), dtype=bool)
    lost[kept] = False
    return replace(
        card,
        markers=tuple(
            replace(seen, covariance=seen.covariance + np.diag(np.repeat(own * _LOST_PX**2, 2)))
            for seen, own in zip(card.markers, lost.reshape(-1, 4), strict=True)
        ),
    )


def _grown(seen: SeenMarker, growth_px: float) -> SeenMarker:
    """Return a marker whose edges lie so many pixels farther out."""
    middle = seen.corners.mean(axis=0)
    share = 1 + 2 * growth_px / (seen.length_px / 4)
    return replace(seen, corners=middle + (seen.corners - middle) * share)


def _by_pattern(grey: Grey, seen: SeenMarker) -> SeenMarker:
    better = refine(grey, seen.corners, np.pad(pattern(seen.marker.number), 1))
    if better is None or np.abs(better.corners - seen.corners).max() > 0.05 * seen.length_px / 4:
        return seen
    return SeenMarker(marker=seen.marker, corners=better.corners, covariance=better.covariance)


def _cards(face: Face, seen: Sequence[SeenMarker]) -> Iterable[SeenCard]:
    """Yield the copies of one kind of card: each the markers that lie where its largest one says."""
    numbers = {marker.number for marker in face.markers}
    left = sorted((one for one in seen if one.marker.number in numbers), key=lambda s: s.length_px)
    while left:
        first = left.pop()
        to_picture = homography_of(first.marker.corners, first.corners)
        own = {first.marker.number: first}
        for other in list(left):
            expected = homogeneous(to_picture, other.marker.corners)
            apart = np.linalg.norm(expected - other.corners, axis=1).max()
            if other.marker.number not in own and apart < _PLACE_TOLERANCE * other.length_px / 4:
                own[other.marker.number] = other
                left = [one for one in left if one is not other]
        yield SeenCard(face=face, markers=tuple(own[number] for number in sorted(own)))


def _worth(card: SeenCard) -> tuple[int, float]:
    return len(card.markers), sum(seen.length_px for seen in card.markers)
