import json

import numpy as np
import pytest
from PIL import Image

from lesionkit.io.load import read_image


@pytest.fixture
def photo(tmp_path):
    """Return a photograph of 60 × 80 pixels as an ImageRef."""
    path = tmp_path / "left-hand.png"
    Image.fromarray(np.zeros((60, 80), np.uint8)).save(path)
    return read_image(path)


@pytest.fixture
def write(photo):
    """Return what writes an outline file beside the photograph."""

    def write(*features, **top):
        path = photo.paths[0].with_name("left-hand.outlines.geojson")
        path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": list(features)}))
        return path

    return write
