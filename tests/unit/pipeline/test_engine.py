"""Jobs come back in order, wherever they ran."""

import pytest

from lesionkit.errors import InputError
from lesionkit.pipeline.engine import Step, run_all, workers


def test_results_come_in_the_order_of_the_jobs_and_every_step_is_told() -> None:
    steps: list[Step] = []
    with workers(jobs=3) as executor:
        results = run_all(executor, lambda n: n * n, range(20), stage="Squaring", progress=steps.append)
    assert results == [n * n for n in range(20)]
    assert [step.done for step in steps] == list(range(21))
    assert {step.total for step in steps} == {20}


def test_no_worker_is_refused() -> None:
    with pytest.raises(InputError, match="1 or more"), workers(jobs=0):
        pass


def test_an_interruption_is_raised_on() -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), workers(jobs=1) as executor:
        run_all(executor, stop, [1, 2, 3], stage="Stopping")


def test_a_scheduler_that_does_not_answer_is_one_clear_line() -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    with pytest.raises(InputError, match="no Dask scheduler answers"), workers(scheduler="tcp://127.0.0.1:9"):
        pass
