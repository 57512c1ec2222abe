"""A table from an array: the same numbers as from deposits."""

import numpy as np
import pytest

from lesionkit.core.region import Mask
from lesionkit.measure import measure_labels

SPACING = (2.0, 0.5, 0.25)
ALL = (
    *("area", "long_axis", "short_axis", "volume", "equivalent_diameter", "ellipse_area", "max_diameter"),
    *("surface_area", "sphericity", "parts", "centroid_row", "centroid_col", "centroid_plane"),
    *("mean_intensity", "max_intensity", "min_intensity", "sd_intensity"),
    *("p10_intensity", "median_intensity", "p90_intensity"),
)


@pytest.fixture
def labels():
    labels = np.zeros((6, 20, 30), dtype=np.uint16)
    labels[1:3, 2:6, 3:9] = 7
    labels[4, 10, 10:14] = 2
    labels[4, 15, 20] = 2
    return labels


def test_columns_are_those_of_the_table_that_a_mask_has(labels):
    pixels = np.zeros(labels.shape)
    assert list(measure_labels(labels, spacing_mm=SPACING, pixels=pixels)) == [
        "label",
        "area_mm2",
        "long_axis_mm",
        "short_axis_mm",
        "volume_mm3",
        "mean_intensity",
        "max_intensity",
        "min_intensity",
        "sd_intensity",
        "centroid_row",
        "centroid_col",
        "centroid_plane",
        "equivalent_diameter_mm",
        "ellipse_area_mm2",
        "max_diameter_mm",
    ]
    assert list(measure_labels(labels[1], spacing_mm=None)) == [
        "label",
        "area_px2",
        "long_axis_px",
        "short_axis_px",
        "centroid_row",
        "centroid_col",
        "equivalent_diameter_px",
        "ellipse_area_px2",
    ]


def test_every_label_is_one_row_in_rising_order(labels):
    table = measure_labels(labels, spacing_mm=SPACING)
    assert table["label"].tolist() == [2, 7]
    assert table["label"].dtype == labels.dtype
    assert table["volume_mm3"].tolist() == [5 * 0.25, 48 * 0.25]
    assert table["area_mm2"].tolist() == [5 * 0.125, 24 * 0.125]
    np.testing.assert_allclose(table["centroid_plane"], [4, 1.5])


def test_the_numbers_are_those_of_measuring_the_deposit(labels, volume, measured):
    pixels = np.random.default_rng(3).normal(size=labels.shape)
    table = measure_labels(labels, spacing_mm=SPACING, pixels=pixels, measures=ALL)
    assert len(table) == 1 + len(ALL)
    for index, label in enumerate(table["label"]):
        expected = measured(volume(pixels=pixels), Mask.cropped(labels == label))
        for name in ALL:
            value, unit = expected[name]
            column = f"{name}_{unit}" if unit.startswith("mm") else name
            assert table[column][index] == pytest.approx(value, rel=1e-12)


def test_a_table_made_in_batches_is_that_made_at_once(labels, monkeypatch):
    pixels = np.random.default_rng(4).normal(size=labels.shape)
    expected = measure_labels(labels, spacing_mm=SPACING, pixels=pixels, measures=ALL)
    monkeypatch.setattr("lesionkit.geometry.runs._BATCH_RUNS", 1)
    table = measure_labels(labels, spacing_mm=SPACING, pixels=pixels, measures=ALL)
    assert all(np.array_equal(expected[name], table[name]) for name in expected)


def test_only_what_is_asked_for_and_has_a_meaning_is_measured(labels):
    asked = ("volume", "parts", "mean_intensity")
    assert list(measure_labels(labels, spacing_mm=SPACING, measures=asked)) == [
        "label",
        "volume_mm3",
        "parts",
    ]
    assert list(measure_labels(labels[4], spacing_mm=None, measures=asked)) == ["label", "parts"]
    assert measure_labels(labels, spacing_mm=SPACING, measures=asked)["parts"].tolist() == [2, 1]
    with pytest.raises(ValueError, match="perimeter"):
        measure_labels(labels, spacing_mm=SPACING, measures=("perimeter",))


def test_unlabelled_pixels_make_an_empty_table():
    table = measure_labels(np.zeros((4, 5), dtype=int), spacing_mm=(1, 2))
    assert all(len(column) == 0 for column in table.values())
    assert "area_mm2" in table


def test_a_mask_of_bool_is_one_region_and_negative_labels_are_labels(labels):
    assert measure_labels(labels[1] > 0, spacing_mm=(0.5, 0.25))["area_mm2"].tolist() == [3.0]
    signed = -labels.astype(np.int16)
    assert measure_labels(signed, spacing_mm=SPACING)["label"].tolist() == [-7, -2]


def test_arrays_in_any_memory_order_give_the_same(labels):
    expected = measure_labels(labels, spacing_mm=SPACING)
    turned = measure_labels(np.asfortranarray(labels), spacing_mm=SPACING)
    assert all(np.array_equal(expected[name], turned[name]) for name in expected)


def test_a_label_whose_pixels_are_no_numbers_has_no_value(labels):
    pixels = np.full(labels.shape, np.nan)
    assert np.isnan(measure_labels(labels, spacing_mm=SPACING, pixels=pixels)["mean_intensity"]).all()


@pytest.mark.parametrize("labels", [np.zeros(4, dtype=int), np.zeros((4, 4))])
def test_what_is_no_array_of_labels_is_refused(labels):
    with pytest.raises(ValueError, match="integers"):
        measure_labels(labels, spacing_mm=None)


def test_pixels_and_spacing_must_fit(labels):
    with pytest.raises(ValueError, match="shape"):
        measure_labels(labels, spacing_mm=SPACING, pixels=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="spacing"):
        measure_labels(labels, spacing_mm=(1.0, 1.0))
