"""Components of scores that readers give: how much of a region is covered, how dense, how far from where."""

from collections.abc import Sequence
from itertools import pairwise

from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.geometry import raster


def coverage_pct(outlines: Sequence[Outline], within: Outline, grid: Grid) -> float:
    """Return how much of a region of interest deposits cover, in percent of its area.

    What several deposits share counts once, what lies outside the region not at all.

    Parameters
    ----------
    outlines : sequence of Outline
        Of the deposits, on a planar image.
    within : Outline
        The region of interest; its holes do not belong to it.
    grid : Grid
        Where the image's pixels lie.

    Raises
    ------
    ValueError
        If the image is not planar.

    Examples
    --------
    >>> grid = Grid(shape=(9, 9))
    >>> bone = Outline(exterior=[(0, 0), (0, 4), (4, 4), (4, 0)])
    >>> coverage_pct([Outline(exterior=[(2, 2), (2, 8), (8, 8), (8, 2)])], bone, grid)
    25.0
    """
    from shapely import Polygon, area, intersection, union_all

    if not grid.is_planar:
        raise ValueError("coverage is measured on planar images")
    shapes = [
        Polygon(grid.locate(outline.exterior), [grid.locate(hole) for hole in outline.holes])
        for outline in (within, *outlines)
    ]
    covered = intersection(union_all(shapes[1:]), shapes[0])
    return 100.0 * float(area(covered)) / float(area(shapes[0]))


def density_grade(value: float, *, cuts: Sequence[float]) -> int:
    """Return a density as a grade: how many of the cuts it reaches.

    Which cuts are meaningful, in pixel values or in contrast, is for the user to say: none are published.

    Parameters
    ----------
    value : float
        Such as a deposit's mean or contrast.
    cuts : sequence of float
        Rising.

    Raises
    ------
    ValueError
        If the cuts do not rise.

    Examples
    --------
    >>> density_grade(200.0, cuts=(100.0, 200.0, 300.0))
    2
    """
    if any(low >= high for low, high in pairwise(cuts)):
        raise ValueError(f"the cuts of a grade must rise, not {tuple(cuts)}")
    return sum(value >= cut for cut in cuts)


def distance_to(regions: Sequence[Region], landmark: tuple[float, float], grid: Grid) -> float:
    """Return the shortest distance of a deposit from a landmark, 0 inside the deposit.

    In the grid's length unit. Of outlines from their line, of masks from the edges of their pixels; under
    perspective both lie where the grid has them.

    Parameters
    ----------
    regions : sequence of Region
        Of one deposit, on a planar image.
    landmark : (float, float)
        ``(row, col)`` in pixels.
    grid : Grid
        Where the image's pixels lie.

    Raises
    ------
    ValueError
        If the image is not planar.
    """
    from shapely import Point, Polygon, distance

    if not grid.is_planar:
        raise ValueError("a landmark's distance is measured on planar images")
    point = Point(grid.locate([landmark])[0])
    shapes = [
        Polygon(grid.locate(outline.exterior), [grid.locate(hole) for hole in outline.holes])
        for outline in outlines_of(regions)
    ]
    return min(float(distance(shape, point)) for shape in shapes)


def outlines_of(regions: Sequence[Region]) -> tuple[Outline, ...]:
    """Return regions on a plane as outlines: of masks, the edges of their pixels."""
    return tuple(
        outline
        for region in regions
        for outline in (_edges(region) if isinstance(region, Mask) else (region,))
    )


def shared(outlines: Sequence[Outline], area: Sequence[Outline]) -> tuple[Outline, ...]:
    """Return what outlines, all together, have in common with an area on their plane; none where nothing."""
    from shapely import Polygon, get_parts, intersection, union_all

    drawn, within = (
        union_all([Polygon(outline.exterior, outline.holes) for outline in each]) for each in (outlines, area)
    )
    return tuple(
        Outline(exterior=part.exterior.coords, holes=tuple(hole.coords for hole in part.interiors))
        for part in get_parts(intersection(drawn, within))
        if part.geom_type == "Polygon" and part.area > 0
    )


def _edges(mask: Mask) -> tuple[Outline, ...]:
    from lesionkit.geometry import voxels

    return raster.edges(Mask(voxels=voxels.inside(mask), origin=mask.origin))
