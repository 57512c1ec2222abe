"""Alignments kept from one run to the next."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.track import Reading
from lesionkit.core.transform import Transform
from lesionkit.pipeline import linking
from lesionkit.pipeline.linking import Alignment, SiteJob, link_site
from lesionkit.pipeline.memo import Memo

DAYS = (date(2012, 3, 1), date(2013, 3, 1), date(2014, 3, 1))


def job(folder: Path, *, mm_per_px: float, modality: Modality = Modality.XC) -> SiteJob:
    grid = Grid(shape=(30, 40), spacing_mm=(mm_per_px, mm_per_px), scale_source=ScaleSource.MANIFEST)
    square = Outline(exterior=[(2, 2), (2, 6), (6, 6), (6, 2)])
    return SiteJob(
        patient="P01",
        modality=modality,
        site="hand",
        dates=DAYS,
        readings=tuple(
            Reading(
                date=day,
                image=f"{day}.jpg",
                grid=grid,
                deposits=(Deposit(id="1", image=f"{day}.jpg", regions=(square,)),),
            )
            for day in DAYS
        ),
        refs=tuple(
            ImageRef(
                id=f"{day}.jpg",
                modality=modality,
                site="hand",
                paths=(Path(f"{day}.jpg"),),
                reader="photo",
                location=f"{day}.jpg",
                grid=replace(grid, spacing_mm=None, scale_source=ScaleSource.NONE),
            )
            for day in DAYS
        ),
        fingerprints=("a", "b", "d"),
        focus="c",
        memo=Memo(folder=folder),
    )


@pytest.fixture
def aligned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note each alignment instead of computing it."""
    computed: list[int] = []

    def align(job: SiteJob, index: int, baseline: object) -> Alignment:
        computed.append(index)
        source, target = (job.readings[i].image for i in (index, 0))
        return Alignment(transform=Transform.identity(source, target, axes=2))

    monkeypatch.setattr(linking, "_align", align)
    return computed


def test_the_same_images_are_aligned_once(tmp_path: Path, aligned: list[int]) -> None:
    for _ in range(2):
        link_site(job(tmp_path, mm_per_px=0.2))
    assert aligned == [1, 2]


def test_another_scale_is_aligned_again_for_residuals_are_in_mm(tmp_path: Path, aligned: list[int]) -> None:
    link_site(job(tmp_path, mm_per_px=0.2))
    link_site(job(tmp_path, mm_per_px=0.3))
    assert aligned == [1, 2, 1, 2]


def test_another_modality_is_aligned_again(tmp_path: Path, aligned: list[int]) -> None:
    link_site(job(tmp_path, mm_per_px=0.2))
    link_site(job(tmp_path, mm_per_px=0.2, modality=Modality.DX))
    assert aligned == [1, 2, 1, 2]


def test_the_first_image_is_loaded_once_for_all_that_are_laid_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []

    def align(image: int, baseline: int, *, image_id: str, baseline_id: str, **regions: object) -> object:
        return Transform.identity(image_id, baseline_id, axes=2), ()

    monkeypatch.setattr(linking, "_load", lambda job, index: loaded.append(index))
    monkeypatch.setattr("lesionkit.align.align", align)
    monkeypatch.setattr("lesionkit.align.compare_pictures", lambda *pair, **known: None)
    for _ in range(2):
        link_site(job(tmp_path, mm_per_px=0.2))
    assert sorted(loaded) == [0, 1, 2]
