"""The rows of every table, once, for the CSV files, the pages and the command line."""

from collections.abc import Iterable, Iterator, Mapping

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import Category, Response
from lesionkit.core.track import Presence
from lesionkit.core.units import Quantity, Unit
from lesionkit.report.cells import Cell, Row, columns, row_of
from lesionkit.report.course import Course, Point, courses

StreamNames = Mapping[tuple[str, Modality], str]


MEASUREMENT_COLUMNS = columns(
    "patient,date,modality,site,image,deposit,track,author,status,role,area_mm2,area_mm2_se,perimeter_mm,"
    "long_axis_mm,short_axis_mm,volume_mm3,volume_mm3_se,area_px2,long_axis_px,mean_intensity,max_intensity,"
    "min_intensity,sd_intensity,intensity_unit,agatston,row_spacing_mm,col_spacing_mm,plane_spacing_mm,"
    "scale_source,scale_rel_se,centroid_row,centroid_col,centroid_plane,"
    "perimeter_px,short_axis_px,equivalent_diameter_mm,ellipse_area_mm2,circularity,solidity,max_diameter_mm,"
    "surface_area_mm2,sphericity,parts,p10_intensity,median_intensity,p90_intensity,rim_intensity,contrast,"
    "calcium_volume_mm3,calcium_mass_mg,integrated_volume_mm3,"
    "erythema,rim_erythema,whiteness,rim_whiteness,colour_delta_e,area_first_px2,area_first_px2_se"
)
TRACK_COLUMNS = columns(
    "patient,modality,site,track,tracking_uid,date,presence,event,deposits,measure,unit,value,value_se,"
    "change_pct,category,p_regression,p_stable,p_progression,matched_by,match_score,match_confirmed,relative"
)
RESPONSE_COLUMNS = columns(
    "patient,modality,site,evaluation,date,baseline_date,nadir_date,months_from_baseline,"
    "months_from_treatment,measure,unit,baseline,current,nadir,change_pct,change_pct_low,change_pct_high,"
    "change_from_nadir_pct,new_deposits,category,p_regression,p_stable,p_progression,criterion,label,reasons"
)
PROBLEM_COLUMNS = columns("severity,code,about,text,hint")

_SIZE_COLUMNS = {
    "area_mm2": ("area", Unit.MM2),
    "perimeter_mm": ("perimeter", Unit.MM),
    "long_axis_mm": ("long_axis", Unit.MM),
    "short_axis_mm": ("short_axis", Unit.MM),
    "volume_mm3": ("volume", Unit.MM3),
    "area_px2": ("area", Unit.PX2),
    "long_axis_px": ("long_axis", Unit.PX),
    "perimeter_px": ("perimeter", Unit.PX),
    "short_axis_px": ("short_axis", Unit.PX),
    "equivalent_diameter_mm": ("equivalent_diameter", Unit.MM),
    "ellipse_area_mm2": ("ellipse_area", Unit.MM2),
    "max_diameter_mm": ("max_diameter", Unit.MM),
    "surface_area_mm2": ("surface_area", Unit.MM2),
    "calcium_volume_mm3": ("calcium_volume", Unit.MM3),
    "calcium_mass_mg": ("calcium_mass", Unit.MG),
    "integrated_volume_mm3": ("integrated_volume", Unit.MM3),
}
_CENTROID_COLUMNS = ("centroid_row", "centroid_col", "centroid_plane")
_PLAIN_COLUMNS = (
    *("mean_intensity", "max_intensity", "min_intensity", "sd_intensity", "agatston"),
    *("circularity", "solidity", "sphericity", "parts"),
    *("p10_intensity", "median_intensity", "p90_intensity", "rim_intensity", "contrast"),
    *("erythema", "rim_erythema", "whiteness", "rim_whiteness", "colour_delta_e"),
)
"""Measures whose unit stands in a column of its own, or that have none."""


