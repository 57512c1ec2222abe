"""Pictures in memory with the deposits as they truly are: for tests, tutorials and benchmarks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.core.units import Unit
from lesionkit.phantom.anatomy import Limb
from lesionkit.phantom.camera import View
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.photo import Light, Table, paint_photograph
from lesionkit.phantom.radiograph import expose_radiograph
from lesionkit.phantom.skin import Skin
from lesionkit.phantom.volume import CT_TISSUES, T1_TISSUES, Block, Pose, scan_volume, true_voxels

_AUTHOR = "truth"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendering:
    """A picture and what truly lies on it.

    Parameters
    ----------
    image : Image
        The picture, with its exact grid.
    deposits : tuple of Deposit
        One per concretion in their order, without any reader's error; concretions of one lineage share
        its name.
    """

    image: Image
    deposits: tuple[Deposit, ...]


def render_photograph(
    skin: Skin,
    concretions: Sequence[Concretion],
    *,
    view: View,
    seed: int,
    light: Light | None = None,
    table: Table | None = None,
    noise: float = 0.006,
) -> Rendering:
    """Return a photograph with the footprints of its deposits.

    Parameters are those of `lesionkit.phantom.photo.paint_photograph`.
    """
    pixels = paint_photograph(skin, concretions, view=view, seed=seed, light=light, table=table, noise=noise)
    grid = Grid(shape=view.shape, spacing_mm=view.spacing_mm, scale_source=ScaleSource.MANIFEST)
    image = Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)
    return Rendering(image=image, deposits=true_outlines(concretions, view=view))


def render_radiograph(
    limb: Limb, concretions: Sequence[Concretion], *, view: View, seed: int, noise: float = 1.0
) -> Rendering:
    """Return a radiograph, bright = dense, with the footprints of its deposits.

    Parameters are those of `lesionkit.phantom.radiograph.expose_radiograph`.
    """
    pixels = expose_radiograph(limb, concretions, view=view, seed=seed, noise=noise)
    grid = Grid(shape=view.shape, spacing_mm=view.spacing_mm, scale_source=ScaleSource.PATIENT_PLANE)
    image = Image(modality=Modality.DX, pixels=pixels, grid=grid, intensity_unit=Unit.STORED)
    return Rendering(image=image, deposits=true_outlines(concretions, view=view))


def render_volume(
    limb: Limb,
    concretions: Sequence[Concretion],
    *,
    modality: Modality,
    block: Block,
    seed: int,
    pose: Pose | None = None,
    noise: float = 1.0,
) -> Rendering:
    """Return a CT (HU) or T1-weighted MR volume with the voxels whose centres lie in its deposits.

    Parameters are those of `lesionkit.phantom.volume.scan_volume`.

    Raises
    ------
    ValueError
        If the modality has no volumes, or a concretion is smaller than a voxel or outside the block.
    """
    if not modality.is_volume:
        raise ValueError(f"{modality} has no volumes")
    is_ct = modality is Modality.CT
    pose = pose or Pose()
    pixels = scan_volume(
        limb,
        concretions,
        block=block,
        tissues=CT_TISSUES if is_ct else T1_TISSUES,
        seed=seed,
        pose=pose,
        noise=noise,
    )
    grid = Grid(
        shape=block.shape,
        spacing_mm=block.spacing_mm,
        affine=block.affine,
        scale_source=ScaleSource.PATIENT_PLANE,
    )
    unit = Unit.HU if is_ct else Unit.STORED
    image = Image(
        modality=modality, pixels=pixels, grid=grid, intensity_unit=unit, kvp=120.0 if is_ct else None
    )
    return Rendering(image=image, deposits=true_masks(limb, concretions, block=block, pose=pose))


def true_outlines(concretions: Sequence[Concretion], *, view: View) -> tuple[Deposit, ...]:
    """Return the footprints of concretions on a frontal picture, with 720 vertices each."""
    return tuple(
        _deposit(number, concretion, Outline(exterior=view.to_pixels(concretion.outline())))
        for number, concretion in enumerate(concretions, start=1)
    )


def true_masks(
    limb: Limb, concretions: Sequence[Concretion], *, block: Block, pose: Pose
) -> tuple[Deposit, ...]:
    """Return the voxels whose centres lie in concretions.

    Raises
    ------
    ValueError
        If a concretion holds no voxel's centre.
    """
    deposits = []
    for number, concretion in enumerate(concretions, start=1):
        voxels = true_voxels(limb, concretion, block=block, pose=pose)
        if not voxels.any():
            raise ValueError(f"concretion {concretion.lineage} holds no voxel of the block")
        deposits.append(_deposit(number, concretion, Mask.cropped(np.asarray(voxels))))
    return tuple(deposits)


def _deposit(number: int, concretion: Concretion, region: Outline | Mask) -> Deposit:
    return Deposit(
        id=str(number),
        image="phantom",
        regions=(region,),
        name=concretion.lineage,
        status=Status.DRAWN,
        author=_AUTHOR,
    )
