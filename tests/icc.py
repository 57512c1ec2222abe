"""Colour profiles, made so that it shows whether they were used."""

from PIL import ImageCms


def profile(kind: str) -> bytes:
    """Return the profile of sRGB, or one whose red and blue are exchanged."""
    if kind == "srgb":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # sRGB's own tables with the red and blue primaries exchanged: what it calls red is blue.
    data = bytearray(profile("srgb"))
    count = int.from_bytes(data[128:132], "big")
    entries = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, blue = entries[b"rXYZ"], entries[b"bXYZ"]
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(data).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
