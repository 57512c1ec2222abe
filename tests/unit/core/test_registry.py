import math
from importlib.metadata import EntryPoint

import pytest

from lesionkit.core import registry
from lesionkit.core.registry import Registry
from lesionkit.errors import ExtensionError, MissingExtraError

GROUP = "lesionkit.criteria"


@pytest.fixture
def install(monkeypatch):
    """Return a function that makes these entry points the only ones installed."""

    def only(**values):
        points = [
            EntryPoint(name=name.rstrip("_"), value=value, group=GROUP) for name, value in values.items()
        ]
        monkeypatch.setattr(registry, "entry_points", lambda group: points if group == GROUP else [])
        return Registry(GROUP)

    return only


def test_names_are_sorted_and_known_before_anything_is_loaded(install):
    assert install(b="no.such.module:X", a="math:pi").names() == ("a", "b")


def test_a_plug_in_is_loaded_by_its_name(install):
    assert install(a="math:pi").load("a") == math.pi


def test_an_unknown_name_lists_what_there_is(install):
    with pytest.raises(ExtensionError) as raised:
        install(a="math:pi").load("b")
    assert raised.value.hint == "Choose one of: a."
    assert (raised.value.group, raised.value.name) == (GROUP, "b")


def test_a_package_that_is_missing_is_named_with_what_to_install(install):
    with pytest.raises(MissingExtraError, match="no_such_module") as raised:
        install(a="no_such_module:X").load("a")
    assert raised.value.hint.startswith("Install it: pip install")


def test_an_extra_that_is_missing_is_named(install):
    with pytest.raises(MissingExtraError) as raised:
        install(a="no_such_module:X [heif]").load("a")
    assert raised.value.hint == 'Install it: pip install "lesionkit[heif]"'


def test_a_plug_in_that_breaks_does_not_stop_the_others(install):
    found = install(broken="math:no_such_name", good="math:pi")
    assert [name for name, _ in found.loaded()] == ["good"]
    reasons = {extension.name: extension.reason for extension in found.extensions()}
    assert "cannot be loaded" in reasons["broken"]
    assert reasons["good"] == ""


def test_two_plug_ins_of_one_name_are_refused(install):
    found = install(a="math:pi", a_="math:e")
    with pytest.raises(ExtensionError, match="two packages"):
        found.names()


def test_one_plug_in_listed_twice_is_one(install):
    assert install(a="math:pi", a_="math:pi").names() == ("a",)


def test_what_ships_comes_through_the_same_door():
    shipped = {extension.name: extension for extension in Registry(GROUP).extensions()}
    assert "calcinosis-25" in shipped
    assert shipped["calcinosis-25"].origin == "lesionkit"
