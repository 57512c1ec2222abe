"""The model that turns a deposit's boundary into standard errors of its sizes; another may take its place."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from lesionkit.core.image import Image
from lesionkit.core.region import Deposit
from lesionkit.core.registry import Registry
from lesionkit.core.settings import ReaderError
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity
from lesionkit.measure.error.edge import edge_sd_px
from lesionkit.measure.error.form import Form, form_of
from lesionkit.measure.error.lattice import area_variance, volume_variance
from lesionkit.measure.error.scale import scale_terms

HAND_MM = 0.2
"""Assumed: how far a hand-drawn line strays from the reader's own mean line, where no one has measured it."""
HAND_PX = 1.0
"""The same on images without a scale."""
QUARTILE = 0.6745
"""A line lies between the points where a blurred edge has risen by one and by three quarters in half of all
drawings: so many standard deviations of its blur."""
BLUNT_PX = 2.0
"""Assumed: blur of an edge that cannot be seen in the picture, as its standard deviation in pixels."""
LASTING = 1 / 8
"""Assumed: a deviation lasts along so much of a line, where no one has measured it."""
READING, READER = 0.5, 0.3
"""Assumed: shares of a line's deviation by which a whole reading, and a reader, are off all round.

With them two scans of deposits of 100 to 4000 mm³ differ about as MESA's 3,380 pairs did, whose limits
are those of a boundary off by 0.16 to 0.25 mm all round (0.16 mm in repeated CT of lung nodules of 11 mm).
"""


class ErrorModel(Protocol):
    """What an error model does: one method."""

    def errors_of(
        self,
        deposit: Deposit,
        image: Image,
        sizes: Mapping[str, Quantity],
        *,
        image_id: str,
        reader: ReaderError,
    ) -> Mapping[str, tuple[ErrorTerm, ...]]:
        """Return what the error of each size is made of, by name of the measure.

        Parameters
        ----------
        deposit : Deposit
            What was drawn.
        image : Image
            On what, with its grid.
        sizes : Mapping of str to Quantity
            What was measured of it, by name of the measure.
        image_id : str
            Id of the image, to name what its deposits share.
        reader : ReaderError
            What is known of how well readers repeat an outline.

        Returns
        -------
        Mapping of str to tuple of ErrorTerm
            A measure that is not in it has an unknown error.
        """
        ...


ERROR_MODELS: Registry[ErrorModel] = Registry("lesionkit.error_models")
"""Error models of lesionkit and of whatever else is installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """How far a line may lie from where it should: the figures, in the grid's length unit."""

    sd: float
    correlation: float
    reading: float
    reader: float
    source: str
    common_source: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """Errors of a boundary displaced across itself by a random field, by a whole reading and by a reader.

    A boundary of length P (surface S) that is displaced by d has its area off by the integral of d along
    it. Independent terms:

    * ``outline``: d has standard deviation s and correlation exp(−x/l) between points x apart. The area
      has variance ``s² P I`` with ``I = 2 l (1 − exp(−P/2l))``, which tends to (s P)² where l is long; the
      volume ``s² S C`` with C = ``2 π l² (1 − (1 + R/l) exp(−R/l))``, π R² = S, or, where planes are
      farther apart than l, ``2 l`` times their distance. An axis has two ends.
    * ``reading``: all lines of one reading of one image are off by one d: P d, S d; shared by its deposits.
    * ``reader``: the same between readers, shared by all that one reader drew: it cancels in what this
      reader compares. Where no author is named, as ``reading``.
    * ``lattice``: what counting pixels does to a mask (`lattice`).
    * the scale's parts (`scale_terms`): 1 × for a length, 2 × for an area, 3 × for a volume.

    s is the reader's own where known, else ``hypot(0.2 mm, 0.6745 · blur)``, the blur being that of the
    edge in the image (`edge_sd_px`).

    References
    ----------
    Vanmarcke E. Random Fields: Analysis and Synthesis. MIT Press 1983 (variance of a local average).
    Repeatability of coronary calcium volume in MESA: AJR 2008, PubMed 18212206.
    """

    def errors_of(
        self,
        deposit: Deposit,
        image: Image,
        sizes: Mapping[str, Quantity],
        *,
        image_id: str,
        reader: ReaderError,
    ) -> Mapping[str, tuple[ErrorTerm, ...]]:
        """Return what the error of each size is made of; see `ErrorModel`."""
        form = form_of(deposit.regions, image.grid, sizes)
        if form is None:
            return {}
        line = _line(form, image, reader)
        author = deposit.author.strip()
        found: dict[str, tuple[ErrorTerm, ...]] = {}
        for measure, quantity in sizes.items():
            lever = _LEVERS.get(measure)
            if lever is None:
                continue
            own = _stated(measure, quantity, reader)
            drawn = (own,) if own else tuple(_drawn(measure, form, line, image_id=image_id, author=author))
            lattice = tuple(_counted(measure, form))
            scale = scale_terms(image, form.place, image_id=image_id)
            found[measure] = (
                *drawn,
                *lattice,
                *(
                    ErrorTerm(
                        name=term.name,
                        shared_by=term.shared_by,
                        source=term.source,
                        effect=lever * quantity.value * term.effect,
                    )
                    for term in scale
                ),
            )
        return found


