"""How one image of a site lies on another: found once, kept for the day."""

from threading import Lock

from lesionkit.align import align, align_grids
from lesionkit.core.image import Image
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Region
from lesionkit.core.transform import Transform
from napari_lesionkit._drawn import Drawn

Found = tuple[Transform, tuple[Problem, ...]]


class Alignments:
    """Transforms between the images of a session, each found once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Found] = {}
        self._lock = Lock()

    def find(self, moving: tuple[str, Image, Drawn], target: tuple[str, Image, Drawn]) -> Found:
        """Return what carries pixels of one image onto another, and what is wrong with it.

        As `lesionkit.run` aligns them: what is drawn on either says where to look, and where not.

        Parameters
        ----------
        moving, target : tuple of (str, Image, Drawn)
            Id, pixels with scale, and what is drawn.
        """
        key = (moving[0], target[0])
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = _align(moving, target)
            with self._lock:
                self._known[key] = known
        return known


def _align(moving: tuple[str, Image, Drawn], target: tuple[str, Image, Drawn]) -> Found:
    (here, image, drawn), (there, baseline, before) = moving, target
    if here == there:
        return Transform.identity(here, there, axes=len(image.grid.shape)), ()
    transform = align_grids(image.grid, baseline.grid, image_id=here, baseline_id=there)
    if transform is not None:
        return transform, ()
    return align(
        image,
        baseline,
        image_id=here,
        baseline_id=there,
        focus=_regions(before),
        drawn=_regions(drawn),
        landmarks=(drawn.landmarks, before.landmarks),
    )


def _regions(drawn: Drawn) -> tuple[Region, ...]:
    return tuple(region for deposit in drawn.present if deposit.counts for region in deposit.regions)
