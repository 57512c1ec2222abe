"""How far the millimetres of a projection radiograph can be trusted, by DICOM's own words."""

import math
from dataclasses import dataclass

from lesionkit.core.grid import ScaleSource

Spacing = tuple[float, float]
"""Row spacing (between rows, down) and column spacing (between columns, across), mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpacingTags:
    """What a radiograph says of its scale; None where it does not, or says zero or nonsense.

    Parameters
    ----------
    pixel : tuple of float, optional
        PixelSpacing (0028,0030).
    imager : tuple of float, optional
        ImagerPixelSpacing (0018,1164): at the front of the detector.
    nominal : tuple of float, optional
        NominalScannedPixelSpacing (0018,2010): on a digitised film.
    calibration : str
        PixelSpacingCalibrationType (0028,0A02).
    magnification : float, optional
        EstimatedRadiographicMagnificationFactor (0018,1114).
    source_to_detector, source_to_patient : float, optional
        DistanceSourceToDetector (0018,1110), DistanceSourceToPatient (0018,1111), mm.
    """

    pixel: Spacing | None = None
    imager: Spacing | None = None
    nominal: Spacing | None = None
    calibration: str = ""
    magnification: float | None = None
    source_to_detector: float | None = None
    source_to_patient: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A spacing and why it is believed; no spacing exactly where the source is ``NONE``."""

    spacing_mm: Spacing | None
    source: ScaleSource


def radiograph_scale(tags: SpacingTags) -> Scale:
    """Return the spacing of a projection radiograph and at which plane it holds.

    The first row that fits decides:

    ===================================================  =====================  =======================
    what the header says                                 spacing                source
    ===================================================  =====================  =======================
    PixelSpacing, calibration type FIDUCIAL or GEOMETRY  PixelSpacing           patient-plane
    PixelSpacing, unlike the detector's or film's        PixelSpacing           patient-plane
    detector (or film) spacing and a magnification       that ÷ magnification   magnification-corrected
    detector (or film) spacing                           that                   detector-plane
    PixelSpacing alone                                   PixelSpacing           unspecified-plane
    none of them                                         none                   none
    ===================================================  =====================  =======================

    The detector's spacing is ImagerPixelSpacing, else the film's NominalScannedPixelSpacing: a film
    lay where a detector lies, so its image is magnified alike. The magnification is
    EstimatedRadiographicMagnificationFactor, else DistanceSourceToDetector ÷ DistanceSourceToPatient.
    A magnification below 1 cannot be, one above 10 is no radiograph of a patient: both are ignored.
    PixelSpacing equal to the detector's says that nothing was corrected, so it is the detector's own.

    References
    ----------
    DICOM PS3.3, 10.7.1.3 (Pixel Spacing Calibration) and C.8.7.10, C.8.11.4.
    """
    detector = tags.imager or tags.nominal
    if tags.pixel is not None:
        if tags.calibration.upper() in ("FIDUCIAL", "GEOMETRY"):
            return Scale(spacing_mm=tags.pixel, source=ScaleSource.PATIENT_PLANE)
        if detector is None:
            return Scale(spacing_mm=tags.pixel, source=ScaleSource.UNSPECIFIED_PLANE)
        if not _same(tags.pixel, detector):
            return Scale(spacing_mm=tags.pixel, source=ScaleSource.PATIENT_PLANE)
    if detector is None:
        return Scale(spacing_mm=None, source=ScaleSource.NONE)
    factor = _magnification(tags)
    if factor is None:
        return Scale(spacing_mm=detector, source=ScaleSource.DETECTOR_PLANE)
    row, col = detector
    return Scale(spacing_mm=(row / factor, col / factor), source=ScaleSource.MAGNIFICATION_CORRECTED)


def _magnification(tags: SpacingTags) -> float | None:
    factor = tags.magnification
    if factor is None and tags.source_to_detector and tags.source_to_patient:
        factor = tags.source_to_detector / tags.source_to_patient
    return factor if factor is not None and 1 <= factor <= 10 else None


def _same(a: Spacing, b: Spacing) -> bool:
    # Decimal strings are often rounded differently in the two elements.
    return all(math.isclose(x, y, rel_tol=1e-3) for x, y in zip(a, b, strict=True))
