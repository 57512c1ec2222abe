"""The one door to alignment: by modality, with a best guess and a problem where it fails."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.align.found import Found, Refused
from lesionkit.align.grids import align_grids, guess
from lesionkit.align.landmarks import Places, align_landmarks
from lesionkit.align.lines import outlines_of
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Region
from lesionkit.core.transform import Transform
from lesionkit.core.units import Quantity

if TYPE_CHECKING:
    from lesionkit.align.sighted import Sighted


def align(
    image: Image,
    baseline: Image,
    *,
    image_id: str,
    baseline_id: str,
    focus: Sequence[Region] = (),
    drawn: Sequence[Region] = (),
    landmarks: tuple[Places, Places] = ({}, {}),
    sighted: "tuple[Sighted, Sighted] | None" = None,
) -> tuple[Transform, tuple[Problem, ...]]:
    """Return the transform that carries an image's pixel coordinates onto another's, and what is wrong.

    Volumes in one frame of reference need no pixels (see `align_grids`); others are registered by
    mutual information, rigidly, or affinely where that is justified. Photographs are matched by
    features under a homography, or a similarity where there are few; radiographs by features under a
    similarity, with one of its own for what turned at a joint, else by intensity.
    What fails its checks is not believed: the transform is then a guess (centre on centre, scaled
    by the spacings), marked unreliable, with a `Problem`.

    Parameters
    ----------
    image, baseline : Image
        Both of one modality stream and of the same number of axes.
    image_id, baseline_id : str
        Their ids.
    focus : sequence of Region
        Regions of `baseline` (its outlined deposits) whose neighbourhood matters most: what lies beside
        the skin, such as a ruler, moves between photographs.
    drawn : sequence of Region
        Regions of `image`: deposits of photographs grow and shrink, so nothing on them is followed.
    landmarks : tuple of Mapping of str to (float, float)
        Places that a person marked on `image` and on `baseline`, by name. Where two or more are on both,
        they decide alone (see `lesionkit.align.landmarks.align_landmarks`).
    sighted : tuple of Sighted, optional
        What is known of two photographs already, so that it is not worked out again.

    Returns
    -------
    Transform
        Its residual is in the baseline grid's length unit.
    tuple of Problem
        About `image_id`: ``alignment_failed`` (warning), ``part_not_aligned`` (warning: a region lies where
        something moved and nobody knows how), ``landmarks_too_few`` (info), or nothing.

    Raises
    ------
    ValueError
        If the two have not the same number of axes.
    """
    if len(image.grid.shape) != len(baseline.grid.shape):
        raise ValueError("a planar image and a volume cannot be aligned")
    known = align_grids(image.grid, baseline.grid, image_id=image_id, baseline_id=baseline_id)
    if known is not None:
        return known, ()
    if _is_the_same(image, baseline):
        return _unchanged(image, image_id, baseline_id), ()
    found = (
        align_landmarks(*landmarks, grid=image.grid, baseline=baseline.grid) if image.grid.is_planar else None
    )
    if found is None:
        found = _search(image, baseline, focus, drawn, sighted)
    lonely = _lonely(landmarks, image_id) if image.grid.is_planar else ()
    if isinstance(found, Refused):
        transform, problems = _failed(image, baseline, image_id, baseline_id, found)
        return transform, (*problems, *lonely)
    transform = Transform(
        source=image_id,
        target=baseline_id,
        matrix=found.matrix,
        method=found.method,
        residual=None
        if found.residual is None
        else Quantity(value=found.residual, unit=baseline.grid.length_unit),
        parts=found.parts,
    )
    return transform, (*_unknown(transform, drawn, focus), *lonely)


def _unknown(transform: Transform, drawn: Sequence[Region], focus: Sequence[Region]) -> tuple[Problem, ...]:
    """Return what to say of regions that lie where something moved by itself and nobody knows how."""
    if all(part.is_reliable for part in transform.parts):
        return ()
    ways = ((transform, drawn), (transform.inverse(), focus))
    count = sum(not way.at(each.exterior).is_reliable for way, some in ways for each in outlines_of(some))
    if not count:
        return ()
    return (
        Problem(
            severity=Severity.WARNING,
            code="part_not_aligned",
            about=transform.source,
            text="Something on this image, such as a finger, was turned or bent since the first one of its "
            f"site, and how is not known where {count} outline{'s lie' if count > 1 else ' lies'}; unnamed "
            "deposits there are matched by a guess and marked unconfirmed.",
            hint="Give each deposit the same name at every timepoint; lay the hand as at the first visit.",
        ),
    )


def _lonely(landmarks: tuple[Places, Places], image_id: str) -> tuple[Problem, ...]:
    """Return what to say of landmarks that a person marked and that cannot align anything."""
    here, there = landmarks
    shared = sorted(set(here) & set(there))
    if not here or len(shared) > 1:
        return ()
    which = f"only {shared[0]} is" if shared else "none is"
    return (
        Problem(
            severity=Severity.INFO,
            code="landmarks_too_few",
            about=image_id,
            text=f"Of {len(here)} landmark{'s' * (len(here) > 1)} marked on this image {which} marked on the "
            "first one of its site too; it takes two to lay one on the other, so what they show decides.",
            hint="Mark the same two places or more on both, five for perspective, under the same names.",
        ),
    )


def _search(
    image: Image,
    baseline: Image,
    focus: Sequence[Region],
    drawn: Sequence[Region],
    sighted: "tuple[Sighted, Sighted] | None",
) -> Found | Refused:
    if not image.grid.is_planar:
        from lesionkit.align.volumes import align_volumes

        return align_volumes(image, baseline)
    if image.modality is Modality.XC:
        from lesionkit.align.photographs import align_photographs
        from lesionkit.align.sighted import Sighted

        here, there = sighted or (Sighted(image), Sighted(baseline))
        return align_photographs(here, there, focus=focus, drawn=drawn)
    from lesionkit.align.radiographs import align_radiographs

    return align_radiographs(image, baseline, focus=focus)


def _is_the_same(image: Image, baseline: Image) -> bool:
    if image.pixels.shape != baseline.pixels.shape or image.pixels.dtype != baseline.pixels.dtype:
        return False
    return np.array_equal(image.pixels, baseline.pixels) and image.pixels.min() < image.pixels.max()


def _unchanged(image: Image, image_id: str, baseline_id: str) -> Transform:
    return Transform(
        source=image_id,
        target=baseline_id,
        matrix=np.eye(len(image.grid.shape) + 1),
        method="identity",
        residual=Quantity(value=0.0, unit=image.grid.length_unit),
    )


def _failed(
    image: Image, baseline: Image, image_id: str, baseline_id: str, refused: Refused
) -> tuple[Transform, tuple[Problem, ...]]:
    transform = Transform(
        source=image_id,
        target=baseline_id,
        matrix=guess(image.grid, baseline.grid),
        method="identity",
        is_reliable=False,
    )
    problem = Problem(
        severity=Severity.WARNING,
        code="alignment_failed",
        about=image_id,
        text=f"This image could not be aligned with the first one of its site ({refused.why}); "
        "its unnamed deposits are matched by a guess and marked unconfirmed.",
        hint="Give each deposit the same name at every timepoint: named deposits are followed by name.",
    )
    return transform, (problem,)
