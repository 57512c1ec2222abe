"""Pure shape arithmetic: polygons, rasters, voxels. No units, no files: numbers in, numbers out."""
