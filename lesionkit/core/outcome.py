"""What a run made, and what was wrong with the data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lesionkit.core.cohort import Answer, Cohort
from lesionkit.core.grid import Grid
from lesionkit.core.likeness import Comparability
from lesionkit.core.measurement import Measure, Measurement
from lesionkit.core.region import Deposit
from lesionkit.core.response import Criterion, Discordance, Response
from lesionkit.core.score import Score, ScoreResponse
from lesionkit.core.settings import Settings
from lesionkit.core.track import Track
from lesionkit.core.transform import Transform


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """Something is left out of the result that the user meant to be in it."""
    WARNING = "warning"
    """The result stands, but the user should look."""
    INFO = "info"
    """Left out or decided as the rules say; nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """Something wrong with the data.

    Parameters
    ----------
    severity : Severity
        How much it matters.
    code : str
        Stable short name such as ``outline_crosses_itself``; the reference manual lists all.
    about : str
        A path relative to the cohort or an id, never a person's name.
    text : str
        One sentence: what is wrong, what was expected.
    hint : str
        What to do; empty where nothing need be done.
    """

    severity: Severity
    code: str
    about: str
    text: str
    hint: str = ""


def worst_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems without repeats, errors first, each severity in order of what it is about."""
    rank = list(Severity)
    return tuple(sorted(set(problems), key=lambda p: (rank.index(p.severity), p.about, p.code, p.text)))


def any_error(problems: Iterable[Problem]) -> bool:
    """Return whether anything the user meant to be in the result is missing."""
    return any(problem.severity is Severity.ERROR for problem in problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the tables beside the images tell of people, those without images too.

    Parameters
    ----------
    scores : Mapping of str to tuple of Score
        The lines of ``scores.csv`` by patient, in order of time.
    answers : Mapping of str to tuple of Answer
        The lines of ``questionnaire.csv`` by patient, in order of time, undated ones first.
    events : Mapping of str to tuple of str, optional
        Those of ``adverse_events.csv`` by patient; None where there is no such table.
    problems : Mapping of str to tuple of Problem
        What is wrong with each table, by its name.
    """

    scores: Mapping[str, tuple[Score, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    events: Mapping[str, tuple[str, ...]] | None = None
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """All a run made, with what is needed to make it again.

    Parameters
    ----------
    cohort : Cohort
        What was found.
    settings : Settings
        What was asked for.
    criteria : tuple of Criterion
        The rules used.
    deposits : tuple of Deposit
        What was outlined, in the order of the cohort's images.
    places : tuple of Deposit
        Where deposits were that a person says are excised or extruded, or are that cannot be judged.
    grids : Mapping of str to Grid
        Geometry with scale of every image read, by image id.
    measurements : tuple of Measurement
        One per deposit and measure.
    measures : tuple of Measure
        What every measure means, those of other packages too, in the order of the tables.
    transforms : Mapping of str to Transform
        By image id: onto the first image read of its site.
    tracks : tuple of Track
        Deposits through time.
    track_responses : tuple of Response
        One per track and follow-up.
    responses : tuple of Response
        Per site and over all sites: every follow-up, then the final one.
    scores : tuple of ScoreResponse
        How the scores of ``scores.csv`` changed.
    discordances : tuple of Discordance
        Where photographs, radiology and scores say different things of a patient.
    problems : tuple of Problem
        What was wrong, worst first.
    relative : tuple of Measurement
        Sizes on photographs without a scale, in pixels of the first picture of their site: only their
        change has a meaning.
    likenesses : tuple of Comparability
        How alike each later photograph was taken to the first one of its site.
    given_scores : Mapping of str to tuple of Score
        The lines of ``scores.csv`` by patient, in order of time.
    answers : Mapping of str to tuple of Answer
        The lines of ``questionnaire.csv`` by patient, in order of time, undated ones first.
    told : Told
        All that the tables beside the images tell, of strangers too.
    intensity_units : Mapping of str to str
        Unit of the pixel values, by image id.
    inputs : Mapping of str to str
        SHA-256 of every file read, by path relative to the cohort.
    versions : Mapping of str to str
        lesionkit, Python and the libraries that computed.
    timings_s : Mapping of str to float
        Seconds per stage.
    """

    cohort: Cohort
    settings: Settings
    criteria: tuple[Criterion, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    places: tuple[Deposit, ...] = ()
    grids: Mapping[str, Grid] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    measures: tuple[Measure, ...] = ()
    transforms: Mapping[str, Transform] = field(default_factory=dict)
    tracks: tuple[Track, ...] = ()
    track_responses: tuple[Response, ...] = ()
    responses: tuple[Response, ...] = ()
    scores: tuple[ScoreResponse, ...] = ()
    discordances: tuple[Discordance, ...] = ()
    problems: tuple[Problem, ...] = ()
    relative: tuple[Measurement, ...] = ()
    likenesses: tuple[Comparability, ...] = ()
    given_scores: Mapping[str, tuple[Score, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    intensity_units: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def tracks_of_deposits(self) -> Mapping[tuple[str, str], Track]:
        """The track each deposit belongs to, by the ids of its image and of itself; suggestions have none."""
        return {
            (sighting.image, deposit): track
            for track in self.tracks
            for sighting in track.sightings
            if sighting.image is not None
            for deposit in sighting.deposits
        }

    @property
    def has_errors(self) -> bool:
        """Whether anything the user meant to be in the result is missing."""
        return any_error(self.problems)
