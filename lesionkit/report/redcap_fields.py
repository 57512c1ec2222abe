"""The fields of a REDCap project that holds what was measured: names, types and choices."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from lesionkit.core.cohort import Answer, yes_or_no
from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Role, Status
from lesionkit.core.response import BurdenMeasure, Category, Evaluation
from lesionkit.report.cells import Cell, Row, cell_text
from lesionkit.report.definitions import meaning_of
from lesionkit.report.rows import MEASUREMENT_COLUMNS, RESPONSE_COLUMNS

DICTIONARY_COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
LONGEST_NAME = 26
"""Characters of a field's name that REDCap recommends; it takes 100."""

_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_DATES = ("date", "baseline_date", "nadir_date")
_WORDS = frozenset(
    {
        *("site", "image", "deposit", "track", "intensity_unit"),
        *("unit", "criterion", "label", "reasons"),
    }
)
_CHOICES: Mapping[str, type[StrEnum]] = {
    "modality": Modality,
    "status": Status,
    "role": Role,
    "scale_source": ScaleSource,
    "evaluation": Evaluation,
    "measure": BurdenMeasure,
    "category": Category,
}
_LEFT_OUT = frozenset({"patient", "author"})
"""Of the tables' columns: the record's name says the first, and a reader's name need not travel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an instrument.

    Parameters
    ----------
    name, form : str
        Lower-case letters, digits and underscores.
    label, note : str
        As shown; HTML and piping in what users wrote are taken away.
    kind : str
        ``text``, ``notes``, ``dropdown`` or ``yesno``.
    validation : str
        ``date_ymd``, ``number`` or nothing.
    choices : tuple of (str, str)
        Codes and labels.
    write : callable
        Returns how REDCap wants a value; ``""`` for what is not known.
    """

    name: str
    form: str
    label: str
    write: Callable[[Cell], str]
    kind: str = "text"
    validation: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def row(self) -> Row:
        """The field's line of the data dictionary."""
        known = {
            "Variable / Field Name": self.name,
            "Form Name": self.form,
            "Field Type": self.kind,
            "Field Label": self.label,
            "Choices, Calculations, OR Slider Labels": " | ".join(
                f"{c}, {label}" for c, label in self.choices
            ),
            "Field Note": self.note,
            "Text Validation Type OR Show Slider Number": self.validation,
        }
        return {column: known.get(column) or None for column in DICTIONARY_COLUMNS}


def plain(text: str) -> str:
    r"""Return a text on one line, without control characters.

    Examples
    --------
    >>> plain("left\nhand")
    'left hand'
    """
    return " ".join(_UNPRINTED.sub(" ", text).split())


def shown(text: str) -> str:
    """Return a text as REDCap shows it as it is: neither markup nor the name of a field to be filled in.

    Examples
    --------
    >>> shown("<b> [record_id]")
    '&lt;b&gt; &#91;record_id&#93;'
    """
    return escape(plain(text), quote=False).replace("[", "&#91;").replace("]", "&#93;")


def table_fields(table: str) -> Mapping[str, Field]:
    """Return the fields of ``measurements`` or ``responses``, by the table's column."""
    columns = {"measurements": MEASUREMENT_COLUMNS, "responses": RESPONSE_COLUMNS}[table]
    return {column: _field(table, column) for column in columns if column not in _LEFT_OUT}


def _field(table: str, column: str) -> Field:
    form = {"measurements": "measurement", "responses": "response"}[table]
    told = meaning_of(table, column)
    note = f"{told['meaning']} ({told['unit']})" if told["unit"] else told["meaning"]
    name, label = f"{form[0]}_{column}", column.replace("_", " ")
    if column in _CHOICES:
        choices = tuple((_code(one.value), one.value) for one in _CHOICES[column])
        return Field(
            name=name, form=form, label=label, note=note, kind="dropdown", choices=choices, write=_write_code
        )
    if column in _WORDS:
        return Field(name=name, form=form, label=label, note=note, write=_write_text)
    kind = "date_ymd" if column in _DATES else "number"
    return Field(name=name, form=form, label=label, note=note, validation=kind, write=cell_text)


def _code(value: str) -> str:
    return value.replace("-", "_")


def _write_code(cell: Cell) -> str:
    return _code(cell_text(cell))


def _write_text(cell: Cell) -> str:
    return plain(cell_text(cell))


def _write_yes(cell: Cell) -> str:
    return {True: "1", False: "0", None: ""}[yes_or_no(cell_text(cell))]


def _write_number(cell: Cell) -> str:
    return cell_text(cell).strip().replace(",", ".")


def answer_fields(answers: Iterable[Answer]) -> Mapping[str, Field]:
    """Return a field for each item of a questionnaire, by the item without case and blanks.

    An item that was only ever answered yes or no is one of yes and no, one of numbers a number, any
    other a text.
    """
    items: dict[str, list[Answer]] = {}
    for answer in answers:
        items.setdefault(folded(answer.item), []).append(answer)
    found: dict[str, Field] = {}
    taken = {"q_date"}
    for key in sorted(items):
        name = _name(key, taken=taken)
        taken.add(name)
        found[key] = _item(name, items[key])
    return found


def folded(text: str) -> str:
    """Return a text without what does not tell items apart: case, and blanks beyond one."""
    return " ".join(text.split()).casefold()


def _item(name: str, answers: Sequence[Answer]) -> Field:
    label = shown(answers[0].item)[:1000]
    if all(yes_or_no(answer.text) is not None for answer in answers):
        return Field(name=name, form="questionnaire", label=label, kind="yesno", write=_write_yes)
    if all(_is_number(answer.text) for answer in answers):
        return Field(name=name, form="questionnaire", label=label, validation="number", write=_write_number)
    return Field(name=name, form="questionnaire", label=label, kind="notes", write=_write_text)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,15}([.,]\d{1,15})?", text.strip(), flags=re.ASCII) is not None


def _name(item: str, *, taken: set[str]) -> str:
    ascii_only = unicodedata.normalize("NFKD", item).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_") or "item"
    name = f"q_{words}"[:LONGEST_NAME].rstrip("_")
    number = 1
    while name in taken:
        number += 1
        end = f"_{number}"
        name = f"q_{words}"[: LONGEST_NAME - len(end)].rstrip("_") + end
    return name
