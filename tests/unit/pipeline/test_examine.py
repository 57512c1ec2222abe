"""Whose outlines are measured, and what is said of it."""

from pathlib import Path

from making import write_outlines, write_photo

from lesionkit.pipeline import examine


def cohort(root: Path, *readers: tuple[str, ...]) -> Path:
    """Return a folder with one photograph a year, outlined by readers; '' is the common file, last."""
    for year, drawn_by in enumerate(readers, start=2012):
        image = write_photo(root / f"P01/{year}-03-01/left-hand.jpg")
        for reader in drawn_by:
            path = write_outlines(image, {"a": (10, 10, 5, 5)})
            path.rename(path.with_name(f"left-hand.outlines{f'.{reader}' * bool(reader)}.geojson"))
    return root


def told(root: Path, *, reader: str | None = None) -> list[tuple[str, str]]:
    return [
        (problem.code, problem.about)
        for problem in examine(root, reader=reader).problems
        if problem.code in ("readers_differ", "not_outlined")
    ]


def test_a_change_of_reader_between_timepoints_is_told(tmp_path: Path) -> None:
    root = cohort(tmp_path, ("anna", "bob"), ("bob",))
    assert told(root) == [("readers_differ", "P01 XC left-hand")]


def test_a_named_reader_is_measured_at_every_timepoint_or_not_at_all(tmp_path: Path) -> None:
    root = cohort(tmp_path, ("anna", "bob"), ("bob",))
    assert told(root, reader="bob") == []
    assert told(root, reader="anna") == [("not_outlined", "P01/2013-03-01/left-hand.jpg")]


def test_a_common_file_beside_a_readers_own_is_a_change_too(tmp_path: Path) -> None:
    assert told(cohort(tmp_path / "one", ("anna",), ("anna", ""))) == [("readers_differ", "P01 XC left-hand")]
    assert told(cohort(tmp_path / "two", ("anna", ""), ("bob", ""))) == []
