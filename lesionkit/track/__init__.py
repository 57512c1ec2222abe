"""Deposits over time become tracks: a person's names first, then overlap, then proximity."""

from lesionkit.track.doubts import Doubt, doubt_names, unknown_marks
from lesionkit.track.link import link_deposits

__all__ = ["Doubt", "doubt_names", "link_deposits", "unknown_marks"]
