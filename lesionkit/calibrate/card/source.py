"""The card as a source of scale, and what may be wrong with it."""

import math
from collections.abc import Mapping

import numpy as np

from lesionkit.calibrate.card.layout import FACES
from lesionkit.calibrate.card.reading import CardReading, NoCard
from lesionkit.calibrate.card.seen import SeenCard
from lesionkit.calibrate.finding import Finding, Scene, differ
from lesionkit.calibrate.laying import grid_on
from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import ScaleSource
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.uncertainty import ErrorPart
from lesionkit.geometry.polygon import ring_area

MEASURED_PRINT = ErrorPart(
    name="print size",
    rel_se=0.0015,
    source="the card's bars were measured: a rule is read to about a quarter of a millimetre in 100 mm",
)
UNMEASURED_PRINT = ErrorPart(
    name="print size", rel_se=0.005, source="assumed of a print at 100 % whose bars nobody measured"
)
_BENT_MM = 0.25
_BENT_MISFIT = 3.0


def by_card(scene: Scene) -> Finding:
    """Return the plane of the card that is seen best in a photograph.

    All corners of its markers say where it lies, so that tilt is corrected on its plane; what lies above
    or below counts in the error.
    """
    reading = scene.card
    if isinstance(reading, NoCard):
        return Finding(problems=(_mirrored(scene),) if reading.is_mirrored else ())
    printed = UNMEASURED_PRINT if reading.bars_mm is None else MEASURED_PRINT
    grid = grid_on(reading.plane, scene, source=ScaleSource.MARKER, parts=(printed,))
    if grid is None:
        return Finding(problems=(_too_oblique(scene),))
    problems = (*_twice(scene, reading), *_bent(scene, reading), *_unlike(scene, reading))
    return Finding(grid=grid, problems=problems)


def _twice(scene: Scene, reading: CardReading) -> tuple[Problem, ...]:
    kinds = [card.face.name for card in (reading.card, *reading.others)]
    return tuple(
        Problem(
            severity=Severity.WARNING,
            code="card_seen_twice",
            about=scene.about,
            text=f"The same calibration {name} is seen {kinds.count(name)} times in this photograph; "
            "the one seen best is used.",
            hint="Lay one card into the picture; of strips, those with different letters.",
        )
        for name in (face.name for face in FACES)
        if kinds.count(name) > 1
    )


def _bent(scene: Scene, reading: CardReading) -> tuple[Problem, ...]:
    plane = reading.plane
    if plane.residual_mm < _BENT_MM or plane.misfit < _BENT_MISFIT:
        return ()
    return (
        Problem(
            severity=Severity.WARNING,
            code="card_not_flat",
            about=scene.about,
            text=f"The calibration {reading.face.name}'s markers are {plane.residual_mm:.1f} mm from where "
            "those of a flat print are: it is bent, or was not printed whole.",
            hint="Glue the card to stiff board; stick strips where the skin is flat.",
        ),
    )


def _unlike(scene: Scene, reading: CardReading) -> tuple[Problem, ...]:
    across, down = reading.bars_mm or (100.0, 100.0)
    printed = math.sqrt(across * down) / 100
    ratios = [_size_by(reading, other) / printed for other in reading.others]
    unlike = [ratio for ratio in ratios if differ(ratio, 1.0)]
    if not unlike:
        return ()
    worst = max(unlike, key=lambda ratio: max(ratio, 1 / ratio))
    return (
        Problem(
            severity=Severity.WARNING,
            code="cards_disagree",
            about=scene.about,
            text=f"Another card in this photograph would be printed at {100 * worst:.0f} % by the one used: "
            "they differ in size, or do not lie on one plane.",
            hint="Lay one card beside the deposit, at its height.",
        ),
    )


def _size_by(reading: CardReading, other: SeenCard) -> float:
    """Return how large another card is by the plane of the one used, over its true size."""
    sizes = [
        ring_area(homogeneous(reading.plane.homography, seen.corners)) ** 0.5 / seen.marker.side
        for seen in other.markers
    ]
    return float(np.mean(sizes))


def _too_oblique(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="card_too_oblique",
        about=scene.about,
        text="The calibration card is seen so obliquely that its plane ends inside the photograph; "
        "it is not used.",
        hint="Take the photograph with the camera facing card and skin squarely.",
    )


def _mirrored(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="card_mirrored",
        about=scene.about,
        text="The calibration card is seen mirrored, so left and right of this photograph are in doubt; "
        "the card is not used.",
        hint="Use the original photograph, or switch off mirroring in the camera.",
    )


def whose_card(
    reading: CardReading | NoCard,
    *,
    patient: str,
    names: Mapping[str, str],
    about: str,
    is_binding: bool,
) -> tuple[Problem, ...]:
    """Return the problem of a card that bears the code of another patient than its photograph's.

    Parameters
    ----------
    reading : CardReading or NoCard
        What the card says.
    patient : str
        Whose the photograph is by its place.
    names : Mapping of str to str
        Pseudonyms of other names that a card may bear.
    about : str
        What the problem calls the photograph.
    is_binding : bool
        Whether such a photograph is left out; else it is measured all the same.
    """
    if isinstance(reading, NoCard) or reading.patient is None:
        return ()
    code = names.get(reading.patient, reading.patient)
    if code == patient:
        return ()
    follows = "it is left out" if is_binding else "it is measured all the same"
    return (
        Problem(
            severity=Severity.ERROR if is_binding else Severity.WARNING,
            code="card_of_another_patient",
            about=about,
            text=f"The card in this photograph bears the code {code}, but the photograph is filed under "
            f"{patient}: it may show another patient, so {follows}.",
            hint="Find out whom it shows, and move it or name the patient in images.csv. If only the wrong "
            'card was laid down, set card_code = "warn" under [scale] in cohort.toml.',
        ),
    )
