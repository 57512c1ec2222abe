"""CT and MR volumes, from where their planes' pixels stand."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.filling import Plane, changed, fill, only_slice
from lesionkit.io.dicom.header import header_of
from lesionkit.io.dicom.layout import layout_of
from lesionkit.io.dicom.opening import open_until_pixels, quiet
from lesionkit.io.dicom.pixels import must_fit, open_believable, syntax_of
from lesionkit.io.dicom.quick import find_pixels
from lesionkit.io.dicom.recent import Stamp


def load_volume(ref: ImageRef) -> Image:
    """Return a CT or MR volume; see `lesionkit.io.dicom.load.load_pixels`.

    Slices are read side by side. There is never more in memory than the volume and what a few slices take,
    but of a multi-frame file that is compressed, its compressed pixels.

    Raises
    ------
    ReadError
        If a file cannot be read, is cut short, or is not what was found when the folder was read.
    """
    with quiet():
        planes = _planes(ref)
        if len(planes) != ref.grid.shape[0]:
            raise ReadError(
                f"{len(planes)} slices were read where {ref.grid.shape[0]} were found before",
                path=ref.paths[0],
                hint="Files changed while the folder was read: run again.",
            )
        for plane in planes:
            if plane.layout is not None:
                must_fit(plane.layout.stored.shape, ref.grid.shape[1:], plane.path)
        try:
            voxels, said = fill(planes, ref.grid.shape)
        except MemoryError as error:
            raise ReadError(
                f"{ref.location} does not fit into memory: its headers announce "
                f"{' × '.join(map(str, ref.grid.shape))} voxels",
                path=ref.paths[0],
                hint="Export it again if that is not its size; else read it on a larger machine.",
            ) from error
    in_hu = ref.modality is Modality.CT and all(one.in_hu for one in said)
    return Image(
        modality=ref.modality,
        pixels=voxels,
        grid=ref.grid,
        intensity_unit=Unit.HU if in_hu else Unit.STORED,
        kvp=next((one.kvp for one in said if one.kvp), None),
    )


def _planes(ref: ImageRef) -> list[Plane]:
    """Return where the pixels of a volume's planes are, in their order."""
    if len(ref.paths) == 1:
        return list(_frames(ref.paths[0], ref.frames))
    return [
        Plane(path=path)
        if found is None
        else Plane(path=path, at=found.at, size=found.size, stamp=found.stamp, layout=found.layout)
        for path, found in zip(ref.paths, find_pixels(ref.paths), strict=True)
    ]


def _frames(path: Path, frames: Sequence[int]) -> Iterator[Plane]:
    """Yield the planes in one file: those frames, or its only one where none is named."""
    stamp = Stamp.of(path.stat())
    start, pixels = open_until_pixels(path)
    found = header_of(start, path).slices
    if frames and max(frames) >= len(found):
        raise changed(path, len(found))
    slices = [found[number] for number in frames] if frames else [only_slice(found, path)]
    layouts = [layout_of(start, item, syntax_of(start)) for item in slices]
    native = [layout for layout in layouts if layout is not None and layout.is_native]
    count = tags.whole((start,), "NumberOfFrames") or 1
    if len(native) == len(slices) and native and pixels.length == count * native[0].bytes:
        for item, layout in zip(slices, native, strict=True):
            at = pixels.value_at + item.frame * layout.bytes
            yield Plane(path=path, at=at, stamp=stamp, layout=layout)
        return
    dataset = open_believable(path)
    for item, usual in zip(slices, layouts, strict=True):
        compressed = usual if usual is not None and not usual.is_native else None
        yield Plane(path=path, layout=compressed, item=item, dataset=dataset)
