"""Which plane of a volume a file, or a frame of a file, shows."""

from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import homogeneous
from lesionkit.core.image import ImageRef
from lesionkit.io.dicom.header import read_header


@dataclass(frozen=True, slots=True)
class Planes:
    """Planes of an image by the SOPInstanceUID of their file."""

    image: ImageRef

    def shows(self, uid: str) -> bool:
        """Return whether a file belongs to the image."""
        return uid in self.image.instance_uids

    def of(self, uid: str, frames: tuple[int, ...] = ()) -> int | None:
        """Return the plane that a file shows, or its one frame (counted from 1).

        None where it shows none of the image's, or several, or the image is planar.
        """
        shape = self.image.grid.shape
        if self.image.grid.is_planar or uid not in self.image.instance_uids:
            return None
        if len(self.image.instance_uids) == shape[0]:
            return self.image.instance_uids.index(uid)
        return self._of_frame(frames[0]) if len(frames) == 1 else None

    def _of_frame(self, number: int) -> int | None:
        affine = self.image.grid.affine
        slices = read_header(self.image.paths[0]).slices
        if affine is None or not 1 <= number <= len(slices) or slices[number - 1].position is None:
            return None
        (place,) = homogeneous(
            np.asarray(np.linalg.inv(affine), dtype=np.float64), np.array([slices[number - 1].position])
        )
        return int(np.rint(place[0]))
