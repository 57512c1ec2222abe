"""One image's coordinates carried onto another's, with checks that say when not to believe it."""

from lesionkit.align.comparability import compare_pictures
from lesionkit.align.grids import align_grids
from lesionkit.align.images import align
from lesionkit.align.nearby import carry_near
from lesionkit.align.sighted import Sighted

__all__ = ["Sighted", "align", "align_grids", "carry_near", "compare_pictures"]
