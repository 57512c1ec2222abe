"""Which image an outline file belongs to: by its name beside it, or by what a DICOM object says."""

import json
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lesionkit.core.cohort import Cohort
from lesionkit.core.image import ImageRef
from lesionkit.io.files import stem
from lesionkit.io.outline_files import OutlineFormat, OutlineName

if TYPE_CHECKING:
    from lesionkit.io.dicom.references import Referred, Target

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Index:
    """Images by where they lie, by what DICOM calls them, and by the space they lie in."""

    places: Mapping[Path, tuple[ImageRef, ...]]
    series: Mapping[str, tuple[ImageRef, ...]]
    instances: Mapping[str, tuple[ImageRef, ...]]
    spaces: Mapping[str, tuple[ImageRef, ...]]

    @classmethod
    def of(cls, cohort: Cohort) -> "Index":
        """Return the images of a cohort."""
        images = cohort.images
        return cls(
            places=_by((place, image) for image in images for place in _places(image, cohort.root)),
            series=_by((image.series_uid, image) for image in images if image.series_uid),
            instances=_by((uid, image) for image in images for uid in image.instance_uids),
            spaces=_by(
                (image.grid.frame_of_reference, image) for image in images if image.grid.frame_of_reference
            ),
        )

    def by_reference(self, referred: "Referred", at_hand: Container[str]) -> tuple[ImageRef, ...] | None:
        """Return the images a DICOM object was drawn on; None where it may be one of several.

        Parameters
        ----------
        referred : Referred
            What it says.
        at_hand : container of str
            SOPInstanceUIDs of segmentations: what a report refers to in one of these is read from there.
        """
        elsewhere = [target for uid, target in referred.segmentations.items() if uid not in at_hand]
        found: dict[str, ImageRef] = {}
        for target in (referred.target, *elsewhere):
            images = self._meant(target)
            if images is None:
                return None
            found |= {image.id: image for image in images}
        in_space = self.in_space(referred)
        if len(in_space) > 1:
            return None
        return tuple((found | {image.id: image for image in in_space}).values())

    def _meant(self, target: "Target") -> tuple[ImageRef, ...] | None:
        """Return the images of a target; None where it names images of a series that is there in several."""
        named = [image for uid in target.instances for image in self.instances.get(uid, ())]
        if named or not target.series:
            return tuple(named)
        images = [image for uid in target.series for image in self.series.get(uid, ())]
        return None if target.instances and len(images) > 1 else tuple(images)

    def that_may_be_meant(self, referred: "Referred") -> tuple[ImageRef, ...]:
        """Return the images among which a DICOM object does not choose."""
        targets = (referred.target, *referred.segmentations.values())
        series = (image for t in targets for uid in t.series for image in self.series.get(uid, ()))
        return self.in_space(referred) or tuple(series)

    def in_space(self, referred: "Referred") -> tuple[ImageRef, ...]:
        """Return the images of the space a DICOM object lies in, where it says no more than that."""
        uids = referred.target.frames_of_reference
        images = [image for uid in uids for image in self.spaces.get(uid, ())]
        # Of several in one space, those that the object has anything to do with.
        named = [image for image in images if image.series_uid in referred.evidence]
        return tuple(named or images)

    def by_name(self, path: Path, name: OutlineName) -> tuple[ImageRef, ...]:
        """Return the images beside which an outline file lies under their name."""
        images = self.places.get(path.parent / name.image, ())
        if name.format is OutlineFormat.GEOJSON:
            images = tuple(image for image in images if image.grid.is_planar)
            return _named(images, path) if len(images) > 1 else images
        return _of_one_shape(images, path) if len(images) > 1 else images


def _by(pairs: Iterable[tuple[K, ImageRef]]) -> dict[K, tuple[ImageRef, ...]]:
    found: dict[K, list[ImageRef]] = {}
    for key, image in pairs:
        found.setdefault(key, []).append(image)
    return {key: tuple(images) for key, images in found.items()}


def _places(image: ImageRef, root: Path) -> Iterator[Path]:
    """Yield the paths by which an outline file may name an image: without and with suffix, or its folder."""
    where = root / image.location
    yield where
    if len(image.paths) == 1 and where == image.paths[0]:
        yield where.with_name(stem(where))


def _named(images: Sequence[ImageRef], path: Path) -> tuple[ImageRef, ...]:
    """Return of images with one stem those that the header of an outline file names; all if it names none."""
    try:
        header = json.loads(path.read_text(encoding="utf-8-sig"))["lesionkit"]
        named = tuple(image for image in images if image.paths[0].name == header["image"])
    except (OSError, ValueError, LookupError, TypeError):
        return tuple(images)
    return named or tuple(images)


def _of_one_shape(images: Sequence[ImageRef], path: Path) -> tuple[ImageRef, ...]:
    """Return of several series in one folder those whose voxels are as many as a label map's; all if none."""
    from lesionkit.errors import ReadError
    from lesionkit.io.itk import read_header

    try:
        shape = sorted(read_header(path).shape)
    except ReadError:
        return tuple(images[:1])  # reading it will say what is wrong, once
    fitting = tuple(image for image in images if sorted(image.grid.shape) == shape)
    return fitting or tuple(images)
