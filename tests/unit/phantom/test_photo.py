import cv2
import numpy as np
import pytest

from lesionkit.geometry.raster import pixels
from lesionkit.phantom import (
    Box,
    Concretion,
    Limb,
    Placed,
    Rendering,
    Skin,
    Table,
    View,
    grow_skin,
    render_photograph,
)  # fmt: skip

KNUCKLE = Concretion(lineage="a", centre=(5.0, 92.0), semi_axes=(5.0, 4.0, 2.5), lobes=((3, 0.1, 0.0),))
TABLE = Table(
    ruler=Placed(right_mm=-38.0, down_mm=0.0, turn_deg=-90.0),
    marker=Placed(right_mm=38.0, down_mm=15.0, turn_deg=3.0),
)


@pytest.fixture(scope="module")
def skin() -> Skin:
    return grow_skin(Limb(), Box(x=(-30.0, 40.0), z=(50.0, 130.0)), seed=3)


def shoot(
    skin: Skin,
    *,
    seed: int = 1,
    mm: float = 0.24,
    turn: float = 5.0,
    centre: tuple[float, float] = (5.0, 90.0),
) -> Rendering:
    view = View(shape=(300, 440), spacing_mm=(mm, mm), centre=centre, turn_deg=turn)
    return render_photograph(skin, [KNUCKLE], view=view, seed=seed, table=TABLE)


@pytest.mark.parametrize("mm", [0.17, 0.24])
def test_the_markers_corners_give_the_scale_within_half_a_percent(skin: Skin, mm: float) -> None:
    view = View(shape=(400, 900), spacing_mm=(mm, mm), centre=(5.0, 90.0))
    beside = Table(ruler=None, marker=Placed(right_mm=57.0, down_mm=8.0, turn_deg=3.0))
    photo = render_photograph(skin, [], view=view, seed=1, table=beside)
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    found, numbers, _ = cv2.aruco.ArucoDetector(dictionary, options).detectMarkers(
        np.asarray(photo.image.pixels)
    )
    assert numbers.ravel().tolist() == [beside.marker_number]
    corners = found[0][0]
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    assert 20.0 / sides.mean() == pytest.approx(mm, rel=0.005)


def test_the_rulers_ticks_are_where_the_table_says() -> None:
    view = View(shape=(300, 440), spacing_mm=(0.24, 0.24), centre=(0.0, 0.0))
    first, second = TABLE.ruler_marks(view, 20.0, 120.0)
    assert np.linalg.norm(second - first) * 0.24 == pytest.approx(100.0)
    with pytest.raises(ValueError, match="no ruler"):
        Table(ruler=None).ruler_marks(view, 0.0)


def test_outlines_have_the_true_area_within_a_hundredth_of_a_percent(skin: Skin) -> None:
    from lesionkit.geometry.polygon import area

    photo = shoot(skin)
    spacing = photo.image.grid.spacing_mm
    assert spacing == (0.24, 0.24)
    found = area(photo.deposits[0].regions[0].rings) * spacing[0] * spacing[1]
    assert found == pytest.approx(KNUCKLE.area_mm2, rel=1e-4)


def test_a_deposit_is_paler_than_the_skin_around_it_and_its_border_redder(skin: Skin) -> None:
    photo = shoot(skin)
    inside = pixels(photo.deposits[0].regions[0])
    assert inside is not None
    covered = np.zeros(photo.image.grid.shape, dtype=np.uint8)
    covered[inside.box] = inside.voxels
    near = cv2.dilate(covered, np.ones((9, 9))) - cv2.dilate(covered, np.ones((3, 3)))
    far = cv2.dilate(covered, np.ones((61, 61))) - cv2.dilate(covered, np.ones((45, 45)))
    colours = [photo.image.pixels[mask == 1].mean(axis=0) for mask in (covered, near, far)]
    deposit, border, plain = colours
    assert deposit.sum() > plain.sum() + 60
    assert border[0] - border[1] > plain[0] - plain[1] + 8


def test_the_same_seed_gives_the_same_picture_and_another_another(skin: Skin) -> None:
    first, again, other = shoot(skin), shoot(skin), shoot(skin, seed=2)
    assert np.array_equal(first.image.pixels, again.image.pixels)
    assert not np.array_equal(first.image.pixels, other.image.pixels)


def test_skin_grows_alike_from_one_seed_only() -> None:
    box = Box(x=(0.0, 10.0), z=(60.0, 70.0))
    first, again, other = (grow_skin(Limb(), box, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.albedo, again.albedo)
    assert not np.allclose(first.albedo, other.albedo)


def test_what_is_on_the_skin_stays_there_from_visit_to_visit(skin: Skin) -> None:
    first = View(shape=(200, 200), spacing_mm=(0.2, 0.2), centre=(4.0, 75.0))
    second = View(shape=(200, 200), spacing_mm=(0.21, 0.21), centre=(8.0, 71.0), turn_deg=4.0)
    x, z = np.meshgrid(np.arange(-6.0, 14.0, 0.2), np.arange(65.0, 85.0, 0.2))
    seen = [details(skin, view, x, z) for view in (first, second)]
    assert np.corrcoef(seen[0], seen[1])[0, 1] > 0.75
    assert abs(np.corrcoef(seen[0], np.roll(seen[1], 3317))[0, 1]) < 0.3


def details(skin: Skin, view: View, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The fine differences of light at places on the body."""
    bare = Table(ruler=None, marker=None)
    photo = render_photograph(skin, [], view=view, seed=int(view.turn_deg), table=bare)
    light = photo.image.intensity().astype(np.float32)
    fine = light - cv2.GaussianBlur(light, (0, 0), 10)
    rows, cols = view.to_pixels(np.stack([x.ravel(), z.ravel()], axis=1)).T.astype(np.float32)
    return cv2.remap(fine, cols[None], rows[None], cv2.INTER_LINEAR)[0]
