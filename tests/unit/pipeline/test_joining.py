"""Several outline files of one image: joined, with nothing counted twice unsaid."""

from collections.abc import Sequence

import numpy as np

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.region import Deposit, Drawing, Mask, Outline, Region, Status
from lesionkit.measure.size import size_of
from lesionkit.pipeline.joining import Sheet, join

GRID = Grid(shape=(40, 50), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.RULER)


def square(row: float, col: float, side: float = 4.0) -> Outline:
    return Outline(exterior=[(row, col), (row, col + side), (row + side, col + side), (row + side, col)])


def voxels(row: int, col: int) -> Mask:
    return Mask(voxels=np.ones((4, 4), dtype=bool), origin=(row, col))


def deposit(id_: str, *regions: Region, name: str | None = None, status: Status = Status.DRAWN) -> Deposit:
    return Deposit(id=id_, image="hand", regions=regions, name=name, status=status)


def sheets(*files: Sequence[Deposit]) -> list[Sheet]:
    return [
        Sheet(about=f"file-{n}", drawing=Drawing(image="hand", deposits=tuple(deposits)))
        for n, deposits in enumerate(files, start=1)
    ]


def test_a_deposit_that_two_files_hold_counts_once() -> None:
    drawing, problems = join(
        sheets([deposit("a", square(2, 2), name="a")], [deposit("a", square(2, 2), name="a")])
    )
    (only,) = drawing.deposits
    assert size_of(only.regions, GRID).area == 16 * 0.5 * 0.25
    assert [(p.code, p.about) for p in problems] == [("outlines_overlap", "file-2")]


def test_parts_of_one_name_in_two_files_add_where_they_lie_apart() -> None:
    drawing, problems = join(
        sheets([deposit("a", square(2, 2), name="a")], [deposit("a", square(20, 20), name="a")])
    )
    (only,) = drawing.deposits
    assert size_of(only.regions, GRID).area == 2 * 16 * 0.5 * 0.25
    assert not problems


def test_unnamed_deposits_are_kept_apart_and_told_of_where_they_overlap() -> None:
    drawing, problems = join(
        sheets([deposit("1", square(2, 2))], [deposit("1", square(4, 4)), deposit("2", square(20, 20))])
    )
    assert [deposit.id for deposit in drawing.deposits] == ["1", "1-2", "2"]
    assert [problem.code for problem in problems] == ["outlines_overlap"]
    assert "1-2" in problems[0].text


def test_masks_and_outlines_on_the_same_ground_are_told_of_and_not_mixed() -> None:
    drawing, problems = join(
        sheets([deposit("a", square(2, 2), name="a")], [deposit("a", voxels(3, 3), name="a")])
    )
    assert [deposit.id for deposit in drawing.deposits] == ["a", "a-2"]
    assert [problem.code for problem in problems] == ["outlines_overlap"]


def test_a_suggestion_is_no_part_of_what_a_person_drew() -> None:
    drawing, problems = join(
        sheets(
            [deposit("a", square(2, 2), name="a")],
            [deposit("a", square(2, 2), name="a", status=Status.SUGGESTED)],
        )
    )
    assert [deposit.id for deposit in drawing.deposits] == ["a", "a-2"]
    assert not problems


def test_what_touches_is_no_overlap() -> None:
    _, problems = join(sheets([deposit("1", square(2, 2))], [deposit("2", square(2, 6))]))
    assert not problems
    _, problems = join(sheets([deposit("1", voxels(2, 2))], [deposit("2", voxels(2, 6))]))
    assert not problems


def test_places_of_all_files_are_kept() -> None:
    gone = deposit("a", square(2, 2), status=Status.EXCISED)
    unclear = deposit("b", square(20, 20), status=Status.NOT_ASSESSABLE)
    files = [
        Sheet(about="1", drawing=Drawing(image="hand", deposits=(deposit("c", square(10, 10)),))),
        Sheet(
            about="2",
            drawing=Drawing(image="hand", removed=(gone,), unjudged=(unclear,), left_out=("b",)),
        ),
    ]
    drawing, _ = join(files)
    assert (drawing.removed, drawing.unjudged, drawing.left_out) == ((gone,), (unclear,), ("b",))