BOUNDARY = Boundary()

_LEVERS = {"area": 2, "perimeter": 1, "long_axis": 1, "short_axis": 1, "volume": 3}
"""How many times the relative error of a length each measure has."""


def _line(form: Form, image: Image, reader: ReaderError) -> _Line:
    metric = image.grid.is_calibrated
    correlation = max(form.perimeter * LASTING / 2, form.gap / 2)
    if metric and reader.correlation_mm is not None:
        correlation = reader.correlation_mm
    if metric and reader.outline_mm is not None:
        sd, source = reader.outline_mm, reader.source or "the reader's own repeatability (cohort.toml)"
    else:
        sd, source = _from_picture(form, image)
    return _Line(
        sd=sd,
        correlation=correlation,
        reading=reader.reading_mm if metric and reader.reading_mm is not None else READING * sd,
        reader=reader.reader_mm if metric and reader.reader_mm is not None else READER * sd,
        source=source,
        common_source="the readers' own repeatability (cohort.toml)"
        if metric and reader.reading_mm is not None
        else "assumed: a share of the line's own deviation",
    )


def _from_picture(form: Form, image: Image) -> tuple[float, str]:
    hand = HAND_MM if image.grid.is_calibrated else HAND_PX
    blur = edge_sd_px(form.line, image, plane=form.plane)
    seen = "the sharpness of the edge" if blur is not None else "an edge that cannot be seen"
    unit = "mm" if image.grid.is_calibrated else "px"
    width = (BLUNT_PX if blur is None else blur) * form.pixel
    return (
        math.hypot(hand, QUARTILE * width),
        f"a hand assumed to stray by {hand:g} {unit}, and {seen}",
    )


def _stated(measure: str, quantity: Quantity, reader: ReaderError) -> ErrorTerm | None:
    """Return the reader's own repeatability of a measure, where it is known."""
    if not quantity.unit.is_metric:
        return None
    effect = reader.wsd.get(measure)
    if effect is None and measure in reader.wsd_log:
        effect = reader.wsd_log[measure] * quantity.value
    if effect is None:
        return None
    return ErrorTerm(name="outline", source=reader.source or "wSD of cohort.toml", effect=effect)


def _drawn(measure: str, form: Form, line: _Line, *, image_id: str, author: str) -> Iterator[ErrorTerm]:
    """Yield what the line's displacement does to a measure."""
    spread, push = _spread_and_push(measure, form, line.correlation)
    yield ErrorTerm(name="outline", source=line.source, effect=spread * line.sd)
    same_reading = f"reading of {image_id}"
    yield ErrorTerm(
        name="reading", shared_by=same_reading, source=line.common_source, effect=push * line.reading
    )
    yield ErrorTerm(
        name="reader",
        shared_by=f"reader {author}" if author else same_reading,
        source=line.common_source,
        effect=push * line.reader,
    )


def _spread_and_push(measure: str, form: Form, correlation: float) -> tuple[float, float]:
    """Return what a random displacement, and one that is equal all round, of 1 does to a measure."""
    along = _integral(correlation, form.perimeter)
    if measure == "area":
        return math.sqrt(form.perimeter * along), form.perimeter
    if measure == "perimeter":
        return 2 * math.pi * math.sqrt(along / form.perimeter), 2 * math.pi
    if measure == "volume" and form.surface is not None:
        patch = max(_patch(correlation, form.surface), min(form.pitch[0] * along, form.surface))
        return math.sqrt(form.surface * patch), form.surface
    apart = math.exp(-form.perimeter / 2 / correlation) if correlation else 0.0
    return math.sqrt(2 * (1 + apart)), 2.0


def _integral(correlation: float, perimeter: float) -> float:
    """Return along how much of a closed line a deviation lasts: at most all of it."""
    if correlation == 0:
        return 0.0
    return 2 * correlation * -math.expm1(-perimeter / (2 * correlation))


def _patch(correlation: float, surface: float) -> float:
    """Return over how much of a surface a deviation lasts: at most all of it."""
    if correlation == 0:
        return 0.0
    x = math.sqrt(surface / math.pi) / correlation
    return 2 * math.pi * correlation**2 * (1 - (1 + x) * math.exp(-x))


def _counted(measure: str, form: Form) -> Iterator[ErrorTerm]:
    """Yield what counting pixels, or cutting in planes, does to a measure."""
    source = "how often a deposit of this size meets the pixels' centres"
    if measure == "volume" and form.surface is not None and form.volume is not None:
        if form.is_mask and form.is_fractional:
            return
        variance = volume_variance(
            form.volume, surface=form.surface, widest=form.area, pitch=form.pitch, in_plane=form.is_mask
        )
    elif not form.is_mask or form.is_fractional:
        return
    elif measure == "area":
        variance = area_variance(form.area, perimeter=form.perimeter, pitch=(form.pixel, form.pixel))
    else:
        variance = form.pixel**2 / 6  # two ends, each anywhere in its pixel
    yield ErrorTerm(name="lattice", source=source, effect=math.sqrt(variance))
