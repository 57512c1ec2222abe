"""What is made of a card that was read: a grid with its errors, and what may be wrong with it."""

from dataclasses import replace

import numpy as np
import pytest
from cards import shot_of

from lesionkit.calibrate import scale_of, whose_card
from lesionkit.calibrate.card.layout import CARD, STRIPS, Face
from lesionkit.calibrate.card.reading import CardReading, NoCard
from lesionkit.calibrate.card.seen import SeenCard, SeenMarker, without_astray
from lesionkit.calibrate.plane import fit_plane
from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom.shot import Shot

SHAPE = (900, 1200)
IMAGE = Image(
    modality=Modality.XC,
    pixels=np.zeros(SHAPE, np.uint8),
    grid=Grid(shape=SHAPE),
    intensity_unit=Unit.GREY,
)


def seen_card(shot: Shot, face: Face = CARD, *, bend_mm: float = 0.0, size: float = 1.0) -> SeenCard:
    """Return a card seen without error; bent, its right half rises."""
    seen = []
    for marker in face.markers:
        rise = bend_mm * (marker.corners[:, 1] / face.width) ** 2
        corners = shot.to_pixels(marker.corners * size, height_mm=rise)
        seen.append(SeenMarker(marker=marker, corners=corners, covariance=np.eye(8) * 0.1**2))
    return SeenCard(face=face, markers=tuple(seen))


def read(
    card: SeenCard,
    *others: SeenCard,
    bars_mm: tuple[float, float] | None = None,
    patient: str | None = None,
) -> CardReading:
    plane = fit_plane([card.as_print(bars_mm=bars_mm)], shape=SHAPE)
    return CardReading(card=card, plane=plane, bars_mm=bars_mm, patient=patient, others=others)


def scale(reading: CardReading | NoCard, *claims: ScaleClaim):
    return scale_of(IMAGE, claims=claims, settings=ScaleSettings(), about="P01/hand.jpg", card=reading)


def codes(problems) -> list[str]:
    return [problem.code for problem in problems]


def test_a_cards_plane_is_the_photographs_grid():
    shot = shot_of(tilt_deg=25, towards_deg=40)
    grid, problems = scale(read(seen_card(shot)))
    assert problems == ()
    assert grid.scale_source is ScaleSource.MARKER
    square = np.array([[90.0, 50.0], [90.0, 56.0], [96.0, 56.0], [96.0, 50.0]])
    assert ring_area(grid.locate(shot.to_pixels(square))) == pytest.approx(36, rel=1e-3)


def test_bars_that_somebody_measured_make_the_print_surer():
    parts = {}
    for bars in (None, (100.0, 100.0)):
        grid, _ = scale(read(seen_card(shot_of()), bars_mm=bars))
        parts[bars] = {part.name: part for part in grid.scale_parts_at((450, 600))}
    assert {"print size", "perspective", "lens", "height"} <= set(parts[None])
    assert parts[None]["print size"].rel_se == 0.005
    assert parts[100.0, 100.0]["print size"].rel_se == 0.0015


def test_the_error_grows_away_from_the_card():
    grid, _ = scale(read(seen_card(shot_of())))
    lens = [
        next(part.rel_se for part in grid.scale_parts_at((450, col)) if part.name == "lens")
        for col in (600, 900, 1199)
    ]
    assert lens[0] < 1e-5 < lens[1] < lens[2]


def test_a_bent_card_says_so():
    _, problems = scale(read(seen_card(shot_of(tilt_deg=40), bend_mm=12)))
    assert codes(problems) == ["card_not_flat"]
    assert codes(scale(read(seen_card(shot_of(tilt_deg=40), bend_mm=0.2)))[1]) == []


def test_two_copies_of_one_card_are_told():
    other = seen_card(shot_of(aside_mm=-40))
    assert codes(scale(read(seen_card(shot_of()), other))[1]) == ["card_seen_twice"]


@pytest.mark.parametrize(("size", "expected"), [(1.04, []), (0.93, ["cards_disagree"])])
def test_another_card_of_another_size_by_the_plane_is_told(size, expected):
    other = seen_card(shot_of(), STRIPS[0], size=size)
    assert codes(scale(read(seen_card(shot_of()), other))[1]) == expected


def test_a_card_seen_too_obliquely_is_not_used():
    # The camera looks up from a card at its feet: the plane's horizon crosses the picture.
    shot = shot_of(tilt_deg=84, towards_deg=0, px_per_mm=5)
    shot_seen = seen_card(shot)
    grid, problems = scale(read(shot_seen))
    assert not grid.is_calibrated
    assert codes(problems)[0] == "card_too_oblique"


def test_a_mirrored_card_is_told():
    grid, problems = scale(NoCard(is_mirrored=True))
    assert not grid.is_calibrated
    assert codes(problems)[0] == "card_mirrored"


def test_what_a_person_says_of_the_scale_is_believed_first_and_held_against_the_card():
    claim = ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=0.2)
    grid, problems = scale(read(seen_card(shot_of())), claim)
    assert grid.scale_source is ScaleSource.MANIFEST
    assert codes(problems) == ["scales_disagree"]


@pytest.mark.parametrize(
    ("code", "expected"), [("P01", []), ("X9", []), (None, []), ("P02", ["card_of_another_patient"])]
)
def test_the_code_on_the_card_is_held_against_the_patient(code, expected):
    reading = read(seen_card(shot_of()), patient=code)
    found = whose_card(reading, patient="P01", names={"X9": "P01"}, about="P01/hand.jpg", is_binding=True)
    assert codes(found) == expected
    assert all(problem.severity is Severity.ERROR for problem in found)


def test_a_mapped_name_is_told_by_its_pseudonym():
    reading = read(seen_card(shot_of()), patient="0047-1199")
    (found,) = whose_card(
        reading, patient="P01", names={"0047-1199": "P05"}, about="P01/hand.jpg", is_binding=False
    )
    assert found.severity is Severity.WARNING
    assert "0047" not in found.text
    assert "P05" in found.text


@pytest.mark.parametrize("off_px", [5.0, 40.0])
@pytest.mark.parametrize("which", [(0, 0), (1, 2), (3, 1)])
def test_one_corner_that_went_astray_changes_nothing(which, off_px):
    shot = shot_of(tilt_deg=20)
    seen = seen_card(shot)
    marker, corner = which
    corners = seen.markers[marker].corners.copy()
    corners[corner] += (0.8 * off_px, -0.6 * off_px)
    astray = replace(
        seen,
        markers=tuple(
            replace(one, corners=corners) if n == marker else one for n, one in enumerate(seen.markers)
        ),
    )
    square = np.array([[90.0, 120.0], [90.0, 126.0], [96.0, 126.0], [96.0, 120.0]])

    def off(card):
        plane = fit_plane([card.as_print()], shape=SHAPE)
        return abs(ring_area(homogeneous(plane.homography, shot.to_pixels(square))) / 36 - 1)

    assert off(without_astray(astray)) < 0.002
    if off_px > 20:
        assert off(astray) > 0.02


def test_corners_of_a_bent_card_and_of_a_distorting_lens_are_all_kept():
    for card in (seen_card(shot_of(tilt_deg=40), bend_mm=12), seen_card(shot_of(tilt_deg=20))):
        for before, after in zip(card.markers, without_astray(card).markers, strict=True):
            np.testing.assert_array_equal(before.covariance, after.covariance)
