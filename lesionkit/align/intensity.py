"""Rigid and similarity registration by mutual information, on a coarse lattice in physical space."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, homogeneous

BINS = 32
"""Bins of the joint histogram of mutual information."""

SEED = 1

SAMPLES = 60_000
"""Greatest number of lattice points the information is taken from, evenly spread."""

LEVELS = ((4, 6), (2, 2), (1, 1))
"""From coarse to fine: every how many lattice points are taken, and how many starts are followed there."""

LEAST_OVERLAP = 0.3
"""Least share of the image's body that must lie on what the baseline shows."""

FEWEST = 8
"""Lattice points along its shortest side below which an image is too small to be registered."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """An image sampled at even steps along the axes of physical space.

    Parameters
    ----------
    values : ndarray of float32, shape (..., y, x)
        Last axis along x, as SimpleITK has it.
    inside : ndarray of bool, same shape
        Where the image has pixels.
    body : ndarray of bool, same shape
        Where there is more than air.
    origin : ndarray of float, shape (d,)
        Place of the first value, x first.
    step : float
        Distance of neighbouring values.
    """

    values: npt.NDArray[np.float32]
    inside: npt.NDArray[np.bool_]
    body: npt.NDArray[np.bool_]
    origin: Floats
    step: float

    def points(self, where: npt.NDArray[np.bool_]) -> Floats:
        """Return the places of chosen values, shape (n, d), x first."""
        return np.argwhere(where)[:, ::-1] * self.step + self.origin

    @property
    def centre_of_body(self) -> Floats:
        """Mean place of the body."""
        return np.asarray(self.points(self.body).mean(axis=0))

    @property
    def centre(self) -> Floats:
        """Middle of the lattice."""
        return np.asarray(self.origin + (np.asarray(self.values.shape[::-1]) - 1) * self.step / 2)

    def at(self, points: Floats, array: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return an array of this lattice at places, linear between its values, 0 beyond."""
        from scipy.ndimage import map_coordinates

        index = ((points - self.origin) / self.step)[:, ::-1].T
        return np.asarray(map_coordinates(array.astype(np.float32, copy=False), index, order=1))


def sample_lattice(pixels: npt.NDArray[Any], affine: Floats, *, step: float) -> Lattice:
    """Return an image on a lattice in physical space, its values clipped and scaled to 0 to 1.

    Parameters
    ----------
    pixels : ndarray, shape (rows, cols) or (planes, rows, cols)
        Values, already clipped to what matters.
    affine : ndarray of float, shape (d + 1, d + 1)
        Carries pixel coordinates to physical ones, x first.
    step : float
        Distance of neighbouring lattice points.
    """
    from scipy.ndimage import affine_transform
    from skimage.filters import threshold_otsu

    small, affine = _shrink(pixels, affine, step)
    axes = small.ndim
    corners = np.indices((2,) * axes).reshape(axes, -1).T * (np.asarray(small.shape) - 1.0)
    reach = homogeneous(affine, corners)
    origin = reach.min(axis=0)
    counts = np.floor((reach.max(axis=0) - origin) / step).astype(int) + 1
    # Lattice index (..., y, x) -> physical (x, y, ...) -> pixel.
    onto_space = np.eye(axes + 1)
    onto_space[:axes, :axes] = np.fliplr(np.eye(axes)) * step
    onto_space[:axes, axes] = origin
    back = np.linalg.inv(affine) @ onto_space
    shape = tuple(int(count) for count in counts[::-1])
    low, high = np.percentile(small, (0.5, 99.5))
    scaled = np.clip((small - low) / max(high - low, 1e-9), 0, 1).astype(np.float32)
    values = affine_transform(scaled, back[:axes, :axes], back[:axes, axes], output_shape=shape, order=1)
    ones = np.ones(small.shape, dtype=np.float32)
    inside = affine_transform(ones, back[:axes, :axes], back[:axes, axes], output_shape=shape, order=1) > 0.99
    level = threshold_otsu(values[inside]) if inside.any() and np.ptp(values[inside]) > 0 else np.inf
    return Lattice(values=values, inside=inside, body=inside & (values > level), origin=origin, step=step)


