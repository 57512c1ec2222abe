"""A small outcome made in memory, with everything that can befall a deposit."""

import pytest
from outcomes import load_made_up, make_outcome

from lesionkit.core.outcome import Outcome


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    return make_outcome()


@pytest.fixture(scope="session")
def load():
    return load_made_up
