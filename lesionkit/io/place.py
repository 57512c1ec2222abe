"""Whose image it is, of which day and site: what tables, headers and path say, in this order of trust."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.image import FoundImage, ImageRef, Modality
from lesionkit.core.outcome import Problem
from lesionkit.core.settings import Settings
from lesionkit.io import manifest as table
from lesionkit.io.archive import is_zip
from lesionkit.io.files import stem
from lesionkit.io.load import said_modality
from lesionkit.io.manifest import Manifest, Said
from lesionkit.io.photo import EXIF_DATE
from lesionkit.io.problems import error, warning
from lesionkit.io.tables import IMAGES
from lesionkit.io.words import dates_in, is_noise, site_word, without_dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An image with its patient and day; what was wrong with it is kept beside it.

    Parameters
    ----------
    image : ImageRef, optional
        None where it could not be placed.
    patient : str
        Pseudonym.
    date : date, optional
        Day it was taken; None where it could not be placed.
    problems : tuple of Problem
        Of this image.
    """

    image: ImageRef | None
    patient: str
    date: date | None
    problems: tuple[Problem, ...] = ()


def place_images(
    found: Sequence[FoundImage], *, root: Path, settings: Settings, manifest: Manifest
) -> tuple[tuple[Placed, ...], tuple[Problem, ...]]:
    """Return images with patient, day, site and modality, and problems that concern no single one.

    The order in which sources are believed is that of the interface manual, section 1.
    """
    said = {image.id: manifest.said_of(image, root=root) for image in found}
    whose, problems = _patients(found, said, settings, root)
    placed = tuple(_placed(image, said[image.id], whose[image.id], settings) for image in found)
    return placed, problems


def pseudonym(name: str, settings: Settings) -> str:
    """Return what a patient of some name is called: as ``[patients]`` says, without BIDS' ``sub-``."""
    bare = name.removeprefix("sub-") or name
    return settings.patients.get(name, settings.patients.get(bare, bare))


def folders_of(location: str, *, settings: Settings) -> tuple[str, ...]:
    """Return the folders an image lies in that are not dates, outermost first."""
    parents = _as_folders(location).parts[:-1]
    return tuple(part for part in parents if without_dates(part) and part not in settings.dates)


def _as_folders(location: str) -> PurePosixPath:
    """Return a path in which archives are called like folders: ``P01.zip/IM0001`` lies in ``P01``."""
    *parents, name = PurePosixPath(location).parts
    return PurePosixPath(*(part[:-4] if is_zip(Path(part)) else part for part in parents), name)


def _parents(image: FoundImage) -> str:
    # A series' location is its folder, which is itself one of the folders its files lie in, unless
    # several share that: then it is called by a file of it, or by its number in a file.
    return image.location if _is_called_by_file(image) else f"{image.location}/*"


def _is_called_by_file(image: FoundImage) -> bool:
    names = (f"/{image.location}", f"/{re.sub('#[0-9]+$', '', image.location)}")
    return any(path.as_posix().endswith(names) for path in image.paths)


def _patients(
    found: Sequence[FoundImage], said: Mapping[str, Said], settings: Settings, root: Path
) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    folders: dict[str, str] = {}
    ids: dict[str, set[str]] = {}
    for image in found:
        if said[image.id].patient is None and (names := _folder_names(image, settings)):
            folders[image.id] = names[0]
            if image.patient:
                ids.setdefault(names[0], set()).add(pseudonym(image.patient, settings))
    shared = {folder for folder, several in ids.items() if len(several) > 1}
    whose: dict[str, str] = {}
    problems = [_several_patients(folder, len(ids[folder])) for folder in sorted(shared)]
    odd: dict[str, Problem] = {}
    for image in found:
        named = said[image.id].patient or _named_in_settings(image, settings)
        folder = folders.get(image.id)
        if named is None and folder is not None and folder not in shared:
            named = without_dates(folder)
            if named.lower() in _KINDS_OF_IMAGE:
                odd.setdefault(named, _hardly_a_patient(image.location, named))
        elif named is None and folder in shared and not image.patient:
            problems.append(_whose_is_it(image))
        whose[image.id] = pseudonym(named or image.patient or root.resolve().name, settings)
    return whose, (*problems, *odd.values())


_KINDS_OF_IMAGE = {"ct", "mr", "mri", "xray", "x-ray", "cr", "dx", "dicom", "photo", "photos", "photographs"}


def _hardly_a_patient(location: str, name: str) -> Problem:
    return warning(
        "patient_named_like_images",
        location,
        f"The patient is taken to be {name!r}, because that is the first folder which is not a date.",
        "Name the folder above the patients' folders as FOLDER, or name the patient in "
        f"{IMAGES} or [patients] of cohort.toml.",
    )


def _folder_names(image: FoundImage, settings: Settings) -> tuple[str, ...]:
    return folders_of(_parents(image), settings=settings)


def _named_in_settings(image: FoundImage, settings: Settings) -> str | None:
    names = _as_folders(_parents(image)).parts[:-1]
    paths = ["/".join(names[: depth + 1]) for depth in range(len(names))]
    return next(
        (key for pair in zip(paths, names, strict=True) for key in pair if key in settings.patients), None
    )


