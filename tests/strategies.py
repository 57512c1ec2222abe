"""What hypothesis draws from: shapes and spacings as they occur."""

import numpy as np
import numpy.typing as npt
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

# No deadline: a busy machine is not a wrong result.
settings.register_profile("lesionkit", deadline=None, max_examples=60)
settings.load_profile("lesionkit")

Ring = npt.NDArray[np.float64]


@st.composite
def rings(draw: st.DrawFn, *, size: float = 20.0) -> Ring:
    """Draw a line around the origin that does not cross itself, convex or not, shape (n, 2)."""
    count = draw(st.integers(3, 16))
    steps = draw(hnp.arrays(float, count, elements=st.floats(0.2, 1.0)))
    angles = 2 * np.pi * np.cumsum(steps) / steps.sum()
    if np.diff(angles, append=angles[0] + 2 * np.pi).max() > 3.0:
        angles = 2 * np.pi * np.arange(count) / count
    radii = draw(hnp.arrays(float, count, elements=st.floats(size / 5, size)))
    return np.stack([radii * np.sin(angles), radii * np.cos(angles)], axis=1)


def spacings() -> st.SearchStrategy[float]:
    """Draw a distance of pixels in mm, from a close-up to a thick slice."""
    return st.floats(0.02, 8.0)


@st.composite
def masks(draw: st.DrawFn, *, axes: int = 2) -> npt.NDArray[np.bool_]:
    """Draw a small yes-or-no mask with at least one pixel, in one or several parts, holes and all."""
    shape = draw(st.tuples(*[st.integers(1, 9)] * axes))
    mask = draw(hnp.arrays(bool, shape))
    mask[tuple(draw(st.integers(0, n - 1)) for n in shape)] = True
    return mask
