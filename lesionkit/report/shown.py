"""The pictures of a site as a page shows them, with all that is told of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lesionkit.core.cohort import Patient
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.likeness import Comparability
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit
from lesionkit.report import words
from lesionkit.report.capture import likeness_in_words
from lesionkit.report.course import Course
from lesionkit.report.explanation import CAUSES
from lesionkit.report.exporters import Load
from lesionkit.report.framing import Frame, frame_projections, frame_views
from lesionkit.report.marks import Mark
from lesionkit.report.pictures import SMALL, WIDTH, Picture, take_picture
from lesionkit.report.placing import View, first_of
from lesionkit.report.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A timepoint of a site: its picture, or why there is none."""

    date: str
    picture: Picture | None
    alt: str
    key: str = ""
    """Name of its drawing on the page."""
    title: str = ""
    """Date, plane and what lies elsewhere, in one line."""
    location: str = ""
    scale: str = ""
    scale_error: str = ""
    """What the error of the scale is made of."""
    spacing: str = ""
    outlined: str = ""
    """By whom the deposits were outlined."""
    alignment: str = ""
    is_first: bool = False
    """Whether the others are aligned with it."""
    elsewhere: str = ""
    """Deposits that lie on other planes than the one shown."""
    likeness: str = ""
    """How alike it was taken to the first picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The pictures of a site, by day.

    Parameters
    ----------
    pictures : Mapping of date to Shown
        Every timepoint, in order of time.
    projections : Mapping of date to Shown
        Of volumes: those looked through.
    """

    pictures: Mapping[date, Shown]
    projections: Mapping[date, Shown]


def views_of(
    source: Source, patient: Patient, stream: Modality, site: str, own: Sequence[Course]
) -> dict[date, View]:
    """Return the image read at each timepoint: the one its tracks were looked for on, else the first."""
    chosen = {p.date: p.sighting.image for course in own for p in course.points if p.sighting.image}
    views = {}
    for timepoint in patient.timepoints:
        read = [
            ref
            for ref in timepoint.images
            if ref.modality.stream is stream and ref.site == site and ref.id in source.outcome.grids
        ]
        if read:
            ref = next((r for r in read if r.id == chosen.get(timepoint.date)), read[0])
            views[timepoint.date] = View(
                ref=ref,
                grid=source.outcome.grids[ref.id],
                deposits=source.deposits.get(ref.id, ()),
                onto_first=source.outcome.transforms.get(ref.id),
            )
    return views


def likenesses_of(source: Source) -> dict[str, Comparability]:
    """Return how each picture was taken against the first one of its site, by image."""
    return {found.image: found for found in source.outcome.likenesses}


def show_all(
    source: Source,
    views: Mapping[date, View],
    own: Sequence[Course],
    marks: Mapping[str, Mark],
    *,
    title: str,
    key: str,
    large: Collection[date],
) -> Gallery:
    """Return the pictures of a site.

    Parameters
    ----------
    source : Source
        What pages are made from.
    views : Mapping of date to View
        In order of time.
    own : sequence of Course
        The site's tracks.
    marks : Mapping of str to Mark
        How each is drawn.
    title : str
        What they show: stream and site.
    key : str
        Begins the name of each drawing.
    large : collection of date
        Days whose pictures are compared.
    """
    frames = frame_views(list(views.values()))
    through = {day: view for day, view in views.items() if not view.grid.is_planar and day in large}
    beyond = frame_projections(list(through.values()))
    pictures, projections = {}, {}
    for index, (day, view) in enumerate(views.items()):
        take = _Taker(
            source=source,
            view=view,
            load=_kept(source.load),
            tracks=_tracks_on(view, day, own),
            marks=marks,
            title=f"{title}, {day}",
        )
        wide = WIDTH if day in large else SMALL
        pictures[day] = take(day, frames[view.ref.id], key=f"{key}-{index}", wide=wide)
        if day in through:
            projections[day] = take(day, beyond[view.ref.id], key=f"{key}-{index}-through", wide=SMALL)
    return Gallery(pictures=pictures, projections=projections)


def _kept(load: Load | None) -> Load | None:
    """Return what loads an image once, for its plane and its projection."""
    if load is None:
        return None
    last: dict[str, Image] = {}

    def once(ref: ImageRef) -> Image:
        if ref.id not in last:
            last[ref.id] = load(ref)
        return last[ref.id]

    return once


