"""How fast a DICOM series becomes a volume, beside others and beside what the machine can do at all.

    python benchmarks/load_dicom.py                          # 300 slices, a few minutes
    python benchmarks/load_dicom.py --slices 40 --repeat 3   # a first look

needs ``pip install "lesionkit[dicom-codecs]"``. A synthetic CT (512 × 512 pixels, noise as a scanner's, a
header of some 260 elements) is written uncompressed and in three compressions. Then `lesionkit.load_image`,
SimpleITK's series reader, a plain loop over pydicom and highdicom's `get_volume_from_series` turn it into HU,
one after another and round again, and the medians are told as multiples of the limit. The limit is, of
uncompressed series, reading the bytes from known places into one array; of compressed ones, the fastest
codec on two threads over streams that are in memory. Files are warm: no disk is measured. Peak memory is what
a process of its own grows by while it loads, as a multiple of the volume.
"""

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import get_encoder
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

SIZE = 512
SYNTAXES = {
    "uncompressed": ExplicitVRLittleEndian,
    "jpeg-ls": JPEGLSLossless,
    "jpeg-2000": JPEG2000Lossless,
    "rle": RLELossless,
}
OTHERS = ("SimpleITK", "pydicom loop", "highdicom")


def phantom(slices: int) -> np.ndarray:
    """Return HU of an elliptical body with bones in a round field of view, with a scanner's noise."""
    rng = np.random.default_rng(7)
    row, col = np.mgrid[:SIZE, :SIZE] - SIZE / 2
    body = (col / 200) ** 2 + (row / 140) ** 2 < 1
    bone = ((col - 60) / 30) ** 2 + (row / 45) ** 2 < 1
    outside = col**2 + row**2 > 250**2
    volume = np.empty((slices, SIZE, SIZE), np.int16)
    for index in range(slices):
        plane = np.where(body, 40.0, -1000.0) + 600 * bone
        plane += rng.normal(0, 12, plane.shape)
        volume[index] = np.clip(np.where(outside, -1024, plane), -1024, 3071)
    return volume


def header() -> pydicom.Dataset:
    """Return a CT header as long as a scanner's."""
    made = pydicom.dcmread(pydicom.data.get_testdata_file("CT_small.dcm"))
    # Elements whose kind of number hangs on the sign of the pixels are left out with them.
    extremes = ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue")
    for keyword in ("PixelData", "DataSetTrailingPadding", *extremes):
        if keyword in made:
            del made[keyword]
    made.Rows = made.Columns = SIZE
    made.PixelSpacing = [0.7, 0.7]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.RescaleSlope, made.RescaleIntercept = 1, -1024
    made.SeriesInstanceUID = generate_uid()
    return made


def compress(stored: np.ndarray, kind: str) -> bytes:
    """Return one slice's frame."""
    if kind == "jpeg-ls":
        return imagecodecs.jpegls_encode(stored)
    if kind == "jpeg-2000":
        return imagecodecs.jpeg2k_encode(
            stored, level=0, codecformat="j2k", reversible=True, bitspersample=12
        )
    return get_encoder(RLELossless).encode(
        stored, rows=SIZE, columns=SIZE, samples_per_pixel=1, number_of_frames=1, bits_allocated=16,
        bits_stored=12, pixel_representation=0, photometric_interpretation="MONOCHROME2",
    )  # fmt: skip


def write_series(folder: Path, volume: np.ndarray, kind: str) -> None:
    """Write a series."""
    folder.mkdir()
    made = header()
    made.file_meta.TransferSyntaxUID = SYNTAXES[kind]
    stem = generate_uid()[:50]
    for index, plane in enumerate(volume):
        made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"{stem}.{index}"
        made.InstanceNumber = index + 1
        made.ImagePositionPatient = [-179.2, -179.2, round(-100 + 1.25 * index, 3)]
        made.SliceLocation = round(-100 + 1.25 * index, 3)
        made.AcquisitionTime = made.ContentTime = (
            f"10{index // 60:02d}{index % 60:02d}.{index * 137 % 1000:03d}000"
        )
        stored = (plane + 1024).astype(np.uint16)
        made.PixelData = stored.tobytes() if kind == "uncompressed" else encapsulate([compress(stored, kind)])
        made["PixelData"].VR = "OW" if kind == "uncompressed" else "OB"
        made["PixelData"].is_undefined_length = kind != "uncompressed"
        made.save_as(folder / f"IM{index:04d}.dcm", enforce_file_format=True)


def files(folder: Path) -> list[Path]:
    """Return the files of a series in the order of their slices."""
    return sorted(folder.iterdir())


def by_lesionkit(folder: Path) -> np.ndarray:
    """Load as a user of lesionkit does: scan the folder, place the slices, read the pixels."""
    import lesionkit

    return lesionkit.load_image(folder).pixels


def by_simpleitk(folder: Path) -> np.ndarray:
    """Load with SimpleITK."""
    import SimpleITK as sitk  # noqa: N813

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return sitk.GetArrayFromImage(reader.Execute())


