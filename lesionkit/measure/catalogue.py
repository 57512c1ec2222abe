"""The single truth on what is measured; tables and reports take their names and meanings from here."""

from collections.abc import Mapping
from types import MappingProxyType

from lesionkit.core.measurement import Code, Dimension, Measure
from lesionkit.core.units import Unit

_AGATSTON = "Agatston AS et al. J Am Coll Cardiol 1990;15:827-32"
_MASS = "McCollough CH et al. Radiology 2007;243:527-38"
_MESH = "Lorensen WE, Cline HE. Comput Graph 1987;21:163-9"

_REDNESS = (
    "erythema index: Takiwaki H. J Med Invest 1998;44:121-6; not validated for calcinosis, nor for cameras"
)

_ALL = (
    Measure(
        name="area",
        meaning="Area inside the outline, its holes taken off; of a volume the largest in-plane area.",
        dimension=Dimension.AREA,
        code=Code(value="42798000", scheme="SCT", meaning="Area"),
    ),
    Measure(
        name="perimeter",
        meaning="Length of the outside line of an outline; of a deposit in parts, of all of them.",
        dimension=Dimension.LENGTH,
        code=Code(value="131191004", scheme="SCT", meaning="Perimeter"),
    ),
    Measure(
        name="long_axis",
        meaning="Greatest distance between two points of the outline; of a volume, in one plane.",
        dimension=Dimension.LENGTH,
        code=Code(value="103339001", scheme="SCT", meaning="Long axis"),
        source="WHO handbook for reporting results of cancer treatment, Geneva 1979",
    ),
    Measure(
        name="short_axis",
        meaning="Greatest width of the outline perpendicular to the long axis, in the same plane.",
        dimension=Dimension.LENGTH,
        code=Code(value="103340004", scheme="SCT", meaning="Short axis"),
        source="WHO handbook for reporting results of cancer treatment, Geneva 1979",
    ),
    Measure(
        name="volume",
        meaning="Voxels, or the sum of their fractions, times the volume of one voxel.",
        dimension=Dimension.VOLUME,
        code=Code(value="118565006", scheme="SCT", meaning="Volume"),
    ),
    # DICOM codes the mean, maximum, minimum and SD as modifiers of a concept that depends on the
    # modality (attenuation in CT, none in a photograph): whoever writes DICOM puts the two together.
    Measure(
        name="mean_intensity",
        meaning="Mean of the pixel values whose centres lie inside.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="max_intensity",
        meaning="Greatest of the pixel values whose centres lie inside.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="min_intensity",
        meaning="Least of the pixel values whose centres lie inside.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="sd_intensity",
        meaning="Standard deviation of the pixel values whose centres lie inside, divided by their number.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="agatston",
        meaning="Agatston calcium score (CT at 120 kV): area of at least 130 HU, weighted by its peak.",
        dimension=Dimension.SCORE,
        code=Code(value="112058", scheme="DCM", meaning="Calcium score"),
        source=_AGATSTON,
    ),
    Measure(
        name="centroid_row",
        meaning="Row of the centre of mass, in pixels; 0 is the first row's centre.",
        dimension=Dimension.POSITION,
    ),
    Measure(
        name="centroid_col",
        meaning="Column of the centre of mass, in pixels; 0 is the first column's centre.",
        dimension=Dimension.POSITION,
    ),
    Measure(
        name="centroid_plane",
        meaning="Plane of the centre of mass, in pixels; 0 is the first plane's centre.",
        dimension=Dimension.POSITION,
    ),
    Measure(
        name="equivalent_diameter",
        meaning="Diameter of the circle of equal area; of a volume, of the ball of equal volume.",
        dimension=Dimension.LENGTH,
    ),
    Measure(
        name="ellipse_area",
        meaning="Area of the ellipse with the long and the short axis: π/4 × long × short.",
        dimension=Dimension.AREA,
        source="Arthritis Res Ther 2020, doi:10.1186/s13075-020-02392-9",
    ),
    Measure(
        name="circularity",
        meaning="4π × area ÷ perimeter²: 1 for a circle, less for anything else.",
        dimension=Dimension.NUMBER,
    ),
    Measure(
        name="solidity",
        meaning="Area ÷ area of the convex hull, of all parts together: 1 for a convex outline.",
        dimension=Dimension.NUMBER,
    ),
    Measure(
        name="max_diameter",
        meaning="Greatest distance between two points of the surface, in any direction.",
        dimension=Dimension.LENGTH,
        code=Code(value="L0JK", scheme="IBSI", meaning="Maximum 3D Diameter of a Mesh"),
        source=_MESH,
    ),
    Measure(
        name="surface_area",
        meaning="Area of the surface midway between the centres of inside and outside voxels.",
        dimension=Dimension.AREA,
        code=Code(value="C0JK", scheme="IBSI", meaning="Surface Area of Mesh"),
        source=_MESH,
    ),
    Measure(
        name="sphericity",
        meaning="Surface of the ball that holds as much as the surface encloses ÷ surface: 1 for a ball.",
        dimension=Dimension.NUMBER,
        code=Code(value="QCFX", scheme="IBSI", meaning="Sphericity"),
        source=_MESH,
    ),
    Measure(
        name="parts",
        meaning="Number of parts that do not touch; voxels touch where they share a face.",
        dimension=Dimension.NUMBER,
    ),
    Measure(
        name="p10_intensity",
        meaning="Tenth percentile of the pixel values whose centres lie inside.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="median_intensity",
        meaning="Median of the pixel values whose centres lie inside.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="p90_intensity",
        meaning="Ninetieth percentile of the pixel values whose centres lie inside.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="rim_intensity",
        meaning="Median of the pixel values of a rim around the deposit (not in photographs).",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="contrast",
        meaning="Mean of the pixel values inside less that of the rim.",
        dimension=Dimension.INTENSITY,
    ),
    Measure(
        name="calcium_volume",
        meaning="Volume of the voxels of at least 130 HU (CT at 120 kV).",
        dimension=Dimension.VOLUME,
        code=Code(value="122660", scheme="DCM", meaning="Calcium Volume"),
    ),
    Measure(
        name="calcium_mass",
        meaning="Calibration factor × mean HU × volume of the voxels of at least 130 HU (CT at 120 kV).",
        dimension=Dimension.MASS,
        code=Code(value="122661", scheme="DCM", meaning="Calcium Mass"),
        source=_MASS,
    ),
    Measure(
        name="integrated_volume",
        meaning="Sum over voxels of how far their HU lie from soft tissue (0) to dense calcium (1), "
        "times the volume of one voxel (CT).",
        dimension=Dimension.VOLUME,
        source="fractions of voxels after Šprem J et al. PLoS One 2018;13:e0209318",
    ),
    Measure(
        name="erythema",
        meaning="Mean of 100 · log10(red / green) inside, less its median in the skin 4 to 10 mm around "
        "(photographs of calibrated colour).",
        dimension=Dimension.NUMBER,
        source=_REDNESS,
    ),
    Measure(
        name="rim_erythema",
        meaning="The same of a rim of 2 mm around the outline.",
        dimension=Dimension.NUMBER,
        source=_REDNESS,
    ),
    Measure(
        name="whiteness",
        meaning="Mean CIE L* inside, less its median in the skin 4 to 10 mm around (photographs of "
        "calibrated colour).",
        dimension=Dimension.NUMBER,
        source="L*: CIE 15:2018; not validated for calcinosis",
    ),
    Measure(
        name="rim_whiteness",
        meaning="The same of a rim of 2 mm around the outline.",
        dimension=Dimension.NUMBER,
        source="L*: CIE 15:2018; not validated for calcinosis",
    ),
    Measure(
        name="colour_delta_e",
        meaning="Median difference (CIEDE2000) of known colours in the photograph after correction.",
        dimension=Dimension.NUMBER,
        source="Sharma G et al. Color Res Appl 2005;30:21-30",
    ),
    Measure(
        name="landmark_distance",
        meaning="Shortest distance from a landmark that a person marked; 0 inside the deposit.",
        dimension=Dimension.LENGTH,
    ),
    Measure(
        name="coverage",
        meaning="How much of a region of interest that a person marked is covered, in percent of its area.",
        dimension=Dimension.SHARE,
    ),
    Measure(
        name="density_grade",
        meaning="How many of the cuts of `cohort.toml` the density reaches.",
        dimension=Dimension.NUMBER,
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _ALL})
"""Every measure by its name, in the order of the tables."""

_WITH_UNIT = (Dimension.LENGTH, Dimension.AREA, Dimension.VOLUME, Dimension.MASS)


def column(measure: str, unit: Unit) -> str:
    """Return the name of a measure's column: sizes and masses carry their unit, as in ``area_mm2``.

    Examples
    --------
    >>> column("area", Unit.PX2), column("mean_intensity", Unit.HU)
    ('area_px2', 'mean_intensity')
    """
    return f"{measure}_{unit}" if MEASURES[measure].dimension in _WITH_UNIT else measure
