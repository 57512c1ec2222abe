"""Outlines on planar images as GeoJSON, as QuPath reads and writes it.

Files hold ``[x, y]`` with the origin at the top-left corner of the top-left pixel; inside lesionkit
points are ``(row, col)`` with pixel centres on integers. The half pixel between the two is added
and taken off in `lesionkit.io.geojson.position` and nowhere else.
"""

from lesionkit.io.geojson.read import read_geojson
from lesionkit.io.geojson.write import write_outlines

__all__ = ["read_geojson", "write_outlines"]
