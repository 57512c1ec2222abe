"""Before and after beside one another at one scale, aligned and outlined, as a figure for a paper."""

from collections.abc import Iterator

from markupsafe import Markup

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.report import words
from lesionkit.report.cohort_canvas import SOFT, WIDE, Figure, clean, drawing, letters, shortened
from lesionkit.report.page_parts import streams_of
from lesionkit.report.pictures import WIDTH, Drawn
from lesionkit.report.shown import Shown
from lesionkit.report.sites import SitePage, site_page
from lesionkit.report.source import Source
from lesionkit.report.svg import element

_GAP, _TOP, _FOOT = 16.0, 30.0, 30.0


def panels(source: Source, patient: Patient, *, stem: str) -> Iterator[Figure]:
    """Yield the first and last picture of each site of a patient that has two; loads their pixels.

    Parameters
    ----------
    source : Source
        What is shown.
    patient : Patient
        Whose.
    stem : str
        Begin of the figures' names: that of the patient's page.
    """
    for stream in streams_of(patient):
        sites = sorted({ref.site for ref in patient.images if ref.modality.stream is stream})
        for number, site in enumerate(sites, start=1):
            read = [r for r in patient.images if r.site == site and r.id in source.outcome.grids]
            if len(read) < 2:
                continue
            page = site_page(source, patient, stream, site)
            key = f"panel-{stem}-{stream.value.lower()}-{number}"
            figure = panel(page, patient.id, stream, key=key)
            if figure is not None:
                yield figure


def panel(site: SitePage, patient: str, stream: Modality, *, key: str) -> Figure | None:
    """Return a site's two compared pictures as one figure; None where one of them is missing."""
    pair = [shown for shown in (site.before, site.after) if shown and shown.picture and shown.picture.href]
    if len(pair) < 2:
        return None
    wide = (WIDE - _GAP) / 2
    height = max(wide * shown.picture.height / WIDTH for shown in pair if shown.picture)
    parts = []
    for index, shown in enumerate(pair):
        left = index * (wide + _GAP)
        parts.append(letters(left, 18, f"{'AB'[index]}  {shown.date}", bold=True))
        parts.append(_picture(shown, left, wide))
    name = clean(f"{patient}, {words.STREAMS[stream]}, {shortened(site.name, 60)}")
    told = ""
    if site.final is not None:
        told = f": {site.final.name.lower()}, {site.final.change}"
        told += f"; {site.final.limits}" if site.final.limits else ""
    foot = shortened(f"{name}{told}", 118)
    parts.append(letters(0, _TOP + height + 20, foot, fill=SOFT))
    return Figure(
        key=key,
        title=f"{name}, {pair[0].date} and {pair[1].date}",
        caption=site.same_scale,
        svg=drawing(parts, width=WIDE, height=_TOP + height + _FOOT, title=f"{name}{told}"),
        source="changes",
    )


def _picture(shown: Shown, left: float, wide: float) -> Markup:
    """Return a picture with its outlines, names and scale bar: drawn over it, its pixels as they were."""
    picture = shown.picture
    assert picture is not None
    parts = [
        element("image", href=picture.href, width=WIDTH, height=picture.height, preserveAspectRatio="none"),
        *(part for one in picture.drawn if one.path for part in _outline(one)),
        *(_label(one.label_x, one.label_y, one.label) for one in picture.drawn if one.path),
    ]
    foot = picture.height - 22
    bar = {"fill": "none", "d": f"M24,{foot}h{picture.bar_length - 4:g}"}
    parts += [
        element("path", stroke="#000000", stroke_width=9.0, **bar),
        element("path", stroke="#ffffff", stroke_width=4.0, **bar),
        _label(22 + picture.bar_length / 2, foot - 14, picture.bar_label),
    ]
    return element(
        "svg",
        Markup("\n").join(parts),
        x=left,
        y=_TOP,
        width=wide,
        height=wide * picture.height / WIDTH,
        viewBox=f"0 0 {WIDTH} {picture.height}",
    )


def _outline(one: Drawn) -> Iterator[Markup]:
    common = {"d": one.path, "fill": "none", "stroke_linejoin": "round"}
    yield element("path", stroke="#ffffff", stroke_opacity=0.85, stroke_width=6.5, **common)
    dash = {"stroke_dasharray": "9 7"} if one.is_suggested else {}
    yield element("path", stroke=one.colour, stroke_width=3.2, **common, **dash)


def _label(x: float, y: float, text: str) -> Markup:
    """Return white letters on a black rim, drawn twice: not every program knows the order of paint."""
    place: dict[str, str | float] = {"x": x, "y": y, "text_anchor": "middle"}
    place |= {"font_size": "24", "font_weight": "700"}
    rim = element(
        "text",
        clean(text),
        stroke="#000000",
        stroke_width=5.0,
        stroke_linejoin="round",
        fill="#000000",
        **place,
    )
    return rim + element("text", clean(text), fill="#ffffff", **place)
