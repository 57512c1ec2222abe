"""What was taken out of the body between two CTs is no response: said by a segment's name alone."""

import csv
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
import SimpleITK
from dicoms import dataset, save
from drawn import contour, on_plane, square, write_rtstruct
from highdicom.sr.coding import CodedConcept
from making import write_outlines, write_series

import lesionkit as lk
from lesionkit.core.outcome import Outcome
from lesionkit.pipeline import export

Run = Callable[..., tuple[int, str, str]]
Boxes = Mapping[str, tuple[slice, slice, slice]]

DAYS = (date(2012, 3, 1), date(2013, 3, 1), date(2014, 3, 1))
UID = "1.2.826.0.1.3680043.8.498.8"
SHAPE = (6, 20, 30)
AFFINE = np.array([[0, 0, 0.7, -10.0], [0, 0.6, 0, 5.0], [-2.5, 0, 0, 12.5], [0, 0, 0, 1]])
"""Of the series: planes follow one another downwards."""
THUMB = np.s_[1:3, 2:6, 3:8]
ELBOW = np.s_[3:5, 10:14, 18:25]
WRIST = np.s_[1:3, 12:16, 4:9]
VOXEL_MM3 = 2.5 * 0.6 * 0.7


def _write_seg(place: Path, boxes: Boxes, described: Mapping[str, str] | None = None) -> None:
    sources = [pydicom.dcmread(path) for path in sorted((place / "ct").iterdir())]
    for source in sources:
        source.PatientBirthDate = source.PatientSex = source.StudyTime = source.StudyID = ""
        source.AccessionNumber = source.ReferringPhysicianName = source.Manufacturer = ""
    # Files run upwards, planes downwards.
    pixels = np.stack([_labels({name: box})[::-1] > 0 for name, box in boxes.items()], axis=-1)
    made = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=pixels.astype(np.uint8),
        segmentation_type="BINARY",
        segment_descriptions=[
            hd.seg.SegmentDescription(
                segment_number=number,
                segment_label=name,
                segmented_property_category=CodedConcept("49755003", "SCT", "Morphologically Abnormal"),
                segmented_property_type=CodedConcept("18115005", "SCT", "Pathologic calcification"),
                algorithm_type="MANUAL",
            )
            for number, name in enumerate(boxes, start=1)
        ],
        series_instance_uid=f"{sources[0].SeriesInstanceUID}.5",
        series_number=2,
        sop_instance_uid=f"{sources[0].SeriesInstanceUID}.6",
        instance_number=1,
        manufacturer="another program",
        manufacturer_model_name="b",
        software_versions="1",
        device_serial_number="2",
    )
    for segment in made.SegmentSequence:
        segment.SegmentDescription = (described or {}).get(segment.SegmentLabel, "Calcification")
    made.save_as(place / "seg.dcm")


def _write_described_seg(place: Path, boxes: Boxes) -> None:
    """Write what stands in brackets into SegmentDescription instead."""
    parts = {name: name.rstrip(")").partition(" (")[::2] for name in boxes}
    described = {name: word for name, word in parts.values() if word}
    _write_seg(place, {parts[name][0]: box for name, box in boxes.items()}, described)


def _write_slicer(place: Path, boxes: Boxes) -> None:
    image = SimpleITK.GetImageFromArray(_labels(boxes)[::-1])
    image.SetSpacing((0.7, 0.6, 2.5))
    image.SetOrigin((-10.0, 5.0, 0.0))
    for number, name in enumerate(boxes):
        told = {"ID": f"Segment_{number}", "Name": name, "LabelValue": number + 1, "Layer": 0}
        for key, value in told.items():
            image.SetMetaData(f"Segment{number}_{key}", str(value))
    SimpleITK.WriteImage(image, str(place / "ct.outlines.seg.nrrd"))


def _write_structures(place: Path, boxes: Boxes) -> None:
    lines = {}
    for name, (planes, rows, cols) in boxes.items():
        ring = square((rows.start - 0.5, cols.start - 0.5), (rows.stop - 0.5, cols.stop - 0.5))
        on = [on_plane(AFFINE, plane, ring) for plane in range(planes.start, planes.stop)]
        lines[name] = [contour(points) for points in on]
    series = pydicom.dcmread(next((place / "ct").iterdir())).SeriesInstanceUID
    write_rtstruct(place / "RS.dcm", lines, series=series, frame_of_reference=f"{UID}.200")


