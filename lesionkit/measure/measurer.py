"""What measures deposits: one method, found by entry points; lesionkit's own come through the same door."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lesionkit.core.colour import ColourCorrection
from lesionkit.core.image import Image
from lesionkit.core.measurement import Measure, Measurement
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.registry import Registry
from lesionkit.core.settings import CalciumSettings, ErrorSettings, GradeSettings
from lesionkit.core.units import Quantity
from lesionkit.errors import ExtensionError
from lesionkit.measure.density import pixels_of
from lesionkit.measure.rim import Surroundings, surroundings_of
from lesionkit.measure.size import Size, size_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """One image with its deposits and all that measures may need to know besides.

    Parameters
    ----------
    image : Image
        With its pixels and, where it has one, its scale.
    deposits : tuple of Deposit
        Drawn on it.
    image_id : str
        What measurements call the image; without it, what each deposit does.
    calcium : CalciumSettings
        How the CT shows calcium.
    errors : ErrorSettings
        What is known of the errors of measuring.
    grade : GradeSettings, optional
        How densities become grades.
    colour : ColourCorrection, optional
        Of a photograph's colours.
    landmarks : Mapping of str to (float, float)
        Places that a person marked, ``(row, col)`` by name.
    areas : Mapping of str to tuple of Outline
        Regions of interest that a person marked, by name.
    """

    image: Image
    deposits: tuple[Deposit, ...]
    image_id: str = ""
    calcium: CalciumSettings = field(default_factory=CalciumSettings)
    errors: ErrorSettings = field(default_factory=ErrorSettings)
    grade: GradeSettings | None = None
    colour: ColourCorrection | None = None
    landmarks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    areas: Mapping[str, tuple[Outline, ...]] = field(default_factory=dict)

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """How large each deposit is."""
        return tuple(size_of(deposit.regions, self.image.grid) for deposit in self.deposits)

    @cached_property
    def masks(self) -> tuple[Mask, ...]:
        """The pixels that stand for each deposit: see `lesionkit.measure.density.pixels_of`."""
        grid = self.image.grid
        pairs = zip(self.deposits, self.sizes, strict=True)
        return tuple(pixels_of(deposit.regions, grid, centroid=size.centroid) for deposit, size in pairs)

    @cached_property
    def surroundings(self) -> tuple[Surroundings, ...]:
        """What lies in and around each deposit; of an image without colour."""
        masks = self.masks
        return tuple(
            surroundings_of(mask, self.image, others=[*masks[:index], *masks[index + 1 :]])
            for index, mask in enumerate(masks)
        )

    def values(self, index: int) -> npt.NDArray[np.generic]:
        """Return the pixel values inside a deposit, shape (n,), given its number among the deposits."""
        mask = self.masks[index]
        return np.asarray(self.image.intensity(mask.box)[mask.voxels])

    def found(
        self, deposit: Deposit | None, measure: str, quantity: Quantity, *, about: str = ""
    ) -> Measurement:
        """Return what was measured of a deposit; of None, of all deposits of the image together."""
        return Measurement(
            image=self.image_id or (deposit.image if deposit else ""),
            deposit=deposit.id if deposit else "",
            measure=measure,
            quantity=quantity,
            scale_source=self.image.grid.scale_source,
            about=about,
        )


class Measurer(Protocol):
    """What measures deposits: one method, and the measures it can give."""

    @property
    def measures(self) -> Iterable[Measure]:
        """What it measures, each by a name of its own."""
        ...

    def measure(self, scene: Scene, /) -> Iterable[Measurement]:
        """Return what can be measured of the deposits of an image; what has no meaning is not there.

        Parameters
        ----------
        scene : Scene
            The image, its deposits, and what may be known besides.
        """
        ...


MEASURERS: Registry[Measurer] = Registry("lesionkit.measures")
"""What measures deposits, lesionkit's own and whatever else is installed."""


def measurers() -> Iterator[tuple[str, Measurer]]:
    """Yield name and measurer of all that can be loaded.

    Raises
    ------
    ExtensionError
        If two of them measure something of one name, of which no one could say whose it is.
    """
    owners: dict[str, str] = {}
    for name, measurer in MEASURERS.loaded():
        for measure in measurer.measures:
            if measure.name in owners:
                raise ExtensionError(
                    f"{owners[measure.name]!r} and {name!r} of {MEASURERS.group} both measure "
                    f"{measure.name!r}",
                    group=MEASURERS.group,
                    name=name,
                    hint="Uninstall one of them, or rename its measure.",
                )
            owners[measure.name] = name
        yield name, measurer


def all_measures() -> tuple[Measure, ...]:
    """Return everything that can be measured, lesionkit's own measures first, in the order of the tables.

    Raises
    ------
    ExtensionError
        As `measurers`.
    """
    from lesionkit.measure.catalogue import MEASURES

    found = {measure.name: measure for _, measurer in measurers() for measure in measurer.measures}
    own = [found.pop(name) for name in MEASURES if name in found]
    return (*own, *found.values())
