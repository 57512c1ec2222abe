"""The images that written DICOM objects refer to, and how what is written of them is called."""

import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.mark import split_mark
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.region import Deposit
from lesionkit.core.response import Response
from lesionkit.errors import ReadError
from lesionkit.report.dicom_names import MAKER, Named, name_deposits, name_places, uid_of
from lesionkit.report.exporters import Tell

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MUST_HAVE = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
_MAY_BE_EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
"""Type 2 elements that are copied from the images: where these lack them, they are written empty."""
_FILED_BY = frozenset(
    {
        *(*_MUST_HAVE, *_MAY_BE_EMPTY, "IssuerOfPatientID", "SpecificCharacterSet", "ImageType", "Modality"),
        *("TimezoneOffsetFromUTC", "SeriesDate", "AcquisitionDate", "ContentDate", "AcquisitionDateTime"),
    }
)
"""Of what tells whose an image is, all that goes on: by it an archive files what belongs to the image."""
_OF_PEOPLE = (0x0008, 0x0010, 0x0012, 0x0032, 0x0038, 0x0040)
"""Groups of elements that hold people, places, requests and visits."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom and highdicom from warning of the images' own flaws, which may name private values."""
    loggers = [logging.getLogger(name) for name in ("pydicom", "highdicom")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was


@dataclass(frozen=True, kw_only=True)
class Source:
    """A DICOM image that somebody has read, with its deposits.

    Parameters
    ----------
    ref : ImageRef
        The image.
    grid : Grid
        With its scale.
    deposits : tuple of Named
        Its deposits; empty where somebody looked and saw nothing.
    places : tuple of Named
        Where deposits were that were excised or extruded, or are that cannot be judged.
    version : str
        Of lesionkit.
    """

    ref: ImageRef
    grid: Grid
    deposits: tuple[Named, ...]
    version: str
    places: tuple[Named, ...] = ()

    @cached_property
    def headers(self) -> "tuple[Dataset, ...]":
        """The files without their pixels, in the order of the planes.

        Raises
        ------
        ReadError
            If one cannot be read or lacks an identifier, so that nothing can refer to it.
        """
        return tuple(_header(path) for path in self.ref.paths)

    @property
    def is_multiframe(self) -> bool:
        """Whether several planes lie in one file."""
        return not self.grid.is_planar and len(self.ref.paths) != self.grid.shape[0]

    @property
    def shares_its_file(self) -> bool:
        """Whether its file holds frames of other volumes too."""
        return bool(self.ref.frames) and len(self.ref.frames) != int(self.headers[0].NumberOfFrames)

    @cached_property
    def frame_planes(self) -> tuple[int, ...]:
        """Of a multi-frame file: the plane that each frame shows, −1 for one of another volume."""
        assert self.grid.affine is not None
        (header,) = self.headers
        if self.ref.frames:
            planes = {frame: plane for plane, frame in enumerate(self.ref.frames)}
            # Frames of other volumes in the same file show none of ours.
            return tuple(planes.get(frame, -1) for frame in range(int(header.NumberOfFrames)))
        places = [
            item.PlanePositionSequence[0].ImagePositionPatient
            for item in header.PerFrameFunctionalGroupsSequence
        ]
        at = np.column_stack([np.array(places, dtype=np.float64), np.ones(len(places))])
        return tuple(int(plane) for plane in np.rint((at @ np.linalg.inv(self.grid.affine).T)[:, 0]))

    def of_plane(self, plane: int | None) -> "tuple[Dataset, list[int] | None]":
        """Return the file that shows a plane, and its frame number (from 1) where it has several."""
        if plane is None:
            return self.headers[0], [frame + 1 for frame in self.ref.frames] or None
        if self.is_multiframe:
            return self.headers[0], [self.frame_planes.index(plane) + 1]
        return self.headers[plane], None

    def site_uid(self, verdict: Response) -> str:
        """Return the tracking UID of a site as a whole, the same at every timepoint."""
        return uid_of("site", verdict.patient, verdict.modality.stream, verdict.site)

    def uid(self, *words: str) -> str:
        """Return a UID for something made of this image."""
        return uid_of(*self.ref.instance_uids, *map(str, self.ref.frames), *words)


def _header(path: Path) -> "Dataset":
    from pydicom import dcmread

    header = dcmread(path, stop_before_pixels=True, force=True)
    missing = [keyword for keyword in _MUST_HAVE if not header.get(keyword)]
    if missing:
        raise ReadError(
            f"{path.name} has no {missing[0]}, without which nothing can refer to it",
            path=path,
            hint="Export it again from the archive.",
        )
    for keyword in _MAY_BE_EMPTY:
        if keyword not in header:
            setattr(header, keyword, None)
    _forget(header)
    return header


def _forget(header: "Dataset") -> None:
    """Take out of a header what is not needed to refer to it: highdicom copies all it finds of people."""
    from pydicom.datadict import keyword_for_tag

    for tag in list(header.keys()):
        is_personal = tag.group in _OF_PEOPLE and keyword_for_tag(tag) not in _FILED_BY
        if is_personal or tag.is_private or keyword_for_tag(tag) == "PositionReferenceIndicator":
            del header[tag]


def sources(outcome: Outcome, tell: Tell | None) -> Iterator[Source]:
    """Yield the DICOM images that somebody has read, in the cohort's order; tell of the others."""
    tracks = outcome.tracks_of_deposits
    deposits, places = _by_image(outcome.deposits), _by_image(outcome.places)
    others = 0
    for ref in outcome.cohort.images:
        if ref.id not in outcome.grids:
            continue
        if ref.reader != "dicom":
            others += 1
            continue
        source = Source(
            ref=ref,
            grid=outcome.grids[ref.id],
            deposits=tuple(name_deposits(deposits.get(ref.id, ()), ref, tracks)),
            places=tuple(name_places(places.get(ref.id, ()), ref, outcome)),
            version=outcome.versions.get(MAKER, "0"),
        )
        yield _without_misleading_names(source, tell)
    if others and tell is not None:
        images = "1 image is" if others == 1 else f"{others} images are"
        tell(
            Problem(
                severity=Severity.WARNING,
                code="not_dicom",
                about=outcome.cohort.name,
                text=f"{images} no DICOM (photographs, NIfTI, NRRD), to which no DICOM object can refer: "
                "not written.",
                hint="Write them with --format geojson or nifti.",
            )
        )


def _by_image(deposits: Sequence[Deposit]) -> dict[str, list[Deposit]]:
    found: dict[str, list[Deposit]] = {}
    for deposit in deposits:
        found.setdefault(deposit.image, []).append(deposit)
    return found


def _without_misleading_names(source: Source, tell: Tell | None) -> Source:
    """Leave out deposits by whose name they would be read as excised, extruded or not assessable."""
    misleading = [
        named
        for named in (*source.deposits, *source.places)
        if split_mark(named.deposit.name or "")[1] is not None
    ]
    for named in misleading:
        text = (
            f"The name {named.deposit.name} would be read as what became of the deposit: it is not written."
        )
        cannot(tell, source, "name_is_a_mark", text, "Give it another name.")
    return replace(
        source,
        deposits=tuple(named for named in source.deposits if named not in misleading),
        places=tuple(named for named in source.places if named not in misleading),
    )


def cannot(tell: Tell | None, source: Source, code: str, text: str, hint: str = "") -> None:
    """Tell of something that the user meant to be written and is not."""
    if tell is not None:
        tell(Problem(severity=Severity.ERROR, code=code, about=source.ref.location, text=text, hint=hint))


def told_of(error: Exception) -> str:
    """Return which elements an error of a DICOM library names, as `` (A, B)``; never the values it quotes.

    Examples
    --------
    >>> told_of(AttributeError("'Dataset' object has no attribute 'StudyDate'")), told_of(ValueError("Doe^J"))
    (' (StudyDate)', '')
    """
    from pydicom.datadict import tag_for_keyword

    words = re.findall(r"[A-Z][A-Za-z0-9]{3,}", str(error))
    named = [
        keyword
        for word in words
        for keyword in (word, word.removesuffix("Values"))
        if tag_for_keyword(keyword) is not None
    ]
    return f" ({', '.join(dict.fromkeys(named))})" if named else ""


def remark(tell: Tell | None, source: Source, code: str, text: str) -> None:
    """Tell of something that is not written, as the rules say."""
    if tell is not None:
        tell(Problem(severity=Severity.INFO, code=code, about=source.ref.location, text=text))


def place_in(out: Path, source: Source, suffix: str, taken: set[Path]) -> Path:
    """Return where a file about an image is written: as the image lies in the cohort, its suffix replaced."""
    location = Path(source.ref.location)
    name = location.stem if location.suffix.lower() in (".dcm", ".dicom", ".ima") else location.name
    # A series that lies in the cohort's own folder has no name but its id.
    name = name or source.ref.id
    place = out / location.parent / f"{name}{suffix}"
    number = 1
    while place in taken:
        number += 1
        place = place.with_name(f"{name}-{number}{suffix}")
    taken.add(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
