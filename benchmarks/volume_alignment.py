"""How near real volumes are laid on themselves, moved and stretched: error against the residual stated.

    LESIONKIT_SHARED=../shared python benchmarks/volume_alignment.py

Each volume is resampled as it would look after a known motion (turned by up to 8 degrees, shifted by 9 mm;
then also stretched, or sheared) and given noise of 5 % of its range. The error is the root mean square
distance, over the body, between where the alignment and the motion carry its places.
"""

import os
from pathlib import Path

import numpy as np
from scipy.ndimage import affine_transform
from scipy.spatial.transform import Rotation

from lesionkit import load_image
from lesionkit.align import align
from lesionkit.core.arrays import homogeneous
from lesionkit.core.image import Image

SHARED = Path(os.environ.get("LESIONKIT_SHARED", "../shared")) / "data" / "radiomics"
VOLUMES = ("brain1_image.nrrd", "breast1_image.nrrd", "lung1_image.nrrd")
SHAPES = {
    "moved": np.eye(3),
    "and stretched by 6 %": np.diag([1.0, 1.0, 1.06]),
    "and sheared by 8 %": np.eye(3) + np.diag([0.0, 0.08], 1),
}


def moved(image: Image, shape: np.ndarray) -> tuple[Image, np.ndarray]:
    """Return a volume as seen after a motion, and the motion of its pixel coordinates."""
    assert image.grid.affine is not None
    middle = homogeneous(image.grid.affine, [(np.asarray(image.pixels.shape) - 1) / 2])[0]
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_euler("xyz", (4, -3, 8), degrees=True).as_matrix() @ shape
    motion[:3, 3] = middle + np.array([6.0, -5.0, 9.0]) - motion[:3, :3] @ middle
    carried = np.linalg.inv(image.grid.affine) @ motion @ image.grid.affine
    back = np.linalg.inv(carried)
    values = image.pixels.astype(np.float32)
    noise = 0.05 * np.subtract(*np.percentile(values, (99, 1)))
    seen = affine_transform(values, back[:3, :3], back[:3, 3], order=1, cval=float(values.min()))
    seen += np.random.default_rng(1).normal(0, noise, seen.shape).astype(np.float32)
    return Image(
        modality=image.modality, pixels=seen, grid=image.grid, intensity_unit=image.intensity_unit
    ), carried


def run() -> None:
    """Print the table."""
    print(f"{'':50}{'error':>9}{'stated':>9}")
    for name in VOLUMES:
        image = load_image(SHARED / name)
        values = np.asarray(image.pixels, dtype=np.float32)
        body = np.argwhere(values > np.percentile(values, 60))[::97]
        for title, shape in SHAPES.items():
            later, motion = moved(image, shape)
            transform, problems = align(image, later, image_id="a", baseline_id="b")
            off = later.grid.locate(transform.carry(body)) - later.grid.locate(homogeneous(motion, body))
            error = np.sqrt((off**2).sum(axis=1).mean())
            stated = transform.residual.value if transform.residual and not problems else np.nan
            linear = (later.grid.affine @ transform.matrix @ np.linalg.inv(image.grid.affine))[:3, :3]
            kind = "refused" if problems else "rigid"
            if not problems and not np.allclose(linear @ linear.T, np.eye(3), atol=1e-6):
                kind = "affine"
            print(f"{name} {title}, {kind}".ljust(50) + f"{error:6.2f} mm{stated:6.2f} mm", flush=True)


if __name__ == "__main__":
    run()
