"""The keys: none of napari's is stolen, each is explained, and the manual lists them as they are."""

from pathlib import Path

from napari.utils.shortcuts import default_shortcuts
from napari_lesionkit._dialogs import help_text
from napari_lesionkit._keys import ACTIONS, HELP, RENAME, tool_keys
from napari_lesionkit._tools import TOLD

PAGE = Path(__file__).parents[2] / "docs/reference/viewer.md"
OURS = [*(action.key for action in ACTIONS if action.key), *tool_keys(), RENAME, HELP]


def shown(key: str) -> str:
    return key.replace("Control", "Ctrl").replace("-", "+") if len(key) > 1 else key


def test_no_key_has_two_meanings() -> None:
    assert len(set(OURS)) == len(OURS)


def test_none_of_naparis_keys_is_stolen() -> None:
    theirs = {str(key) for keys in default_shortcuts.values() for key in keys}
    assert {shown(key) for key in OURS} & theirs == set()


def test_every_key_is_in_the_help_and_every_action_says_what_it_does() -> None:
    text = help_text()
    for key in OURS:
        assert f"<code>{shown(key)}</code>" in text
    for action in ACTIONS:
        assert action.help.endswith(".")
        assert not action.key or action.help in text


def test_the_manual_lists_the_keys_as_they_are() -> None:
    rows = [
        line.strip("| \n").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    told = {row[0].strip("`"): row[1:] for row in rows if row[0].startswith("`")}
    for action in ACTIONS:
        if action.key:
            assert told[shown(action.key)] == [action.label, action.help]
    for key, tool in tool_keys().items():
        assert told[key] == [TOLD[tool].label, TOLD[tool].help]
    assert {key for key in told if key not in ("F1", "F2")} >= {shown(key) for key in OURS} - {"F1", "F2"}
