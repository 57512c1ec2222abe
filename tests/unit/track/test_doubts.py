"""Names that the pictures speak against."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.region import Deposit, Outline, Status
from lesionkit.core.track import Reading
from lesionkit.core.transform import Transform
from lesionkit.track import doubt_names, unknown_marks

GRID = Grid(shape=(400, 500), spacing_mm=(0.5, 0.4), scale_source=ScaleSource.RULER)
Scene = Sequence[tuple[str | None, int, int]]
"""Names of deposits of 20 x 20 pixels and their first corners."""


def doubts(*scenes: Scene, is_reliable: bool = True) -> list[tuple[str, str, str]]:
    """Return image, name and earlier name of every doubt; images are numbered from 0."""
    readings, transforms = [], {}
    for visit, scene in enumerate(scenes):
        image = str(visit)
        deposits = tuple(
            Deposit(id=f"{number}", image=image, name=name, regions=(_square(row, col),))
            for number, (name, row, col) in enumerate(scene)
        )
        readings.append(Reading(date=date(2012 + visit, 3, 1), image=image, grid=GRID, deposits=deposits))
        transforms[image] = Transform(
            source=image, target="0", matrix=np.eye(3), method="features", is_reliable=is_reliable
        )
    return [(d.image, d.name, d.earlier_name) for d in doubt_names(readings, transforms)]


def _square(row: int, col: int) -> Outline:
    return Outline(exterior=[(row, col), (row, col + 20), (row + 20, col + 20), (row + 20, col)])


def test_a_new_name_where_another_was_is_in_doubt() -> None:
    assert doubts([("Thumb", 50, 60)], [("thmub", 52, 60)]) == [("1", "thmub", "Thumb")]


def test_a_new_name_on_new_ground_is_not() -> None:
    assert doubts([("a", 50, 60)], [("a", 50, 60), ("b", 80, 60)]) == []


def test_a_part_of_a_split_under_a_new_name_is_in_doubt() -> None:
    assert doubts([("a", 50, 60)], [("a", 45, 60), ("b", 58, 60)]) == [("1", "b", "a")]


def test_a_merged_deposit_may_keep_the_name_of_either() -> None:
    assert doubts([("a", 50, 60), ("b", 60, 60)], [("a", 55, 60)]) == []


def test_swapped_names_are_both_in_doubt() -> None:
    assert doubts([("a", 50, 60), ("b", 150, 60)], [("b", 50, 60), ("a", 150, 60)]) == [
        ("1", "a", "b"),
        ("1", "b", "a"),
    ]


def test_a_name_that_comes_back_after_a_gap_is_held_against_its_own_place() -> None:
    assert doubts([("a", 50, 60)], [], [("a", 50, 60)]) == []
    assert doubts([("a", 50, 60)], [], [("b", 50, 60)]) == [("2", "b", "a")]


def test_without_an_alignment_only_names_that_are_spelled_apart_are() -> None:
    assert doubts([("Left thumb", 50, 60)], [("left-thumb", 250, 60)], is_reliable=False) == [
        ("1", "left-thumb", "Left thumb")
    ]
    assert doubts([("a", 50, 60)], [("b", 50, 60)], is_reliable=False) == []


def test_unnamed_deposits_are_never_in_doubt() -> None:
    assert doubts([("a", 50, 60)], [(None, 50, 60)]) == []
    assert doubts([(None, 50, 60)], [("a", 50, 60)]) == []


def unknown(seen: tuple[str | None, int, int], mark: tuple[str | None, int, int]) -> int:
    """Return how many marks are unknown of one, at a second visit, of what was seen at the first."""
    found = [
        Deposit(id="0", image=str(visit), name=name, status=status, regions=(_square(row, col),))
        for visit, ((name, row, col), status) in enumerate(((seen, Status.DRAWN), (mark, Status.EXCISED)))
    ]
    first = Reading(date=date(2012, 3, 1), image="0", grid=GRID, deposits=(found[0],))
    second = Reading(date=date(2013, 3, 1), image="1", grid=GRID, deposits=(), removed=(found[1],))
    onto_first = Transform(source="1", target="0", matrix=np.eye(3), method="features")
    return len(unknown_marks([first, second], {"1": onto_first}))


def test_a_mark_is_of_the_deposit_of_its_name_wherever_that_lies() -> None:
    assert unknown(("a", 50, 60), ("a", 200, 200)) == 0


def test_a_mark_of_another_name_is_unknown_though_it_lies_on_a_deposit() -> None:
    assert unknown(("a", 50, 60), ("A", 50, 60)) == 1


def test_where_a_name_is_missing_the_ground_decides() -> None:
    assert unknown((None, 50, 60), ("a", 69, 60)) == unknown(("a", 50, 60), (None, 69, 60)) == 0
    assert unknown((None, 50, 60), ("a", 71, 60)) == unknown(("a", 50, 60), (None, 71, 60)) == 1
    assert unknown((None, 50, 60), (None, 71, 60)) == 1


def test_what_the_first_picture_marks_was_taken_out_before_anybody_looked() -> None:
    mark = Deposit(id="0", image="0", name="a", status=Status.EXCISED, regions=(_square(50, 60),))
    reading = Reading(date=date(2012, 3, 1), image="0", grid=GRID, deposits=(), removed=(mark,))
    assert unknown_marks([reading], {}) == ()
