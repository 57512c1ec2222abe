"""A radiograph's millimetres hold at the plane its header says, by the standard's decision table."""

import pytest

from lesionkit.core.grid import ScaleSource
from lesionkit.io.dicom.scale import SpacingTags, radiograph_scale

PATIENT = ScaleSource.PATIENT_PLANE
CORRECTED = ScaleSource.MAGNIFICATION_CORRECTED
DETECTOR = ScaleSource.DETECTOR_PLANE
P, D, F = (0.15, 0.1), (0.18, 0.12), (0.24, 0.16)


@pytest.mark.parametrize(
    ("tags", "spacing", "source"),
    [
        ({"pixel": P, "calibration": "FIDUCIAL"}, P, PATIENT),
        ({"pixel": P, "calibration": "GEOMETRY", "imager": P}, P, PATIENT),
        ({"pixel": P, "calibration": "fiducial", "imager": D, "magnification": 1.2}, P, PATIENT),
        ({"pixel": P, "imager": D}, P, PATIENT),
        ({"pixel": P, "nominal": F}, P, PATIENT),
        ({"pixel": P, "imager": P}, P, DETECTOR),
        ({"pixel": (0.15, 0.1), "imager": (0.150004, 0.099996)}, (0.150004, 0.099996), DETECTOR),
        ({"pixel": (0.15, 0.1), "imager": (0.15, 0.12)}, (0.15, 0.1), PATIENT),
        ({"pixel": D, "imager": D, "magnification": 1.2}, P, CORRECTED),
        ({"imager": D, "magnification": 1.2}, P, CORRECTED),
        ({"imager": D, "source_to_detector": 1200.0, "source_to_patient": 1000.0}, P, CORRECTED),
        (
            {"imager": D, "magnification": 1.2, "source_to_detector": 9.0, "source_to_patient": 3.0},
            P,
            CORRECTED,
        ),
        ({"nominal": F, "magnification": 1.6}, P, CORRECTED),
        ({"imager": D}, D, DETECTOR),
        ({"imager": D, "nominal": F}, D, DETECTOR),
        ({"imager": D, "magnification": 0.8}, D, DETECTOR),
        ({"imager": D, "magnification": 65.0}, D, DETECTOR),
        ({"imager": D, "source_to_detector": 1000.0}, D, DETECTOR),
        ({"nominal": F}, F, DETECTOR),
        ({"pixel": P}, P, ScaleSource.UNSPECIFIED_PLANE),
        ({"pixel": P, "magnification": 1.2}, P, ScaleSource.UNSPECIFIED_PLANE),
        ({"pixel": P, "calibration": "SOMETHING"}, P, ScaleSource.UNSPECIFIED_PLANE),
        ({"magnification": 1.2}, None, ScaleSource.NONE),
        ({}, None, ScaleSource.NONE),
    ],
)
def test_the_scale_of_a_radiograph_is_read_off_the_table(tags, spacing, source):
    found = radiograph_scale(SpacingTags(**tags))
    assert found.source is source
    assert found.spacing_mm == (None if spacing is None else pytest.approx(spacing))
