import pytest

from lesionkit.report.batch import staged


def test_files_appear_together_and_other_files_stay(tmp_path):
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "P01").mkdir()
    (tmp_path / "P01" / "a.txt").write_text("before")
    with staged(tmp_path) as draft:
        (draft / "P01").mkdir()
        (draft / "P01" / "a.txt").write_text("after")
        (draft / "b.txt").write_text("new")
        assert (tmp_path / "P01" / "a.txt").read_text() == "before"
        assert not (tmp_path / "b.txt").exists()
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == [
        "P01/a.txt", "b.txt", "old.txt",
    ]  # fmt: skip
    assert (tmp_path / "P01" / "a.txt").read_text() == "after"


def test_a_failure_leaves_no_trace(tmp_path):
    def write():
        with staged(tmp_path / "new" / "out") as draft:
            (draft / "a.txt").write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write()
    assert list(tmp_path.iterdir()) == []
