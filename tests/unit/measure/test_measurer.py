"""What measures is found by entry points, lesionkit's own as anyone's."""

from dataclasses import dataclass

import pytest

from lesionkit.core.measurement import Dimension, Measure
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import ExtensionError
from lesionkit.measure import MEASURES, measure_deposits
from lesionkit.measure.measurer import MEASURERS, all_measures
from lesionkit.measure.size import size_of

SQUARE = Outline(exterior=[(2, 2), (2, 6), (6, 6), (6, 2)])


@dataclass(frozen=True)
class Counting:
    """Counts the pixels inside."""

    name: str = "pixels_inside"

    @property
    def measures(self):
        return (Measure(name=self.name, meaning="Pixels inside.", dimension=Dimension.NUMBER),)

    def measure(self, scene, /):
        for index, deposit in enumerate(scene.deposits):
            count = Quantity(value=float(len(scene.values(index))), unit=Unit.ONE)
            yield scene.found(deposit, self.name, count)


@pytest.fixture
def installed(monkeypatch):
    """Return what installs a measurer under a name."""
    own = {name: MEASURERS.load(name) for name in MEASURERS.names()}

    def install(name, measurer):
        monkeypatch.setattr(MEASURERS, "loaded", lambda: iter([*own.items(), (name, measurer)]))

    return install


def test_lesionkits_own_measurers_give_all_of_the_catalogue_each_once():
    assert [measure.name for measure in all_measures()] == list(MEASURES)
    given = [m.name for name in MEASURERS.names() for m in MEASURERS.load(name).measures]
    assert sorted(given) == sorted(MEASURES)


def test_what_another_package_measures_stands_behind_lesionkits_own(planar, installed):
    installed("counting", Counting())
    found = measure_deposits([Deposit(id="A", image="hand", regions=(SQUARE,))], planar())
    assert (found[-1].measure, found[-1].quantity.value) == ("pixels_inside", 25)
    assert (found[-1].image, found[-1].deposit) == ("hand", "A")
    assert found[0].measure == "area"
    assert all_measures()[-1].meaning == "Pixels inside."


def test_two_measures_of_one_name_are_refused(planar, installed):
    installed("rival", Counting(name="area"))
    with pytest.raises(ExtensionError, match="'rival'"):
        measure_deposits([Deposit(id="A", image="hand", regions=(SQUARE,))], planar())


def test_a_scene_sizes_every_deposit_once(planar, monkeypatch):
    sized = []

    def counted(regions, grid):
        sized.append(regions)
        return size_of(regions, grid)

    monkeypatch.setattr("lesionkit.measure.measurer.size_of", counted)
    measure_deposits([Deposit(id="A", image="hand", regions=(SQUARE,))], planar())
    assert len(sized) == 1
