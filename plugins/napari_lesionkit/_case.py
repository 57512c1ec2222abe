"""What a reader is given to outline: one image, and what may be said of it."""

from dataclasses import dataclass
from datetime import date

from lesionkit.core.image import ImageRef, Modality

Key = tuple[str, str]
"""What tells a case from every other: image and reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One image to be outlined by one reader.

    Parameters
    ----------
    number : int
        Place in the order in which it is shown, from 1.
    ref : ImageRef
        The image.
    patient : str
        Pseudonym.
    day : date
        Of its timepoint.
    reader : str
        Whose outlines: ``anna``, or ``anna~2`` where the same image comes a second time; empty for the common
        reading.
    is_blinded : bool
        Whether patient, day and order are hidden: show nothing but `label`.
    """

    number: int
    ref: ImageRef
    patient: str
    day: date
    reader: str = ""
    is_blinded: bool = False

    @property
    def key(self) -> Key:
        """What tells it from every other case: image and reader."""
        return self.ref.id, self.reader

    @property
    def site(self) -> tuple[str, Modality, str]:
        """Patient, stream and body site: what is followed through time."""
        return self.patient, self.ref.modality.stream, self.ref.site

    @property
    def label(self) -> str:
        """What the reader may see of it."""
        if self.is_blinded:
            return f"case {self.number:02d}"
        return f"{self.patient} · {self.ref.site} · {self.day} · {self.ref.modality}"
