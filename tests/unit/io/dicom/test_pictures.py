"""Radiographs and photographs: a picture is a file, or a frame of one; a screen is neither."""

import dicoms
import numpy as np
import pytest
from dicoms import dataset, save, scan, uid

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.io.drawings import find_drawings
from lesionkit.io.folder import read_folder

SINGLE_BIT, BYTE, WORD, COLOUR = (f"1.2.840.10008.5.1.4.1.1.7.{number}" for number in (1, 2, 3, 4))
RNG = np.random.default_rng(4)


def capture(sop_class, pixels, *, frames=3, **elements):
    """A multi-frame secondary capture."""
    bits = 1 if sop_class == SINGLE_BIT else None
    made = dataset("SC", pixels, SOPClassUID=sop_class, NumberOfFrames=frames, **elements)
    if bits:
        made.BitsAllocated = made.BitsStored = 1
        made.HighBit = 0
        made.PixelData = np.packbits(pixels.ravel(), bitorder="little").tobytes()
    if sop_class == COLOUR:
        made.Rows, made.Columns = pixels.shape[1:3]
    return made


def stack(sop_class):
    kind = {SINGLE_BIT: np.uint8, BYTE: np.uint8, WORD: np.uint16, COLOUR: np.uint8}[sop_class]
    shape = (3, 4, 8, 3) if sop_class == COLOUR else (3, 4, 8)
    most = 2 if sop_class == SINGLE_BIT else np.iinfo(kind).max
    return RNG.integers(0, most, shape, dtype=kind)


KINDS = pytest.mark.parametrize("sop_class", [SINGLE_BIT, BYTE, WORD, COLOUR])


@KINDS
def test_every_frame_of_a_photographic_capture_is_a_photograph(tmp_path, sop_class):
    pixels = stack(sop_class)
    save(capture(sop_class, pixels, Modality="XC"), tmp_path / "photos.dcm")
    found = scan(tmp_path)
    assert not found.problems
    assert [image.id for image in found.images] == ["photos.dcm#1", "photos.dcm#2", "photos.dcm#3"]
    for image, expected in zip(found.images, pixels, strict=True):
        loaded = dicoms.load(image)
        assert loaded.modality is Modality.XC
        assert np.array_equal(loaded.pixels, expected * (255 if sop_class == SINGLE_BIT else 1))
        assert loaded.grid.spacing_mm is None


@KINDS
@pytest.mark.parametrize("modality", ["OT", "CT", "MR", "CR"])
def test_every_other_multi_frame_capture_is_a_stack_of_screenshots(tmp_path, sop_class, modality):
    elements = {"PixelSpacing": [0.3, 0.2], "NominalScannedPixelSpacing": [0.3, 0.2]}
    save(capture(sop_class, stack(sop_class), Modality=modality, **elements), tmp_path / "screens.dcm")
    found = scan(tmp_path)
    assert not found.images
    (problem,) = found.problems
    assert (problem.severity, problem.code) == (Severity.INFO, "dicom_not_an_image")
    assert "screenshot" in problem.text


def test_photographs_in_one_file_are_measured_in_what_each_frame_says_of_its_own_scale(tmp_path):
    from pydicom import Dataset

    made = capture(BYTE, stack(BYTE), Modality="XC")
    made.PerFrameFunctionalGroupsSequence = [Dataset() for _ in range(3)]
    for item, spacing in zip(
        made.PerFrameFunctionalGroupsSequence, ([0.5, 0.4], None, [0.25, 0.2]), strict=True
    ):
        measures = Dataset()
        if spacing:
            measures.PixelSpacing = spacing
        item.PixelMeasuresSequence = [measures]
    save(made, tmp_path / "photos.dcm")
    assert [image.grid.spacing_mm for image in scan(tmp_path).images] == [(0.5, 0.4), None, (0.25, 0.2)]


def test_films_on_one_file_are_radiographs_each(tmp_path):
    pixels = stack(WORD)
    save(capture(WORD, pixels, Modality="RG", ConversionType="DF"), tmp_path / "films.dcm")
    found = scan(tmp_path)
    assert [image.modality for image in found.images] == [Modality.CR] * 3
    assert np.array_equal(dicoms.load(found.images[1]).pixels, pixels[1])


def test_outlines_of_one_picture_of_several_are_named_by_its_number(tmp_path):
    save(capture(BYTE, stack(BYTE), Modality="XC"), tmp_path / "P01" / "photos.dcm")
    (tmp_path / "P01" / "photos#2.outlines.geojson").write_text(
        '{"type": "FeatureCollection", "features": []}', encoding="utf-8"
    )
    contents = read_folder(tmp_path, settings=Settings())
    assert {patient.id for patient in contents.cohort.patients} == {"P01"}
    drawings, problems = find_drawings(contents.cohort, contents.outline_files)
    assert not problems
    assert list(drawings) == ["P01/photos.dcm#2"]


def test_a_film_is_no_set_of_photographs(tmp_path):
    pixels = np.zeros((201, 2, 2), np.uint8)
    save(capture(BYTE, pixels, frames=201, Modality="XC"), tmp_path / "film.dcm")
    (problem,) = scan(tmp_path).problems
    assert (problem.severity, problem.code) == (Severity.ERROR, "multiframe_not_read")
    assert "201 pictures" in problem.text


@pytest.mark.parametrize("frames", [30, 2**31 - 1])
def test_a_capture_that_announces_more_frames_than_it_holds_is_one_line(tmp_path, frames):
    save(capture(BYTE, stack(BYTE), frames=frames, Modality="XC"), tmp_path / "photos.dcm")
    found = scan(tmp_path)
    assert not found.images
    code = "dicom_absurd_size" if frames > 30 else "dicom_truncated"
    assert [(problem.severity, problem.code) for problem in found.problems] == [(Severity.ERROR, code)]


def test_one_damaged_radiograph_of_a_series_leaves_the_others_in(tmp_path):
    for number, name in enumerate(("a.dcm", "b.dcm", "c.dcm")):
        pixels = np.full((3, 4), number, np.uint16)
        path = save(dataset("DX", pixels, SOPInstanceUID=uid(number)), tmp_path / name)
    path.write_bytes(path.read_bytes()[:-6])
    found = scan(tmp_path)
    assert [image.id for image in found.images] == ["a.dcm", "b.dcm"]
    assert [(problem.code, problem.about) for problem in found.problems] == [("dicom_truncated", "c.dcm")]
