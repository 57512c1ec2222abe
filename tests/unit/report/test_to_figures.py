import sys

import pytest
from outcomes import HOSTILE, load_made_up, make_outcome

from lesionkit.core.image import Modality
from lesionkit.errors import MissingExtraError
from lesionkit.report import to_figures
from lesionkit.report.cohort_canvas import Figure, drawing, letters
from lesionkit.report.cohort_panels import panels
from lesionkit.report.source import Source


def figure(key, text="A"):
    svg = drawing([letters(10, 20, text)], width=80, height=40, title=text)
    return Figure(key=key, title=text, caption="", svg=svg, source="changes")


def test_a_figure_is_the_drawing_of_the_page_as_svg_pdf_and_png(tmp_path):
    pytest.importorskip("typst")
    one = figure("waterfall-CT")
    paths = to_figures.write([one], tmp_path / "figures")
    assert [path.name for path in paths] == ["waterfall-CT.svg", "waterfall-CT.pdf", "waterfall-CT.png"]
    assert str(one.svg) in paths[0].read_text(encoding="utf-8")
    assert paths[1].read_bytes().startswith(b"%PDF-")
    from PIL import Image

    with Image.open(paths[2]) as picture:
        assert picture.width == pytest.approx(80 / 96 * to_figures.PPI, abs=2)
    again = to_figures.write([one], tmp_path / "again")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


def test_the_letters_of_a_pdf_can_be_read_and_hostile_ones_do_nothing(tmp_path):
    pytest.importorskip("typst")
    pdfium = pytest.importorskip("pypdfium2")
    (_, pdf, _) = to_figures.write([figure("x", f"Größe {HOSTILE} −25 %")], tmp_path)
    text = pdfium.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "Größe" in text
    assert "<script>alert(1)</script>" in text


def test_figures_never_share_a_file(tmp_path):
    pytest.importorskip("typst")
    paths = to_figures.write([figure("score: A"), figure("Score-a"), figure("*")], tmp_path)
    assert [path.name for path in paths[::3]] == ["score-A.svg", "Score-a-2.svg", "figure.svg"]


def test_a_failure_leaves_no_half_of_the_figures(tmp_path):
    pytest.importorskip("typst")

    def broken():
        yield figure("a")
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        to_figures.write(broken(), tmp_path / "figures")
    assert not (tmp_path / "figures").exists()


def test_without_typst_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError) as caught:
        to_figures.write([figure("a")], tmp_path)
    assert 'pip install "lesionkit[figures]"' in caught.value.hint


def test_before_and_after_stand_side_by_side_with_outlines_and_one_scale():
    source = Source.of(make_outcome(), load=load_made_up, texts={})
    patient = source.outcome.cohort.patients[0]
    found = {one.key: one for one in panels(source, patient, stem="P01")}
    assert list(found) == ["panel-P01-xc-1", "panel-P01-dx-1"]
    svg = str(found["panel-P01-xc-1"].svg)
    assert svg.count("<image ") == 2
    assert "A  2012-03-01" in svg
    assert "B  2015-06-01" in svg
    bars = {part.split('"')[0] for part in svg.split(" mm</text>")[0:-1] for part in [part.split(">")[-1]]}
    assert len(bars) == 1
    assert Modality.XC.value not in found["panel-P01-xc-1"].title


def test_a_site_without_pixels_is_no_panel():
    source = Source.of(make_outcome(), load=None, texts={})
    assert list(panels(source, source.outcome.cohort.patients[0], stem="P01")) == []
