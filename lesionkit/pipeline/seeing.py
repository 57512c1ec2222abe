"""One image, looked into: its pixels, its scale and its colours, and what is measured on it in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lesionkit.core.colour import ColourCorrection
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import Image, ImageRef
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Problem, any_error
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.settings import (
    CalciumSettings,
    CardCode,
    ColourSettings,
    ErrorSettings,
    GradeSettings,
    ScaleSettings,
)

if TYPE_CHECKING:
    from lesionkit.calibrate.card.reading import CardReading, NoCard


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """An image, looked into.

    Parameters
    ----------
    ref : ImageRef
        The image.
    image : Image
        With the scale that is believed.
    loaded : Image
        As its file has it.
    card : CardReading or NoCard
        What the calibration card in it says.
    colour : ColourCorrection, optional
        Of its colours.
    problems : tuple of Problem
        Of its card, scale and colours; with an error among them nothing is to be measured.
    """

    ref: ImageRef
    image: Image
    loaded: Image
    card: "CardReading | NoCard"
    colour: ColourCorrection | None = None
    problems: tuple[Problem, ...] = ()


def look_into(
    ref: ImageRef,
    *,
    claims: Sequence[ScaleClaim] = (),
    scale: ScaleSettings,
    colour: ColourSettings,
    patient: str,
    names: Mapping[str, str],
    before: Seen | None = None,
) -> Seen:
    """Return an image with its pixels and with the scale that `lesionkit.run` would believe.

    Parameters
    ----------
    ref : ImageRef
        The image.
    claims : sequence of ScaleClaim
        What its outline file says of its scale; what ``images.csv`` says weighs more.
    scale : ScaleSettings
        Of its site.
    colour : ColourSettings
        What is of known colour.
    patient : str
        Whose image it is.
    names : Mapping of str to str
        Other names that a card may bear, and the pseudonyms they stand for.
    before : Seen, optional
        The same image looked into with other claims: it is then not read again.

    Raises
    ------
    LesionkitError
        If it cannot be read.
    """
    from lesionkit.calibrate import card_in, correct_colour, scale_of, whose_card
    from lesionkit.io import load_image

    loaded = before.loaded if before else load_image(ref)
    card = before.card if before else card_in(loaded, scale)
    mismatch = whose_card(
        card,
        patient=patient,
        names=names,
        about=ref.location,
        is_binding=scale.card_code is CardCode.BINDING,
    )
    if any_error(mismatch):
        return Seen(ref=ref, image=loaded, loaded=loaded, card=card, problems=mismatch)
    grid, problems = scale_of(
        loaded, claims=(*ref.scale_claims, *claims), settings=scale, about=ref.location, card=card
    )
    correction, doubts = correct_colour(loaded, card=card, settings=colour, about=ref.location)
    return Seen(
        ref=ref,
        image=replace(loaded, grid=grid),
        loaded=loaded,
        card=card,
        colour=correction,
        problems=(*mismatch, *problems, *doubts),
    )


def measure_drawn(
    deposits: Sequence[Deposit],
    seen: Seen,
    *,
    errors: ErrorSettings,
    calcium: CalciumSettings,
    grade: GradeSettings | None = None,
    landmarks: Mapping[str, tuple[float, float]] | None = None,
    areas: Mapping[str, Sequence[Outline]] | None = None,
) -> tuple[Measurement, ...]:
    """Return what `lesionkit.run` measures of deposits on an image, with errors.

    Sizes of a deposit and their errors do not hang on the others; what is said of the skin or tissue around
    it does.

    Parameters
    ----------
    deposits : sequence of Deposit
        Drawn on it.
    seen : Seen
        The image, looked into.
    errors : ErrorSettings
        What is known of the errors of measuring.
    calcium : CalciumSettings
        How the CT shows calcium.
    grade : GradeSettings, optional
        The cuts that make a density a grade.
    landmarks, areas : Mapping, optional
        Places and regions of interest that were marked: see `lesionkit.core.region.Drawing`.
    """
    from lesionkit.measure import measure_deposits

    return measure_deposits(
        deposits,
        seen.image,
        image_id=seen.ref.id,
        errors=errors,
        calcium=calcium,
        grade=grade,
        colour=seen.colour,
        landmarks=landmarks,
        areas=areas,
    )
