"""An outcome patient by patient: a page is made of its patient's part, which tells when it is out of date."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lesionkit.core.cohort import Cohort, Patient
from lesionkit.core.outcome import Outcome, Told
from lesionkit.report.source import Source

if TYPE_CHECKING:
    from hashlib import _Hash

V = TypeVar("V")


def outcomes_of(source: Source) -> dict[str, Outcome]:
    """Return the part of an outcome that concerns each patient with a picture, by the patient's id.

    It has the settings, rules and versions of the whole and all that is known of this patient and this
    patient's images; of other patients it has nothing, and of the run no timings.
    """
    outcome = source.outcome
    patients = [patient for patient in outcome.cohort.patients if patient.timepoints]
    owners = {ref.id: patient.id for patient in patients for ref in patient.images}

    def by_image(values: Iterable[V], image: Callable[[V], str]) -> dict[Hashable, list[V]]:
        return _grouped(values, lambda value: owners.get(image(value)))

    deposits = by_image(outcome.deposits, lambda d: d.image)
    places = by_image(outcome.places, lambda d: d.image)
    measurements = by_image(outcome.measurements, lambda m: m.image)
    relative = by_image(outcome.relative, lambda m: m.image)
    likenesses = by_image(outcome.likenesses, lambda found: found.image)
    tracks = _grouped(outcome.tracks, lambda t: t.patient)
    track_responses = _grouped(outcome.track_responses, lambda r: r.patient)
    responses = _grouped(outcome.responses, lambda r: r.patient)
    scores = _grouped(outcome.scores, lambda s: s.patient)
    discordances = _grouped(outcome.discordances, lambda d: d.patient)
    inputs = _inputs_by_patient(outcome, patients)
    parts = {}
    for patient in patients:
        key = patient.id
        images = [ref.id for ref in patient.images]
        parts[key] = replace(
            outcome,
            cohort=Cohort(root=outcome.cohort.root, name=outcome.cohort.name, patients=(patient,)),
            deposits=tuple(deposits.get(key, ())),
            places=tuple(places.get(key, ())),
            grids=_only(outcome.grids, images),
            measurements=tuple(measurements.get(key, ())),
            transforms=_only(outcome.transforms, images),
            tracks=tuple(tracks.get(key, ())),
            track_responses=tuple(track_responses.get(key, ())),
            responses=tuple(responses.get(key, ())),
            scores=tuple(scores.get(key, ())),
            discordances=tuple(discordances.get(key, ())),
            problems=source.problems.get(key, ()),
            relative=tuple(relative.get(key, ())),
            likenesses=tuple(likenesses.get(key, ())),
            given_scores=_only(outcome.given_scores, [key]),
            answers=_only(outcome.answers, [key]),
            told=Told(),
            intensity_units=_only(outcome.intensity_units, images),
            inputs=inputs.get(key, {}),
            timings_s={},
        )
    return parts


def _grouped(values: Iterable[V], key: Callable[[V], Hashable]) -> dict[Hashable, list[V]]:
    groups: dict[Hashable, list[V]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return groups


def _only(values: Mapping[str, V], keys: Iterable[str]) -> dict[str, V]:
    return {key: values[key] for key in keys if key in values}


def _inputs_by_patient(outcome: Outcome, patients: Iterable[Patient]) -> dict[str, dict[str, str]]:
    """Return the fingerprints of the files beside each patient's images; of shared folders all of them."""
    owners: dict[str, set[str]] = {}
    for patient in patients:
        for ref in patient.images:
            place = Path(ref.location)
            for folder in (place, place.parent):
                owners.setdefault(folder.as_posix(), set()).add(patient.id)
    found: dict[str, dict[str, str]] = {}
    for path, digest in outcome.inputs.items():
        places = (folder.as_posix() for folder in (Path(path), *Path(path).parents))
        for patient_id in next((owners[place] for place in places if place in owners), ()):
            found.setdefault(patient_id, {})[path] = digest
    return found


@cache
def code_digest() -> str:
    """Return the SHA-256 of lesionkit's own files: what another version makes may differ."""
    import lesionkit

    root = Path(lesionkit.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".html", ".css", ".js", ".toml", ".csv") and path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def digest_of(*values: object) -> str:
    """Return the SHA-256 of values with all that they hold; equal values have equal digests, in any process.

    Raises
    ------
    TypeError
        If one holds something of which it is not known how to tell that it changed.

    Examples
    --------
    >>> digest_of({"a": 1, "b": (2.0, None)}) == digest_of({"b": (2.0, None), "a": 1})
    True
    >>> digest_of("1") == digest_of(1)
    False
    """
    digest = hashlib.sha256()
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: "_Hash", value: object) -> None:
    digest.update(f"{type(value).__qualname__}\0".encode())
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}\0".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, _PLAIN):
        digest.update(f"{value!r}\0".encode("utf-8", "surrogatepass"))
    else:
        for part in _parts(value):
            _feed(digest, part)
    digest.update(b"\1")


_PLAIN = (type(None), bool, int, float, str, bytes, date, Enum, Path, np.generic)


def _parts(value: object) -> Iterator[object]:
    if is_dataclass(value):
        for field in fields(value):
            yield field.name
            yield getattr(value, field.name)
    elif isinstance(value, Mapping):
        for key in sorted(value, key=repr):
            yield key
            yield value[key]
    elif isinstance(value, (frozenset, set)):
        yield from sorted(value, key=repr)
    elif isinstance(value, (tuple, list)):
        yield from value
    else:
        raise TypeError(f"{type(value).__qualname__} has no digest")
