"""How the pixels of a usual slice are stored, and how they become values where they lie."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.io.dicom import tags
from lesionkit.io.dicom.codec import Stored, knows
from lesionkit.io.dicom.header import Slice
from lesionkit.io.dicom.values import is_hu

_LITTLE_ENDIAN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
_INT16 = np.iinfo(np.int16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Pixels of one sample in 16 bits, and their linear rescale.

    Parameters
    ----------
    stored : Stored
        Rows and columns, bits in use, whether they have a sign.
    syntax : str
        TransferSyntaxUID.
    slope, intercept : float
        Of the rescale.
    in_hu : bool
        Whether the header says that rescaled values are HU.
    kvp : float, optional
        Tube voltage, kV.
    """

    stored: Stored
    syntax: str
    slope: float
    intercept: float
    in_hu: bool
    kvp: float | None

    @property
    def is_native(self) -> bool:
        """Whether pixels are not compressed."""
        return self.syntax in _LITTLE_ENDIAN

    @property
    def is_integral(self) -> bool:
        """Whether integers are rescaled to integers."""
        return float(self.slope).is_integer() and float(self.intercept).is_integer()

    @property
    def bytes(self) -> int:
        """Bytes of one frame."""
        return 2 * self.stored.shape[0] * self.stored.shape[1]


def layout_of(elements: tags.Elements, item: Slice, syntax: str) -> Layout | None:
    """Return how a CT or MR slice is stored; None where in any way that is not usual."""
    top = (elements,)
    bits = tags.whole(top, "BitsStored")
    signed = tags.whole(top, "PixelRepresentation")
    is_usual = (
        (syntax in _LITTLE_ENDIAN or knows(syntax))
        and tags.whole(top, "SamplesPerPixel") == 1
        and tags.text(top, "PhotometricInterpretation") in ("MONOCHROME1", "MONOCHROME2")
        and tags.whole(top, "BitsAllocated") == 16
        and signed in (0, 1)
        and not tags.values(top, "ModalityLUTSequence")
    )
    if not is_usual or bits is None or not 1 <= bits <= 16 or tags.whole(top, "HighBit") != bits - 1:
        return None
    return Layout(
        stored=Stored(shape=item.shape, bits=bits, signed=signed == 1),
        syntax=syntax,
        slope=1.0 if item.slope is None else item.slope,
        intercept=item.intercept or 0.0,
        in_hu=is_hu(elements, item),
        kvp=tags.positive(top, "KVP"),
    )


def drop_unused_bits(pixels: npt.NDArray[np.int16], stored: Stored) -> npt.NDArray[np.integer]:
    """Return stored values in their own type, of the same memory, with the sign where it belongs."""
    view = pixels if stored.signed else pixels.view(np.uint16)
    # PS3.5 section 8.1.1: what stands in bits that are not stored is not defined.
    if stored.bits < 16 and not stored.signed:
        np.bitwise_and(view, np.uint16((1 << stored.bits) - 1), out=view)
    elif stored.bits < 16:
        np.left_shift(view, 16 - stored.bits, out=view)
        np.right_shift(view, 16 - stored.bits, out=view)
    return view


def rescale_in_place(pixels: npt.NDArray[np.int16], stored: Stored, slope: int, intercept: int) -> bool:
    """Rescale stored values where they lie; return False, with them untouched, where they do not fit int16.

    Unused bits must be dropped before. Products and sums wrap round at 16 bits on the way, which leaves the
    result exact, because that fits.
    """
    view = pixels if stored.signed else pixels.view(np.uint16)
    if not _fits(stored.range, slope, intercept):
        found = int(view.min()), int(view.max())
        if not _fits(found, slope, intercept):
            return False
    if slope != 1:
        np.multiply(pixels, _wrapped(slope), out=pixels)
    if intercept:
        np.add(pixels, _wrapped(intercept), out=pixels)
    return True


def _fits(ends: tuple[int, int], slope: int, intercept: int) -> bool:
    return all(_INT16.min <= end * slope + intercept <= _INT16.max for end in ends)


def _wrapped(number: int) -> np.int16:
    return np.int16((number + 0x8000) % 0x10000 - 0x8000)
