"""What other packages check their plug-ins with passes lesionkit's own, and fails what breaks a promise."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from making import write_photo

from lesionkit import testing
from lesionkit.classification.criteria import CRITERIA
from lesionkit.core.measurement import Dimension, Measure
from lesionkit.core.region import Mask
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity, Unit
from lesionkit.io.photo import READER
from lesionkit.measure.error import ERROR_MODELS
from lesionkit.measure.measurer import MEASURERS
from lesionkit.suggest import SUGGESTERS, Proposal


@pytest.mark.parametrize("name", MEASURERS.names())
def test_lesionkits_own_measurers_keep_their_promise(name):
    testing.check_measurer(MEASURERS.load(name))


@pytest.mark.parametrize("name", ERROR_MODELS.names())
def test_lesionkits_own_error_models_keep_their_promise(name):
    testing.check_error_model(ERROR_MODELS.load(name))


@pytest.mark.parametrize("name", CRITERIA.names())
def test_lesionkits_own_criteria_keep_their_promise(name):
    testing.check_criterion(CRITERIA.load(name))


@pytest.mark.parametrize("name", SUGGESTERS.names())
def test_lesionkits_own_suggesters_keep_their_promise(name):
    testing.check_suggester(SUGGESTERS.load(name))


def test_lesionkits_own_reader_of_photographs_keeps_its_promise(tmp_path):
    testing.check_reader(READER, write_photo(tmp_path / "hand.jpg"))


@dataclass(frozen=True)
class Faulty:
    """A measurer with one fault."""

    name: str = "roughness"
    gives: str = "roughness"
    unit: Unit = Unit.MM
    spoils: bool = False
    meaning: str = "How rough it is."

    @property
    def measures(self):
        return (Measure(name=self.name, meaning=self.meaning, dimension=Dimension.LENGTH),)

    def measure(self, scene, /):
        if self.spoils:
            scene.image.pixels.setflags(write=True)
            scene.image.pixels[...] = 0
        for deposit in scene.deposits:
            yield scene.found(deposit, self.gives, Quantity(value=1.0, unit=self.unit))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"name": "area", "gives": "area"}, "lesionkit's own"),
        ({"name": "Too Rough", "gives": "Too Rough"}, "small letters"),
        ({"gives": "smoothness"}, "does not name"),
        ({"unit": Unit.MM2}, "cannot be"),
        ({"unit": Unit.MM}, "without a scale"),
        ({"meaning": " "}, "what it means"),
        ({"spoils": True}, "changes the pixels"),
    ],
)
def test_a_measurer_that_breaks_its_promise_is_told_how(fault, said):
    with pytest.raises(AssertionError, match=said):
        testing.check_measurer(Faulty(**fault))


def test_an_error_without_a_source_is_told():
    class Mute:
        def errors_of(self, deposit, image, sizes, *, image_id, reader):
            return {"area": (ErrorTerm(name="outline", effect=1.0),)}

    with pytest.raises(AssertionError, match="where they come from"):
        testing.check_error_model(Mute())


def test_a_rule_without_a_citation_is_told():
    rule = replace(CRITERIA.load("calcinosis-25"), citation="")
    with pytest.raises(AssertionError, match="come from"):
        testing.check_criterion(rule)


def test_a_proposal_without_a_region_is_told():
    with pytest.raises(AssertionError, match="without a region"):
        testing.check_suggester(lambda image, /, *, earlier=None: (Proposal(regions=()),))
    whole = Mask(voxels=np.ones((2, 2), dtype=bool), origin=(0, 0))
    with pytest.raises(ValueError, match="axes"):
        testing.check_suggester(lambda image, /, *, earlier=None: (Proposal(regions=(whole,)),))


def test_an_exporter_that_writes_what_it_does_not_name_is_told(tmp_path):
    def writes(outcome, out, /, **more):
        out.mkdir()
        (out / "a.txt").write_text("a")
        (out / "b.txt").write_text("b")
        return (out / "a.txt",)

    with pytest.raises(AssertionError, match=r"b\.txt"):
        testing.check_exporter(writes, None)
    with pytest.raises(AssertionError, match="not written"):
        testing.check_exporter(lambda outcome, out, /, **more: (out / "c.txt",), None)
