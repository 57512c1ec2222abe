"""One phantom, stored in every way a scanner may store it, is read as the same deposit at the same place.

The phantom is a box of 6 × 9 × 7.5 mm, whole voxels in each of the spacings, around one place in the patient:
its volume and centroid are known without reading anything. The full product of all ways is tens of thousands
of series; every pair of ways meets in the few hundred that are written here (a covering design of strength
two: a fault of one way, or of two that meet, shows).
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

import dicoms
import numpy as np
import numpy.typing as npt
import pytest
from compressed import SYNTAXES, put

from lesionkit.core.image import Image
from lesionkit.core.region import Mask
from lesionkit.measure.size import size_of

Cell = Mapping[str, str]
Array = npt.NDArray[Any]

BOX_MM = np.array([6.0, 9.0, 7.5])
"""Depth along the normal, height along columns, width along rows."""
VOLUME_MM3 = 405.0
CENTROID = np.array([17.3, -48.9, 212.4])
"""LPS mm."""
DEPOSIT_HU, MARGIN = 900, (2, 3, 4)
"""Every voxel of the deposit is above, every other below; voxels around it on the low sides."""

SLICES = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "oblique": ((0.8, 0.36, -0.48), (0, 0.8, 0.6)),
}
PATIENT = {
    "HFS": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "HFP": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "HFDR": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "HFDL": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
    "FFS": ((-1, 0, 0), (0, 1, 0), (0, 0, -1)),
    "FFP": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "FFDR": ((0, 1, 0), (1, 0, 0), (0, 0, -1)),
    "FFDL": ((0, -1, 0), (-1, 0, 0), (0, 0, -1)),
}
"""How the patient lies: what turns the scanner's axes into the patient's."""
SPACING = {"even": (1.5, 0.75, 0.75), "unequal": (2.0, 0.6, 0.5), "thick": (3.0, 0.5, 1.5)}
"""Along the normal, between rows, between columns, mm."""
STORED = {"12 bit from -1024": (12, np.uint16, -1024), "13 bit signed": (13, np.int16, 0)}
WAYS: dict[str, Sequence[str]] = {
    "slices": tuple(SLICES),
    "patient": tuple(PATIENT),
    "tilt": ("0", "12.5", "-20"),
    "spacing": tuple(SPACING),
    "order": ("ascending", "descending", "shuffled"),
    "syntax": tuple(SYNTAXES),
    "frames": ("single", "multi"),
    "modality": ("CT", "MR"),
    "stored": tuple(STORED),
}


def cells() -> list[Cell]:
    """Return ways of storing in which each slice direction meets each patient's position and each syntax.

    Every further pair of ways occurs as well: at each step, the least met ones are taken.
    """
    names = list(WAYS)
    met: dict[tuple[str, str, str, str], int] = {}
    found = []
    for slices, patient, syntax in product(WAYS["slices"], WAYS["patient"], WAYS["syntax"]):
        cell = {"slices": slices, "patient": patient, "syntax": syntax}
        for name in (name for name in names if name not in cell):
            fewest = {
                way: sum(met.get((other, cell[other], name, way), 0) for other in cell) for way in WAYS[name]
            }
            cell[name] = min(fewest, key=fewest.__getitem__)
        for a, b in combinations(cell, 2):
            for key in ((a, cell[a], b, cell[b]), (b, cell[b], a, cell[a])):
                met[key] = met.get(key, 0) + 1
        found.append({name: cell[name] for name in names})
    return found


def truth(cell: Cell) -> tuple[Array, Array]:
    """Return the values as scanned, (plane, row, col), and what carries their indices to LPS mm."""
    spacing = np.array(SPACING[cell["spacing"]])
    inside = np.rint(BOX_MM / spacing).astype(int)
    shape = inside + MARGIN + 2
    values = np.random.default_rng(7).integers(-1000, 800, shape)
    box = tuple(slice(low, low + n) for low, n in zip(MARGIN, inside, strict=True))
    values[box] = np.random.default_rng(8).integers(DEPOSIT_HU + 1, 3000, inside)
    if cell["modality"] == "MR":
        values[values < DEPOSIT_HU] = np.abs(values[values < DEPOSIT_HU]) % 800
    row, col, normal = axes(cell)
    untilted = axes(cell | {"tilt": "0"})[2]
    affine = np.eye(4)
    # The table moves along the scanner's own axis, so that planes are sheared against one another.
    affine[:3, 0] = untilted * spacing[0] / (untilted @ normal)
    affine[:3, 1], affine[:3, 2] = col * spacing[1], row * spacing[2]
    affine[:3, 3] = CENTROID - affine[:3, :3] @ (np.array(MARGIN) + (inside - 1) / 2)
    return values, affine


def axes(cell: Cell) -> tuple[Array, Array, Array]:
    """Return unit vectors in LPS: along rows, along columns (tilted about the rows), and their normal."""
    turned = np.array(PATIENT[cell["patient"]], dtype=float)
    row, col = (turned @ np.array(axis, dtype=float) for axis in SLICES[cell["slices"]])
    normal = np.cross(row, col)
    angle = np.radians(float(cell["tilt"]))
    return row, np.cos(angle) * col + np.sin(angle) * normal, np.cos(angle) * normal - np.sin(angle) * col


def write(folder: Path, cell: Cell) -> Path:
    """Write a cell's series."""
    values, affine = truth(cell)
    bits, kind, intercept = STORED[cell["stored"]]
    if cell["syntax"] == "htj2k":
        bits = 16  # its encoder writes the precision of what holds the values
    if cell["modality"] == "MR":
        intercept = 0
    stored = (values - intercept).astype(kind)
    rows, cols = axes(cell)[:2]
    orientation = [f"{v:.10g}" for v in (*rows, *cols)]
    order = {
        "ascending": np.arange(len(stored)),
        "descending": np.arange(len(stored))[::-1],
        "shuffled": np.random.default_rng(11).permutation(len(stored)),
    }[cell["order"]]
    positions = [[f"{v:.8g}" for v in (affine @ (plane, 0, 0, 1))[:3]] for plane in order]
    folder.mkdir()
    frames = [np.ascontiguousarray(stored[plane]) for plane in order]
    if cell["frames"] == "multi":
        made = enhanced(cell, frames, positions, orientation, intercept)
        made.save_as(
            folder / "a", enforce_file_format=True, **put(made, frames, kind=cell["syntax"], bits=bits)
        )
        return folder
    for number, (frame, position) in enumerate(zip(frames, positions, strict=True)):
        made = classic(cell, frame, number)
        made.ImagePositionPatient, made.ImageOrientationPatient = position, orientation
        made.PixelSpacing = list(SPACING[cell["spacing"]][1:])
        made.RescaleIntercept, made.RescaleSlope = intercept, 1
        how = put(made, [frame], kind=cell["syntax"], bits=bits)
        made.save_as(folder / f"{number:02d}", enforce_file_format=True, **how)
    return folder