def _several_patients(folder: str, count: int) -> Problem:
    return warning(
        "folder_of_several_patients",
        folder,
        f"Under this folder lie DICOM files of {count} patients, so each goes by its own PatientID.",
        f"Give each patient a folder, or name the patients in {IMAGES} or [patients] of cohort.toml.",
    )


def _whose_is_it(image: FoundImage) -> Problem:
    return warning(
        "patient_not_told",
        image.location,
        "The folder holds DICOM files of several patients and this image names none, "
        "so it is counted to a patient named as the whole folder.",
        f"Give each patient a folder, or name the patient in {IMAGES}.",
    )


def _placed(image: FoundImage, said: Said, patient: str, settings: Settings) -> Placed:
    problems: list[Problem] = []
    if said.is_refused:
        return Placed(image=None, patient=patient, date=None, problems=(table.refused(image.location),))
    day = _day(image, said, settings, problems)
    modality = _modality(image, said, problems)
    if day is None or modality is None:
        return Placed(image=None, patient=patient, date=None, problems=tuple(problems))
    claims: tuple[ScaleClaim, ...] = ()
    if said.mm_per_px is not None:
        claims = (ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=said.mm_per_px),)
    site = _site(image, said, patient, modality, settings, problems)
    ref = image.placed(modality=modality, site=site, scale_claims=claims)
    return Placed(image=ref, patient=patient, date=day, problems=tuple(problems))


def _day(image: FoundImage, said: Said, settings: Settings, problems: list[Problem]) -> date | None:
    sources: list[tuple[str, date]] = []
    if said.date is not None:
        sources.append((IMAGES, said.date))
    sources += _set_day(image, settings)
    sources += [source for source in image.dates if source[0] != EXIF_DATE]
    sources += _day_of_path(image.location)
    sources += [source for source in image.dates if source[0] == EXIF_DATE]
    if not sources:
        problems.append(
            error(
                "no_date",
                image.location,
                "Nothing says on which day this image was taken; it is left out.",
                f"Put it into a folder named like 2012-03-01, or give its date in {IMAGES} "
                "or in [dates] of cohort.toml.",
            )
        )
        return None
    first, day = sources[0]
    others = [f"{name} says {other}" for name, other in sources[1:] if other != day]
    if others:
        text = f"The date by {first} is {day}, but {', '.join(others)}; {day} is taken."
        hint = f"If that is wrong, give the date in {IMAGES}."
        problems.append(warning("dates_disagree", image.location, text, hint))
    return day


def _set_day(image: FoundImage, settings: Settings) -> list[tuple[str, date]]:
    path = _as_folders(_parents(image))
    for place in (PurePosixPath(image.location), path, *path.parents):
        for key in (str(place), place.name, stem(Path(place.name))):
            if key in settings.dates:
                return [("[dates] of cohort.toml", settings.dates[key])]
    return []


def _day_of_path(location: str) -> list[tuple[str, date]]:
    for part in reversed(PurePosixPath(location).parts):
        if days := dates_in(part):
            return [("its path", day) for day in days]
    return []


def _modality(image: FoundImage, said: Said, problems: list[Problem]) -> Modality | None:
    modality = said.modality or image.modality or said_modality(image.location)
    if modality is None:
        problems.append(
            error(
                "no_modality",
                image.location,
                "Nothing says whether this image is CT or MR; it is left out.",
                f"Give its modality in {IMAGES}, or put it into a folder named ct or mr.",
            )
        )
    elif modality.is_volume is image.grid.is_planar:
        kind = "one plane" if image.grid.is_planar else "a volume"
        text = f"The image is {kind}, which {modality} is not; it is left out."
        problems.append(
            error("modality_does_not_fit", image.location, text, f"Give its modality in {IMAGES}.")
        )
        return None
    return modality


def _site(
    image: FoundImage,
    said: Said,
    patient: str,
    modality: Modality,
    settings: Settings,
    problems: list[Problem],
) -> str:
    word = site_word(said.site or image.site)
    if not word:
        word = _site_of_path(image, patient, settings)
    if not word and modality.is_volume:
        word = modality.value.lower()
    if not word:
        word = site_word(stem(Path(image.location))) or modality.value.lower()
        problems.append(
            warning(
                "site_not_told",
                image.location,
                f"Nothing says which body site this shows; it is compared only with images named {word}.",
                f"Name the file after the site (left-hand.jpg), or give its site in {IMAGES}.",
            )
        )
    aliases = {site_word(alias): site_word(site) or site for alias, site in settings.sites.items()}
    return aliases.get(word, word)


def _site_of_path(image: FoundImage, patient: str, settings: Settings) -> str:
    """Return the site by the file's or series' name, else by the nearest folder below the patient's."""
    folders = _folder_names(image, settings)
    names = (folders[0] if folders else "", patient, f"sub-{patient}", image.patient or "")
    is_single = len(image.paths) == 1 and _is_called_by_file(image)
    own = stem(image.paths[0]) if is_single else ""
    words = (site_word(name, without=names) for name in (own, *reversed(folders)))
    return next((word for word in words if not is_noise(word)), "")
