import csv
import io
import json
from dataclasses import replace

import pytest

from lesionkit.core.outcome import Problem, Severity
from lesionkit.report import to_csv, write

# As promised to users, to the letter; measurements.csv and tracks.csv have grown at their ends.
PROMISED = {
    "measurements.csv": "patient,date,modality,site,image,deposit,track,author,status,role,area_mm2,"
    "area_mm2_se,perimeter_mm,long_axis_mm,short_axis_mm,volume_mm3,volume_mm3_se,area_px2,long_axis_px,mean_intensity,"
    "max_intensity,min_intensity,sd_intensity,intensity_unit,agatston,row_spacing_mm,col_spacing_mm,"
    "plane_spacing_mm,scale_source,scale_rel_se,centroid_row,centroid_col,centroid_plane,"
    "perimeter_px,short_axis_px,equivalent_diameter_mm,ellipse_area_mm2,circularity,solidity,"
    "max_diameter_mm,surface_area_mm2,sphericity,parts,p10_intensity,median_intensity,p90_intensity,"
    "rim_intensity,contrast,calcium_volume_mm3,calcium_mass_mg,integrated_volume_mm3,"
    "erythema,rim_erythema,whiteness,rim_whiteness,colour_delta_e,area_first_px2,area_first_px2_se",
    "measures.csv": "patient,date,modality,site,image,deposit,status,measure,about,value,value_se,unit,"
    "definition,source",
    "tracks.csv": "patient,modality,site,track,tracking_uid,date,presence,event,deposits,measure,unit,value,"
    "value_se,change_pct,category,p_regression,p_stable,p_progression,matched_by,match_score,match_confirmed,"
    "relative",
    "responses.csv": "patient,modality,site,evaluation,date,baseline_date,nadir_date,months_from_baseline,"
    "months_from_treatment,measure,unit,baseline,current,nadir,change_pct,change_pct_low,change_pct_high,"
    "change_from_nadir_pct,new_deposits,category,p_regression,p_stable,p_progression,criterion,label,reasons",
    "problems.csv": "severity,code,about,text,hint",
    "comparability.csv": "patient,site,date,baseline_date,image,baseline_image,verdict,differences,"
    "scale_ratio,"
    "distance_ratio,tilt_deg,roll_deg,overlap,sharpness_ratio,exposure_stops,clipped_share,colour_delta,"
    "residual_px,residual_mm,method",
}


@pytest.mark.parametrize("name", PROMISED)
def test_columns_are_those_promised_in_their_order(outcome, tmp_path, name):
    to_csv.write(outcome, tmp_path)
    first = (tmp_path / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == PROMISED[name]


def test_every_row_has_every_column_and_nothing_is_written_as_none(outcome, tmp_path):
    for path in to_csv.write(outcome, tmp_path)[:5]:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        assert rows, path.name
        assert {len(row) for row in rows} == {len(header)}
        assert not {"None", "nan", "NA"} & {cell for row in rows for cell in row}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_text_that_would_run_as_a_formula_is_defused(start):
    text = to_csv.csv_text(("a",), [{"a": f"{start}cmd()"}])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [f"'{start}cmd()"]


def test_a_negative_number_stays_a_number():
    assert to_csv.csv_text(("a",), [{"a": -45.2}]).splitlines()[1] == "-45.2"


def test_a_text_of_several_lines_and_quotes_survives():
    hostile = 'a "quoted", text\r\nof two\rlines'
    text = to_csv.csv_text(("a", "b"), [{"a": hostile, "b": "x"}])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [hostile, "x"]


def test_a_failure_leaves_the_old_files_and_no_litter(outcome, tmp_path, monkeypatch):
    to_csv.write(outcome, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    worse = replace(
        outcome, problems=(Problem(severity=Severity.ERROR, code="new", about="x", text="Another."),)
    )
    monkeypatch.setattr(to_csv, "run_record", lambda _: {"cannot": object()})
    with pytest.raises(TypeError):
        to_csv.write(worse, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_run_record_tells_how_to_make_it_again_but_no_hospital_number(outcome, tmp_path):
    paths = write(outcome, "csv", tmp_path)
    assert [path.name for path in paths] == [*PROMISED, "run.json"]
    text = paths[-1].read_text(encoding="utf-8")
    record = json.loads(text)
    assert record["version"] == "0.1.0"
    assert record["criteria"][0]["name"] == "calcinosis-25"
    assert record["inputs"] == {"P01/2012-03-01/left-hand.jpg": "00" * 32}
    assert record["timings_s"] == {"measuring": 1.5}
    assert record["settings"]["baseline"] == "treatment"
    assert "4711" not in text
