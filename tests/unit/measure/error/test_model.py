import math
from dataclasses import replace

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.settings import ReaderError
from lesionkit.core.uncertainty import ErrorPart, ScaleError
from lesionkit.core.units import Unit
from lesionkit.measure import measure_deposits
from lesionkit.measure.error import with_errors
from lesionkit.measure.error.form import form_of

READER = ReaderError(outline_mm=0.2, correlation_mm=1.5, reading_mm=0.1, reader_mm=0.05)
SPACING = (0.10, 0.08)


def disc(radius_mm, *, lobes=0.0):
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    out = radius_mm * (1 + lobes * np.sin(4 * angle))
    points = np.stack([out * np.sin(angle) / SPACING[0], out * np.cos(angle) / SPACING[1]], axis=1)
    return Outline(exterior=points + 300)


def flat(shape=(600, 600), spacing=SPACING, *, modality=Modality.XC, scale=0.0):
    error = ScaleError(parts=(ErrorPart(name="scale", rel_se=scale, source="known"),)) if scale else None
    grid = Grid(shape=shape, spacing_mm=spacing, scale_source=ScaleSource.RULER, scale_error=error)
    return Image(
        modality=modality,
        pixels=np.broadcast_to(np.uint8(0), shape),
        grid=grid,
        intensity_unit=Unit.STORED,
    )


def errors(region, image, *, reader=READER, author="ann", image_id="a.jpg"):
    deposit = Deposit(id="1", image=image_id, regions=(region,), author=author)
    found = with_errors(measure_deposits([deposit], image), [deposit], image, reader=reader)
    return {m.measure: m.quantity for m in found}


def parts(quantity):
    return {term.name: term.effect for term in quantity.errors}


def test_the_area_of_a_disc_is_off_as_the_random_field_says():
    area = errors(disc(5.0), flat(scale=0.02))["area"]
    around, length = 10 * math.pi, 2 * 1.5 * (1 - math.exp(-10 * math.pi / 3))
    found = parts(area)
    assert found["outline"] == pytest.approx(0.2 * math.sqrt(around * length), rel=1e-3)
    assert found["reading"] == pytest.approx(0.1 * around, rel=1e-3)
    assert found["reader"] == pytest.approx(0.05 * around, rel=1e-3)
    assert found["scale"] == pytest.approx(2 * 0.02 * area.value)
    assert area.standard_error == pytest.approx(math.hypot(*found.values()))


def test_a_displaced_disc_scatters_as_told():
    # Independent of the formula: a field with exponential correlation is drawn and the polygon measured.
    rng, radius, points = np.random.default_rng(3), 3.0, 160
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    apart = np.abs(angle[:, None] - angle[None]) * radius
    apart = np.minimum(apart, 2 * np.pi * radius - apart)
    root = np.linalg.cholesky(np.exp(-apart / 1.5) + 1e-9 * np.eye(points))
    out = radius + 0.2 * (root @ rng.normal(size=(points, 3000)))
    areas = 0.5 * (out * np.roll(out, -1, axis=0)).sum(axis=0) * math.sin(2 * math.pi / points)
    told = parts(errors(disc(radius), flat())["area"])["outline"]
    assert told == pytest.approx(areas.std(), rel=0.05)


def test_a_deviation_that_never_ends_moves_the_whole_line():
    endless = replace(READER, correlation_mm=1e6)
    assert parts(errors(disc(5.0), flat(), reader=endless)["area"])["outline"] == pytest.approx(
        0.2 * 10 * math.pi, rel=1e-3
    )


def test_the_error_of_the_scale_counts_once_for_a_length_and_twice_for_an_area():
    sizes = errors(disc(5.0), flat(scale=0.03))
    for measure, times in (("long_axis", 1), ("short_axis", 1), ("perimeter", 1), ("area", 2)):
        assert parts(sizes[measure])["scale"] == pytest.approx(times * 0.03 * sizes[measure].value)


def test_a_longer_boundary_has_a_greater_error():
    plain, lobed = (errors(disc(5.0, lobes=lobes), flat())["area"] for lobes in (0.0, 0.4))
    assert parts(lobed)["reading"] > 1.2 * parts(plain)["reading"]


def test_two_deposits_of_one_reading_are_off_together():
    first, second = (errors(disc(r), flat(scale=0.02))["area"] for r in (5.0, 3.0))
    whole = first + second
    assert parts(whole)["scale"] == pytest.approx(parts(first)["scale"] + parts(second)["scale"])
    assert parts(whole)["reading"] == pytest.approx(parts(first)["reading"] + parts(second)["reading"])
    assert parts(whole)["outline"] == pytest.approx(
        math.hypot(parts(first)["outline"], parts(second)["outline"])
    )


