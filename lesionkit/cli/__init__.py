"""The command line: commands call the pipeline and print; they hold no logic of their own."""

import sys
from collections.abc import Sequence

from lesionkit.errors import LesionkitError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done; 1 done, with problems of severity error; 2 could not start; 130 interrupted. A traceback
    is shown only with ``--debug``.
    """
    from lesionkit.cli.app import app

    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        app(arguments, prog_name="lesionkit")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except LesionkitError as error:
        if "--debug" in arguments:
            raise
        sys.stderr.write(f"lesionkit: {_sentence(error.message)}{' ' * bool(error.hint)}{error.hint}\n")
        return 2
    except BrokenPipeError:
        # The reader of a pipe has seen enough; what remains in the buffer has nowhere to go.
        sys.stdout = None
        return 0
    return 0


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
