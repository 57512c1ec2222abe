"""Tracks and sizes in, verdicts out: what is carried, how it changed, by which rule, and why."""

from lesionkit.classification.burden import burdens
from lesionkit.classification.criteria import CRITERIA, find_criterion
from lesionkit.classification.reasons import REASONS, Reason, problems_of
from lesionkit.classification.responses import classify

__all__ = ["CRITERIA", "REASONS", "Reason", "burdens", "classify", "find_criterion", "problems_of"]
