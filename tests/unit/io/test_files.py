import hashlib
import os
from pathlib import Path

import pytest

from lesionkit.io import fingerprint
from lesionkit.io.files import stem, write_whole


def test_a_fingerprint_is_the_sha256_of_the_bytes(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 100_000)
    assert fingerprint([path]) == {path: hashlib.sha256(b"abc" * 100_000).hexdigest()}


@pytest.mark.parametrize("named", ["a.raw", "LIST\na.raw\nb.raw", "%01d.raw 1 2 1"])
def test_the_fingerprint_of_a_header_covers_the_voxels_it_names(tmp_path, named):
    header = tmp_path / "ct.nhdr"
    header.write_text(f"NRRD0004\nencoding: raw\ndata file: {named}\n")
    files = [tmp_path / name for name in ("a.raw", "b.raw", "1.raw", "2.raw")]
    for file in files:
        file.write_bytes(b"before")
    before = fingerprint([header])
    assert fingerprint([header]) == before
    used = files[2] if "%" in named else files[0]
    used.write_bytes(b"after.")
    assert fingerprint([header]) != before


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("a.jpg", "a"),
        ("a.b.jpg", "a.b"),
        ("a.nii.gz", "a"),
        ("a.SEG.nrrd", "a"),
        ("a", "a"),
        ("a.tar.gz", "a.tar"),
    ],
)
def test_a_stem_is_the_name_without_its_suffix(name, without):
    assert stem(Path(name)) == without


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_whole(path, "before")

    def fail(number):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
