"""Photographs and radiographs to grids: where an image's millimetres come from."""

from lesionkit.calibrate.scale import scale_of

__all__ = ["scale_of"]