def _tracks_on(view: View, day: date, own: Sequence[Course]) -> dict[str, str]:
    return {
        deposit: course.track.id
        for course in own
        for point in course.points
        if point.date == day and point.sighting.image == view.ref.id
        for deposit in point.sighting.deposits
    }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Taker:
    """Takes pictures of one image."""

    source: Source
    view: View
    load: Load | None
    tracks: Mapping[str, str]
    marks: Mapping[str, Mark]
    title: str

    def __call__(self, day: date, frame: Frame, *, key: str, wide: int) -> Shown:
        view, grid = self.view, self.view.grid
        picture = take_picture(
            view,
            frame,
            load=self.load,
            tracks=self.tracks,
            marks=self.marks,
            titles=_titles(self.source.measurements.get(view.ref.id, ())),
            wide=wide,
        )
        names = ", ".join(one.label for one in picture.drawn if one.path) or "no deposit"
        elsewhere = ", ".join(dict.fromkeys(one.label for one in picture.drawn if not one.path))
        return Shown(
            key=key,
            date=day.isoformat(),
            picture=picture,
            alt=f"{self.title}; outlined: {names}",
            title=" · ".join(
                part
                for part in (
                    f"plane {picture.plane}" if picture.plane else "",
                    "greatest values of all planes" if frame.along is not None else "",
                    f"on other planes: {elsewhere}" if elsewhere else "",
                )
                if part
            ),
            location=view.ref.location,
            scale=_scale(grid),
            scale_error="; ".join(_parts_of(grid)),
            spacing=_spacing(grid),
            outlined=_outlined(view.deposits),
            alignment=words.alignment(view.onto_first),
            is_first=view.onto_first is not None and view.onto_first.target == view.ref.id,
            elsewhere=elsewhere,
            likeness=likeness_in_words(likenesses_of(self.source).get(view.ref.id)),
        )


def _titles(measurements: Sequence[Measurement]) -> dict[str, str]:
    of_deposit: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        of_deposit.setdefault(measurement.deposit, []).append(measurement)
    return {deposit: words.sizes(found) for deposit, found in of_deposit.items()}


def _outlined(deposits: Sequence[Deposit]) -> str:
    """Return by whom deposits were outlined, and how sure these are."""
    found: dict[tuple[str, str], int] = {}
    for deposit in deposits:
        key = (deposit.author or "author not known", deposit.status.value)
        found[key] = found.get(key, 0) + 1
    return "; ".join(f"{author}: {count} {status}" for (author, status), count in found.items())


def _scale(grid: Grid) -> str:
    error = f", ± {100 * grid.scale_rel_se:.2g} %" if grid.scale_rel_se is not None else ""
    return words.SCALES[grid.scale_source] + error


def _parts_of(grid: Grid) -> Iterator[str]:
    """Yield the parts of a scale's error, the largest first."""
    if grid.scale_error is None:
        return
    parts = [*grid.scale_error.parts, *(one.part for one in grid.scale_error.growing)]
    for part in sorted(parts, key=lambda part: -part.rel_se):
        yield f"{CAUSES.get(part.name, part.name)} {100 * part.rel_se:.2g} % ({part.source})"


def _spacing(grid: Grid) -> str:
    if grid.spacing_mm is None:
        return words.DASH
    return " × ".join(f"{value:.4g}" for value in grid.spacing_mm) + " mm"


def same_scale(views: Sequence[View]) -> str:
    """Return whether pictures may be compared by eye, in a sentence."""
    if not views:
        return ""
    plain = [view for view in views if not view.grid.is_calibrated]
    if not plain:
        return "All pictures show a window of the same size in millimetres, so they can be compared by eye."
    first = first_of(views)
    is_sized = first is not None and (first.grid.is_calibrated or len(plain) == len(views))
    if len(views) > 1 and is_sized and all(view.is_aligned for view in views):
        return (
            "Pictures without a scale were brought to the size of the first one by aligning them with it, "
            "so they can be compared by eye."
        )
    if len(plain) == len(views):
        return (
            "These pictures have no scale: they show the same number of pixels, "
            "which need not be the same size."
        )
    return "Not all of these pictures have a scale, so they cannot be compared by eye."
