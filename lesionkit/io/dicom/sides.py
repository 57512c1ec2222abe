"""Which way the patient lies on a planar image, as its file says: for letters at its border."""

import re

from lesionkit.core.image import ImageRef
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet

_SIDES = re.compile(r"[RLAPHF]{1,3}")


def read_sides(ref: ImageRef) -> tuple[str, str] | None:
    """Return what of the patient lies towards the right and towards the bottom of a planar DICOM image.

    Letters are DICOM's: R, L, A, P, H (head), F (feet), the strongest first, such as ``("L", "F")``. None of
    volumes, which have an affine, of what is no DICOM, and where the file does not say.

    Parameters
    ----------
    ref : ImageRef
        The image.

    References
    ----------
    DICOM PS3.3 section C.7.6.1.1.1 (Patient Orientation).
    """
    from pydicom import dcmread

    if ref.reader != "dicom" or not ref.grid.is_planar:
        return None
    try:
        with quiet():
            dataset = dcmread(
                ref.paths[0], force=True, stop_before_pixels=True, specific_tags=["PatientOrientation"]
            )
            said = [str(one).strip().upper() for one in dataset.get("PatientOrientation") or ()]
    except BROKEN_FILE:
        return None
    if len(said) != 2 or not all(_SIDES.fullmatch(one) for one in said):
        return None
    return said[0], said[1]
