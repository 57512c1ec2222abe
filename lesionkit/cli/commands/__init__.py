"""One module per command; each only hands its options to the pipeline and prints what comes back."""

from collections.abc import Callable, Mapping

from lesionkit.cli.commands.agree import agree_folder
from lesionkit.cli.commands.annotate import annotate
from lesionkit.cli.commands.card import card
from lesionkit.cli.commands.check import check_folder
from lesionkit.cli.commands.cohort import cohort
from lesionkit.cli.commands.compare import compare
from lesionkit.cli.commands.export import export_folder
from lesionkit.cli.commands.measure import measure
from lesionkit.cli.commands.phantom import phantom
from lesionkit.cli.commands.plugins import plugins
from lesionkit.cli.commands.report import report
from lesionkit.cli.commands.suggest import suggest_outlines

COMMANDS: Mapping[str, Callable[..., None]] = {
    "check": check_folder,
    "measure": measure,
    "compare": compare,
    "report": report,
    "cohort": cohort,
    "agree": agree_folder,
    "annotate": annotate,
    "suggest": suggest_outlines,
    "export": export_folder,
    "card": card,
    "phantom": phantom,
    "plugins": plugins,
}
"""Every command by its name, in the order of the help."""
