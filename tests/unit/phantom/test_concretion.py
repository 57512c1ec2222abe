import math

import numpy as np
import pytest

from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom import Concretion, Limb, Side

LOBED = Concretion(
    lineage="a",
    centre=(3.0, -2.0),
    semi_axes=(5.0, 3.0, 2.0),
    angle_deg=25.0,
    lobes=((2, 0.08, 1.0), (3, 0.1, 2.0), (5, 0.04, 0.3)),
)
SQUARE = Concretion(lineage="b", centre=(0.0, 0.0), semi_axes=(4.0, 2.5, 1.5), exponent=4.0)
ELLIPSE = Concretion(lineage="c", centre=(1.0, 1.0), semi_axes=(4.0, 2.5, 1.5), angle_deg=-40.0)
ALL = (LOBED, SQUARE, ELLIPSE)


def test_an_ellipse_has_the_area_and_volume_of_the_textbook() -> None:
    assert ELLIPSE.area_mm2 == pytest.approx(math.pi * 4 * 2.5)
    assert ELLIPSE.volume_mm3 == pytest.approx(4 / 3 * math.pi * 4 * 2.5 * 1.5)


@pytest.mark.parametrize("concretion", ALL)
def test_the_outline_has_the_area_of_the_closed_form_within_a_hundredth_of_a_percent(
    concretion: Concretion,
) -> None:
    assert ring_area(concretion.outline()) == pytest.approx(concretion.area_mm2, rel=1e-4)


@pytest.mark.parametrize("concretion", ALL)
def test_volume_is_what_fine_voxels_count(concretion: Concretion) -> None:
    step = 0.1
    x, z = np.meshgrid(*(c + np.arange(-7, 7, step) for c in concretion.centre))
    y = np.arange(-3, 3, step)[:, None, None]
    inside = concretion.inwardness(x, z) + (y / concretion.semi_axes[2]) ** 2 <= 1
    assert inside.sum() * step**3 == pytest.approx(concretion.volume_mm3, rel=0.01)


@pytest.mark.parametrize("concretion", ALL)
def test_the_outline_is_where_inwardness_is_one(concretion: Concretion) -> None:
    x, z = concretion.outline().T
    assert concretion.inwardness(x, z) == pytest.approx(1.0)
    assert concretion.inwardness(*np.asarray(concretion.centre)) == 0


def test_scaling_changes_the_size_asked_for() -> None:
    assert LOBED.scaled(0.4).area_mm2 == pytest.approx(0.4 * LOBED.area_mm2)
    assert LOBED.scaled(1.7, is_volume=True).volume_mm3 == pytest.approx(1.7 * LOBED.volume_mm3)
    assert LOBED.scaled(1.0, density=0.5).density_hu == LOBED.density_hu / 2


def test_the_parts_of_a_split_have_their_shares_and_do_not_touch() -> None:
    from shapely import Polygon

    first, second = LOBED.split(shares=(0.5, 0.3), gap_mm=2.0)
    assert first.area_mm2 == pytest.approx(0.5 * LOBED.area_mm2)
    assert second.area_mm2 == pytest.approx(0.3 * LOBED.area_mm2)
    assert first.lineage == second.lineage == LOBED.lineage
    gap = Polygon(first.outline()).distance(Polygon(second.outline()))
    assert 0.5 < gap < 3.5


def test_on_a_right_limb_a_deposit_is_the_mirror_image() -> None:
    left = LOBED.placed_on(Limb(side=Side.LEFT)).outline()
    right = LOBED.placed_on(Limb(side=Side.RIGHT)).outline()
    mirrored = right * (-1, 1)
    gaps = np.linalg.norm(left[:, None] - mirrored[None], axis=2)
    assert gaps.min(axis=1).max() < 0.05


@pytest.mark.parametrize(
    "wrong",
    [
        {"semi_axes": (1.0, 0.0, 1.0)},
        {"exponent": 0.5},
        {"exponent": 4.0, "lobes": ((2, 0.1, 0.0),)},
        {"lobes": ((1, 0.1, 0.0),)},
        {"lobes": ((2, 0.4, 0.0), (3, 0.3, 0.0))},
    ],
)
def test_shapes_without_a_closed_form_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"concretion|lobes"):
        Concretion(**{"lineage": "a", "centre": (0.0, 0.0), "semi_axes": (3.0, 2.0, 1.0)} | wrong)  # type: ignore[arg-type]
