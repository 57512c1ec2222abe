"""Deposits over time become tracks: a person's names first, then overlap, then proximity."""

from lesionkit.track.link import link_deposits

__all__ = ["link_deposits"]
