import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.transform import Transform
from lesionkit.report.placing import View
from lesionkit.report.shown import same_scale

PLAIN = Grid(shape=(40, 50))
SCALED = Grid(shape=(40, 50), spacing_mm=(0.2, 0.25), scale_source=ScaleSource.MARKER)


def _views(*grids, aligned):
    found = []
    for name, grid in zip("abc", grids, strict=False):
        onto = Transform(source=name, target="a", matrix=np.eye(3), method="features", is_reliable=aligned)
        ref = ImageRef(
            id=name, modality=Modality.XC, site="s", paths=(name,), reader="photo", location=name, grid=grid
        )
        found.append(View(ref=ref, grid=grid, deposits=(), onto_first=onto))
    return found


@pytest.mark.parametrize(
    ("grids", "aligned", "told"),
    [
        ((SCALED, SCALED), False, "same size in millimetres"),
        ((PLAIN, PLAIN), False, "These pictures have no scale"),
        ((PLAIN, PLAIN), True, "brought to the size of the first one"),
        ((SCALED, PLAIN), True, "brought to the size of the first one"),
        ((SCALED, PLAIN), False, "cannot be compared by eye"),
        ((PLAIN, SCALED), True, "cannot be compared by eye"),
        ((PLAIN,), True, "These pictures have no scale"),
    ],
)
def test_pictures_are_comparable_by_eye_only_at_one_scale(grids, aligned, told):
    assert told in same_scale(_views(*grids, aligned=aligned))


def test_nothing_is_told_of_no_pictures():
    assert same_scale([]) == ""
