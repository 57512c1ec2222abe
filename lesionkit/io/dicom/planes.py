"""Which plane of a volume a file, or a frame of a file, shows."""

from dataclasses import dataclass

from lesionkit.core.image import ImageRef


@dataclass(frozen=True, slots=True)
class Planes:
    """Planes of an image by the SOPInstanceUID of their file."""

    image: ImageRef

    def shows(self, uid: str, frames: tuple[int, ...] = ()) -> bool:
        """Return whether a file, or any of some frames of it (counted from 1), belongs to the image."""
        if uid not in self.image.instance_uids:
            return False
        ours = self.image.frames
        return not (ours and frames) or any(number - 1 in ours for number in frames)

    def of(self, uid: str, frames: tuple[int, ...] = ()) -> int | None:
        """Return the plane that a file shows, or its one frame (counted from 1).

        None where it shows none of the image's, or several, or the image is planar.
        """
        if self.image.grid.is_planar or not self.shows(uid, frames):
            return None
        uids = self.image.instance_uids
        if not self.image.frames:
            return uids.index(uid) if len(uids) == self.image.grid.shape[0] else None
        return self.image.frames.index(frames[0] - 1) if len(frames) == 1 else None
