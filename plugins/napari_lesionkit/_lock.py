"""Who is outlining an image right now: a small file that tells two people of one another."""

import contextlib
import json
import os
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

STALE_S = 600.0
"""Seconds without a sign of life after which a lock from another machine is taken for left behind."""

_HALF_WRITTEN_S = 10.0
"""Seconds after which a lock that says nothing is taken for left behind by a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock.

    Parameters
    ----------
    who : str
        The reader or author; may be empty.
    since : str
        ISO 8601.
    host : str
        Name of the machine.
    pid : int
        Of the process there.
    token : str
        Tells this lock from any other.
    is_stale : bool
        Whether its holder is gone: the process has ended, or has not been heard of for `STALE_S`.
    """

    who: str
    since: str
    host: str
    pid: int
    token: str = ""
    is_stale: bool = False

    @property
    def text(self) -> str:
        """One sentence for the other person."""
        since = self.since.replace("T", " ")[:16]
        return f"{self.who or 'Somebody'} has been outlining it since {since} (on {self.host})."


class Lock:
    """A lock held by this process.

    Parameters
    ----------
    path : Path
        The file.
    holder : Holder
        Us.
    """

    def __init__(self, path: Path, holder: Holder) -> None:
        self.path = path
        self.holder = holder

    @classmethod
    def take(cls, path: Path, *, who: str, since: str) -> "Lock | Holder":
        """Return the lock; where somebody else holds it, who. One left behind is taken over.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        us = Holder(who=who, since=since, host=_host(), pid=os.getpid(), token=secrets.token_hex(8))
        for _ in range(2):
            if _create(path, us):
                return cls(path, us)
            other = holder_of(path)
            if other is None:
                continue
            if not other.is_stale:
                return other
            _put_aside(path, other)
        return holder_of(path) or us

    def beat(self) -> None:
        """Give a sign of life."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def taken_by(self) -> Holder | None:
        """Return who took it over, having not heard of us for long; None where nobody did."""
        other = holder_of(self.path)
        return None if other is None or other.token == self.holder.token else other

    def release(self) -> None:
        """Let go of it."""
        with contextlib.suppress(OSError):
            if self.taken_by() is None:
                self.path.unlink()


def holder_of(path: Path) -> Holder | None:
    """Return who holds a lock; None where nobody does."""
    try:
        age = time.time() - path.stat().st_mtime
        raw = json.loads(path.read_text(encoding="utf-8") or "{}")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        raw, age = {}, 0.0
    raw = raw if isinstance(raw, dict) else {}
    host, pid = str(raw.get("host", "another machine")), int(raw.get("pid", 0))
    limit = STALE_S if raw else _HALF_WRITTEN_S
    is_gone = not _is_alive(pid) if host == _host() else age > limit
    return Holder(
        who=str(raw.get("who", "")),
        since=str(raw.get("since", "")),
        host=host,
        pid=pid,
        token=str(raw.get("token", "")),
        is_stale=is_gone,
    )


def _create(path: Path, holder: Holder) -> bool:
    """Return whether the lock is now ours; it appears with all that it says, or not at all."""
    content = json.dumps({key: getattr(holder, key) for key in ("who", "since", "host", "pid", "token")})
    draft = path.with_name(f".{path.name}.{holder.token}")
    try:
        _write(draft, content)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        except OSError:  # shares and sticks without links
            return _write(path, content)
        return True
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, content: str) -> bool:
    """Write a file that is not there yet; return whether it was not."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    try:
        os.write(handle, content.encode())
    finally:
        os.close(handle)
    return True


def _put_aside(path: Path, stale: Holder) -> None:
    """Take a lock away that was left behind; of two who try, one succeeds, and never with a fresh one."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with contextlib.suppress(OSError):
        path.rename(aside)
        taken = holder_of(aside)
        if taken is not None and taken.token != stale.token:
            with contextlib.suppress(OSError):
                path.hardlink_to(aside)
        aside.unlink()


def _host() -> str:
    return socket.gethostname()


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    if os.name == "nt":  # signal 0 would end a process there
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_alive_on_windows(pid: int) -> bool:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # there on Windows only
    handle = kernel.OpenProcess(0x1000, 0, pid)
    if not handle:
        return False
    kernel.CloseHandle(handle)
    return True
