"""A process that is killed at any moment loses no more than the gesture in progress."""

import os

import pytest
from kills import run


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
def test_a_process_killed_at_any_moment_loses_at_most_the_gesture_in_progress():
    tally = run(20)
    assert (tally.kills, tally.lost) == (20, 0)
    assert tally.gestures