def measurement_rows(outcome: Outcome) -> tuple[Row, ...]:
    """Return ``measurements.csv``: one row per deposit and image, in the order of the deposits.

    A column holds the measure in its own unit only: on an image with a scale the ``_px`` columns stay
    empty, on one without the ``_mm`` columns. `modality` is the image's own, CR and DX told apart. A
    deposit that belongs to no track (a suggestion) has an empty `track`.
    """
    places = {
        ref.id: (patient.id, timepoint.date, ref)
        for patient in outcome.cohort.patients
        for timepoint in patient.timepoints
        for ref in timepoint.images
    }
    tracks = {
        (sighting.image, deposit): track.id
        for track in outcome.tracks
        for sighting in track.sightings
        for deposit in sighting.deposits
    }
    relative = {(m.image, m.deposit): m.quantity for m in outcome.relative if m.measure == "area"}
    found: dict[tuple[str, str], dict[str, Measurement]] = {}
    for measurement in outcome.measurements:
        found.setdefault((measurement.image, measurement.deposit), {})[measurement.measure] = measurement
    rows = []
    for deposit in outcome.deposits:
        patient, day, ref = places[deposit.image]
        known: dict[str, Cell] = {
            "patient": patient,
            "date": day,
            "modality": ref.modality.value,
            "site": ref.site,
            "image": ref.id,
            "deposit": deposit.id,
            "track": tracks.get((deposit.image, deposit.id)),
            "author": deposit.author or None,
            "status": deposit.status.value,
            "role": deposit.role and deposit.role.value,
        }
        known |= _measured(found.get((deposit.image, deposit.id), {}))
        known |= _grid_cells(outcome.grids.get(ref.id, ref.grid))
        known |= _intensity_unit(outcome, ref, known)
        if told := relative.get((deposit.image, deposit.id)):
            known |= {"area_first_px2": told.value, "area_first_px2_se": told.standard_error}
        rows.append(row_of(MEASUREMENT_COLUMNS, known))
    return tuple(rows)


def track_rows(outcome: Outcome) -> tuple[Row, ...]:
    """Return ``tracks.csv``: one row per track and timepoint.

    `value` is the track's size in the measure its criterion compares: zero where it was looked for and
    not there, empty where it was not seen. `change_pct` and the columns after it are the verdict on the
    track alone, so they are empty at and before baseline. `match_confirmed` is ``no`` where the match
    rests on an alignment that failed its checks. `modality` is that of the stream: see `stream_names`.
    """
    names = stream_names(outcome)
    return tuple(row for course in courses(outcome) for row in _course_rows(course, names))


def response_rows(outcome: Outcome, responses: Iterable[Response] | None = None) -> tuple[Row, ...]:
    """Return ``responses.csv``: the outcome's responses (or those given), one row each."""
    chosen = outcome.responses if responses is None else responses
    names = stream_names(outcome)
    return tuple(_response_row(response, names) for response in chosen)


def problem_rows(outcome: Outcome) -> tuple[Row, ...]:
    """Return ``problems.csv``: what was wrong, worst first."""
    return tuple(
        row_of(
            PROBLEM_COLUMNS,
            {
                "severity": problem.severity.value,
                "code": problem.code,
                "about": problem.about,
                "text": problem.text,
                "hint": problem.hint or None,
            },
        )
        for problem in outcome.problems
    )


def stream_names(outcome: Outcome) -> StreamNames:
    """Return how each patient's streams are printed: their modality, where the radiographs are CR or DX.

    CR and DX are compared with one another and so are one stream: it is ``CR`` where all the patient's
    radiographs are CR, else ``DX``, the same at every site.
    """
    names: dict[tuple[str, Modality], str] = {}
    for patient in outcome.cohort.patients:
        for ref in patient.images:
            key = (patient.id, ref.modality.stream)
            if ref.modality is not Modality.CR or key not in names:
                names[key] = ref.modality.value
    return names


def _measured(found: Mapping[str, Measurement]) -> Iterator[tuple[str, Cell]]:
    for column, (measure, unit) in _SIZE_COLUMNS.items():
        measurement = found.get(measure)
        if measurement is not None and measurement.quantity.unit is unit:
            yield column, measurement.quantity.value
            yield f"{column}_se", measurement.quantity.standard_error
    for column in (*_PLAIN_COLUMNS, *_CENTROID_COLUMNS):
        if column in found:
            yield column, found[column].quantity.value


