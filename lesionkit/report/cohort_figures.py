"""Which plots a cohort has, in the order a page shows them."""

from lesionkit.core.summary import CohortSummary
from lesionkit.report.cohort_bars import answer_bars, response_bars
from lesionkit.report.cohort_canvas import Figure
from lesionkit.report.cohort_spider import spiders
from lesionkit.report.cohort_swimmer import swimmers
from lesionkit.report.cohort_waterfall import waterfalls


def cohort_figures(summary: CohortSummary) -> tuple[Figure, ...]:
    """Return the plots of a cohort: those of which there is anything to show.

    Every number in them stands in the table that `Figure.source` names.
    """
    bars = (response_bars(summary), answer_bars(summary))
    found = [figure for figure in bars if figure is not None]
    return (*found, *waterfalls(summary), *spiders(summary), *swimmers(summary))