def test_one_readers_habit_cancels_between_timepoints_and_that_of_a_nameless_one_does_not():
    then, now = (errors(disc(5.0), flat(scale=0.02), image_id=i)["area"] for i in ("a.jpg", "b.jpg"))
    assert "reader" in {t.name for t in (now - then).errors if abs(t.effect) < 1e-9}
    apart = [errors(disc(5.0), flat(scale=0.02), author="", image_id=i)["area"] for i in ("a.jpg", "b.jpg")]
    assert (apart[1] - apart[0]).standard_error > (now - then).standard_error
    assert apart[0].relative_covariance(apart[1]) == 0
    assert now.relative_covariance(then) == pytest.approx((parts(now)["reader"] / now.value) ** 2)


def test_a_scanners_spacing_cancels_between_timepoints():
    shape = (20, 60, 60)
    voxels = np.zeros(shape, dtype=bool)
    voxels[5:12, 20:38, 20:35] = True
    image = flat(shape, (1.5, 0.6, 0.7), modality=Modality.CT)
    then, now = (errors(Mask.cropped(voxels), image, image_id=i)["volume"] for i in ("a", "b"))
    assert parts(then)["spacing"] == pytest.approx(3 * 0.005 * then.value)
    assert parts(now - then)["spacing"] == pytest.approx(0, abs=1e-9)
    assert {"outline", "reading", "reader", "lattice"} <= set(parts(then))


def test_the_surface_and_perimeter_of_a_mask_are_right_on_average_over_directions():
    z, y, x = np.mgrid[-15:16, -30:31, -30:31]
    spacing = (1.2, 0.6, 0.7)
    ball = (z * 1.2) ** 2 + (y * 0.6) ** 2 + (x * 0.7) ** 2 < 12.0**2
    image = flat(ball.shape, spacing, modality=Modality.CT)
    region = Mask.cropped(ball)
    sizes = {
        m.measure: m.quantity for m in measure_deposits([Deposit(id="1", image="", regions=(region,))], image)
    }
    form = form_of((region,), image.grid, sizes)
    assert form.surface == pytest.approx(4 * math.pi * 144, rel=0.05)
    assert form.perimeter == pytest.approx(24 * math.pi, rel=0.05)


def test_a_mask_of_fractions_has_no_error_of_counting():
    share = np.zeros((20, 60, 60), dtype=np.float32)
    share[5:12, 20:38, 20:35] = 0.7
    image = flat(share.shape, (1.5, 0.6, 0.7), modality=Modality.CT)
    assert "lattice" not in parts(errors(Mask.cropped(share), image)["volume"])


def test_a_reader_who_repeats_a_measure_so_well_is_taken_at_their_word():
    known = ReaderError(wsd_log={"area": 0.07}, wsd={"long_axis": 0.4}, source="40 pairs")
    sizes = errors(disc(5.0), flat(scale=0.02), reader=known)
    assert parts(sizes["area"]) == pytest.approx(
        {"outline": 0.07 * sizes["area"].value, "scale": 0.04 * sizes["area"].value}
    )
    assert parts(sizes["long_axis"])["outline"] == 0.4
    assert "reading" in parts(sizes["short_axis"])


def test_without_a_scale_errors_are_in_pixels_and_nobody_elses_millimetres_are_used():
    image = flat()
    bare = Image(
        modality=Modality.XC, pixels=image.pixels, grid=Grid(shape=(600, 600)), intensity_unit=Unit.STORED
    )
    area = errors(disc(5.0), bare)["area"]
    assert area.unit is Unit.PX2
    assert "scale" not in parts(area)
    assert area.standard_error > 20  # px2: more than 0.2 px all round


def test_a_blunt_edge_makes_a_line_less_sure():
    from scipy.ndimage import gaussian_filter

    rows, cols = np.mgrid[:600, :600]
    sharp = (((rows - 300) * SPACING[0]) ** 2 + ((cols - 300) * SPACING[1]) ** 2 < 25).astype(float)
    found = [
        parts(errors(disc(5.0), replace(flat(), pixels=gaussian_filter(sharp, blur)), reader=None)["area"])
        for blur in (1.0, 6.0)
    ]
    assert found[1]["outline"] > 1.3 * found[0]["outline"]


def test_errors_scale_with_the_unit_of_length():
    one = errors(disc(5.0), flat(scale=0.02))["area"]
    ten = errors(
        disc(5.0),
        flat(spacing=(1.0, 0.8), scale=0.02),
        reader=ReaderError(outline_mm=2.0, correlation_mm=15.0, reading_mm=1.0, reader_mm=0.5),
    )["area"]
    assert ten.standard_error == pytest.approx(100 * one.standard_error)
