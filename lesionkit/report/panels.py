"""What is drawn over time: values with their errors, in lines, in panels."""

from dataclasses import dataclass
from datetime import date

from lesionkit.core.track import Presence
from lesionkit.report.marks import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A value on a day.

    Parameters
    ----------
    date : date
        The day.
    value : float, optional
        None where it is not known.
    presence : Presence
        Whether the deposit was there.
    error : float, optional
        Half of the 95 % interval.
    told : str
        What is said of it when it is pointed at; empty = its value.
    note : str
        A word beside it, such as ``smallest``.
    """

    date: date
    value: float | None
    presence: Presence = Presence.PRESENT
    error: float | None = None
    told: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The values of one track, of all, or of a score.

    Parameters
    ----------
    label : str
        What it is of.
    mark : Mark
        How it is drawn.
    dots : tuple of Dot
        In order of time.
    is_total : bool
        Whether it is the sum, on which the response is built.
    """

    label: str
    mark: Mark
    dots: tuple[Dot, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range of values that counts as stable.

    Parameters
    ----------
    low, high : float
        Its ends.
    label : str
        What it is.
    low_label, high_label : str
        What lies beyond each end; empty where nothing is said.
    """

    low: float
    high: float
    label: str
    low_label: str = ""
    high_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Lines that share one axis of sizes.

    Parameters
    ----------
    lines : tuple of Line
        Values all in one unit.
    unit : str
        As printed.
    name : str
        What is shown; empty where the page says so.
    band : Band, optional
        Range that counts as stable.
    height : float
        Of its plot.
    """

    lines: tuple[Line, ...]
    unit: str
    name: str = ""
    band: Band | None = None
    height: float = 234.0

    @property
    def days(self) -> set[date]:
        """Days of its values."""
        return {dot.date for line in self.lines for dot in line.dots}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(dot.value is not None for line in self.lines for dot in line.dots)

    @property
    def has_gaps(self) -> bool:
        """Whether anything is told below its axis."""
        return any(dot.value is None for line in self.lines if not line.is_total for dot in line.dots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something told of a day, in a lane of its own below the panels."""

    date: date
    text: str
    told: str
