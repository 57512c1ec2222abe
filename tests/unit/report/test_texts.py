import re
from pathlib import Path

import pytest

import lesionkit.report
from lesionkit.report.scripts import script
from lesionkit.report.texts import texts

TEMPLATES = Path(lesionkit.report.__file__).parent / "templates"


def test_every_sentence_a_template_asks_for_is_there_and_none_is_left_over():
    asked = {
        name
        for path in TEMPLATES.glob("*.html")
        for name in re.findall(r"\bt\.([a-z_]+)", path.read_text(encoding="utf-8"))
    }
    assert asked == set(texts())


def test_no_sentence_bears_the_name_of_a_method_of_its_mapping():
    assert not {name for name in texts() if hasattr(texts(), name)}


ALLOWED = {"self", "file", "csv", "lesionkit", "cohort", "figures", "problems"}
"""Of the content policy; commands and files, which have one name in every language."""


@pytest.mark.parametrize("name", ["patient.html", "patient_parts.html", "index.html"])
def test_templates_hold_no_sentence_of_their_own(name):
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    bare = re.sub(r"<[^>]*>|&\w+;", " ", re.sub(r"\{[{%#].*?[}%#]\}", " ", text, flags=re.DOTALL))
    allowed = ALLOWED if name == "index.html" else set()
    assert set(re.findall(r"[A-Za-z]{3,}", bare)) <= allowed
    assert re.findall(r'(?:aria-label|placeholder|alt)="[^"{]*[A-Za-z]{3}', text) == []


def test_a_script_is_permitted_by_the_hash_of_all_that_stands_between_its_tags():
    found = script("patient.js")
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", found.permit)
    assert found.code.startswith('"use strict"')


def test_a_script_that_would_end_its_own_tag_is_refused(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: 'x = "</script>"')
    with pytest.raises(ValueError, match="end tag"):
        script("cohort.js", "patient.js", "cohort.js")
