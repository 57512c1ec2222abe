"""Which image an outline file belongs to: by its name beside it, or by what a DICOM object says."""

import json
import os
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lesionkit.core.cohort import Cohort
from lesionkit.core.image import ImageRef
from lesionkit.io.archive import is_packed, is_zip, seen_at
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
            places=_by((place, image) for image in images for place in _places(image)),
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
        """Return the images of a target; None where it does not choose among several.

        So it is where it names images of a series of which none is there, or a file that holds several
        images, without saying which of its frames.
        """
        named: dict[str, ImageRef] = {}
        for uid in target.instances:
            images = _of_frames(self.instances.get(uid, ()), target.frames.get(uid, ()))
            if len(images) > 1 and not target.frames.get(uid):
                return None
            named |= {image.id: image for image in images}
        if named or not target.series:
            return tuple(named.values())
        images = tuple(image for uid in target.series for image in self.series.get(uid, ()))
        return None if target.instances and len(images) > 1 else images

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


def _places(image: ImageRef) -> Iterator[Path]:
    """Yield the paths by which an outline file may name an image: without and with suffix, or its folder.

    An archive is named like a folder, with or without its suffix; one of several images in a file by its
    number too.
    """
    if len(image.paths) == 1:
        (path,) = image.paths
        number = image.location.rpartition("#")[2] if image.location.endswith(tuple("0123456789")) else ""
        several = f"#{number}" if image.frames and image.location.endswith(f"{path.name}#{number}") else ""
        yield path.with_name(path.name + several)
        yield path.with_name(stem(path) + several)
        return
    folder = Path(os.path.commonpath([path.parent for path in image.paths]))
    yield folder
    if is_packed(folder) and is_zip(seen_at(folder)):
        yield seen_at(folder)
        yield seen_at(folder).with_suffix("")


def _of_frames(images: Sequence[ImageRef], frames: Sequence[int]) -> tuple[ImageRef, ...]:
    """Return of the images in one file those of which any of some frames (from 1) is a part; all for none."""
    if not frames:
        return tuple(images)
    return tuple(i for i in images if not i.frames or any(number - 1 in i.frames for number in frames))


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
