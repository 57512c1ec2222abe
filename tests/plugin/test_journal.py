"""The journal: what a crash, a full disk or another person can do to it, and what is then still there."""

import errno
import json
import os

import pytest
from napari_lesionkit._journal import ForeignJournalError, Journal, Read, read_journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hand.outlines.journal.jsonl"


def lines(*numbers):
    return [{"kind": "edit", "number": number} for number in numbers]


def numbers(path):
    return [record["number"] for record in read_journal(path).records]


def test_what_was_appended_is_read_again_in_order(path):
    journal = Journal(path, Read())
    assert journal.append(lines(1, 2))
    assert journal.append(lines(3))
    assert Journal(path, read_journal(path)).append(lines(4))
    assert numbers(path) == [1, 2, 3, 4]


@pytest.mark.parametrize("kept", range(1, 56, 7))
def test_half_a_line_at_the_end_is_dropped_and_written_over(path, kept):
    Journal(path, Read()).append(lines(1, 2))
    whole = path.read_bytes()
    last = whole.rfind(b"\n", 0, -1) + 1
    path.write_bytes(whole[: last + kept])
    read = read_journal(path)
    assert [record["number"] for record in read.records] == [1]
    assert (read.is_torn, read.is_damaged) == (True, False)
    assert Journal(path, read).append(lines(5))
    assert numbers(path) == [1, 5]


def test_a_changed_or_missing_line_ends_what_is_believed(path):
    Journal(path, Read()).append(lines(1, 2, 3, 4))
    first, second, third, fourth = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second.replace(b'"number":2', b'"number":7') + third + fourth)
    assert read_journal(path).is_damaged
    assert numbers(path) == [1]
    path.write_bytes(first + third + fourth)
    assert numbers(path) == [1]
    path.write_bytes(first + fourth + second + third)
    assert numbers(path) == [1]


def test_nobody_writes_over_what_somebody_else_wrote(path):
    mine, yours = Journal(path, Read()), Journal(path, Read())
    mine.append(lines(1))
    with pytest.raises(ForeignJournalError):
        yours.append(lines(2))
    assert numbers(path) == [1]
    assert yours.waits


def test_a_journal_that_was_taken_away_is_not_begun_in_the_middle(path):
    journal = Journal(path, Read())
    journal.append(lines(1))
    path.unlink()
    with pytest.raises(ForeignJournalError):
        journal.append(lines(2))
    assert not path.exists()


def test_what_a_full_disk_refuses_waits_in_order_and_is_written_once(path, monkeypatch):
    journal = Journal(path, Read())
    journal.append(lines(1))
    write = os.write
    room = 30

    def full(handle, content):
        if len(content) > room:
            write(handle, bytes(content[:room]))
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, content)

    monkeypatch.setattr(os, "write", full)
    assert not journal.append(lines(2))
    assert not journal.append(lines(3))
    assert journal.fault.errno == errno.ENOSPC
    assert numbers(path) == [1]  # half a line was written, and is not believed
    monkeypatch.setattr(os, "write", write)
    assert journal.retry()
    assert numbers(path) == [1, 2, 3]
    assert journal.fault is None


def test_a_line_is_on_the_disk_before_append_returns(path, monkeypatch):
    synced = []
    sync = os.fsync

    def note(handle):
        synced.append(path.read_bytes().count(b"\n"))
        sync(handle)

    monkeypatch.setattr(os, "fsync", note)
    Journal(path, Read()).append(lines(1, 2))
    assert synced[0] == 2


def test_lines_are_plain_json_with_their_digest(path):
    Journal(path, Read()).append([{"kind": "edit", "name": "Daumen é"}])
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["name"] == "Daumen é"
    assert len(record["link"]) == 16
