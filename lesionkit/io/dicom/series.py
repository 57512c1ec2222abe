"""From the files of one series to the volumes in it: split where they differ, duplicates dropped."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lesionkit.core.outcome import Severity
from lesionkit.io.archive import is_packed
from lesionkit.io.dicom.flaw import Flaw
from lesionkit.io.dicom.geometry import SAME_PLACE_MM, Stack, cosines, heights, stack
from lesionkit.io.dicom.header import TRAITS, Slice

_SAME_DIRECTION = 1e-3
"""Cosines that differ by less are one orientation, rounded (0.2 mm at 20 cm from the corner)."""

SamePixels = Callable[[Slice, Slice], bool]
"""Tells whether two slices hold the same pixels."""

_STACK = TRAITS.index("StackID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Slices of a series that belong together.

    Parameters
    ----------
    slices : tuple of Slice
        All of them, copies too, in no order.
    result : Stack or Flaw
        Their volume, or what keeps them from being one.
    """

    slices: tuple[Slice, ...]
    result: Stack | Flaw

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files: of a volume those that are used, in plane order."""
        used = self.result.slices if isinstance(self.result, Stack) else self.slices
        return tuple(dict.fromkeys(item.path for item in used))


def volumes(slices: Sequence[Slice], same_pixels: SamePixels) -> list[Part]:
    """Return the volumes of a series, each as a stack or as what is wrong with it.

    Slices are parted by shape, pixel spacing, orientation and frame of reference; then, only where
    several lie at one place, by what tells those apart (`TRAITS`: image type, echo, b-value, time ...;
    the frames of one file also by the dimensions they are indexed by). What still lies at one place is a
    duplicate: dropped where its pixels are the same. Slices that follow each other unevenly are parted by
    their StackID, if that makes each stack even: stacks may lie apart.

    Parameters
    ----------
    slices : sequence of Slice
        At least one; each placed (`lesionkit.io.dicom.geometry.first_missing`).
    same_pixels : callable
        Called with two slices at one place that no trait tells apart.
    """
    found: list[Part] = []
    for alike in _by_geometry(slices):
        for part in split_by_traits(alike):
            single, dropped = _without_duplicates(part, same_pixels)
            if single is None:
                found.append(Part(slices=tuple(part), result=_CONTRADICTION))
                continue
            stacked = _stacked(single)
            if dropped:
                stacked[0] = _told(stacked[0], dropped)
            found.extend(stacked)
    return found


def _stacked(slices: Sequence[Slice]) -> list[Part]:
    whole = Part(slices=tuple(slices), result=stack(slices))
    if isinstance(whole.result, Stack):
        return [whole]
    groups = _by(slices, lambda item: item.traits[_STACK : _STACK + 1])
    if not 1 < len(groups) <= len(slices) / 2:
        return [whole]
    parts = [Part(slices=tuple(group), result=stack(group)) for group in groups]
    is_even = all(isinstance(part.result, Stack) and len(part.slices) > 1 for part in parts)
    return parts if is_even else [whole]


def _told(part: Part, dropped: int) -> Part:
    if not isinstance(part.result, Stack):
        return part
    result = replace(part.result, flaws=(*part.result.flaws, _dropped(dropped)))
    return Part(slices=part.slices, result=result)


def differing_trait(parts: Sequence[Part]) -> tuple[str, tuple[str, ...]] | None:
    """Return by what the volumes of a series differ most plainly: its keyword, and each one's value.

    None where no one trait tells all of them apart.
    """
    for index, keyword in enumerate(TRAITS):
        values = [{item.traits[index : index + 1] for item in part.slices} for part in parts]
        single = [value for several in values for value in several]
        if len(single) == len(parts) == len(set(single)) and all(single):
            return keyword, tuple(value[0] for value in single)
    return None


_CONTRADICTION = Flaw(
    severity=Severity.ERROR,
    code="duplicate_slices_differ",
    text="Several slices lie at one place with different pixels, and nothing tells which belong together: "
    "they are left out.",
    hint="Export the series again, one reconstruction at a time.",
)


def _dropped(count: int) -> Flaw:
    return Flaw(
        severity=Severity.WARNING,
        code="duplicate_slices",
        text=f"{count} slice{'s are' if count > 1 else ' is'} there twice with the same pixels: one is used.",
        hint="Take the copies out of the folder.",
    )


def _by_geometry(slices: Sequence[Slice]) -> list[list[Slice]]:
    groups: list[list[Slice]] = []
    known: dict[Hashable, list[Slice]] = {}
    for item in slices:
        # What is alike to the last digit, as most slices are, need not be compared number by number.
        exactly = (item.shape, item.spacing, item.orientation, item.frame_of_reference)
        if exactly not in known:
            fitting = next((group for group in groups if _fits(group[0], item)), None)
            if fitting is None:
                groups.append(fitting := [])
            known[exactly] = fitting
        known[exactly].append(item)
    return groups


def _fits(a: Slice, b: Slice) -> bool:
    assert a.spacing is not None
    assert b.spacing is not None
    return (
        a.shape == b.shape
        and a.frame_of_reference == b.frame_of_reference
        and bool(np.allclose(a.spacing, b.spacing, rtol=1e-4, atol=0))
        and bool(np.allclose(cosines(a)[:2], cosines(b)[:2], rtol=0, atol=_SAME_DIRECTION))
    )


def split_by_traits(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Return slices of one geometry in groups that hold each place once, as far as traits tell them apart."""
    crowd = _most_at_one_place(slices)
    if crowd == 1:
        return [list(slices)]
    for index in range(max(len(item.traits) for item in slices)):
        groups = _by(slices, lambda item: item.traits[index : index + 1])  # noqa: B023  # used at once
        # A trait with a value per slice (a clock) tells nothing of what belongs together.
        if not 1 < len(groups) <= 2 * crowd:
            continue
        if max(map(_most_at_one_place, groups)) < crowd:
            return [part for group in groups for part in split_by_traits(group)]
    return [list(slices)]


def _by(slices: Sequence[Slice], key: Callable[[Slice], Hashable]) -> list[list[Slice]]:
    groups: dict[Hashable, list[Slice]] = defaultdict(list)
    for item in slices:
        groups[key(item)].append(item)
    return list(groups.values())


def _places(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Return slices grouped by their place along the normal."""
    levels = heights(slices)
    groups: list[list[Slice]] = []
    last = -np.inf
    for index in np.argsort(levels, kind="stable"):
        if levels[index] - last <= SAME_PLACE_MM:
            groups[-1].append(slices[index])
        else:
            groups.append([slices[index]])
        last = levels[index]
    return groups


def _most_at_one_place(slices: Sequence[Slice]) -> int:
    return max(map(len, _places(slices)))


def _without_duplicates(slices: list[Slice], same_pixels: SamePixels) -> tuple[list[Slice] | None, int]:
    """Return one slice per place and how many were dropped; None for the slices where copies differ."""
    kept: list[Slice] = []
    for group in _places(slices):
        first, *copies = sorted(group, key=_unpacked_first)
        if any(not _coincide(first, copy) or not same_pixels(first, copy) for copy in copies):
            return None, 0
        kept.append(first)
    return kept, len(slices) - len(kept)


def _unpacked_first(item: Slice) -> tuple[bool, str, int]:
    return is_packed(item.path), item.path.as_posix(), item.frame


def _coincide(a: Slice, b: Slice) -> bool:
    return bool(np.allclose(np.asarray(a.position), np.asarray(b.position), rtol=0, atol=SAME_PLACE_MM))
