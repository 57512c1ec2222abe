"""Landmarks that a person marked: few give few unknowns, and what does not fit is refused."""

import numpy as np
import pytest
from scenes import grey_picture, planar

from lesionkit.align import align
from lesionkit.core.arrays import homogeneous
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.units import Unit

SIMILAR = np.array([[0.9, -0.3, 14.0], [0.3, 0.9, -20.0], [0, 0, 1]])
AFFINE = np.array([[0.9, -0.3, 14.0], [0.2, 1.1, -20.0], [0, 0, 1]])
PERSPECTIVE = np.array([[1.04, -0.2, 20.0], [0.18, 1.06, -12.0], [2.4e-4, -1.8e-4, 1.0]])
SPOTS = np.array([[30.0, 40], [160, 60], [50, 200], [150, 190], [100, 120], [90, 30]])


def _marks(points):
    return {f"spot {number}": tuple(point) for number, point in enumerate(points.tolist())}


def _align(count, onto, *, there=None, mirrored=False):
    # Of two people: no feature could align them.
    image, baseline = planar(grey_picture(1), Modality.XC), planar(grey_picture(2), Modality.XC)
    source = SPOTS[:count]
    target = homogeneous(onto, source * (1, -1) + (0, 259) if mirrored else source)
    marks = (_marks(source), there or _marks(target) | {"elsewhere": (1.0, 1.0)})
    return align(image, baseline, image_id="a", baseline_id="b", landmarks=marks)


@pytest.mark.parametrize(
    ("count", "onto"), [(2, SIMILAR), (3, AFFINE), (4, AFFINE), (5, PERSPECTIVE), (6, PERSPECTIVE)]
)
def test_landmarks_override_what_pictures_show(count, onto):
    transform, problems = _align(count, onto)
    assert problems == ()
    assert transform.method == "landmarks"
    points = np.random.default_rng(0).uniform(20, 180, (50, 2))
    np.testing.assert_allclose(transform.carry(points), homogeneous(onto, points), atol=1e-6)


def test_the_residual_is_told_only_where_something_tells_it():
    assert _align(2, SIMILAR)[0].residual is None
    assert _align(3, AFFINE)[0].residual is None
    residual = _align(4, PERSPECTIVE)[0].residual
    assert residual.unit is Unit.MM
    assert residual.value > 0


def test_two_names_that_are_swapped_are_refused_and_features_do_not_stand_in():
    target = homogeneous(SIMILAR, SPOTS)
    transform, problems = _align(6, SIMILAR, there=_marks(target[[1, 0, 2, 3, 4, 5]]))
    assert not transform.is_reliable
    assert "does not fit the others" in problems[0].text


def test_landmarks_of_a_mirrored_picture_are_refused():
    transform, problems = _align(5, SIMILAR, mirrored=True)
    assert not transform.is_reliable
    assert "mirror" in problems[0].text


def test_one_landmark_decides_nothing_and_says_so():
    first = grey_picture(1)
    image, baseline = planar(np.ascontiguousarray(first[:, 8:]), Modality.XC), planar(first, Modality.XC)
    here, there = {"nevus": (30.0, 40.0), "nail": (90.0, 20.0)}, {"nevus": (90.0, 140.0)}
    transform, problems = align(image, baseline, image_id="a", baseline_id="b", landmarks=(here, there))
    assert transform.method == "features"
    np.testing.assert_allclose(transform.carry(SPOTS) - SPOTS, np.tile([0, 8], (len(SPOTS), 1)), atol=0.2)
    (problem,) = problems
    assert (problem.code, problem.about, problem.severity) == ("landmarks_too_few", "a", Severity.INFO)
    assert "only nevus" in problem.text


def test_landmarks_of_other_names_say_so_also_where_nothing_aligns_the_pictures():
    transform, problems = _align(2, SIMILAR, there={"wrist": (1.0, 1.0), "nail": (9.0, 9.0)})
    assert not transform.is_reliable
    assert [problem.code for problem in problems] == ["alignment_failed", "landmarks_too_few"]
    assert "none is" in problems[1].text


def test_landmarks_of_the_first_picture_alone_ask_nothing_of_the_others():
    picture = planar(grey_picture(1), Modality.XC)
    other = planar(grey_picture(1)[:, 8:], Modality.XC)
    marks = ({}, {"nevus": (30.0, 40.0), "nail": (60.0, 70.0)})
    assert align(other, picture, image_id="a", baseline_id="b", landmarks=marks)[1] == ()
