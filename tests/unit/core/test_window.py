import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.pixels import apply_voi_lut, apply_windowing

from lesionkit.core.window import Curve, Window, WindowShape

VALUES = np.arange(-2000, 2001, 7).astype(np.int16)


def asked(centre, width, shape):
    """What pydicom is asked by."""
    made = Dataset()
    made.WindowCenter, made.WindowWidth, made.VOILUTFunction = centre, width, str(shape)
    made.PhotometricInterpretation, made.BitsStored, made.PixelRepresentation = "MONOCHROME2", 16, 1
    return made


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("shape", list(WindowShape))
@pytest.mark.parametrize(("centre", "width"), [(40, 400), (300, 1500), (-600.5, 1.5), (0, 4000)])
def test_a_window_shades_as_pydicom_shades_by_it(shape, centre, width):
    theirs = apply_windowing(VALUES, asked(centre, width, shape))
    low, high = -(2.0**15), 2.0**15 - 1
    ours = Window(centre=centre, width=width, shape=shape).shades(VALUES)
    assert ours == pytest.approx((theirs - low) / (high - low), abs=1e-6)


@pytest.mark.parametrize(("value", "shade"), [(9, 0), (10, 1)])
def test_the_narrowest_linear_window_is_one_step(value, shade):
    # PS3.3 C.11.2.1.2: black up to centre - 0.5.
    assert Window(centre=10, width=1).shades(value) == shade


@pytest.mark.parametrize("shape", list(WindowShape))
@given(
    centre=st.integers(-500, 500), width=st.integers(1, 900), about=st.integers(-300, 5000),
    value=st.integers(-2000, 2000),
)  # fmt: skip
def test_what_was_turned_round_is_shown_as_the_negative_of_what_it_was(shape, centre, width, about, value):
    window = Window(centre=centre, width=width, shape=shape)
    off_the_step = value + 0.25
    turned = window.mirrored(about).shades(about - off_the_step)
    assert turned == pytest.approx(1 - window.shades(off_the_step), abs=1e-9)


def test_a_curve_shades_as_pydicom_shades_by_it_and_holds_its_ends():
    entries = np.random.default_rng(2).integers(0, 4096, 100)
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [100, 50, 12], entries.tolist()
    asks = asked(0, 1, "LINEAR")
    asks.VOILUTSequence, asks.PixelRepresentation = [table], 0
    values = np.arange(0, 300, dtype=np.uint16)
    theirs = apply_voi_lut(values, asks)
    ours = Curve(first=50, levels=entries / 4095)
    assert ours.shades(values) == pytest.approx(theirs / 4095, abs=1e-9)
    assert ours.limits == (50, 149)
    turned = ours.mirrored(4095)
    assert turned.shades(4095 - values) == pytest.approx(1 - ours.shades(values))


@pytest.mark.parametrize(
    "wrong",
    [
        {"centre": 0, "width": 0},
        {"centre": 0, "width": 0.5},
        {"centre": 0, "width": 0, "shape": WindowShape.SIGMOID},
        {"centre": float("nan"), "width": 5},
        {"centre": 0, "width": float("inf"), "shape": WindowShape.LINEAR_EXACT},
    ],
)
def test_what_is_no_window_is_refused(wrong):
    with pytest.raises(ValueError, match="no window"):
        Window(**wrong)


@pytest.mark.parametrize("levels", [[], [[0, 1]], [0, 1.5], [-0.1, 0]])
def test_what_is_no_curve_is_refused(levels):
    with pytest.raises(ValueError, match="shade"):
        Curve(first=0, levels=levels)
