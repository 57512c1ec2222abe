"""Images and deposits small enough to reckon by hand."""

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit
from lesionkit.core.units import Unit
from lesionkit.measure import measure_deposits

SPACING = (2.0, 0.5, 0.25)


@pytest.fixture
def planar():
    """Return a maker of radiographs of 30 x 40 pixels, 0.5 x 0.25 mm; pixel value = 100 row + column."""

    def make(*, spacing_mm=SPACING[1:], pixels=None, unit=Unit.STORED, modality=Modality.DX, homography=None):
        if pixels is None:
            pixels = np.add.outer(100 * np.arange(30), np.arange(40))
        grid = Grid(
            shape=pixels.shape[:2],
            spacing_mm=spacing_mm,
            scale_source=ScaleSource.NONE if spacing_mm is None else ScaleSource.RULER,
            homography=homography,
        )
        return Image(modality=modality, pixels=pixels, grid=grid, intensity_unit=unit)

    return make


@pytest.fixture
def volume():
    """Return a maker of CT volumes of 6 x 20 x 30 voxels, 2 x 0.5 x 0.25 mm, at 120 kV, all 0 HU."""

    def make(*, spacing_mm=SPACING, pixels=None, unit=Unit.HU, modality=Modality.CT, kvp=120.0):
        if pixels is None:
            pixels = np.zeros((6, 20, 30), dtype=np.int16)
        grid = Grid(
            shape=pixels.shape,
            spacing_mm=spacing_mm,
            scale_source=ScaleSource.NONE if spacing_mm is None else ScaleSource.PATIENT_PLANE,
        )
        return Image(modality=modality, pixels=pixels, grid=grid, intensity_unit=unit, kvp=kvp)

    return make


@pytest.fixture
def measured():
    """Return a measurer of one deposit: name of the measure to (value, unit)."""

    def measure(image, *regions):
        found = measure_deposits([Deposit(id="1", image="hand", regions=regions)], image)
        return {m.measure: (m.quantity.value, str(m.quantity.unit)) for m in found}

    return measure
