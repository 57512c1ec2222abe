"""Kill a scripted editing run at random moments, again and again, and look what is left.

    python tests/kills.py 200

Each time a process of its own goes on drawing, moving, naming, undoing and saving on one image, and says
over a pipe what is drawn after each gesture that it was told is done. It is killed (SIGKILL) at a random
moment: after 0 to 29 gestures and up to 20 ms more. What is then read from the disk must be what it said
last, or one gesture further: the one in progress.
"""

import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from annotating import box, text, write_photos
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._draft import Draft
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._session import Session, open_session

from lesionkit.errors import LesionkitError
from lesionkit.io import read_geojson


@dataclass
class Tally:
    """What was found after all kills."""

    kills: int = 0
    gestures: int = 0
    in_progress_kept: int = 0
    in_outline_file: int = 0
    lost: int = 0


def digest(drawn: Drawn) -> str:
    return hashlib.sha256(text(drawn).encode()).hexdigest()[:16]


def gesture(draft: Draft, rng: random.Random) -> Edit:
    drawn = draft.drawn
    if len(drawn.present) < 3 or rng.random() < 0.2:
        return verbs.draw(
            drawn, box(rng.uniform(5, 180), rng.uniform(5, 250), rng.uniform(3, 40)), by=draft.stamp
        )
    deposit = rng.choice(drawn.present)
    if len(drawn.present) > 12 or rng.random() < 0.1:
        return verbs.delete(drawn, deposit.id)
    if rng.random() < 0.2:
        return verbs.rename(drawn, deposit.id, rng.choice(["thumb", "index", "wrist", None]))
    ring = np.asarray(deposit.regions[0].exterior) + 0.0
    ring[rng.randrange(len(ring))] += rng.uniform(-1, 1)
    return verbs.redraw(drawn, deposit.id, type(deposit.regions[0])(exterior=ring), by=draft.stamp)


def edit_until_killed(folder: Path, said: int, seed: int) -> None:
    """Draw for ever, and say what is drawn."""
    rng = random.Random(seed)
    session = open_session(folder, reader="anna")
    draft = session.open(session.cases[0])
    os.write(said, f"{digest(draft.drawn)}\n".encode())
    while True:
        chance = rng.random()
        try:
            if chance < 0.1:
                draft.undo()
            elif chance < 0.2:
                draft.redo()
            elif chance < 0.35:
                draft.save()
            else:
                draft.commit(gesture(draft, rng))
        except LesionkitError:
            continue
        os.write(said, f"{digest(draft.drawn)}\n".encode())


def kill_once(folder: Path, after: int, wait_s: float, seed: int) -> list[str]:
    """Return what a process said was drawn before it was killed, so many gestures and a moment later."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            edit_until_killed(folder, writing, seed)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = [pipe.readline() for _ in range(after)]
        time.sleep(wait_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said += pipe.read().split(b"\n")[:-1]
    return [line.decode().strip() for line in said]


def look(folder: Path) -> tuple[Session, Draft]:
    session = open_session(folder, reader="anna")
    return session, session.open(session.cases[0])


def run(count: int, *, seed: int = 1) -> Tally:
    """Kill a process so many times, and return what was found."""
    rng = random.Random(seed)
    tally = Tally()
    place = Path(tempfile.mkdtemp())
    try:
        folder = write_photos(place / "hands")
        before = digest(Drawn())
        for number in range(count):
            said = kill_once(folder, rng.randrange(30), rng.uniform(0, 0.02), seed * 1000 + number)
            session, draft = look(folder)
            last = said[-1] if said else before
            tally.kills += 1
            tally.gestures += max(len(said) - 1, 0)
            found = digest(draft.drawn)
            if found != last:
                near = [
                    step for step in (draft.history.done[-1:], draft.history.undone[-1:]) for step in step
                ]
                is_next = last in {digest(one) for step in near for one in (step.before, step.after)}
                tally.in_progress_kept += is_next
                tally.lost += not is_next
            tally.lost += not draft.can_edit
            _outlines_must_be_whole(draft)
            session.close()
            tally.in_outline_file += draft.is_saved
            before = digest(draft.drawn)
    finally:
        shutil.rmtree(place)
    return tally


def _outlines_must_be_whole(draft: Draft) -> None:
    if draft.shelf.path.exists():
        drawing, problems = read_geojson(draft.shelf.path, image=draft.shelf.ref)
        assert drawing is not None, problems


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200))  # noqa: T201
