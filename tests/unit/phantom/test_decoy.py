import numpy as np
import pytest

from lesionkit.phantom.decoy import KINDS, decoy


@pytest.mark.parametrize("kind", KINDS)
def test_a_decoy_follows_from_its_seed_and_shows_something(kind):
    one, again, other = (decoy(kind, np.random.default_rng(seed), shape=(180, 240)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert one.shape == (180, 240)
    assert (one != other).any()
    assert one.std() > 5