def by_pydicom(folder: Path) -> np.ndarray:
    """Load with the loop that everybody writes."""
    slices = [pydicom.dcmread(path) for path in folder.iterdir()]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    planes = [one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept) for one in slices]
    return np.stack(planes).astype(np.int16)


def by_highdicom(folder: Path) -> np.ndarray:
    """Load with highdicom."""
    import highdicom

    found = highdicom.get_volume_from_series(
        [pydicom.dcmread(path) for path in folder.iterdir()], dtype=np.float32
    )
    return found.array


LOADERS: dict[str, Callable[[Path], np.ndarray]] = {
    "lesionkit": by_lesionkit,
    "SimpleITK": by_simpleitk,
    "pydicom loop": by_pydicom,
    "highdicom": by_highdicom,
}


def limit_of(folder: Path, kind: str) -> Callable[[], np.ndarray]:
    """Return the least that must be done; what it needs to know is found out before."""
    paths = files(folder)
    if kind == "uncompressed":
        places = [path.stat().st_size - 2 * SIZE * SIZE for path in paths]

        def read() -> np.ndarray:
            volume = np.empty((len(paths), SIZE, SIZE), np.int16)
            for plane, path, place in zip(volume, paths, places, strict=True):
                with path.open("rb", buffering=0) as file:
                    file.seek(place)
                    file.readinto(plane)
            return volume

        return read
    streams = [get_frame(pydicom.dcmread(path).PixelData, 0, number_of_frames=1) for path in paths]

    def decode_one(plane: np.ndarray, stream: bytes) -> None:
        if kind == "jpeg-ls":
            imagecodecs.jpegls_decode(stream, out=plane)
        elif kind == "jpeg-2000":
            imagecodecs.jpeg2k_decode(stream, out=plane)
        else:
            imagecodecs.dicomrle_decode(stream, plane.dtype, out=plane.data.cast("B"))

    def decode() -> np.ndarray:
        volume = np.empty((len(streams), SIZE, SIZE), np.uint16)
        half = len(streams) // 2

        def decode_some(which: slice) -> None:
            for plane, stream in zip(volume[which], streams[which], strict=True):
                decode_one(plane, stream)

        # A half each: threads that fill neighbouring planes wait for one another's pages of memory.
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(decode_some, (slice(half), slice(half, None))))
        return volume

    return decode


def timed(work: Callable[[], np.ndarray]) -> float:
    """Return milliseconds; the array is let go before the next."""
    gc.collect()
    start = time.perf_counter()
    found = work()
    end = time.perf_counter()
    del found
    return 1000 * (end - start)


def peak(folder: Path, loader: str, volume_bytes: int) -> float:
    """Return by how much a fresh process grows at most while it loads, as a multiple of the volume."""
    done = subprocess.run(
        [sys.executable, __file__, "--peak-of", loader, str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout) / volume_bytes


def measure_peak(loader: str, folder: Path) -> None:
    """Print the bytes a loader makes this process grow by; its imports and first steps are made before."""
    with tempfile.TemporaryDirectory() as small:
        for path in files(folder)[:10]:
            (Path(small) / path.name).write_bytes(path.read_bytes())
        LOADERS[loader](Path(small))
    gc.collect()
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
    kept = LOADERS[loader](folder)
    del kept
    print(status("VmHWM") - before)


def status(name: str) -> int:
    """Return what Linux says of this process's memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def compare(folder: Path, volume: np.ndarray, kind: str, repeat: int) -> None:
    """Print how long everybody takes for one series."""
    limit = limit_of(folder, kind)
    for name, load in LOADERS.items():
        found = load(folder)
        # Some count slices upwards, some downwards.
        assert np.array_equal(found, volume) or np.array_equal(found[::-1], volume), name
        del found
    times: dict[str, list[float]] = {name: [] for name in ("limit", *LOADERS)}
    for _ in range(repeat):
        times["limit"].append(timed(limit))
        for name, load in LOADERS.items():
            times[name].append(timed(lambda load=load: load(folder)))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"\n{kind}, {len(volume)} slices, median of {repeat}")
    print(f"{'':14}{'ms':>9}{'least':>9}{'× limit':>9}{'× ours':>9}{'peak × volume':>15}")
    for name, found in medians.items():
        memory = f"{peak(folder, name, volume.nbytes):.2f}" if name in LOADERS else ""
        relative, ours = found / medians["limit"], found / medians["lesionkit"]
        print(f"{name:14}{found:9.0f}{min(times[name]):9.0f}{relative:9.2f}{ours:9.2f}{memory:>15}")


def main() -> None:
    """Write the series and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--kinds", nargs="+", choices=SYNTAXES, default=list(SYNTAXES))
    parser.add_argument("--peak-of", nargs=2, metavar=("LOADER", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.peak_of:
        measure_peak(given.peak_of[0], Path(given.peak_of[1]))
        return
    volume = phantom(given.slices)
    with tempfile.TemporaryDirectory() as root:
        for kind in given.kinds:
            folder = Path(root) / kind
            write_series(folder, volume, kind)
            compare(folder, volume, kind, given.repeat)


if __name__ == "__main__":
    main()
