"""Outlining in a process that is killed 200 times at random moments: what of it is still there.

    python benchmarks/kills.py [count]

What is done each time is told in ``tests/kills.py``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from kills import run

if __name__ == "__main__":
    tally = run(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    print("| kills | gestures done | in progress, and kept | lost |\n|---|---|---|---|")
    print(f"| {tally.kills} | {tally.gestures} | {tally.in_progress_kept} | {tally.lost} |")