def classic(cell: Cell, frame: Array, number: int) -> Any:
    """Return one file of a series, without its place."""
    return dicoms.dataset(
        cell["modality"], frame, SOPInstanceUID=dicoms.uid(1000 + number), FrameOfReferenceUID=dicoms.uid(7),
        PatientPosition=cell["patient"], GantryDetectorTilt=float(cell["tilt"]), SliceThickness=1.0,
        InstanceNumber=number + 1,
    )  # fmt: skip


def enhanced(
    cell: Cell, frames: list[Array], positions: list[list[str]], orientation: list[str], intercept: int
) -> Any:
    """Return an enhanced multi-frame object without its pixels."""
    from drawn import item

    made = classic(cell, frames[0], 0)
    made.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.{'2' if cell['modality'] == 'CT' else '4'}.1"
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.NumberOfFrames = len(frames)
    spacing = list(SPACING[cell["spacing"]][1:])
    made.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=orientation)],
            PixelMeasuresSequence=[item(PixelSpacing=spacing, SliceThickness=1.0)],
            PixelValueTransformationSequence=[
                item(RescaleIntercept=intercept, RescaleSlope=1, RescaleType="HU" if intercept else "US")
            ],
        )
    ]
    made.PerFrameFunctionalGroupsSequence = [
        item(PlanePositionSequence=[item(ImagePositionPatient=position)]) for position in positions
    ]
    return made


def faults(cell: Cell, image: Image) -> list[str]:
    """Return in what an image differs from the truth."""
    values, affine = truth(cell)
    found = []
    grid = image.grid
    assert grid.affine is not None
    if np.linalg.det(grid.affine[:3, :3]) <= 0:
        found.append("left-handed")
    index = np.argwhere(np.ones(grid.shape, dtype=bool))
    placed = np.column_stack([grid.locate(index), np.ones(len(index))])
    scanned = (placed @ np.linalg.inv(affine).T)[:, :3]
    nearest = np.rint(scanned).astype(int)
    off = np.abs((scanned - nearest) * np.linalg.norm(affine[:3, :3], axis=0)).max()
    if off > 0.01:
        found.append(f"voxels {off:.3g} mm off")
    low, high = nearest.min(axis=0), nearest.max(axis=0)
    if low.any() or tuple(high + 1) != values.shape:
        return [*found, f"planes from {low} to {high} of {values.shape}"]
    if not np.array_equal(image.pixels.reshape(-1), values[tuple(nearest.T)]):
        found.append("other values")
    size = size_of([Mask.cropped(image.pixels > DEPOSIT_HU)], grid)
    if size.volume is None or abs(size.volume - VOLUME_MM3) > 1e-4 * VOLUME_MM3:
        found.append(f"volume {size.volume:.6g} mm3")
    (centroid,) = grid.locate([size.centroid])
    if np.linalg.norm(centroid - CENTROID) > 0.01:
        found.append(f"centroid {centroid.round(3)}")
    return found


def test_every_pair_of_ways_is_in_the_table() -> None:
    made = cells()
    for a, b in combinations(WAYS, 2):
        assert {(cell[a], cell[b]) for cell in made} == set(product(WAYS[a], WAYS[b])), (a, b)


def test_a_deposit_is_the_same_however_its_series_is_stored(tmp_path: Path, record_property: Any) -> None:
    wrong = []
    for number, cell in enumerate(cells()):
        found = dicoms.scan(write(tmp_path / str(number), cell))
        said = [f"{problem.code}: {problem.text}" for problem in found.problems]
        if len(found.images) != 1:
            said.append(f"{len(found.images)} images")
        said += [fault for image in found.images for fault in faults(cell, dicoms.load(image))]
        if said:
            wrong.append(f"{' | '.join(cell.values())}: {'; '.join(said)}")
    total = np.prod([len(ways) for ways in WAYS.values()])
    head = f"{' | '.join(WAYS)}: {number + 1} of {total} series, every pair of ways"
    record_property("table", f"Truth table of volumes\n{head}; {len(wrong)} wrong")
    if wrong:
        pytest.fail("\n".join([head, *wrong]), pytrace=False)
