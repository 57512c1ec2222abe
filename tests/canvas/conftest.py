"""A real window on a small cohort; skipped, with the reason, where there is no screen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desks import Hand, write_cohort, write_ct
from napari_lesionkit._study import Study


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    return write_cohort(tmp_path / "cohort")


@pytest.fixture
def ct_cohort(tmp_path: Path) -> Path:
    return write_ct(tmp_path / "cohort")


@pytest.fixture
def open_hand(
    make_napari_viewer_proxy: Callable[..., object], qtbot: object
) -> Iterator[Callable[..., Hand]]:
    """Open a window on a folder; it is closed at the end, saved."""
    from napari_lesionkit._open import open_in

    hands: list[Hand] = []

    def opened(folder: Path, *, reader: str = "", number: int = 0, study: Study | None = None) -> Hand:
        viewer = make_napari_viewer_proxy(show=True)
        viewer.window.resize(1500, 900)
        hand = Hand(open_in(viewer, folder, reader=reader, study=study), qtbot)
        hands.append(hand)
        hand.idle()
        if hand.desk.case.number != number + 1:
            hand.desk.go_to(hand.desk.cases[number])
            hand.idle()
        return hand

    yield opened
    for hand in hands:
        hand.until(lambda hand=hand: not hand.panel.work.is_busy)
        hand.panel.close_session()
