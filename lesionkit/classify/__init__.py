"""Tracks and sizes in, verdicts out: what is carried, how it changed, by which rule, and why."""

from lesionkit.classify.burden import burdens
from lesionkit.classify.criteria import CRITERIA, find_criterion
from lesionkit.classify.reasons import REASONS, Reason, problems_of
from lesionkit.classify.responses import classify

__all__ = ["CRITERIA", "REASONS", "Reason", "burdens", "classify", "find_criterion", "problems_of"]
