"""From a folder to an outcome: what `lesionkit measure` does, without writing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lesionkit.core.cohort import Patient
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome, Problem, Told, worst_first
from lesionkit.core.response import Criterion, Response
from lesionkit.core.track import Reading
from lesionkit.io.archive import shown
from lesionkit.pipeline.alike import unlike
from lesionkit.pipeline.engine import Engine, Progress, Stopwatch, run_all, stay_quiet, workers
from lesionkit.pipeline.examine import Examination, examine
from lesionkit.pipeline.linking import Linked, SiteJob, likenesses_of, link_site
from lesionkit.pipeline.measuring import Measured, MeasureJob, measure_image, what_is_measured
from lesionkit.pipeline.memo import Memo
from lesionkit.pipeline.provenance import fingerprint_inputs, versions
from lesionkit.pipeline.readings import Site, choose_readings, must_be_outlined
from lesionkit.pipeline.relating import in_place_of, relate
from lesionkit.pipeline.scoring import disagreeing, score
from lesionkit.pipeline.task import Task, criteria_of
from lesionkit.pipeline.told import read_told, under_pseudonyms, with_told


def run(
    folder: Path | str,
    *,
    criterion: str | Criterion | None = None,
    patients: Sequence[str] | None = None,
    reader: str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    memo: Path | None = None,
    force: bool = False,
    progress: Progress = stay_quiet,
) -> Outcome:
    """Return all that can be said of a folder: measurements, tracks, responses and problems.

    Parameters
    ----------
    folder : path
        The cohort; it is not written to.
    criterion : str or Criterion, optional
        The rule for every modality; None = as ``cohort.toml`` says, else ``calcinosis-25``.
    patients : sequence of str, optional
        Only these.
    reader : str, optional
        Whose outlines to measure where several people drew.
    jobs : int, optional
        Images handled at a time; None = one per processor.
    scheduler : str, optional
        Address of a Dask scheduler to run on instead.
    memo : Path, optional
        A folder in which results are kept, so that unchanged images are not measured again.
    force : bool
        Compute everything, and keep it anew.
    progress : Progress, optional
        Told of every step.

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        If the folder holds no image, nobody has outlined any, the settings are wrong, or ``scores.csv``,
        ``questionnaire.csv`` or ``adverse_events.csv`` cannot be read as a table.
    """
    engine = Engine(jobs=jobs, scheduler=scheduler, memo=memo, force=force, progress=progress)
    return run_on(engine, folder, criterion=criterion, patients=patients, reader=reader)


def run_on(
    engine: Engine,
    folder: Path | str,
    *,
    criterion: str | Criterion | None = None,
    patients: Sequence[str] | None = None,
    reader: str | None = None,
    told: Told | None = None,
) -> Outcome:
    """Return as `run`, on an engine; what `told` holds, of `read_told`, is not read again."""
    from lesionkit.measure.error import ERROR_MODELS

    watch = Stopwatch()
    with watch("reading"):
        examined = examine(folder, patients=patients, reader=reader)
        must_be_outlined(examined)
        told = under_pseudonyms(told or read_told(examined.cohort.root), examined.settings)
        ERROR_MODELS.load(examined.settings.errors.model)  # fails here rather than on every image
        measures, unusable = what_is_measured()
        criteria = criteria_of(examined, criterion)
        inputs = fingerprint_inputs(examined)
    with workers(jobs=engine.jobs, scheduler=engine.scheduler) as executor:
        task = Task(
            examined=examined,
            criteria=criteria,
            inputs=inputs,
            memo=Memo(folder=engine.memo, force=engine.force),
            executor=executor,
            progress=engine.progress,
        )
        with watch("measuring"):
            measured = _measure(task)
        readings, choices = choose_readings(examined, measured)
        with watch("linking"):
            linked = _link(task, readings, measured)
    with watch("classifying"):
        relative = relate(readings, measured, {site: found.near for site, found in linked.items()})
        responses = _classify(task, readings, measured, linked, relative)
        scores, faults = score(examined, told)
    outcome = _outcome(task, measured, linked, responses, (*unusable, *choices, *faults))
    outcome = replace(outcome, measures=measures, scores=scores, relative=relative)
    outcome = with_told(replace(outcome, likenesses=likenesses_of(linked.values())), told)
    return replace(outcome, discordances=disagreeing(outcome), timings_s=dict(watch.seconds))


def check(
    folder: Path | str,
    *,
    patients: Sequence[str] | None = None,
    reader: str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = stay_quiet,
) -> Examination:
    """Return what a folder holds and all that is wrong with it, having looked into every outlined image.

    Goes as far as measuring, and keeps nothing. Parameters and errors are those of `run`, but a folder
    that nobody has outlined is no error.
    """
    examined = examine(folder, patients=patients, reader=reader)
    read_told(examined.cohort.root)  # fails here rather than once images are measured
    with workers(jobs=jobs, scheduler=scheduler) as executor:
        task = Task(
            examined=examined,
            criteria=criteria_of(examined, None),
            inputs={},
            memo=Memo(),
            executor=executor,
            progress=progress,
        )
        measured = _measure(task)
        readings, choices = choose_readings(examined, measured)
        photographs = {site: found for site, found in readings.items() if site[1] is Modality.XC}
        linked = _link(task, photographs, measured)
    found = (problem for result in measured.values() for problem in result.problems)
    told = unlike(problem for one in linked.values() for problem in one.problems)
    return replace(
        examined,
        problems=worst_first((*examined.problems, *found, *choices, *told)),
        grids={key: result.sizes.grid for key, result in measured.items() if result.sizes},
        likenesses=likenesses_of(linked.values()),
    )


def _measure(task: Task) -> dict[str, Measured]:
    whose = {ref.id: patient.id for patient in task.examined.cohort.patients for ref in patient.images}
    names = tuple(sorted(task.examined.settings.patients.items()))
    jobs = [
        MeasureJob(
            ref=ref,
            patient=whose[ref.id],
            names=names,
            colour=task.examined.settings.colour,
            files=task.examined.drawings[ref.id],
            scale=task.examined.settings.scale.at(ref.site),
            errors=task.examined.settings.errors,
            calcium=task.examined.settings.calcium,
            grade=task.examined.settings.grades.get(ref.modality.stream),
            inputs=tuple((p.name, task.inputs[p]) for p in task.files_of(ref) if p in task.inputs),
            memo=task.memo,
        )
        for ref in task.examined.read_images
    ]
    results = run_all(task.executor, measure_image, jobs, stage="Measuring", progress=task.progress)
    return {result.ref.id: result for result in results}


def _link(
    task: Task, readings: Mapping[Site, list[Reading]], measured: Mapping[str, Measured]
) -> dict[Site, Linked]:
    dates = {
        (patient.id, stream): tuple(t.date for t in patient.timepoints if _shows(t.images, stream))
        for patient in task.examined.cohort.patients
        for stream in Modality
    }
    jobs = []
    for (patient, stream, site), found in readings.items():
        refs = tuple(measured[reading.image].ref for reading in found)
        jobs.append(
            SiteJob(
                patient=patient,
                modality=stream,
                site=site,
                dates=dates[patient, stream],
                readings=tuple(found),
                refs=refs,
                fingerprints=tuple(task.digest(ref.paths) for ref in refs),
                focus=task.digest(task.outlines_of(refs[0])) if refs else "",
                drawings=tuple(task.digest(task.outlines_of(ref)) for ref in refs),
                memo=task.memo,
            )
        )
    results = run_all(task.executor, link_site, jobs, stage="Following deposits", progress=task.progress)
    return dict(zip(readings, results, strict=True))


def _shows(images: Sequence[ImageRef], stream: Modality) -> bool:
    return any(image.modality.stream is stream for image in images)


def _classify(
    task: Task,
    readings: Mapping[Site, list[Reading]],
    measured: Mapping[str, Measured],
    linked: Mapping[Site, Linked],
    relative: Sequence[Measurement],
) -> list[Response]:
    from lesionkit.classification import classify

    responses: list[Response] = []
    for patient in task.examined.cohort.patients:
        for stream in sorted({ref.modality.stream for ref in patient.images}):
            sites = [site for site in readings if site[:2] == (patient.id, stream)]
            responses.extend(
                classify(
                    [track for site in sites for track in linked[site].tracks],
                    {site[2]: readings[site] for site in sites},
                    in_place_of(_measurements(patient, measured), relative),
                    patient=patient,
                    modality=stream,
                    criterion=task.criteria[stream],
                    baseline=task.examined.settings.baseline,
                )
            )
    return responses


def _measurements(patient: Patient, measured: Mapping[str, Measured]) -> list[Measurement]:
    sizes = [measured[ref.id].sizes for ref in patient.images if ref.id in measured]
    return [measurement for size in sizes if size for measurement in size.measurements]


def _outcome(
    task: Task,
    measured: Mapping[str, Measured],
    linked: Mapping[Site, Linked],
    responses: Sequence[Response],
    choices: Sequence[Problem],
) -> Outcome:
    from lesionkit.classification import problems_of

    examined = task.examined
    problems = [
        *examined.problems,
        *(problem for result in measured.values() for problem in result.problems),
        *choices,
        *(problem for result in linked.values() for problem in result.problems),
        *problems_of(responses),
    ]
    sizes = {key: result.sizes for key, result in measured.items() if result.sizes}
    root = examined.cohort.root
    return Outcome(
        cohort=examined.cohort,
        settings=examined.settings,
        criteria=tuple({c.name: c for c in task.criteria.values()}.values()),
        deposits=tuple(
            deposit
            for result in measured.values()
            if result.drawing and result.sizes
            for deposit in result.drawing.deposits
        ),
        places=tuple(
            place
            for result in measured.values()
            if result.drawing and result.sizes
            for place in (*result.drawing.removed, *result.drawing.unjudged)
        ),
        grids={key: size.grid for key, size in sizes.items()},
        measurements=tuple(m for size in sizes.values() for m in size.measurements),
        transforms={t.source: t for result in linked.values() for t in result.transforms},
        tracks=tuple(track for result in linked.values() for track in result.tracks),
        track_responses=tuple(r for r in responses if r.track is not None),
        responses=tuple(r for r in responses if r.track is None),
        problems=worst_first(problems),
        intensity_units={key: size.intensity_unit.value for key, size in sizes.items()},
        inputs={shown(path, root): digest for path, digest in task.inputs.items()},
        versions=versions(),
    )
