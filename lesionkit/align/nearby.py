"""A deposit's outlines carried onto another picture by the skin close around it, with the error of that."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.align.flow import Flow, fit_flow
from lesionkit.align.found import Refused
from lesionkit.align.lines import has_line, outlines_of
from lesionkit.align.sighted import Sighted
from lesionkit.align.windowed import Grey, Pair, Windowed, see
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.transform import Carried, Transform

SPACING, LOOK = 12, 25
"""Of the places followed, and how much around each is looked at, in pixels of the window."""

FARTHEST_BACK = 0.3
"""Greatest distance, px, between a place and where it comes to when followed forth and back."""

LEAST_PLACES = 30
"""Least number of places that can be followed: the field has twelve unknowns."""

GREATEST_REL_SE = 0.015
"""Greatest relative standard error of an area that is told: two of it are the 3 % to be kept to."""


def carry_near(
    image: Image,
    baseline: Image,
    transform: Transform,
    deposits: Sequence[Deposit],
    *,
    others: Sequence[Deposit] = (),
    sighted: tuple[Sighted, Sighted] | None = None,
) -> tuple[Carried, ...]:
    """Return the outlines of deposits as they lie on the baseline picture, with the error of their areas.

    `transform` says where to look. From there the skin in a ring around each deposit is followed
    (Lucas and Kanade, forth and back), and the outline, or the line around a mask, goes with the smooth field
    that fits it (`lesionkit.align.flow`): curved skin has another perspective at every place. Deposits
    themselves grow and shrink and are not followed on either picture.

    Parameters
    ----------
    image, baseline : Image
        Two photographs of one site.
    transform : Transform
        From `image` onto `baseline`, believed.
    deposits : sequence of Deposit
        Of `image`.
    others : sequence of Deposit
        Of `baseline`.
    sighted : tuple of Sighted, optional
        What is known of the two already, so that it is not worked out again.

    Returns
    -------
    tuple of Carried
        One per deposit, with the reason where its outline could not be carried.

    References
    ----------
    Lucas BD, Kanade T. An iterative image registration technique. IJCAI 1981:674-679. Kalal Z, Mikolajczyk K,
    Matas J. Forward-backward error: automatic detection of tracking failures. ICPR 2010:2756-2759.
    """
    here, there = sighted or (Sighted(image), Sighted(baseline))
    skins = here.full_skin, there.full_skin
    pair = Pair(image=image, baseline=baseline, skins=skins, onto=transform.matrix)
    drawn = [
        *(transform.carry(outline.exterior) for each in deposits for outline in outlines_of(each.regions)),
        *(outline.exterior for each in others for outline in outlines_of(each.regions)),
    ]
    return tuple(_carry(deposit, pair, drawn) for deposit in deposits)


def _carry(deposit: Deposit, pair: Pair, drawn: Sequence[Floats]) -> Carried:
    if not all(has_line(region) for region in deposit.regions):
        return Carried(deposit=deposit.id, refused="a mask of fractions has no line that could be carried")
    guess = [
        [homogeneous(pair.onto, ring) for ring in outline.rings] for outline in outlines_of(deposit.regions)
    ]
    window = see(pair, [rings[0] for rings in guess], drawn, reach_px=LOOK // 2)
    if isinstance(window, Refused):
        return Carried(deposit=deposit.id, refused=window.why)
    start = [[window.frame.to_window(ring) for ring in rings] for rings in guess]
    flow = _follow(window, np.vstack([rings[0] for rings in start]).mean(axis=0))
    if isinstance(flow, Refused):
        return Carried(deposit=deposit.id, refused=flow.why)
    error = flow.area_rel_se(start)
    if error > GREATEST_REL_SE:
        why = f"an area carried by the skin around it might be off by {2 * error:.0%}"
        return Carried(deposit=deposit.id, refused=why)
    carried = [[window.frame.to_baseline(flow.carry(ring)) for ring in rings] for rings in start]
    regions = tuple(Outline(exterior=rings[0], holes=tuple(rings[1:])) for rings in carried)
    return Carried(deposit=deposit.id, regions=regions, area_rel_se=error)


def _follow(window: Windowed, middle: Floats) -> Flow | Refused:
    rows, cols = (np.arange(LOOK // 2, size - LOOK // 2, SPACING) for size in window.allowed.shape)
    lattice = np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)
    places = lattice[window.allowed[lattice[:, 0], lattice[:, 1]]].astype(np.float64)
    if len(places) < LEAST_PLACES:
        return Refused(why="there is too little skin around it")
    there, is_found = _track(window.image, window.baseline, places)
    back, is_found_back = _track(window.baseline, window.image, there)
    good = is_found & is_found_back & (np.linalg.norm(back - places, axis=1) < FARTHEST_BACK)
    if good.sum() < LEAST_PLACES:
        return Refused(why="too little of the skin around it looks alike on both pictures")
    return fit_flow(places[good], (there - places)[good], middle=middle)


def _track(one: Grey, other: Grey, places: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return where places of one picture are on another, and whether they were found."""
    import cv2

    start = np.ascontiguousarray(places[:, ::-1], dtype=np.float32).reshape(-1, 1, 2)
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 0.005)
    found, is_found, _ = cv2.calcOpticalFlowPyrLK(
        one, other, start, np.empty_like(start), winSize=(LOOK, LOOK), maxLevel=3, criteria=until
    )
    return np.asarray(found, dtype=np.float64).reshape(-1, 2)[:, ::-1], np.asarray(is_found.ravel() > 0)
