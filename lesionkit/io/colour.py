"""Colour management: every picture in sRGB, so that one colour is one triple of numbers."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.errors import ReadError

if TYPE_CHECKING:
    from PIL import Image as Pil
    from PIL.ImageCms import ImageCmsProfile


Pixels = npt.NDArray[np.uint8 | np.uint16]
"""Pixels of a photograph, grey or colour."""

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""Which profiles fit which pixels, by Pillow's mode."""


def is_srgb(im: "Pil.Image") -> bool:
    """Return whether a picture's colours are sRGB already: it has no profile, or that of sRGB."""
    profile = _profile(im)
    return profile is None or _is_srgb_profile(profile)


def to_srgb(im: "Pil.Image", *, path: Path) -> Pixels:
    """Return the pixels of a decoded picture in sRGB, 8 bits, grey or colour.

    A profile that is broken, or made for other pixels, is passed over as other programs do.

    Raises
    ------
    ReadError
        If its kind of pixel is not that of a photograph.
    """
    alpha = None
    profile = _profile(im)
    if im.has_transparency_data:
        im = im.convert("LA" if im.mode in ("L", "LA", "1") else "RGBA")
        alpha = np.asarray(im.getchannel("A"))
    im = _plain(im, path)
    if profile is not None and not _is_srgb_profile(profile):
        im = _converted(im, profile)
    if im.mode == "CMYK":
        im = im.convert("RGB")
    pixels: Pixels = np.asarray(im, dtype=np.uint8)
    if alpha is None:
        return pixels
    return over_white(pixels, alpha) if pixels.ndim == 3 else over_white(pixels[..., None], alpha)[..., 0]


def _plain(im: "Pil.Image", path: Path) -> "Pil.Image":
    """Return a picture as L, RGB or CMYK."""
    if im.mode in ("L", "RGB", "CMYK"):
        return im
    if im.mode.startswith("I;16"):
        from PIL import Image as Pil

        return Pil.fromarray((np.asarray(im) >> 8).astype(np.uint8))
    plain = {"1": "L", "LA": "L", "P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBX": "RGB", "YCbCr": "RGB"}
    if im.mode not in plain:
        raise ReadError(
            f"{path.name} has pixels of a kind ({im.mode}) that photographs do not have",
            path=path,
            tried={"photo": f"pixels of kind {im.mode}"},
            hint="Save it as 8-bit or 16-bit grey or RGB.",
        )
    if im.mode == "P" and im.palette is not None and im.palette.mode == "L":
        return im.convert("L")
    return im.convert(plain[im.mode])


def _profile(im: "Pil.Image") -> "ImageCmsProfile | None":
    from PIL import ImageCms

    data = im.info.get("icc_profile")
    if not data:
        return None
    try:
        return ImageCms.ImageCmsProfile(BytesIO(data))
    except OSError:
        return None


def _is_srgb_profile(profile: "ImageCmsProfile") -> bool:
    from PIL import ImageCms

    try:
        return ImageCms.getProfileDescription(profile).strip().startswith("sRGB")
    except ImageCms.PyCMSError:
        return False


def _converted(im: "Pil.Image", profile: "ImageCmsProfile") -> "Pil.Image":
    from PIL import ImageCms

    if profile.profile.xcolor_space.strip() != _SPACES[im.mode]:
        return im
    try:
        out = ImageCms.profileToProfile(im, profile, _srgb(), outputMode="RGB")
    except ImageCms.PyCMSError:
        return im
    if out is None:
        return im
    return out.getchannel("G") if im.mode == "L" else out


@cache
def _srgb() -> Any:
    from PIL import ImageCms

    return ImageCms.createProfile("sRGB")


def over_white(colour: Pixels, alpha: Pixels) -> Pixels:
    """Return colours laid over white by their opacity (0 to full scale), rounded."""
    full = np.iinfo(colour.dtype).max
    if (alpha == full).all():
        return colour
    share = alpha[..., None] / full
    return np.asarray(np.rint(colour * share + full * (1 - share)), dtype=colour.dtype)
