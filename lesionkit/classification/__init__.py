"""Tracks and sizes in, verdicts out: what is carried, how it changed, by which rule, and why."""

from lesionkit.classification.burden import burdens
from lesionkit.classification.course import best_response, discordances, waterfall
from lesionkit.classification.criteria import CRITERIA, find_criterion
from lesionkit.classification.reasons import REASONS, Reason, problems_of
from lesionkit.classification.responses import classify
from lesionkit.classification.scores import classify_scores

__all__ = [
    "CRITERIA",
    "REASONS",
    "Reason",
    "best_response",
    "burdens",
    "classify",
    "classify_scores",
    "discordances",
    "find_criterion",
    "problems_of",
    "waterfall",
]
