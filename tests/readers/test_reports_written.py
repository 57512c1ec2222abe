"""What a structured report says comes back: regions, numbers with errors, verdicts, timepoint, identity."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date

import numpy as np
import pydicom
import pytest
from dicoms import dataset, save
from drawn import content, contour, group, item, on_plane, square, write_rtstruct, write_sr
from making import write_outlines, write_series

import lesionkit as lk
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import ReadError
from lesionkit.io.dicom.sr_numbers import read_numbers
from lesionkit.pipeline import export

DAYS = (date(2012, 3, 1), date(2012, 9, 17), date(2013, 3, 1))
UID = "1.2.826.0.1.3680043.8.498.8{}"
AFFINE = np.array([[0, 0, 0.7, -10.0], [0, 0.6, 0, 5.0], [-2.5, 0, 0, 12.5], [0, 0, 0, 1]])
CODES = {"area": "42798000", "volume": "118565006", "long_axis": "103339001", "short_axis": "103340004"}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Three visits: a CT with a deposit that shrinks; a radiograph at the first and the last."""
    root = tmp_path_factory.mktemp("cohort")
    for number, day in enumerate(DAYS):
        place, uid = root / "P01" / day.isoformat(), UID.format(number)
        write_series(place / "ct", day=day, uid=uid)
        ring = square((3.6, 5.6), (12.4 - 3 * number, 20.4))
        lines = [contour(on_plane(AFFINE, plane, ring)) for plane in (1, 2, 3)]
        write_rtstruct(place / "RS.dcm", {"thumb": lines}, series=uid)
        if number != 1:
            xray = dataset(
                "DX", np.full((60, 80), 100, np.uint16), StudyInstanceUID=f"{uid}.100",
                SeriesInstanceUID=f"{uid}.300", SOPInstanceUID=f"{uid}.301", PixelSpacing=[0.2, 0.3],
                StudyDate=day.strftime("%Y%m%d"), BodyPartExamined="HAND", PatientID="P01",
                PixelSpacingCalibrationType="FIDUCIAL",
            )  # fmt: skip
            save(xray, place / "xray" / "IM0001.dcm")
            write_outlines(place / "xray" / "IM0001.dcm", {"wrist": (10, 12, 20, 30 - 5 * number)})
    return root


def sized(quantity, error):
    return Quantity(value=quantity.value, unit=quantity.unit, standard_error=error)


@pytest.fixture(scope="module")
def outcome(cohort):
    """What was measured, every size with an error that is its own, every change with limits."""
    found = lk.run(cohort, jobs=1)
    sure = [
        replace(m, quantity=sized(m.quantity, 0.01 * number + m.quantity.value / 37))
        for number, m in enumerate(found.measurements)
    ]
    limits = [
        replace(r, change_pct_limits=None if r.change_pct is None else (r.change_pct - 7.5, r.change_pct + 9))
        for r in found.responses
    ]
    return replace(found, measurements=tuple(sure), responses=tuple(limits))


@pytest.fixture(scope="module")
def reports(outcome, tmp_path_factory):
    """The reports by image."""
    folder = tmp_path_factory.mktemp("sr")
    export(outcome, "dicom-sr", folder)
    found = {}
    for path in sorted(folder.rglob("*.report.dcm")):
        day, name = path.relative_to(folder).parts[1], path.name.split(".")[0]
        found[day, name] = path
    assert len(found) == 5
    return found


def of_deposit(path):
    (said,) = (one for one in read_numbers(path) if one.identifier in ("thumb", "wrist"))
    return said


def test_every_number_comes_back_with_its_error(outcome, reports):
    told = {}
    for m in outcome.measurements:
        if m.measure in CODES:
            told.setdefault(m.image, {})[CODES[m.measure]] = m.quantity
    assert len(told) == 5
    by_image = {ref.id: ref for ref in outcome.cohort.images}
    for image, expected in told.items():
        parts = by_image[image].location.split("/")
        said = of_deposit(reports[parts[1], "ct" if parts[2] == "ct" else "IM0001"])
        assert set(said.numbers) == set(expected)
        for code, quantity in expected.items():
            found = said.numbers[code]
            assert found.unit is quantity.unit
            assert found.value == pytest.approx(quantity.value, rel=1e-12)
            assert found.standard_error == pytest.approx(quantity.standard_error, rel=1e-12)


def test_a_standard_reader_finds_the_95_percent_range_in_the_number_s_unit(outcome, reports):
    (ref,) = (r for r in outcome.cohort.images if r.location.endswith(f"{DAYS[0]}/ct"))
    (truth,) = (m.quantity for m in outcome.measurements if (m.image, m.measure) == (ref.id, "volume"))
    groups = pydicom.dcmread(reports[DAYS[0].isoformat(), "ct"]).ContentSequence[-1].ContentSequence
    volumes = [
        one for g in groups for one in g.ContentSequence
        if one.ConceptNameCodeSequence[0].get("CodeValue") == CODES["volume"]
    ]  # fmt: skip
    ranges = [
        part.MeasuredValueSequence[0] for part in volumes[0].ContentSequence
        if part.ConceptNameCodeSequence[0].get("CodeValue") == "371884006"
    ]  # fmt: skip
    assert [part.MeasurementUnitsCodeSequence[0].CodeValue for part in ranges] == ["mm3"]
    assert float(ranges[0].NumericValue) == pytest.approx(1.96 * truth.standard_error, rel=1e-4)


