"""Proposed outlines: what a click, a box, a few anchors or an earlier timepoint say of where a deposit ends.

Nothing here decides. Every result is a line or voxels for a person to look at, correct and confirm.
"""

from lesionkit.suggest.boxed import outline_box
from lesionkit.suggest.calcium import propose_calcium
from lesionkit.suggest.carrying import carry_deposit
from lesionkit.suggest.edges import settle
from lesionkit.suggest.grow import grow
from lesionkit.suggest.lasso import threshold_within
from lesionkit.suggest.scribble import outline_scribble
from lesionkit.suggest.skeleton import find_skeleton
from lesionkit.suggest.snap import snap
from lesionkit.suggest.suggesters import SUGGESTERS, Earlier, Proposal, Suggester

__all__ = [
    "SUGGESTERS",
    "Earlier",
    "Proposal",
    "Suggester",
    "carry_deposit",
    "find_skeleton",
    "grow",
    "outline_box",
    "outline_scribble",
    "propose_calcium",
    "settle",
    "snap",
    "threshold_within",
]
