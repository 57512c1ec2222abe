"""How far off a measurement may be, and why: one standard error for every size, with what it is made of."""

from lesionkit.measure.error.attach import with_errors
from lesionkit.measure.error.model import ERROR_MODELS, Boundary, ErrorModel

__all__ = ["ERROR_MODELS", "Boundary", "ErrorModel", "with_errors"]