def test_a_number_without_an_error_is_written_without_one(outcome, tmp_path):
    bare = [replace(m, quantity=sized(m.quantity, None)) for m in outcome.measurements]
    export(replace(outcome, measurements=tuple(bare)), "dicom-sr", tmp_path)
    for path in tmp_path.rglob("*.report.dcm"):
        assert {q.standard_error for q in of_deposit(path).numbers.values()} == {None}


def test_the_change_s_limits_stand_on_either_side_of_it(outcome, reports):
    path = reports[DAYS[2].isoformat(), "ct"]
    groups = pydicom.dcmread(path).ContentSequence[-1].ContentSequence
    (change,) = (
        one for g in groups for one in g.ContentSequence
        if one.ConceptNameCodeSequence[0].get("CodeValue") == "CHANGE_BASELINE"
    )  # fmt: skip
    sides = {
        part.ConceptNameCodeSequence[0].CodeValue: float(part.MeasuredValueSequence[0].NumericValue)
        for part in change.ContentSequence
    }
    assert sides == pytest.approx({"371886008": 9, "371885007": 7.5})


def test_verdicts_come_back_as_qualitative_evaluations(outcome, reports):
    for response in outcome.track_responses:
        if response.modality == "CT" and response.evaluation == "follow-up":
            said = of_deposit(reports[response.date.isoformat(), "ct"])
            assert said.verdicts["RESPONSE"].value == response.category
            assert said.verdicts["RESPONSE"].scheme == "99LESIONKIT"
            assert said.verdicts["112021"].value == response.criterion
            assert said.verdicts["REASON"].value == response.reasons[0]
    assert "RESPONSE" not in of_deposit(reports[DAYS[0].isoformat(), "ct"]).verdicts


@pytest.mark.parametrize(("name", "visits"), [("ct", ((0, 1), (1, 2), (2, 3))), ("IM0001", ((0, 1), (2, 2)))])
def test_each_group_says_which_timepoint_of_its_site_it_is_of(reports, name, visits):
    for visit, order in visits:
        for said in read_numbers(reports[DAYS[visit].isoformat(), name]):
            assert (said.order, said.days) == (order, (DAYS[visit] - DAYS[0]).days)


def test_the_baseline_is_called_so_and_no_date_stands_in_the_text(reports):
    for (day, _), path in reports.items():
        report = pydicom.dcmread(path)
        words = str(report.ContentSequence)
        assert ("C1442488" in words) is (day == DAYS[0].isoformat())
        assert day not in words
        assert day.replace("-", "") not in words


def test_one_tracking_uid_stays_for_life(outcome, reports):
    for name in ("ct", "IM0001"):
        uids = {of_deposit(path).uid for (_, image), path in reports.items() if image == name}
        assert uids <= {track.uid for track in outcome.tracks}
        assert len(uids) == 1


def test_written_reports_keep_the_standard(reports):
    judge, dump = shutil.which("dciodvfy"), shutil.which("dsrdump")
    if judge is None or dump is None:
        pytest.skip("dciodvfy (package dicom3tools) or dsrdump (dcmtk) is not installed")
    for path in reports.values():
        done = subprocess.run([judge, path], capture_output=True, text=True, check=False)
        said = (done.stdout + done.stderr).splitlines()
        assert [line for line in said if line.startswith("Error")] == [], path.name
        done = subprocess.run([dump, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("range of measurement uncertainty") >= 3
        assert "Time Point Order" in done.stdout


def test_what_a_report_holds_is_read_as_the_same_regions(cohort, outcome, reports, tmp_path):
    shutil.copytree(cohort, tmp_path / "c", ignore=shutil.ignore_patterns("*.geojson", "RS.dcm"))
    for (day, name), path in reports.items():
        shutil.copy(path, tmp_path / "c" / "P01" / day / f"{name}.report.dcm")
    again = lk.run(tmp_path / "c", jobs=1)
    assert not again.has_errors
    before = {d.image: d for d in outcome.deposits}
    assert {d.image for d in again.deposits} == set(before)
    for deposit in again.deposits:
        ours = before[deposit.image]
        assert deposit.name == ours.name
        for region, old in zip(deposit.regions, ours.regions, strict=True):
            assert region.plane == old.plane
            assert region.exterior == pytest.approx(old.exterior, abs=1e-5)


def number(name, value, unit, *parts, **elements):
    measured = item(NumericValue=str(value), MeasurementUnitsCodeSequence=[item(CodeValue=unit)], **elements)
    made = content("NUM", name, MeasuredValueSequence=[measured])
    if parts:
        made.ContentSequence = list(parts)
    return made


def test_centimetres_become_millimetres_and_strange_units_are_left_out(tmp_path):
    spread = number("371884006", 5, "cm2")
    numbers = (number("42798000", 2, "cm2", spread), number("118565006", 3, "ml"), number("1", 4, "furlong"))
    (said,) = read_numbers(write_sr(tmp_path / "sr.dcm", group("thumb", *numbers)))
    # What others mean by a range is not known.
    assert said.numbers == {
        "42798000": Quantity(value=200, unit=Unit.MM2),
        "118565006": Quantity(value=3000, unit=Unit.MM3),
    }
    assert (said.order, said.days, said.verdicts) == (None, None, {})


def test_a_broken_report_is_one_clear_error(tmp_path, reports):
    whole = reports[DAYS[0].isoformat(), "ct"].read_bytes()
    (tmp_path / "a.dcm").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(ReadError) as caught:
        read_numbers(tmp_path / "a.dcm")
    assert "\n" not in caught.value.message
