"""The single truth on what is measured; tables and reports take their names and meanings from here."""

from collections.abc import Mapping
from types import MappingProxyType

from lesionkit.core.measurement import Code, Measure
from lesionkit.core.units import Unit

_ALL = (
    Measure(
        name="area",
        meaning="Area inside the outline, its holes taken off; of a volume the largest in-plane area.",
        code=Code(value="42798000", scheme="SCT", meaning="Area"),
    ),
    Measure(
        name="perimeter",
        meaning="Length of the outside line of an outline; of a deposit in parts, of all of them.",
        code=Code(value="131191004", scheme="SCT", meaning="Perimeter"),
    ),
    Measure(
        name="long_axis",
        meaning="Greatest distance between two points of the outline; of a volume, in one plane.",
        code=Code(value="103339001", scheme="SCT", meaning="Long axis"),
    ),
    Measure(
        name="short_axis",
        meaning="Greatest width of the outline perpendicular to the long axis, in the same plane.",
        code=Code(value="103340004", scheme="SCT", meaning="Short axis"),
    ),
    Measure(
        name="volume",
        meaning="Voxels, or the sum of their fractions, times the volume of one voxel.",
        code=Code(value="118565006", scheme="SCT", meaning="Volume"),
    ),
    # DICOM codes the mean, maximum, minimum and SD as modifiers of a concept that depends on the
    # modality (attenuation in CT, none in a photograph): whoever writes DICOM puts the two together.
    Measure(name="mean_intensity", meaning="Mean of the pixel values whose centres lie inside."),
    Measure(name="max_intensity", meaning="Greatest of the pixel values whose centres lie inside."),
    Measure(name="min_intensity", meaning="Least of the pixel values whose centres lie inside."),
    Measure(
        name="sd_intensity",
        meaning="Standard deviation of the pixel values whose centres lie inside, divided by their number.",
    ),
    Measure(
        name="agatston",
        meaning="Agatston calcium score (CT at 120 kV): area of at least 130 HU, weighted by its peak.",
        code=Code(value="112058", scheme="DCM", meaning="Calcium score"),
    ),
    Measure(
        name="centroid_row", meaning="Row of the centre of mass, in pixels; 0 is the first row's centre."
    ),
    Measure(
        name="centroid_col",
        meaning="Column of the centre of mass, in pixels; 0 is the first column's centre.",
    ),
    Measure(
        name="centroid_plane",
        meaning="Plane of the centre of mass, in pixels; 0 is the first plane's centre.",
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _ALL})
"""Every measure by its name, in the order of the tables."""

SIZES = ("area", "perimeter", "long_axis", "short_axis", "volume")
"""The measures that come in mm or px, and have their unit in the name of their column."""


def column(measure: str, unit: Unit) -> str:
    """Return the name of a measure's column: sizes carry their unit, as in ``area_mm2``.

    Examples
    --------
    >>> column("area", Unit.PX2), column("mean_intensity", Unit.HU)
    ('area_px2', 'mean_intensity')
    """
    return f"{measure}_{unit}" if measure in SIZES else measure
