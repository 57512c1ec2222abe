"""The one place where stages meet: from a folder to an outcome."""

from lesionkit.pipeline.agreement import agree, remember_errors, write_agreement
from lesionkit.pipeline.card import write_card
from lesionkit.pipeline.cohort import (
    must_be_drawable,
    run_and_summarise,
    summarise,
    summarise_outcome,
    write_figures,
    write_questionnaire_template,
    write_summary,
)
from lesionkit.pipeline.engine import Engine, Progress, Step
from lesionkit.pipeline.examine import Examination, examine
from lesionkit.pipeline.place import must_be_writable
from lesionkit.pipeline.publish import (
    derivatives,
    export,
    kept_in,
    must_be_exporter,
    must_be_outside,
    must_be_printable,
    print_patients,
    write_pages,
    write_tables,
)
from lesionkit.pipeline.run import check, run, run_on
from lesionkit.pipeline.seeing import Seen, look_into, measure_drawn
from lesionkit.pipeline.suggesting import Suggestions, suggest

__all__ = [
    "Engine",
    "Examination",
    "Progress",
    "Seen",
    "Step",
    "Suggestions",
    "agree",
    "check",
    "derivatives",
    "examine",
    "export",
    "kept_in",
    "look_into",
    "measure_drawn",
    "must_be_drawable",
    "must_be_exporter",
    "must_be_outside",
    "must_be_printable",
    "must_be_writable",
    "print_patients",
    "remember_errors",
    "run",
    "run_and_summarise",
    "run_on",
    "suggest",
    "summarise",
    "summarise_outcome",
    "write_agreement",
    "write_card",
    "write_figures",
    "write_pages",
    "write_questionnaire_template",
    "write_summary",
    "write_tables",
]
