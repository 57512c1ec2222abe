"""Runs the same job on many things: here on threads, or on a Dask cluster."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from lesionkit.errors import InputError, MissingExtraError

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a stage has come.

    Parameters
    ----------
    stage : str
        What is being done, such as ``Measuring``.
    done, total : int
        Jobs finished, and all.
    """

    stage: str
    done: int
    total: int


class Progress(Protocol):
    """Told of every step of a run; called from the thread that called `run`."""

    def __call__(self, step: Step) -> None:
        """Take note."""
        ...


def stay_quiet(step: Step) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """On what a run is carried out, where it keeps results, and whom it tells: as of `lesionkit.run`."""

    jobs: int | None = None
    scheduler: str | None = None
    memo: Path | None = None
    force: bool = False
    progress: Progress = stay_quiet


@contextmanager
def workers(*, jobs: int | None = None, scheduler: str | None = None) -> Iterator[Executor]:
    """Yield what jobs are run on: threads of this process, or a Dask cluster.

    Threads suffice on one machine: decoding, registration and arithmetic let go of the interpreter.

    Parameters
    ----------
    jobs : int, optional
        How many threads; None = one per processor.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://host:8786``; its workers must see the same folder.

    Raises
    ------
    InputError
        If `jobs` is not positive or the scheduler does not answer.
    MissingExtraError
        If a scheduler is named and Dask is not installed.
    """
    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs must be 1 or more, not {jobs}")
    if scheduler is None:
        pool = ThreadPoolExecutor(max_workers=jobs)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
        return
    with _dask_client(scheduler) as executor:
        yield executor


@contextmanager
def _dask_client(scheduler: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a Dask scheduler was named, but Dask is not installed",
            group="lesionkit.engines",
            name="dask",
            hint='Install it: pip install "lesionkit[dask]"',
        ) from error
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask scheduler answers at {scheduler}", hint="Check the address, or leave --scheduler out."
        ) from error
    with client:
        yield client.get_executor()


def run_all(
    executor: Executor,
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    stage: str,
    progress: Progress = stay_quiet,
) -> list[Result]:
    """Return the function's result for every job, in the order of the jobs.

    An interruption cancels what has not begun and is raised on.
    """
    progress(Step(stage=stage, done=0, total=len(jobs)))
    futures: list[Future[Result]] = [executor.submit(function, job) for job in jobs]
    try:
        for done, _ in enumerate(as_completed(futures), start=1):
            progress(Step(stage=stage, done=done, total=len(jobs)))
        return [future.result() for future in futures]
    except BaseException:
        for future in futures:
            future.cancel()
        raise


@dataclass(slots=True)
class Stopwatch:
    """How many seconds each stage took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Note how long what is done within takes."""
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 3)
