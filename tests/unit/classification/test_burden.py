import pytest
from histories import GONE, UNSEEN, day, history

from lesionkit.classification.burden import burden_at, burdens, measure_of, sizes_of
from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure
from lesionkit.core.units import Quantity, Unit

AREA = BurdenMeasure.AREA


def test_burdens_are_summed_over_tracks_and_parts_at_every_timepoint():
    given = history({"hand": {"T1": [10.0, (4.0, 3.0)], "T2": [5.0, GONE]}}, error=0.5)
    first, second = burdens(given.tracks, given.measurements, measure=AREA, modality=Modality.XC)
    assert first.quantity.value == 15.0
    assert first.quantity.standard_error == pytest.approx(0.5**0.5)
    assert second.quantity.value == 7.0
    assert (second.present, second.absent, second.unseen) == (("T1",), ("T2",), ())
    assert second.scale_sources == {ScaleSource.MARKER}
    assert second.is_complete


def test_an_unseen_track_is_not_counted_and_makes_the_burden_incomplete():
    given = history({"hand": {"T1": [10.0, 10.0], "T2": [5.0, UNSEEN]}})
    burden = burdens(given.tracks, given.measurements, measure=AREA, modality=Modality.XC)[1]
    assert burden.quantity.value == 10.0
    assert burden.unseen == ("T2",)
    assert not burden.is_complete


def test_nothing_seen_is_no_quantity_and_nothing_there_is_zero():
    given = history({"hand": {"T1": [10.0, UNSEEN, GONE]}})
    _, unseen, gone = burdens(given.tracks, given.measurements, measure=AREA, modality=Modality.XC)
    assert unseen.quantity is None
    assert not unseen.is_read
    assert gone.quantity.value == 0
    assert gone.is_complete


def test_mm_and_px_are_not_added():
    given = history({"hand": {"T1": [10.0]}, "foot": {"T1": [5.0]}})
    foot = given.measurements[1]
    px = type(foot)(
        image=foot.image,
        deposit=foot.deposit,
        measure="area",
        quantity=Quantity(value=5.0, unit=Unit.PX2),
        scale_source=ScaleSource.NONE,
    )
    sizes = sizes_of((given.measurements[0], px), measure=AREA)
    burden = burden_at(given.tracks, sizes, day(0))
    assert burden.quantity is None
    assert burden.present == ("hand/T1", "foot/T1")


def test_one_deposit_without_a_size_leaves_the_sum_unknown():
    given = history({"hand": {"T1": [10.0], "T2": [5.0]}}, unmeasured=[("T2", 0)])
    assert burden_at(given.tracks, sizes_of(given.measurements, measure=AREA), day(0)).quantity is None


def test_one_unknown_error_leaves_the_error_of_the_sum_unknown():
    given = history({"hand": {"T1": [10.0], "T2": [5.0]}})
    assert burden_at(given.tracks, sizes_of(given.measurements, measure=AREA), day(0)).quantity == Quantity(
        value=15.0, unit=Unit.MM2
    )


def test_size_must_be_resolved_before_it_is_looked_up():
    with pytest.raises(ValueError, match="measure_of"):
        sizes_of((), measure=BurdenMeasure.SIZE)
    assert measure_of(BurdenMeasure.SIZE, Modality.MR) is BurdenMeasure.VOLUME
    assert measure_of(BurdenMeasure.LONG_AXIS, Modality.MR) is BurdenMeasure.LONG_AXIS


def test_a_day_without_a_sighting_is_unseen():
    given = history({"hand": {"T1": [10.0]}})
    burden = burden_at(given.tracks, sizes_of(given.measurements, measure=AREA), day(7))
    assert burden.unseen == ("T1",)
