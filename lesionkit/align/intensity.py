"""Rigid and similarity registration by mutual information, on a coarse lattice in physical space."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, homogeneous

BINS = 32
"""Bins of the joint histogram of mutual information."""

SEED = 1


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
    if not image.body.any() or not baseline.body.any():
        return None
    fixed, fixed_mask = _itk(image)
    moving, _ = _itk(baseline)
    start = _best_start(fixed, moving, fixed_mask, _starts(image, baseline, turns_deg))
    if start is None:
        return None
    for shrink, smooth, share in ((4, 2.0, 1.0), (2, 1.0, 0.5), (1, 0.0, 0.2)):
        method = _method(fixed_mask, shrink=shrink, smooth=smooth, share=share)
        method.SetInitialTransform(start, inPlace=True)
        method.SetOptimizerAsRegularStepGradientDescent(
            learningRate=2.0 * shrink * image.step,
            minStep=1e-3 * image.step,
            numberOfIterations=100,
            relaxationFactor=0.6,
            gradientMagnitudeTolerance=1e-7,
        )
        method.SetOptimizerScalesFromPhysicalShift()
        try:
            method.Execute(fixed, moving)
        except RuntimeError:
            # ITK's word for "the two no longer overlap": a finding, not a fault.
            return None
    return _matrix(start)


def _itk(lattice: Lattice) -> tuple[Any, Any]:
    import SimpleITK

    out = []
    for array in (lattice.values, lattice.inside.astype(np.uint8)):
        image = SimpleITK.GetImageFromArray(array)
        image.SetOrigin(lattice.origin.tolist())
        image.SetSpacing([lattice.step] * array.ndim)
        out.append(image)
    return out[0], out[1]


def _method(mask: Any, *, shrink: int, smooth: float, share: float) -> Any:
    import SimpleITK

    method = SimpleITK.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=BINS)
    method.SetMetricFixedMask(mask)
    method.SetMetricSamplingStrategy(method.REGULAR if share < 1 else method.NONE)
    method.SetMetricSamplingPercentage(share, SEED)
    method.SetInterpolator(SimpleITK.sitkLinear)
    method.SetShrinkFactorsPerLevel([shrink])
    method.SetSmoothingSigmasPerLevel([smooth])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOff()
    return method


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


def _best_start(fixed: Any, moving: Any, mask: Any, starts: list[Any]) -> Any:
    import SimpleITK

    best, lowest, axes = None, np.inf, fixed.GetDimension()

    coarse = [
        SimpleITK.Shrink(SimpleITK.SmoothingRecursiveGaussian(itk, 2 * itk.GetSpacing()[0]), [4] * axes)
        for itk in (fixed, moving)
    ]
    for start in starts:
        method = _method(mask, shrink=1, smooth=0.0, share=1.0)
        method.SetInitialTransform(start, inPlace=False)
        try:
            value = method.MetricEvaluate(*coarse)
        except RuntimeError:
            continue  # ITK refuses a start at which too little overlaps
        if value < lowest:
            best, lowest = start, value
    return best


def _matrix(transform: Any) -> Floats:
    axes = transform.GetDimension()
    linear = np.asarray(transform.GetMatrix()).reshape(axes, axes)
    centre = np.asarray(transform.GetCenter())
    matrix = np.eye(axes + 1)
    matrix[:axes, :axes] = linear
    matrix[:axes, axes] = centre + np.asarray(transform.GetTranslation()) - linear @ centre
    return matrix