def _grid_cells(grid: Grid) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"scale_source": grid.scale_source.value, "scale_rel_se": grid.scale_rel_se}
    if grid.scale_source is ScaleSource.NONE or grid.spacing_mm is None:
        return cells
    names = ("plane_spacing_mm", "row_spacing_mm", "col_spacing_mm")[-len(grid.spacing_mm) :]
    return cells | dict(zip(names, grid.spacing_mm, strict=True))


def _intensity_unit(outcome: Outcome, ref: ImageRef, known: Mapping[str, Cell]) -> dict[str, Cell]:
    if known.get("mean_intensity") is None:
        return {}
    unit = outcome.intensity_units.get(ref.id)
    return {"intensity_unit": None if unit is None else str(unit)}


def _course_rows(course: Course, names: StreamNames) -> Iterator[Row]:
    track = course.track
    for point in course.points:
        yield row_of(
            TRACK_COLUMNS,
            {
                "patient": track.patient,
                "modality": names[track.patient, track.modality.stream],
                "site": track.site,
                "track": track.id,
                "tracking_uid": track.uid,
                "measure": course.measure.value,
            }
            | _sighting_cells(point)
            | _quantity_cells(point.quantity)
            | _verdict_cells(point.response),
        )


def _sighting_cells(point: Point) -> dict[str, Cell]:
    seen = point.sighting
    is_matched = seen.matched_by is not None or not seen.is_confirmed
    return {
        "date": seen.date,
        "presence": seen.presence.value,
        "event": seen.event and seen.event.value,
        "deposits": ";".join(seen.deposits) or None,
        "matched_by": seen.matched_by and seen.matched_by.value,
        "match_score": seen.match_score,
        "match_confirmed": ("yes" if seen.is_confirmed else "no")
        if is_matched and seen.presence is not Presence.UNSEEN
        else None,
    }


def _quantity_cells(quantity: Quantity | None) -> dict[str, Cell]:
    if quantity is None:
        return {}
    return {"unit": quantity.unit.value, "value": quantity.value, "value_se": quantity.standard_error}


def _verdict_cells(response: Response | None) -> dict[str, Cell]:
    if response is None:
        return {}
    odds = response.probabilities or {}
    return {
        "change_pct": response.change_pct,
        "category": response.category.value,
        "relative": "yes" if "relative_to_first_picture" in response.reasons else None,
        "p_regression": odds.get(Category.REGRESSION),
        "p_stable": odds.get(Category.STABLE),
        "p_progression": odds.get(Category.PROGRESSION),
    }


def _response_row(response: Response, names: StreamNames) -> Row:
    quantities = {
        name: getattr(response, name)
        for name in ("baseline", "current", "nadir")
        if getattr(response, name) is not None
    }
    units = {quantity.unit.value for quantity in quantities.values()}
    low, high = response.change_pct_limits or (None, None)
    known: dict[str, Cell] = {
        "patient": response.patient,
        "modality": names[response.patient, response.modality.stream],
        "site": response.site,
        "evaluation": response.evaluation.value,
        "date": response.date,
        "baseline_date": response.baseline_date,
        "nadir_date": response.nadir_date,
        "months_from_baseline": response.months_from_baseline,
        "months_from_treatment": response.months_from_treatment,
        "measure": response.measure.value,
        "change_pct_low": low,
        "change_pct_high": high,
        "change_from_nadir_pct": response.change_from_nadir_pct,
        "new_deposits": response.new_deposits,
        "criterion": response.criterion,
        "label": response.label,
        "reasons": ";".join(response.reasons),
    }
    known |= {name: quantity.value for name, quantity in quantities.items()}
    # Values of different units in one row would be read as one: then the unit, and the reader, is told.
    known["unit"] = "/".join(sorted(units)) or None
    return row_of(RESPONSE_COLUMNS, known | _verdict_cells(response))
