"""Seeded randomness: every picture of the phantom comes out the same for the same words and seed."""

import zlib

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
"""A picture of one number per pixel."""


def rng_of(seed: int, *words: str) -> np.random.Generator:
    """Return a generator that depends on a seed and on what it is for, and on nothing else.

    Examples
    --------
    >>> a, b = rng_of(1, "skin", "P01"), rng_of(1, "skin", "P01")
    >>> a.random() == b.random()
    True
    """
    return np.random.default_rng([seed, *(zlib.crc32(word.encode()) for word in words)])


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale_px: float) -> Field:
    """Return noise without detail finer than a scale, with mean near 0 and standard deviation near 1.

    Cubic interpolation of independent normal numbers on a coarse lattice, so that it costs as little
    for wide scales as for fine ones.
    """
    import cv2

    rows, cols = (int(np.ceil(n / scale_px)) + 4 for n in shape)
    lattice = rng.standard_normal((rows, cols), dtype=np.float32)
    size = (int(cols * scale_px) + 1, int(rows * scale_px) + 1)
    wide = cv2.resize(lattice, size, interpolation=cv2.INTER_CUBIC)
    off = int(1.5 * scale_px)
    return np.asarray(wide[off : off + shape[0], off : off + shape[1]] * np.float32(1.4), dtype=np.float32)


def fractal_noise(
    rng: np.random.Generator, shape: tuple[int, int], scales_px: tuple[float, ...], fall: float = 0.6
) -> Field:
    """Return the sum of smooth noises of several scales, each weaker than the one before by `fall`."""
    total = np.zeros(shape, dtype=np.float32)
    weight = 1.0
    for scale in scales_px:
        total += np.float32(weight) * smooth_noise(rng, shape, scale)
        weight *= fall
    return total


def periodic_noise(rng: np.random.Generator, terms: int) -> tuple[npt.NDArray[np.float64], ...]:
    """Return the coefficients of a random smooth function of an angle: cosines, sines (k = 2, 3, ...).

    Their amplitudes fall as 1/k; the function has standard deviation 1.
    """
    k = np.arange(2, 2 + terms)
    a, b = rng.standard_normal((2, terms)) / k
    size = np.sqrt((a**2 + b**2).sum() / 2)
    return a / size, b / size
