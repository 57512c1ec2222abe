"""What was proposed, image by image."""

from lesionkit.cli.terminal import escape, print_json, print_problems, printing, table_of
from lesionkit.core.outcome import Severity
from lesionkit.pipeline import Suggestions


def show_suggestions(suggestions: Suggestions, *, as_json: bool, quiet: bool) -> None:
    """Print what was proposed for every image that nobody has read, with the file it stands in."""
    rows = [
        {
            "patient": found.patient,
            "date": str(found.date),
            "modality": found.ref.modality.value,
            "site": found.ref.site,
            "image": found.ref.location,
            "deposits": str(len(found.deposits)),
            "author": found.deposits[0].author if found.deposits else "",
            "file": "" if found.path is None else str(found.path),
        }
        for found in suggestions.found
    ]
    problems = suggestions.problems
    if as_json:
        told = [
            {"severity": p.severity.value, "code": p.code, "about": p.about, "text": p.text, "hint": p.hint}
            for p in problems
        ]
        typed = [row | {"deposits": int(row["deposits"])} for row in rows]
        print_json({"suggestions": typed, "problems": told})
        return
    columns = ("patient", "date", "modality", "image", "deposits", "author")
    table = table_of(*columns)
    for row in rows:
        table.add_row(*(escape(row[name]) for name in columns))
    deposits = sum(len(found.deposits) for found in suggestions.found)
    images = sum(bool(found.deposits) for found in suggestions.found)
    with printing() as out:
        if rows:
            out.print(table)
            out.print()
        out.print(f"Images without outlines: {len(rows)}. Proposed: {deposits} deposits on {images} of them.")
        if deposits:
            out.print("They count in nothing until somebody has looked at each and confirmed it.")
        for text, count in _reasons(suggestions):
            out.print(f"{count} × {escape(text)}")
    print_problems([p for p in problems if p.severity is not Severity.INFO], quiet=quiet)


def _reasons(suggestions: Suggestions) -> list[tuple[str, int]]:
    """Return why images got nothing, and how many of them."""
    counts: dict[str, int] = {}
    for problem in suggestions.problems:
        if problem.code == "nothing_suggested":
            counts[problem.text] = counts.get(problem.text, 0) + 1
    return sorted(counts.items(), key=lambda pair: -pair[1])
