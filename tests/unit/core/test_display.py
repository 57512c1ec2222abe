import numpy as np
import pytest

from lesionkit.core.display import DEPOSITS, offer_looks, shade
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit
from lesionkit.core.window import Curve, Window

RAMP = np.arange(48_000, dtype=np.float32).reshape(8, 60, 100)
GRID = Grid(shape=(8, 60, 100), spacing_mm=(3, 0.5, 0.75), scale_source=ScaleSource.PATIENT_PLANE)
SOFT = Window(centre=40, width=400, explanation="SOFT")


def image(modality, pixels=RAMP, *, unit=Unit.STORED, looks=()):
    return Image(
        modality=modality, pixels=pixels, grid=GRID if pixels.ndim == 3 and pixels.shape[2] != 3 else
        Grid(shape=pixels.shape[:2]), intensity_unit=unit, looks=looks,
    )  # fmt: skip


def test_ct_in_hu_looks_alike_at_every_timepoint_and_offers_what_its_file_asks():
    values = np.linspace(-1000, 1500, RAMP.size, dtype=np.float32).reshape(RAMP.shape)
    first, second, last = offer_looks(image(Modality.CT, values, unit=Unit.HU, looks=(SOFT,)))
    assert (first, second) == (DEPOSITS, SOFT)
    assert last.limits[0] < last.limits[1]


def test_a_radiograph_is_shown_as_its_file_asks():
    asks = Window(centre=1000, width=3000)
    first, *_ = offer_looks(image(Modality.DX, RAMP[0], looks=(asks,)))
    assert first is asks


@pytest.mark.parametrize(
    "blind",
    [
        Window(centre=-9000, width=20),
        Window(centre=1e6, width=100),
        Window(centre=0, width=1e9),
        Curve(first=0, levels=[0.5]),
    ],
)
def test_a_window_by_which_nothing_is_seen_is_passed_over(blind):
    (only,) = offer_looks(image(Modality.DX, RAMP[0], looks=(blind,)))
    assert only.limits == pytest.approx(np.percentile(RAMP[0], (0.5, 99.7)), abs=1)


def test_a_plane_of_mr_is_spread_by_its_own_values():
    whole, plane = offer_looks(image(Modality.MR))[0], offer_looks(image(Modality.MR), plane=7)[0]
    assert plane.limits == pytest.approx(np.percentile(RAMP[7], (1, 99.5)), abs=2)
    assert whole.limits == pytest.approx(np.percentile(RAMP, (1, 99.5)), rel=0.01, abs=60)


def test_an_image_of_one_value_is_shown_without_fault():
    flat = image(Modality.MR, np.full((8, 60, 100), 7, np.int16))
    assert np.unique(shade(flat.pixels, offer_looks(flat)[0])).size == 1


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_photograph_is_shown_as_it_is(kind):
    colours = np.random.default_rng(3).integers(0, np.iinfo(kind).max + 1, (40, 50, 3)).astype(kind)
    photo = image(Modality.XC, colours, unit=Unit.GREY)
    (look,) = offer_looks(photo)
    expected = np.rint(colours * (255 / np.iinfo(kind).max))
    assert np.array_equal(shade(photo.pixels, look), expected)


def test_shades_run_from_black_to_white():
    assert shade(np.array([-500, -450, 300, 1050, 3000]), DEPOSITS).tolist() == [0, 0, 128, 255, 255]