def _shrink(pixels: npt.NDArray[Any], affine: Floats, step: float) -> tuple[npt.NDArray[np.float32], Floats]:
    """Average whole blocks of pixels up to the lattice's step: nothing is aliased, and it is quick."""
    sides = np.linalg.norm(affine[:-1, :-1], axis=0)
    factors = [
        int(max(1, min(step // side, length))) for side, length in zip(sides, pixels.shape, strict=True)
    ]
    kept = tuple(slice(0, length // f * f) for length, f in zip(pixels.shape, factors, strict=True))
    blocks: list[int] = []
    for length, factor in zip(pixels.shape, factors, strict=True):
        blocks += [length // factor, factor]
    odd = tuple(range(1, 2 * pixels.ndim, 2))
    small = pixels[kept].reshape(blocks).mean(axis=odd, dtype=np.float32)
    scale = np.eye(len(affine))
    scale[:-1, :-1] = np.diag(factors)
    scale[:-1, -1] = (np.asarray(factors) - 1) / 2
    return small, affine @ scale


def register(image: Lattice, baseline: Lattice, *, turns_deg: tuple[float, ...]) -> Floats | None:
    """Return the matrix that carries physical places of an image onto the baseline; None where none is found.

    Rigid in three dimensions, a similarity in two, by Mattes mutual information [1]_ over three
    resolutions, from the best of several starts (bodies or frames centred on one another, or where
    they are; turned by each of `turns_deg` about each axis). Deterministic: one thread, fixed seed.

    References
    ----------
    .. [1] Mattes D et al. PET-CT image registration in the chest using free-form deformations.
       IEEE Trans Med Imaging 2003;22:120-128.
    """
    lattices = (image, baseline)
    if any(min(each.values.shape) < FEWEST or not each.body.any() for each in lattices):
        return None
    search = _Search(image, baseline)
    starts = _starts(image, baseline, turns_deg)
    for shrink, kept in LEVELS:
        # Mutual information likes a sliver of overlap in which all is air: such starts are let go.
        meeting = [start for start in starts if _overlap(image, baseline, _matrix(start)) >= LEAST_OVERLAP]
        best = search.best(meeting, shrink=shrink)[:kept]
        starts = [found for start in best if (found := search.refined(start, shrink=shrink)) is not None]
    return _matrix(starts[0]) if starts else None


def stretch(image: Lattice, baseline: Lattice, start: Floats) -> Floats | None:
    """Return the affine motion near a rigid one at which most is shared; None where there is none.

    Searched as in `register`, at its two finest resolutions, with all of scale and shear free. A strong
    shear is followed in part only: of twelve unknowns the descent stops early.

    Parameters
    ----------
    image, baseline : Lattice
        In space.
    start : ndarray of float, shape (d + 1, d + 1)
        What `register` found.
    """
    import SimpleITK

    axes = image.values.ndim
    transform = SimpleITK.AffineTransform(axes)
    centre = image.centre_of_body
    transform.SetCenter(centre.tolist())
    transform.SetMatrix(start[:axes, :axes].ravel().tolist())
    transform.SetTranslation((homogeneous(start, centre[None])[0] - centre).tolist())
    search = _Search(image, baseline)
    for shrink, _ in LEVELS[1:]:
        if search.refined(transform, shrink=shrink) is None:
            return None
    return _matrix(transform)


def _overlap(image: Lattice, baseline: Lattice, matrix: Floats) -> float:
    """Return the share of the image's body that is carried onto what the baseline shows."""
    body = image.points(image.body)
    places = homogeneous(matrix, body[:: max(1, len(body) // 2000)])
    return float((baseline.at(places, baseline.inside) > 0.5).mean())


class _Search:
    """SimpleITK's registration of one lattice onto another, at chosen resolutions.

    Parameters
    ----------
    image, baseline : Lattice
        The first is held still, as ITK's transforms carry the still image's places.
    """

    def __init__(self, image: Lattice, baseline: Lattice) -> None:
        self._still = {shrink: _itk(image, shrink) for shrink, _ in LEVELS}
        self._moving = {shrink: _itk(baseline, shrink) for shrink, _ in LEVELS}
        self._step = image.step

    def best(self, starts: list[Any], *, shrink: int) -> list[Any]:
        """Return the starts that can be evaluated, the best first."""
        values = [self._value(start, shrink) for start in starts]
        ranked = sorted((value, index) for index, value in enumerate(values) if value is not None)
        return [starts[index] for _, index in ranked]

    def refined(self, start: Any, *, shrink: int) -> Any:
        """Return a start moved to the best place near it; None where the two then no longer overlap."""
        method = self._method(start, shrink)
        method.SetOptimizerAsRegularStepGradientDescent(
            learningRate=shrink * self._step,
            minStep=1e-3 * self._step,
            numberOfIterations=100,
            relaxationFactor=0.6,
            gradientMagnitudeTolerance=1e-7,
        )
        method.SetOptimizerScalesFromPhysicalShift()
        try:
            method.Execute(self._still[shrink][0], self._moving[shrink][0])
        except RuntimeError:
            # ITK's word for "the two no longer overlap": a finding, not a fault.
            return None
        return start

    def _value(self, start: Any, shrink: int) -> float | None:
        try:
            method = self._method(start, shrink)
            return float(method.MetricEvaluate(self._still[shrink][0], self._moving[shrink][0]))
        except RuntimeError:
            return None

    def _method(self, start: Any, shrink: int) -> Any:
        import SimpleITK

        method = SimpleITK.ImageRegistrationMethod()
        method.SetNumberOfThreads(1)
        method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=BINS)
        method.SetMetricFixedMask(self._still[shrink][1])
        share = min(1.0, SAMPLES / self._still[shrink][0].GetNumberOfPixels())
        method.SetMetricSamplingStrategy(method.REGULAR if share < 1 else method.NONE)
        method.SetMetricSamplingPercentage(share, SEED)
        method.SetInterpolator(SimpleITK.sitkLinear)
        method.SetInitialTransform(start, inPlace=True)
        return method


def _itk(lattice: Lattice, shrink: int) -> tuple[Any, Any]:
    """Return a lattice's values and where it has some, smoothed and thinned."""
    import SimpleITK
    from scipy.ndimage import gaussian_filter

    smooth = lattice.values if shrink == 1 else gaussian_filter(lattice.values, shrink / 2)
    every = (slice(None, None, shrink),) * lattice.values.ndim
    out = []
    for array in (smooth[every], lattice.inside[every].astype(np.uint8)):
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(array))
        image.SetOrigin(lattice.origin.tolist())
        image.SetSpacing([lattice.step * shrink] * array.ndim)
        out.append(image)
    return out[0], out[1]


def _starts(image: Lattice, baseline: Lattice, turns_deg: tuple[float, ...]) -> list[Any]:
    import SimpleITK

    axes = image.values.ndim
    shifts = [
        baseline.centre_of_body - image.centre_of_body,
        baseline.centre - image.centre,
        np.zeros(axes),
    ]
    starts = []
    for shift in shifts:
        for turn in _turns(axes, turns_deg):
            transform = SimpleITK.Euler3DTransform() if axes == 3 else SimpleITK.Similarity2DTransform()
            transform.SetCenter(image.centre_of_body.tolist())
            transform.SetTranslation(shift.tolist())
            if axes == 3:
                transform.SetRotation(*np.deg2rad(turn).tolist())
            else:
                transform.SetAngle(float(np.deg2rad(turn[0])))
            starts.append(transform)
    return starts


def _turns(axes: int, turns_deg: tuple[float, ...]) -> list[Floats]:
    directions = np.eye(3 if axes == 3 else 1)
    return [np.zeros(len(directions)), *(turn * axis for axis in directions for turn in turns_deg)]


def _matrix(transform: Any) -> Floats:
    axes = transform.GetDimension()
    linear = np.asarray(transform.GetMatrix()).reshape(axes, axes)
    centre = np.asarray(transform.GetCenter())
    matrix = np.eye(axes + 1)
    matrix[:axes, :axes] = linear
    matrix[:axes, axes] = centre + np.asarray(transform.GetTranslation()) - linear @ centre
    return matrix