def _labels(boxes: Boxes) -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    for value, box in enumerate(boxes.values(), start=1):
        labels[box] = value
    return labels


CARRIERS = [_write_seg, _write_described_seg, _write_slicer, _write_structures]


def _cohort(root: Path, write: Callable[[Path, Boxes], None], *visits: Boxes) -> Path:
    for number, (day, boxes) in enumerate(zip(DAYS, visits, strict=False)):
        place = root / "P01" / day.isoformat()
        for path in write_series(place / "ct", day=day, uid=f"{UID}.{number + 1}"):
            file = pydicom.dcmread(path)
            file.FrameOfReferenceUID = (
                f"{UID}.200"  # one session's scanner bed: the visits lie on one another
            )
            file.save_as(path)
        write(place, boxes)
    return root


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / "derivatives" / "lesionkit" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _verdicts(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the one site, follow-up by follow-up."""
    rows = [row for row in _table(folder, "responses") if row["site"] != "all"]
    return [row for row in rows if row["evaluation"] == "follow-up"]


@pytest.mark.parametrize("write", CARRIERS)
@pytest.mark.parametrize("are_named", [True, False])
def test_one_excised_and_one_extruded_are_absent_by_cause_and_left_out_of_both_sums(
    tmp_path: Path, lesionkit: Run, write: Callable[[Path, Boxes], None], are_named: bool
) -> None:
    thumb, elbow, wrist = (
        ("thumb", "elbow", "wrist") if are_named else ("Segment_1", "Segment_2", "Segment_3")
    )
    first = {thumb: THUMB, elbow: ELBOW, wrist: WRIST}
    second = {f"{thumb} (Excised)": THUMB, f"{elbow} (extruded)": ELBOW, wrist: WRIST}
    root = _cohort(tmp_path / "c", write, first, second, {wrist: WRIST})
    code, _, err = lesionkit("measure", root)
    assert code == 0, err
    rows = _table(root, "tracks")
    events = {(row["track"], row["date"]): (row["presence"], row["event"]) for row in rows}
    gone = {value[1]: track for (track, day), value in events.items() if day == str(DAYS[1])}
    assert set(gone) == {"excised", "extruded", "persisting"}
    if are_named:
        assert gone == {"excised": "thumb", "extruded": "elbow", "persisting": "wrist"}
    for event in ("excised", "extruded"):
        assert events[gone[event], str(DAYS[1])] == ("absent", event)
        assert events[gone[event], str(DAYS[2])] == ("absent", "")
    before = {row["track"]: float(row["value"]) for row in rows if row["date"] == str(DAYS[0])}
    sizes_mm3 = {"excised": 40 * VOXEL_MM3, "extruded": 56 * VOXEL_MM3, "persisting": 40 * VOXEL_MM3}
    assert before == pytest.approx({gone[event]: size for event, size in sizes_mm3.items()})
    sizes = [row for row in _table(root, "measurements") if row["date"] != str(DAYS[0])]
    assert [float(row["volume_mm3"]) for row in sizes] == pytest.approx([40 * VOXEL_MM3] * 2)
    sites = _verdicts(root)
    assert len(sites) == 2
    for row in sites:
        # The wrist alone: with all three at baseline and one left, this would be a fall of 71 %.
        assert row["category"] == "stable"
        assert float(row["change_pct"]) == pytest.approx(0, abs=1e-6)
        assert "removed" in row["reasons"].split(";")


@pytest.mark.parametrize("write", CARRIERS)
def test_where_nothing_else_is_left_there_is_nothing_to_judge(
    tmp_path: Path, lesionkit: Run, write: Callable[[Path, Boxes], None]
) -> None:
    first = {"thumb": THUMB, "elbow": ELBOW}
    second = {"thumb (excised)": THUMB, "elbow (extruded)": ELBOW}
    root = _cohort(tmp_path / "c", write, first, second)
    assert lesionkit("measure", root)[0] == 0
    assert {row["category"] for row in _table(root, "responses")} == {"not_evaluable"}
    assert [row["date"] for row in _table(root, "measurements")] == [str(DAYS[0])] * 2


@pytest.mark.parametrize("write", CARRIERS)
def test_what_cannot_be_judged_is_unseen_and_leaves_the_sum_unknown(
    tmp_path: Path, lesionkit: Run, write: Callable[[Path, Boxes], None]
) -> None:
    first = {"thumb": THUMB, "wrist": WRIST}
    root = _cohort(tmp_path / "c", write, first, {"thumb (not assessable)": THUMB, "wrist": WRIST})
    assert lesionkit("measure", root)[0] == 0
    later = {row["track"]: row for row in _table(root, "tracks") if row["date"] == str(DAYS[1])}
    assert (later["thumb"]["presence"], later["thumb"]["event"]) == ("unseen", "")
    assert later["wrist"]["presence"] == "present"
    (site,) = _verdicts(root)
    assert site["category"] == "not_evaluable"


def test_an_excised_deposit_beside_one_that_cannot_be_judged_is_still_told(
    tmp_path: Path, lesionkit: Run
) -> None:
    first = {"thumb": THUMB, "wrist": WRIST}
    second = {"thumb (excised)": THUMB, "wrist (not assessable)": WRIST}
    root = _cohort(tmp_path / "c", _write_slicer, first, second, {"wrist": WRIST})
    assert lesionkit("measure", root)[0] == 0
    found = {(row["track"], row["date"]): (row["presence"], row["event"]) for row in _table(root, "tracks")}
    assert found["thumb", str(DAYS[1])] == ("absent", "excised")
    assert found["wrist", str(DAYS[1])] == ("unseen", "")
    assert [row["category"] for row in _verdicts(root)] == ["not_evaluable", "stable"]


def test_a_deposit_that_grew_again_counts_again(tmp_path: Path, lesionkit: Run) -> None:
    first = {"thumb": THUMB, "wrist": WRIST}
    root = _cohort(tmp_path / "c", _write_seg, first, {"thumb (excised)": THUMB, "wrist": WRIST}, first)
    assert lesionkit("measure", root)[0] == 0
    rows = {row["date"]: row for row in _table(root, "tracks") if row["track"] == "thumb"}
    assert rows[str(DAYS[2])]["event"] == "reappeared"
    last = _verdicts(root)[-1]
    assert "removed" not in last["reasons"].split(";")


LONG = "the deposit over the dorsal side of the second metacarpophalangeal joint"
"""Longer than the 64 characters of a SegmentLabel."""
FIRST = {LONG: THUMB, "elbow": ELBOW, "wrist": WRIST, "Segment_4": np.s_[0:1, 16:19, 20:29]}
SECOND = {
    f"{LONG} (excised)": THUMB,
    "elbow (not assessable)": ELBOW,
    "wrist": WRIST,
    "Segment_4 (extruded)": FIRST["Segment_4"],
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """Two CTs drawn in Slicer, and a radiograph of the second visit on which one deposit is excised."""
    root = _cohort(tmp_path_factory.mktemp("told") / "c", _write_slicer, FIRST, SECOND)
    for day in DAYS[:2]:
        number = 300 + day.year
        elements = {"PixelSpacing": [0.2, 0.3], "PixelSpacingCalibrationType": "FIDUCIAL", "PatientID": "P01"}
        xray = dataset(
            "DX",
            np.full((60, 80), 100, np.uint16),
            StudyInstanceUID=f"{UID}.{number}",
            SeriesInstanceUID=f"{UID}.{number}.1",
            SOPInstanceUID=f"{UID}.{number}.2",
            StudyDate=day.strftime("%Y%m%d"),
            BodyPartExamined="HAND",
            **elements,
        )
        place = save(xray, root / "P01" / day.isoformat() / "xray" / "IM0001.dcm")
        outlines = write_outlines(place, {"index": (10, 12, 20, 30), "palm": (40, 12, 10, 30)})
    said = json.loads(outlines.read_text(encoding="utf-8"))
    said["features"][0]["properties"]["status"] = "excised"
    outlines.write_text(json.dumps(said), encoding="utf-8")
    return root, lk.run(root, jobs=1)


def _events(outcome: Outcome) -> dict[tuple[str, date], str]:
    return {
        (track.id, sighting.date): sighting.event or sighting.presence
        for track in outcome.tracks
        for sighting in track.sightings
    }


@pytest.mark.parametrize("name", ["dicom-seg", "dicom-seg-fractional"])
def test_an_exported_segmentation_says_it_keeps_the_standard_and_comes_back(
    told: tuple[Path, Outcome], tmp_path: Path, name: str
) -> None:
    root, outcome = told
    paths, problems = export(outcome, name, tmp_path / "out")
    assert problems == ()
    assert len(paths) == 4
    judge = shutil.which("dciodvfy")
    for path in paths if judge else ():
        done = subprocess.run([str(judge), path], capture_output=True, text=True, check=False)
        lines = (done.stdout + done.stderr).splitlines()
        assert [line for line in lines if line.startswith("Error")] == [], path.name
    before, after = (
        pydicom.dcmread(tmp_path / "out" / "P01" / day.isoformat() / "ct.outlines.dcm").SegmentSequence
        for day in DAYS[:2]
    )
    labels = {segment.TrackingID: segment.SegmentLabel for segment in after}
    assert labels[LONG] == f"{LONG[:54]} (excised)"
    assert labels["elbow"] == "elbow (not-assessable)"
    assert labels["wrist"] == "wrist"
    assert sum(label.endswith(" (extruded)") for label in labels.values()) == 1
    uids = {segment.TrackingID: segment.TrackingUID for segment in before}
    assert all(
        segment.TrackingUID == uids[segment.TrackingID] for segment in after if segment.TrackingID in uids
    )
    shutil.copytree(root, tmp_path / "c", ignore=shutil.ignore_patterns("*.geojson", "*.nrrd", "derivatives"))
    shutil.copytree(tmp_path / "out", tmp_path / "c", dirs_exist_ok=True)
    again = lk.run(tmp_path / "c", jobs=1)
    assert _events(again) == _events(outcome)
    assert set(_events(outcome).values()) >= {"excised", "extruded", "unseen"}
    volumes = [
        {(m.image, m.deposit): m.quantity.value for m in run.measurements if m.measure == "volume"}
        for run in (outcome, again)
    ]
    assert sorted(volumes[1].values()) == pytest.approx(sorted(volumes[0].values()))
    assert len(again.places) == len(outcome.places) == 4


def test_other_formats_leave_places_out(told: tuple[Path, Outcome], tmp_path: Path) -> None:
    _, outcome = told
    for name in ("nifti", "geojson", "coco", "dicom-sr"):
        export(outcome, name, tmp_path / name)
    later = Path("P01") / DAYS[1].isoformat()
    labels = (tmp_path / "nifti" / later / "ct.labels.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[1] for line in labels] == ["deposit", "wrist"]
    lines = json.loads((tmp_path / "geojson" / later / "xray" / "IM0001.outlines.geojson").read_text())
    assert [feature["properties"]["deposit"] for feature in lines["features"]] == ["palm"]
    coco = json.loads((tmp_path / "coco" / "coco.json").read_text())
    assert sorted(one["attributes"]["deposit"] for one in coco["annotations"]) == ["index", "palm", "palm"]
    reports = sorted((tmp_path / "dicom-sr" / later).rglob("*.dcm"))
    assert len(reports) >= 2
    for path in reports:
        assert "excised" not in str(pydicom.dcmread(path))
        assert LONG not in str(pydicom.dcmread(path))


@pytest.mark.parametrize("name", ["dicom-seg", "dicom-sr"])
def test_a_deposit_whose_name_would_be_read_as_a_mark_is_told_and_not_written(
    told: tuple[Path, Outcome], tmp_path: Path, name: str
) -> None:
    _, outcome = told
    renamed = [
        replace(one, name="palm (excised)", properties={}) if one.name == "palm" else one
        for one in outcome.deposits
    ]
    paths, problems = export(replace(outcome, deposits=tuple(renamed)), name, tmp_path)
    assert [(problem.code, problem.severity) for problem in problems] == [("name_is_a_mark", "error")] * 2
    assert not any("palm" in str(pydicom.dcmread(path)) for path in paths)
