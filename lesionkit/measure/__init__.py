"""Region and grid to quantities: what is measured of a deposit, and how."""

from lesionkit.measure.catalogue import MEASURES
from lesionkit.measure.deposits import measure_deposits
from lesionkit.measure.labels import measure_labels

__all__ = ["MEASURES", "measure_deposits", "measure_labels"]
