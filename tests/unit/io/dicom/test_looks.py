"""What a file asks to be shown with comes with its image, in the values that the image has."""

import dicoms
import numpy as np
import pytest
from drawn import item
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from lesionkit.core.display import offer_looks
from lesionkit.core.window import Curve, Window, WindowShape
from lesionkit.io.dicom.looks import looks_of

STORED = np.random.default_rng(4).integers(0, 4096, (40, 60)).astype(np.uint16)
DX = {
    "BitsStored": 12, "HighBit": 11, "PixelSpacing": [0.2, 0.3], "BodyPartExamined": "HAND",
    "PresentationIntentType": "FOR PRESENTATION",
}  # fmt: skip


def radiograph(tmp_path, **elements):
    dicoms.save(made := dicoms.dataset("DX", STORED, **(DX | elements)), tmp_path / "a.dcm")
    return made, dicoms.only(tmp_path)


def table(entries, first=0, bits=12):
    made = item(LUTDescriptor=[len(entries), first, bits], LUTData=list(entries), LUTExplanation="HAND")
    made["LUTDescriptor"].VR = made["LUTData"].VR = "US"
    return made


CURVE = np.rint(4095 * np.linspace(0, 1, 4096) ** 2).astype(int).tolist()


@pytest.mark.filterwarnings("ignore:Applying a VOI LUT on a float")
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("rescale", [{}, {"RescaleSlope": 2, "RescaleIntercept": -300}])
@pytest.mark.parametrize(
    "asks",
    [
        {"WindowCenter": 1800, "WindowWidth": 1500},
        {"WindowCenter": 1800, "WindowWidth": 1500, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 1800, "WindowWidth": 1500, "VOILUTFunction": "LINEAR_EXACT"},
        {"VOILUTSequence": [table(CURVE)]},
    ],
)
def test_a_radiograph_is_shown_as_pydicom_shows_it(tmp_path, photometric, rescale, asks):
    made, image = radiograph(tmp_path, PhotometricInterpretation=photometric, **rescale, **asks)
    shown = apply_voi_lut(apply_modality_lut(STORED, made), made).astype(float)
    if "VOILUTSequence" in asks:
        shades = shown / 4095
    else:
        # pydicom spreads shades over the range that the rescaled values could have.
        slope, start = rescale.get("RescaleSlope", 1), rescale.get("RescaleIntercept", 0)
        shades = (shown - start) / (4095 * slope)
    if photometric == "MONOCHROME1":
        shades = 1 - shades
    assert image.looks[0].shades(image.pixels) == pytest.approx(shades, abs=1e-6)
    assert offer_looks(image)[0] is image.looks[0]


def test_several_windows_keep_their_order_and_what_they_are_for():
    made = dicoms.dataset("CT", WindowCenter=[40, 300], WindowWidth=[400, 1500])
    made.WindowCenterWidthExplanation = ["SOFT", "BONE"]
    assert looks_of((made,)) == (
        Window(centre=40, width=400, explanation="SOFT"),
        Window(centre=300, width=1500, explanation="BONE"),
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"WindowCenter": 40, "WindowWidth": 0},
        {"WindowCenter": 40},
        {"WindowWidth": 40},
        {"VOILUTSequence": [item(LUTDescriptor=[0, 0, 0], LUTData=[1])]},
        {"VOILUTSequence": [item(LUTDescriptor=[4, 0, 8])]},
        {"VOILUTSequence": [item(LUTDescriptor=[2, 0, 8], LUTData=[1, 900])]},
        {"VOILUTSequence": [item(LUTDescriptor=[2, 0, 16], LUTData=b"abc")]},
        {"VOILUTSequence": [item(LUTDescriptor=[2, 0, 60000], LUTData=[1, 2])]},
    ],
)
def test_what_is_broken_is_passed_over(broken):
    assert looks_of((dicoms.dataset("CT", **broken),)) == ()


@pytest.mark.parametrize(("first", "signed", "expected"), [(64000, 1, -1536), (64000, 0, 64000), (20, 1, 20)])
def test_the_first_value_of_a_curve_has_the_sign_of_the_pixels(first, signed, expected):
    made = dicoms.dataset("DX", PixelRepresentation=signed, VOILUTSequence=[table([0, 4095], first)])
    (curve,) = looks_of((made,))
    assert (curve.first, curve.explanation) == (expected, "HAND")


@pytest.mark.parametrize(("bits", "data"), [(8, b"\x00\x80\xff\x00"), (8, b"\x00\x00\x80\x00\xff\x00")])
def test_entries_of_eight_bits_may_be_packed_or_not(bits, data):
    packed = item(LUTDescriptor=[3, 0, bits], LUTData=[0])
    packed["LUTData"].VR = "OW"
    packed["LUTData"].value = data
    (curve,) = looks_of((dicoms.dataset("DX", VOILUTSequence=[packed]),))
    assert isinstance(curve, Curve)
    assert curve.levels == pytest.approx([0, 128 / 255, 1])


def test_a_volume_is_shown_as_its_middle_slice_asks(tmp_path):
    slices = dicoms.planes(count=9)
    for number, one in enumerate(slices):
        one.WindowCenter, one.WindowWidth = 100 + number, 500
    image = dicoms.only(dicoms.write(tmp_path / "a", slices))
    assert image.looks == (Window(centre=104, width=500),)


@pytest.mark.parametrize("group", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"])
def test_a_frame_s_window_comes_before_the_file_s(tmp_path, group):
    asks = item(FrameVOILUTSequence=[item(WindowCenter=77, WindowWidth=88, VOILUTFunction="SIGMOID")])
    frames = [
        item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, 2.0 * number])]) for number in range(3)
    ]
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=list(dicoms.AXIAL))],
        PixelMeasuresSequence=[item(PixelSpacing=list(dicoms.PIXEL), SliceThickness=2.0)],
        PixelValueTransformationSequence=[item(RescaleIntercept=0, RescaleSlope=1, RescaleType="HU")],
    )
    for one in [shared] if group.startswith("Shared") else frames:
        one.FrameVOILUTSequence = asks.FrameVOILUTSequence
    made = dicoms.dataset(
        "ECT", np.zeros((3, 32, 44), np.int16), NumberOfFrames=3, WindowCenter=1, WindowWidth=2,
        SharedFunctionalGroupsSequence=[shared], PerFrameFunctionalGroupsSequence=frames,
    )  # fmt: skip
    dicoms.save(made, tmp_path / "a.dcm")
    assert dicoms.only(tmp_path).looks == (Window(centre=77, width=88, shape=WindowShape.SIGMOID),)


def test_pixels_of_a_known_aspect_are_shown_by_it(tmp_path):
    from lesionkit.core.image import ImageRef, Modality
    from lesionkit.report.framing import frame_views
    from lesionkit.report.placing import View

    elements = DX | {"PixelAspectRatio": [3, 2]}
    elements.pop("PixelSpacing")
    dicoms.save(dicoms.dataset("DX", STORED, **elements), tmp_path / "a.dcm")
    (found,) = dicoms.scan(tmp_path).images
    assert (found.grid.spacing_mm, found.grid.aspect) == (None, 1.5)
    ref: ImageRef = found.placed(modality=Modality.DX, site="hand")
    frame = frame_views([View(ref=ref, grid=ref.grid, deposits=())])[ref.id]
    assert frame.ratio == pytest.approx(40 * 1.5 / 60)
