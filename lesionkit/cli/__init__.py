"""The command line: commands call the pipeline and print; they hold no logic of their own."""

import errno
import sys
from collections.abc import Sequence

from lesionkit.errors import LesionkitError

INTERRUPTED = 130
_HINTS = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room, or name another place with --out.")
_HINTS |= dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Name a place you may write to with --out.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done; 1 done, with problems of severity error; 2 could not start; 130 interrupted. A traceback
    is shown only with ``--debug``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _print_any_name()
    try:
        code = _run(arguments)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except LesionkitError as error:
        if "--debug" in arguments:
            raise
        _say(error.message, error.hint)
        return 2
    except OSError as error:
        if "--debug" in arguments:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}", _HINTS.get(error.errno or 0, "See more with --debug."))
        return 2
    if code == INTERRUPTED:
        resumes = not {"measure", "compare", "report", "agree"}.isdisjoint(arguments)
        _say("interrupted", "The same command picks up where this one stopped." if resumes else "")
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from lesionkit.cli.app import app

    # Typer carries a click of its own, or uses the installed one, by its version.
    (refusal,) = (k for k in typer.BadParameter.__mro__ if k.__name__ == "ClickException")
    try:
        code = app(arguments, prog_name="lesionkit", standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except SystemExit:
        return 0  # no command exits so: it is typer, whose help went into a pipe that was closed early
    except Exception as error:
        if not isinstance(error, refusal):
            raise
        _say_misuse(error)
        return 2
    return code if isinstance(code, int) else 0


def _say_misuse(error: BaseException) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":
        return  # the help has been printed
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "lesionkit"
    said = error.format_message()  # type: ignore[attr-defined]
    _say(" ".join(said.split()), f"Try: {command} --help")


def _say(message: str, hint: str) -> None:
    from lesionkit.cli.terminal import visible

    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    sys.stderr.write(visible(f"lesionkit: {sentence}{' ' * bool(hint)}{hint}") + "\n")


def _print_any_name() -> None:
    """Let no file name and no terminal's alphabet stop the printing: what it lacks becomes ``?``."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
