"""What a user can set in ``cohort.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from lesionkit.core.image import Modality
from lesionkit.core.response import Criterion
from lesionkit.core.surface import Surface, usual_surface

DEFAULT_CRITERION = "calcinosis-25"


class BaselineRule(StrEnum):
    """Which timepoint is baseline."""

    TREATMENT = "treatment"
    """The last on or before the first treatment's start, where one is known; else the first."""
    FIRST = "first"


class CardCode(StrEnum):
    """What follows where the calibration card in a photograph bears another patient's code."""

    BINDING = "binding"
    """The photograph is left out."""
    WARN = "warn"
    """It is measured all the same, with a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleSettings:
    """How photographs get their millimetres where nothing nearer to the image says.

    Parameters
    ----------
    marker_dictionary : str, optional
        OpenCV's name of the ArUco dictionary, such as ``DICT_4X4_50``.
    marker_size_mm : float, optional
        Side of the printed marker's black square.
    mm_per_px : float, optional
        One scale for all photographs.
    reference_length_mm : float, optional
        Length of the reference that outline files mark with two points but give no length for.
    field_diameter_mm : float, optional
        Diameter of the round field of view of the dermatoscope with which photographs were taken.
    find_rulers : bool
        Whether to look for rulers in photographs of which nothing better says the scale.
    card_bar_mm : tuple of float, optional
        What the bars of 100 mm on the printed calibration card measure, across and down.
    card_code : CardCode
        What follows where a card bears another patient's code.
    marker_sizes_mm : Mapping of int to float
        Side of markers that are of another size than `marker_size_mm`, by their number.
    marker_tolerance_mm : float
        By how much a marker's side may differ from what is given: how well it was measured.
    surfaces : Mapping of str to Surface
        What is declared of sites.
    surface : Surface
        Of the site at hand: see `at`.
    """

    marker_dictionary: str | None = None
    marker_size_mm: float | None = None
    mm_per_px: float | None = None
    reference_length_mm: float | None = None
    field_diameter_mm: float | None = None
    find_rulers: bool = True
    card_bar_mm: tuple[float, float] | None = None
    card_code: CardCode = CardCode.BINDING
    marker_sizes_mm: Mapping[int, float] = field(default_factory=dict)
    marker_tolerance_mm: float = 0.1
    surfaces: Mapping[str, Surface] = field(default_factory=dict)
    surface: Surface = field(default_factory=Surface)

    def __post_init__(self) -> None:
        for name in ("marker_size_mm", "mm_per_px", "reference_length_mm", "field_diameter_mm"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} must be positive, not {value}")
        for number, value in self.marker_sizes_mm.items():
            if not 0 < value < float("inf"):
                raise ValueError(f"the size of marker {number} must be positive, not {value}")
        if not 0 <= self.marker_tolerance_mm < float("inf"):
            raise ValueError(f"marker_tolerance_mm must be 0 or more, not {self.marker_tolerance_mm}")
        for name in ("marker_sizes_mm", "surfaces"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        if (self.marker_dictionary is None) != (self.marker_size_mm is None):
            raise ValueError("marker_dictionary and marker_size_mm go together")
        if self.card_bar_mm is not None and not all(90 <= bar <= 110 for bar in self.card_bar_mm):
            raise ValueError("card_bar_mm is what a bar of 100 mm measures, between 90 and 110")

    def at(self, site: str) -> "ScaleSettings":
        """Return the settings with the surface of a site: as declared, else what is usual there."""
        return replace(self, surface=self.surfaces.get(site, usual_surface(site)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalciumSettings:
    """What is known of how the CT shows calcium.

    Parameters
    ----------
    mg_per_ml_per_hu : float, optional
        Calibration factor of a phantom in the scan: milligrams of hydroxyapatite per millilitre and HU.
    dense_hu : float, optional
        HU of dense calcium.
    """

    mg_per_ml_per_hu: float | None = None
    dense_hu: float | None = None

    def __post_init__(self) -> None:
        for name in ("mg_per_ml_per_hu", "dense_hu"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} must be positive, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeSettings:
    """How the density of deposits becomes a grade; no cuts are published, so they are the user's own.

    Parameters
    ----------
    of : str
        Which pixel value is graded: ``contrast``, ``mean_intensity`` ...
    cuts : tuple of float
        Rising, in the image's own unit of pixel values; the grade is how many of them are reached.

    Raises
    ------
    ValueError
        If there is no cut, they do not rise, or `of` is not a pixel value.
    """

    cuts: tuple[float, ...]
    of: str = "contrast"

    def __post_init__(self) -> None:
        if not self.cuts or any(low >= high for low, high in pairwise(self.cuts)):
            raise ValueError(f"the cuts of a grade must rise, not {self.cuts}")
        if self.of != "contrast" and not self.of.endswith("_intensity"):
            raise ValueError(f"a grade is of contrast or of mean_intensity and the like, not {self.of}")


LINES = ("outline_mm", "correlation_mm", "reading_mm", "reader_mm")
"""The figures of a reader's lines, as opposed to those of a single measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderError:
    """How well readers repeat an outline on one kind of image; what is None is taken from defaults.

    Parameters
    ----------
    outline_mm : float, optional
        Standard deviation of a drawn line about the same reader's mean line, across the line.
    correlation_mm : float, optional
        How far along the line a deviation lasts: two points that far apart have a correlation of 1/e.
    reading_mm : float, optional
        Standard deviation, between two readings of one image by one reader, of how much larger all lines are
        drawn.
    reader_mm : float, optional
        The same between readers: it counts only where different readers are compared.
    wsd : Mapping of str to float
        Within-reader standard deviation of a measure (``area``, ``volume`` ...) in mm, mm² or mm³; takes
        the place of the above for that measure.
    wsd_log : Mapping of str to float
        The same of the measure's natural logarithm, where errors grow with size.
    source : str
        Where the figures come from.

    Raises
    ------
    ValueError
        If a figure is negative or not finite, or a measure has both kinds.
    """

    outline_mm: float | None = None
    correlation_mm: float | None = None
    reading_mm: float | None = None
    reader_mm: float | None = None
    wsd: Mapping[str, float] = field(default_factory=dict)
    wsd_log: Mapping[str, float] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        figures = {
            **{name: getattr(self, name) for name in LINES},
            **{f"wsd of {name}": value for name, value in self.wsd.items()},
            **{f"wsd_log of {name}": value for name, value in self.wsd_log.items()},
        }
        for name, value in figures.items():
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be 0 or more, not {value}")
        both = sorted(set(self.wsd) & set(self.wsd_log))
        if both:
            raise ValueError(f"{both[0]} has both wsd and wsd_log: give the one that size does not change")
        for name in ("wsd", "wsd_log"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


DEFAULT_ERROR_MODEL = "boundary"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSettings:
    """What is known of the errors of measuring.

    Parameters
    ----------
    model : str
        Name of the error model.
    readers : Mapping of Modality to ReaderError
        By modality stream; of those not named nothing is known.
    """

    model: str = DEFAULT_ERROR_MODEL
    readers: Mapping[Modality, ReaderError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "readers", MappingProxyType(dict(self.readers)))

    def reader(self, modality: Modality) -> ReaderError:
        """Return what is known of the readers of a modality; nothing where it is not named."""
        return self.readers.get(modality.stream, ReaderError())


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourSettings:
    """What in photographs is of known colour.

    Parameters
    ----------
    has_colorchecker : bool
        Whether a ColorChecker Classic lies in every photograph.
    card_patches : tuple of tuple of float, optional
        CIE L*a*b* (D50, 2°) measured on the 18 patches of the printed card, row by row.
    """

    has_colorchecker: bool = False
    card_patches: tuple[tuple[float, ...], ...] | None = None

    def __post_init__(self) -> None:
        patches = self.card_patches
        if patches is not None and (len(patches) != 18 or any(len(patch) != 3 for patch in patches)):
            raise ValueError("card_patches has L*, a* and b* of 18 patches")
        if patches is not None and self.has_colorchecker:
            raise ValueError("either the chart or the card's measured patches, not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was asked for.

    Parameters
    ----------
    name : str
        The cohort's name; empty = the folder's.
    timepoint_window_days : int
        Images at most this many days apart are one timepoint; 0 = the same day.
    baseline : BaselineRule
        Which timepoint is baseline.
    criteria : Mapping of Modality to str
        Name of the criterion per modality stream; those not named use `DEFAULT_CRITERION`.
    custom_criteria : tuple of Criterion
        The user's own.
    scale : ScaleSettings
        Scale of photographs.
    calcium : CalciumSettings
        How the CT shows calcium.
    errors : ErrorSettings
        What is known of the errors of measuring.
    colour : ColourSettings
        What in photographs is of known colour.
    grades : Mapping of Modality to GradeSettings
        How densities become grades, by modality stream; of those not named there is no grade.
    sites : Mapping of str to str
        Alias to site.
    patients : Mapping of str to str
        Name in a path or DICOM PatientID to pseudonym.
    dates : Mapping of str to date
        Name of a folder or file (or its relative path) to the day it stands for.
    """

    name: str = ""
    timepoint_window_days: int = 0
    baseline: BaselineRule = BaselineRule.TREATMENT
    criteria: Mapping[Modality, str] = field(default_factory=dict)
    custom_criteria: tuple[Criterion, ...] = ()
    scale: ScaleSettings = field(default_factory=ScaleSettings)
    calcium: CalciumSettings = field(default_factory=CalciumSettings)
    errors: ErrorSettings = field(default_factory=ErrorSettings)
    colour: ColourSettings = field(default_factory=ColourSettings)
    grades: Mapping[Modality, GradeSettings] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)
    patients: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.timepoint_window_days < 0:
            raise ValueError("timepoint_window_days must be 0 or more")
        for name in ("criteria", "grades", "sites", "patients", "dates"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def criterion_name(self, modality: Modality) -> str:
        """Return the name of the criterion for a modality."""
        return self.criteria.get(modality.stream, DEFAULT_CRITERION)
