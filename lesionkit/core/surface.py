"""What of a body site is not flat, and so seen larger or smaller than a plane beside it tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """How far the skin at a site may be from the plane on which a marker or a ruler lies.

    Parameters
    ----------
    height_mm : float
        Standard deviation of how much higher or lower than that plane deposits lie.
    radius_mm : float, optional
        Radius to which the site is curved; None where it is flat, or as good as flat.
    source : str
        Where the figures come from.

    Raises
    ------
    ValueError
        If the height is negative or the radius not positive.
    """

    height_mm: float = 2.0
    radius_mm: float | None = None
    source: str = "assumed: what is measured is raised a few millimetres, or the marker lies a little lower"

    def __post_init__(self) -> None:
        if not 0 <= self.height_mm < float("inf"):
            raise ValueError(f"height_mm must be 0 or more, not {self.height_mm}")
        if self.radius_mm is not None and not 0 < self.radius_mm < float("inf"):
            raise ValueError(f"radius_mm must be positive, not {self.radius_mm}")


_FINGER = Surface(radius_mm=8.0, source="assumed of a finger: a radius of 8 mm, deposits raised 2 mm")
_FOREARM = Surface(radius_mm=40.0, source="assumed of a forearm: a radius of 40 mm, deposits raised 2 mm")
_USUAL = {
    "finger": _FINGER,
    "thumb": _FINGER,
    "toe": _FINGER,
    "digit": _FINGER,
    "forearm": _FOREARM,
    "arm": _FOREARM,
    "wrist": _FOREARM,
    "elbow": _FOREARM,
}


def usual_surface(site: str) -> Surface:
    """Return what is assumed of a site by the words of its name; of most that they are flat.

    Examples
    --------
    >>> usual_surface("left-index-finger").radius_mm
    8.0
    >>> usual_surface("left-hand").radius_mm is None
    True
    """
    words = site.lower().replace("_", "-").replace(" ", "-").split("-")
    return next((_USUAL[word] for word in reversed(words) if word in _USUAL), Surface())
