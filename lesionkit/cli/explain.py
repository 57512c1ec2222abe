"""What ``--explain`` prints: why a response is what it is, and what an error is made of."""

from lesionkit.classification import REASONS
from lesionkit.cli.show import NOTHING_TO_COMPARE
from lesionkit.cli.terminal import escape, print_json, print_problems, printing
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import Evaluation, Response
from lesionkit.errors import InputError
from lesionkit.report import words
from lesionkit.report.explanation import (
    explain_discordances,
    explain_errors,
    explain_response,
    explain_scores,
)


def show_explanation(outcome: Outcome, *, as_json: bool, quiet: bool) -> None:
    """Print why each response of a patient is what it is, those on single deposits last."""
    rules = {criterion.name: criterion for criterion in outcome.criteria}
    told = [
        (response, explain_response(response, rules[response.criterion], REASONS))
        for response in (*outcome.responses, *outcome.track_responses)
        if response.evaluation is Evaluation.FOLLOW_UP
    ]
    if as_json:
        print_json(
            {
                "responses": [_named(response) | {"explanation": list(lines)} for response, lines in told],
                "scores": list(explain_scores(outcome.scores, REASONS)),
                "discordances": list(explain_discordances(outcome.discordances)),
            }
        )
        return
    with printing() as out:
        for line in explain_discordances(outcome.discordances):
            out.print(f"[bold]{escape(line)}[/]", soft_wrap=True)
        for line in explain_scores(outcome.scores, REASONS):
            out.print(escape(line), soft_wrap=True)
        if outcome.discordances or outcome.scores:
            out.print()
        for response, lines in told:
            of = f", deposit {response.track}" if response.track else ""
            title = f"{words.STREAMS[response.modality]}, {words.site(response.site)}{of}, {response.date}"
            out.print(f"[bold]{escape(title)}: {words.CATEGORIES[response.category].lower()}[/]")
            for line in lines:
                out.print(f"  {escape(line)}", soft_wrap=True)
            out.print()
        if not told:
            out.print(NOTHING_TO_COMPARE)
    print_problems(outcome.problems, quiet=quiet)


def _named(response: Response) -> dict[str, str | list[str] | None]:
    return {
        "modality": response.modality.value,
        "site": response.site,
        "track": response.track,
        "date": response.date.isoformat(),
        "category": response.category.value,
    }


def show_errors(outcome: Outcome, image: str, *, as_json: bool, quiet: bool) -> None:
    """Print what the error of each deposit on one image is made of.

    Raises
    ------
    InputError
        If no image of that id or place was measured.
    """
    places = {ref.location: ref.id for ref in outcome.cohort.images}
    wanted = places.get(image, image)
    found = [m for m in outcome.measurements if m.image == wanted]
    if not found:
        raise InputError(
            f"nothing was measured on an image {image!r}",
            hint="Name it as in the column image of measurements.csv, or by its path in the folder.",
        )
    lines = explain_errors(found)
    if as_json:
        print_json({"image": wanted, "explanation": list(lines)})
        return
    with printing() as out:
        for line in lines:
            out.print(escape(line), soft_wrap=True)
    print_problems(outcome.problems, quiet=quiet)
