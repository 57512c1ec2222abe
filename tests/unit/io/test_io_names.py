import subprocess
import sys

import lesionkit.io


def test_every_public_name_can_be_loaded():
    for name in lesionkit.io.__all__:
        assert getattr(lesionkit.io, name) is not None


def test_reading_a_folder_can_be_prepared_without_loading_a_heavy_library():
    heavy = "{'PIL', 'cv2', 'pydicom', 'highdicom', 'SimpleITK', 'scipy', 'skimage', 'shapely'}"
    code = (
        "import sys, lesionkit.io\n"
        "for name in lesionkit.io.__all__: getattr(lesionkit.io, name)\n"
        f"print(sorted({heavy} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
