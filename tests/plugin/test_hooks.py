"""What napari is offered: it is valid as installed, and readers, writers and samples do what they say."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from desks import BLOBS, FIRST, MM_PER_PX, blob, write_cohort, write_ct, write_skin
from making import write_series
from napari.components import ViewerModel
from napari.layers import Layer
from napari_lesionkit import _hooks as hooks

from lesionkit.errors import InputError, OutlineError
from lesionkit.io import read_outlines


def test_the_manifest_of_the_installed_distribution_is_valid() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "npe2", "validate", "lesionkit"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_of_the_manifest_is_there() -> None:
    from npe2 import PluginManifest

    manifest = PluginManifest.from_distribution("lesionkit")
    commands = {command.id: command for command in manifest.contributions.commands}
    assert all(name.startswith("lesionkit.") for name in commands)
    for command in commands.values():
        module, _, name = command.python_name.partition(":")
        assert callable(getattr(import_module(module), name))
    used = [
        one.command
        for kind in ("readers", "writers", "widgets", "sample_data")
        for one in getattr(manifest.contributions, kind)
    ]
    assert set(used) == set(commands)


def read(path: Path) -> list[Layer]:
    reader = hooks.find_reader(str(path))
    assert reader is not None
    return [Layer.create(*layer) for layer in reader(str(path))]


def test_a_photograph_is_read_with_its_outlines_in_its_scale(tmp_path: Path) -> None:
    image = write_cohort(tmp_path) / "P01" / FIRST / "left-hand.jpg"
    picture, outlines = read(image)
    assert picture.rgb
    assert [len(line) for line in outlines.data] == [40, 40]
    np.testing.assert_allclose(outlines.data[0], blob(0), atol=1e-4)
    assert list(outlines.features["deposit"]) == ["thumb", "wrist"]
    beside = image.with_name("left-hand.outlines.geojson")
    assert [type(layer).__name__ for layer in read(beside)] == ["Image", "Shapes"]
    content = json.loads(beside.read_text())
    content["lesionkit"] = {"schema": 1, "scale": {"source": "manifest", "mm_per_px": MM_PER_PX}}
    beside.write_text(json.dumps(content))
    picture, outlines = read(image)
    assert np.allclose(picture.scale, MM_PER_PX)
    assert {str(unit) for layer in (picture, outlines) for unit in layer.units} == {"millimeter"}


def test_a_series_is_read_in_millimetres_with_its_window(tmp_path: Path) -> None:
    folder = tmp_path / "ct"
    write_series(folder)
    (scan,) = read(folder)
    assert scan.data.shape == (6, 20, 30)
    assert np.allclose(scan.scale, (2.5, 0.6, 0.7))
    assert list(scan.contrast_limits) == [-450, 1050]


def test_what_is_no_picture_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    assert hooks.find_reader(str(tmp_path / "notes.txt")) is None
    assert hooks.find_reader(str(tmp_path / "missing.jpg")) is None


def test_outlines_drawn_on_a_layer_that_was_read_are_written_as_geojson(tmp_path: Path) -> None:
    image = write_skin(tmp_path / "hand.jpg")
    viewer = ViewerModel()
    picture, outlines = read(image)
    viewer.add_layer(picture)
    viewer.add_layer(outlines)
    outlines.add([blob(0)], shape_type="polygon")
    data, settings, _ = outlines.as_layer_data_tuple()
    out = tmp_path / "hand.outlines.geojson"
    assert hooks.write_shapes(str(out), data, settings) == [str(out)]
    (deposit,) = read_outlines(out, image=image)
    np.testing.assert_allclose(deposit.regions[0].exterior, blob(0), atol=1e-4)
    with pytest.raises(OutlineError, match="does not say which picture"):
        hooks.write_shapes(str(out), data, {})


def test_painted_voxels_are_written_as_a_label_map(tmp_path: Path) -> None:
    folder = write_ct(tmp_path) / "P02" / FIRST / "ct"
    (scan,) = read(folder)
    from napari_lesionkit._layers import labels_layer

    data, settings, _ = labels_layer((), grid=_grid(scan), name="deposits")
    data[2:6, 8:12, 12:17] = 1
    settings["metadata"] = {"lesionkit": {"path": str(folder)}}
    out = tmp_path / "ct.outlines.nii.gz"
    hooks.write_labels(str(out), data, settings)
    (deposit,) = read_outlines(out, image=folder)
    assert int(deposit.regions[0].voxels.sum()) == 80
    assert BLOBS


def _grid(scan: Layer) -> object:
    from lesionkit.core.grid import Grid, ScaleSource

    return Grid(shape=scan.data.shape, spacing_mm=tuple(scan.scale), scale_source=ScaleSource.PATIENT_PLANE)


def test_the_sample_radiograph_comes_with_outlines() -> None:
    picture, outlines = (Layer.create(*layer) for layer in hooks.sample_radiograph())
    assert picture.data.ndim == 2
    assert len(outlines.data) > 0
    assert {str(unit) for unit in picture.units} == {"millimeter"}


def test_without_a_screen_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from napari_lesionkit._open import annotate

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform.startswith("linux"):
        with pytest.raises(InputError, match="no screen"):
            annotate(tmp_path)
    monkeypatch.setenv("DISPLAY", ":0")
    with pytest.raises(InputError, match="there is no folder"):
        annotate(tmp_path / "missing")
    with pytest.raises(InputError, match="who reads"):
        annotate(tmp_path, seed=1)


def test_without_napari_the_command_names_the_extra(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'napari':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from lesionkit.cli import main\n"
        f"sys.exit(main(['annotate', {str(tmp_path)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'pip install "lesionkit[napari]"' in done.stderr
    assert len(done.stderr.splitlines()) == 1
