"""Against the numbers that PyRadiomics publishes for its own three test images.

Volume, intensities, percentiles and the greatest diameter are defined alike, surface and mesh volume where no
two voxels of a mask touch across an edge only: there PyRadiomics' surface has gaps. Of the three
images ``brain1`` has such places. ``Maximum2DDiameterSlice`` is not defined alike:
PyRadiomics takes every two vertices of the surface mesh at one height, and the mesh has vertices also
midway between two planes, where a voxel of one has no neighbour in the other. The two of such a pair may
belong to different planes, so that their diameter lies in no image that anyone sees. lesionkit takes
each plane for itself; both definitions are reckoned here.
"""

import csv
from itertools import pairwise

import numpy as np
import pytest

from lesionkit.geometry import polygon, voxels
from lesionkit.geometry.runs import runs_of_masks
from lesionkit.geometry.surface import surfaces
from lesionkit.measure import measure_labels

CASES = ("brain1", "breast1", "lung1")
PRINTED = 1e-12


@pytest.fixture(scope="module")
def baseline(shared):
    table = {}
    for name in ("baseline_shape.csv", "baseline_firstorder.csv"):
        with (shared / "radiomics" / name).open(newline="") as file:
            for row in csv.DictReader(file):
                feature = row.pop("featureName")
                table.update({(case, feature): value for case, value in row.items()})
    return lambda case, feature: float(table[case, f"original_{feature}"])


@pytest.fixture(scope="module", params=CASES)
def case(request, shared):
    import SimpleITK as sitk

    image = sitk.ReadImage(shared / "radiomics" / f"{request.param}_image.nrrd")
    label = sitk.ReadImage(shared / "radiomics" / f"{request.param}_label.nrrd")
    return (
        request.param,
        sitk.GetArrayFromImage(image),
        sitk.GetArrayFromImage(label),
        image.GetSpacing()[::-1],
    )


def test_volume_and_intensities_are_equal_to_the_printed_digits(case, baseline):
    name, pixels, labels, spacing = case
    table = measure_labels(labels, spacing_mm=spacing, pixels=pixels)
    assert table["label"].tolist() == [1]
    expected = {
        "volume_mm3": baseline(name, "shape_VoxelVolume"),
        "mean_intensity": baseline(name, "firstorder_Mean"),
        "max_intensity": baseline(name, "firstorder_Maximum"),
        "min_intensity": baseline(name, "firstorder_Minimum"),
        "sd_intensity": np.sqrt(baseline(name, "firstorder_Variance")),
    }
    assert {column: table[column][0] for column in expected} == pytest.approx(expected, rel=PRINTED)


def test_diameter_and_percentiles_are_equal(case, baseline):
    name, pixels, labels, spacing = case
    asked = ("max_diameter", "p10_intensity", "median_intensity", "p90_intensity")
    table = measure_labels(labels, spacing_mm=spacing, pixels=pixels, measures=asked)
    expected = {
        "max_diameter_mm": baseline(name, "shape_Maximum3DDiameter"),
        "p10_intensity": baseline(name, "firstorder_10Percentile"),
        "median_intensity": baseline(name, "firstorder_Median"),
        "p90_intensity": baseline(name, "firstorder_90Percentile"),
    }
    assert {column: table[column][0] for column in expected} == pytest.approx(expected, rel=1e-11)


def touches_across_an_edge(mask):
    """Return whether two voxels of a mask have an edge in common and neither of the two between them."""
    return any(
        ((a & b & ~c & ~d) | (~a & ~b & c & d)).any()
        for stack in (mask, mask.swapaxes(0, 1), mask.swapaxes(0, 2))
        for a, c, d, b in [(stack[:, :-1, :-1], stack[:, 1:, :-1], stack[:, :-1, 1:], stack[:, 1:, 1:])]
    )


def test_the_surface_is_equal_where_no_two_voxels_touch_across_an_edge_only(case, baseline):
    name, _, labels, spacing = case
    mask = labels == 1
    (area,), (enclosed,) = surfaces(runs_of_masks([mask], [(0, 0, 0)]), spacing=np.array(spacing))
    (sphericity,) = measure_labels(labels, spacing_mm=spacing, measures=["sphericity"])["sphericity"]
    assert touches_across_an_edge(mask) == (name == "brain1")
    within = 3e-3 if name == "brain1" else 1e-10
    assert area == pytest.approx(baseline(name, "shape_SurfaceArea"), rel=within)
    assert enclosed == pytest.approx(baseline(name, "shape_MeshVolume"), rel=within)
    assert sphericity == pytest.approx(baseline(name, "shape_Sphericity"), rel=within)


def test_the_long_axis_differs_only_where_pyradiomics_mixes_two_planes(case, baseline):
    name, _, labels, spacing = case
    mask, in_plane = labels == 1, np.array(spacing[1:])
    (own,) = measure_labels(labels, spacing_mm=spacing)["long_axis_mm"]
    theirs = baseline(name, "shape_Maximum2DDiameterSlice")
    padded = np.pad(mask, ((1, 1), (0, 0), (0, 0)))
    mixed = max(
        polygon.longest(np.argwhere(lower != upper) * in_plane)
        for lower, upper in pairwise(padded)
        if (lower != upper).any()
    )
    assert max(own, mixed) == pytest.approx(theirs, rel=1e-11)
    assert (own == pytest.approx(theirs, rel=1e-11)) == (name == "breast1")


def test_the_long_axis_is_that_of_trying_every_pair_of_points_in_every_plane(case):
    _, _, labels, spacing = case
    (own,) = measure_labels(labels, spacing_mm=spacing)["long_axis_mm"]
    best = 0.0
    for plane in labels == 1:
        for ring in [np.vstack(rings) for rings in [voxels.plane_rings(plane)] if rings]:
            points = ring * spacing[1:]
            best = max(best, np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)).max())
    assert own == pytest.approx(best, rel=1e-12)
