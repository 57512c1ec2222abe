"""Two people at one image find out about one another."""

import json
import os
import subprocess
import sys

from napari_lesionkit import _lock
from napari_lesionkit._lock import Lock, holder_of

SINCE = "2026-03-01T10:00:00+00:00"


def take(path, who="anna"):
    return Lock.take(path, who=who, since=SINCE)


def put(path, **said):
    path.write_text(
        json.dumps({"who": "ben", "since": SINCE, "host": "ward-3", "pid": 7, "token": "x", **said})
    )


def test_the_second_is_told_who_is_at_it_and_since_when(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    assert isinstance(take(path), Lock)
    other = take(path, who="ben")
    assert not isinstance(other, Lock)
    assert other.text.startswith("anna has been outlining it since 2026-03-01 10:00")


def test_a_lock_that_is_released_can_be_taken(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    take(path).release()
    assert not path.exists()
    assert isinstance(take(path, who="ben"), Lock)


def test_the_lock_of_a_process_that_has_ended_is_taken_over(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    put(path, host=_lock._host(), pid=gone.pid)
    assert isinstance(take(path), Lock)
    assert holder_of(path).who == "anna"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_lock_from_another_machine_is_stale_once_it_has_not_been_heard_of(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    put(path)
    assert not isinstance(take(path), Lock)
    long_ago = path.stat().st_mtime - _lock.STALE_S - 1
    os.utime(path, (long_ago, long_ago))
    assert isinstance(take(path), Lock)


def test_a_sign_of_life_keeps_a_lock_fresh(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    lock = take(path)
    long_ago = path.stat().st_mtime - _lock.STALE_S - 1
    os.utime(path, (long_ago, long_ago))
    lock.beat()
    put_on = json.loads(path.read_text())
    path.write_text(json.dumps({**put_on, "host": "ward-3"}))
    lock.beat()
    assert not holder_of(path).is_stale


def test_a_lock_that_somebody_took_over_is_not_released_by_us(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    lock = take(path)
    put(path)
    lock.release()
    assert holder_of(path).who == "ben"


def test_a_lock_that_cannot_be_read_is_respected(tmp_path):
    path = tmp_path / "hand.outlines.lock"
    path.write_text("{half")
    assert not isinstance(take(path), Lock)
