"""A small outcome made in memory, with everything that can befall a deposit."""

from datetime import date
from pathlib import Path

import numpy as np

from lesionkit.core.cohort import Cohort, Patient, Timepoint, Treatment
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.region import Deposit, Mask, Outline, Role, Status
from lesionkit.core.response import (
    ALL_SITES,
    BurdenMeasure,
    Category,
    Criterion,
    Evaluation,
    Response,
)
from lesionkit.core.settings import Settings
from lesionkit.core.track import Event, MatchedBy, Presence, Sighting, Track
from lesionkit.core.uncertainty import ErrorPart, ScaleError
from lesionkit.core.units import AREA, Quantity, Unit
from lesionkit.geometry.polygon import area
from lesionkit.geometry.voxels import voxel_centroid

DAYS = (date(2012, 3, 1), date(2013, 3, 4), date(2014, 9, 2), date(2015, 6, 1))
HOSTILE = '=cmd()|"<script>alert(1)</script>'

PHOTO_GRID = Grid(
    shape=(480, 640),
    spacing_mm=(0.20, 0.25),
    scale_source=ScaleSource.MARKER,
    scale_error=ScaleError(parts=(ErrorPart(name="scale", rel_se=0.01, source="declared"),)),
)
PLAIN_GRID = Grid(shape=(300, 400))
RADIOGRAPH_GRID = Grid(shape=(240, 200), spacing_mm=(0.4, 0.5), scale_source=ScaleSource.DETECTOR_PLANE)
CT_GRID = Grid(
    shape=(12, 96, 128),
    spacing_mm=(3.0, 0.5, 0.75),
    affine=[[0, 0, 0.75, 0], [0, 0.5, 0, 0], [-3.0, 0, 0, 0], [0, 0, 0, 1]],
    scale_source=ScaleSource.PATIENT_PLANE,
)

CRITERION = Criterion(
    name="calcinosis-25",
    regression_pct=-25.0,
    progression_pct=25.0,
    citation="Valenzuela A et al. Semin Arthritis Rheum 2022;53:151980. https://doi.org/10.1016/j.semarthrit.2022.151980",
    validated_on="the SCTC radiograph score of the hands at one year",
    labels={Category.PROGRESSION: "progressive", Category.REGRESSION: "improved"},
)


def _ellipse(row: float, col: float, height: float, width: float) -> Outline:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    wobble = 1 + 0.08 * np.sin(3 * angle)
    return Outline(
        exterior=np.stack(
            [row + height * wobble * np.sin(angle), col + width * wobble * np.cos(angle)], axis=1
        )
    )


def _ball(plane: float, row: float, col: float, radius_mm: float) -> Mask:
    index = np.indices(CT_GRID.shape, dtype=np.float64)
    offsets = [(index[0] - plane) * 3.0, (index[1] - row) * 0.5, (index[2] - col) * 0.75]
    return Mask.cropped(sum(o**2 for o in offsets) <= radius_mm**2)


def _ref(name: str, modality: Modality, site: str, grid: Grid) -> ImageRef:
    return ImageRef(
        id=name, modality=modality, site=site, paths=(Path(name),), reader="photo", location=name, grid=grid
    )


def _deposit(image: str, key: str, region: Outline | Mask, **more: object) -> Deposit:
    return Deposit(id=key, image=image, regions=(region,), author="reader-a", **more)  # type: ignore[arg-type]


class _Build:
    """Collects deposits and measurements."""

    def __init__(self) -> None:
        self.deposits: list[Deposit] = []
        self.measurements: list[Measurement] = []
        self.grids: dict[str, Grid] = {}

    def add(self, grid: Grid, deposit: Deposit) -> None:
        self.deposits.append(deposit)
        self.grids[deposit.image] = grid
        region = deposit.regions[0]
        if isinstance(region, Outline):
            scale = float(np.prod(grid.spacing_mm)) if grid.spacing_mm else 1.0
            self._put(grid, deposit, "area", area(region.rings) * scale, AREA[grid.is_calibrated])
        else:
            self._put(grid, deposit, "volume", float(region.voxels.sum()) * grid.voxel_volume_mm3, Unit.MM3)
            self._put(grid, deposit, "mean_intensity", 640.5, Unit.HU)
            for axis, value in zip(("plane", "row", "col"), voxel_centroid(region), strict=True):
                self._put(grid, deposit, f"centroid_{axis}", float(value), Unit.PX)

    def _put(self, grid: Grid, deposit: Deposit, measure: str, value: float, unit: Unit) -> None:
        self.measurements.append(
            Measurement(
                image=deposit.image,
                deposit=deposit.id,
                measure=measure,
                quantity=Quantity(value=value, unit=unit),
                scale_source=grid.scale_source,
            )
        )

    def size(self, image: str, *keys: str) -> Quantity:
        found = [
            m.quantity
            for m in self.measurements
            if m.image == image and m.deposit in keys and m.measure in ("area", "volume")
        ]
        return Quantity(value=sum(q.value for q in found), unit=found[0].unit)


def _seen(day: date, image: str, *deposits: str, event: Event | None = None, **more: object) -> Sighting:
    presence = Presence.PRESENT if deposits else Presence.ABSENT
    return Sighting(date=day, presence=presence, image=image, deposits=deposits, event=event, **more)  # type: ignore[arg-type]


def _unseen(day: date) -> Sighting:
    return Sighting(date=day, presence=Presence.UNSEEN)


def _response(patient: str, modality: Modality, site: str, **more: object) -> Response:
    baseline, current = more.get("baseline"), more.get("current")
    if isinstance(baseline, Quantity) and isinstance(current, Quantity) and "change_pct" not in more:
        more["change_pct"] = current.change_pct_from(baseline)
    category = more["category"]
    assert isinstance(category, Category)
    measure = BurdenMeasure.VOLUME if modality.is_volume else BurdenMeasure.AREA
    return Response(
        patient=patient,
        modality=modality,
        site=site,
        measure=measure,
        criterion=CRITERION.name,
        label=CRITERION.label(category),
        **more,  # type: ignore[arg-type]
    )


def _for_all(responses: list[Response]) -> list[Response]:
    """Return follow-ups per site and over all sites, then the last of each again as the final one."""
    from dataclasses import replace

    everything = responses + [replace(response, site=ALL_SITES) for response in responses]
    last: dict[tuple[str, Modality, str], Response] = {}
    for response in everything:
        last[response.patient, response.modality, response.site] = response
    return everything + [replace(response, evaluation=Evaluation.FINAL) for response in last.values()]


def make_outcome() -> Outcome:
    """P01: photographs (grows, vanishes, new), radiographs; P02: CT (split, unseen), unscaled photographs."""
    build = _Build()
    photos = [_ref(f"P01/{day}/left-hand.jpg", Modality.XC, "left-hand", PHOTO_GRID) for day in DAYS]
    for index, photo in enumerate(photos):
        grow = 1 + 0.25 * index
        build.add(
            PHOTO_GRID,
            _deposit(
                photo.id,
                "thumb",
                _ellipse(200, 260, 20 * grow, 26 * grow),
                name="thumb",
                status=Status.CONFIRMED,
                role=Role.TARGET,
            ),
        )
    build.add(PHOTO_GRID, _deposit(photos[0].id, "2", _ellipse(300, 380, 16, 12)))
    build.add(PHOTO_GRID, _deposit(photos[3].id, "2", _ellipse(150, 420, 18, 18)))
    build.add(PHOTO_GRID, _deposit(photos[3].id, "3", _ellipse(330, 180, 9, 9), status=Status.SUGGESTED))
    xrays = [_ref(f"P01/{day}/xray.dcm", Modality.CR, "hand", RADIOGRAPH_GRID) for day in DAYS[::3]]
    build.add(RADIOGRAPH_GRID, _deposit(xrays[0].id, "1", _ellipse(100, 90, 20, 14)))
    build.add(RADIOGRAPH_GRID, _deposit(xrays[1].id, "1", _ellipse(100, 90, 19, 14)))
    scans = [_ref(f"1.2.3.{index}", Modality.CT, "forearm", CT_GRID) for index in range(3)]
    build.add(CT_GRID, _deposit(scans[0].id, "1", _ball(5, 40, 50, 9.0)))
    build.add(CT_GRID, _deposit(scans[0].id, "2", _ball(6, 62, 84, 5.0)))
    build.add(CT_GRID, _deposit(scans[2].id, "1", _ball(5, 36, 44, 4.5)))
    build.add(CT_GRID, _deposit(scans[2].id, "2", _ball(5, 48, 58, 4.0)))
    plain = [_ref(f"P02/{day}/elbow.png", Modality.XC, "elbow", PLAIN_GRID) for day in DAYS[:2]]
    build.add(PLAIN_GRID, _deposit(plain[0].id, "1", _ellipse(150, 200, 30, 40)))
    build.add(PLAIN_GRID, _deposit(plain[1].id, "1", _ellipse(150, 205, 31, 40)))
    build.grids[photos[2].id] = PHOTO_GRID

    def track(key: str, patient: str, modality: Modality, site: str, *sightings: Sighting) -> Track:
        uid = f"2.25.{int.from_bytes(f'{key}{patient}{site}'.encode())}"
        return Track(id=key, uid=uid, patient=patient, modality=modality, site=site, sightings=sightings)

    name, overlap = {"matched_by": MatchedBy.NAME}, {"matched_by": MatchedBy.OVERLAP, "match_score": 0.62}
    p = [photo.id for photo in photos]
    tracks = (
        track(
            "thumb",
            "P01",
            Modality.XC,
            "left-hand",
            _seen(DAYS[0], p[0], "thumb", event=Event.BASELINE),
            *(_seen(DAYS[i], p[i], "thumb", event=Event.PERSISTING, **name) for i in (1, 2, 3)),
        ),
        track(
            "T1",
            "P01",
            Modality.XC,
            "left-hand",
            _seen(DAYS[0], p[0], "2", event=Event.BASELINE),
            _seen(DAYS[1], p[1], event=Event.RESOLVED),
            _seen(DAYS[2], p[2]),
            _seen(DAYS[3], p[3]),
        ),
        track(
            "T2",
            "P01",
            Modality.XC,
            "left-hand",
            *(_seen(DAYS[i], p[i]) for i in (0, 1, 2)),
            _seen(DAYS[3], p[3], "2", event=Event.NEW),
        ),
        track(
            "T1",
            "P01",
            Modality.DX,
            "hand",
            _seen(DAYS[0], xrays[0].id, "1", event=Event.BASELINE),
            _seen(DAYS[3], xrays[1].id, "1", event=Event.PERSISTING, is_confirmed=False, **overlap),
        ),
        track(
            "T1",
            "P02",
            Modality.CT,
            "forearm",
            _seen(DAYS[0], scans[0].id, "1", event=Event.BASELINE),
            _unseen(DAYS[1]),
            _seen(DAYS[3], scans[2].id, "1", "2", event=Event.SPLIT, **overlap),
        ),
        track(
            "T2",
            "P02",
            Modality.CT,
            "forearm",
            _seen(DAYS[0], scans[0].id, "2", event=Event.BASELINE),
            _unseen(DAYS[1]),
            _seen(DAYS[3], scans[2].id, event=Event.RESOLVED),
        ),
        track(
            "T1",
            "P02",
            Modality.XC,
            "elbow",
            _seen(DAYS[0], plain[0].id, "1", event=Event.BASELINE),
            _seen(DAYS[1], plain[1].id, "1", event=Event.PERSISTING, **overlap),
        ),
    )

    start = build.size(p[0], "thumb", "2")
    size = build.size
    common = {"baseline_date": DAYS[0], "nadir_date": DAYS[0], "baseline": start, "new_deposits": 0}
    responses = [
        _response(
            "P01",
            Modality.XC,
            "left-hand",
            date=DAYS[1],
            current=size(p[1], "thumb"),
            **common,
            category=Category.STABLE,
            months_from_baseline=12.09,
            reasons=("within_thresholds",),
        ),
        _response(
            "P01",
            Modality.XC,
            "left-hand",
            date=DAYS[2],
            current=size(p[2], "thumb"),
            **common,
            category=Category.PROGRESSION,
            months_from_baseline=30.06,
            reasons=("above_progression",),
        ),
        _response(
            "P01",
            Modality.XC,
            "left-hand",
            date=DAYS[3],
            current=size(p[3], "thumb", "2"),
            **(common | {"new_deposits": 1}),
            category=Category.PROGRESSION,
            months_from_baseline=38.97,
            months_from_treatment=36.5,
            reasons=("above_progression", "new_deposit"),
        ),
        _response(
            "P01",
            Modality.DX,
            "hand",
            date=DAYS[3],
            baseline_date=DAYS[0],
            nadir_date=DAYS[0],
            baseline=size(xrays[0].id, "1"),
            nadir=size(xrays[0].id, "1"),
            current=size(xrays[1].id, "1"),
            category=Category.STABLE,
            months_from_baseline=38.97,
            new_deposits=0,
            reasons=("within_thresholds",),
        ),
        _response(
            "P02",
            Modality.CT,
            "forearm",
            date=DAYS[1],
            baseline_date=DAYS[0],
            baseline=size(scans[0].id, "1", "2"),
            category=Category.NOT_EVALUABLE,
            months_from_baseline=12.09,
            reasons=("track_unseen",),
        ),
        _response(
            "P02",
            Modality.CT,
            "forearm",
            date=DAYS[3],
            baseline_date=DAYS[0],
            nadir_date=DAYS[0],
            baseline=size(scans[0].id, "1", "2"),
            current=size(scans[2].id, "1", "2"),
            change_pct_limits=(-80.0, -60.0),
            probabilities={Category.REGRESSION: 0.99, Category.STABLE: 0.01, Category.PROGRESSION: 0.0},
            category=Category.REGRESSION,
            months_from_baseline=38.97,
            new_deposits=0,
            reasons=("below_regression",),
        ),
        _response(
            "P02",
            Modality.XC,
            "elbow",
            date=DAYS[1],
            baseline_date=DAYS[0],
            nadir_date=DAYS[0],
            baseline=size(plain[0].id, "1"),
            current=size(plain[1].id, "1"),
            category=Category.STABLE,
            months_from_baseline=12.09,
            new_deposits=0,
            reasons=("within_thresholds",),
        ),
    ]
    one = {"category": Category.PROGRESSION, "reasons": ("above_progression",), "baseline_date": DAYS[0]}
    track_responses = (
        *(
            _response(
                "P01",
                Modality.XC,
                "left-hand",
                track="thumb",
                date=DAYS[i],
                baseline=size(p[0], "thumb"),
                current=size(p[i], "thumb"),
                **one,
            )
            for i in (1, 2, 3)
        ),
        _response(
            "P02",
            Modality.CT,
            "forearm",
            track="T1",
            date=DAYS[3],
            baseline_date=DAYS[0],
            baseline=size(scans[0].id, "1"),
            current=size(scans[2].id, "1", "2"),
            category=Category.REGRESSION,
            reasons=("below_regression",),
        ),
        _response(
            "P02",
            Modality.CT,
            "forearm",
            track="T1",
            date=DAYS[3],
            baseline_date=DAYS[0],
            evaluation=Evaluation.FINAL,
            baseline=size(scans[0].id, "1"),
            current=size(scans[2].id, "1"),
            category=Category.PROGRESSION,
            reasons=("ignored",),
        ),
    )
    p01 = Patient(
        id="P01",
        timepoints=tuple(
            Timepoint(date=day, images=(photos[i], *(x for x in xrays if str(day) in x.id)))
            for i, day in enumerate(DAYS)
        ),
        treatments=(Treatment(drug="sodium thiosulfate", start=date(2012, 5, 15)),),
        facts={"patient": "P01", "sex": "female", "diagnosis": "systemic sclerosis"},
    )
    p02 = Patient(
        id="P02",
        timepoints=(
            Timepoint(date=DAYS[0], images=(scans[0], plain[0])),
            Timepoint(date=DAYS[1], images=(scans[1], plain[1])),
            Timepoint(date=DAYS[3], images=(scans[2],)),
        ),
    )
    return Outcome(
        cohort=Cohort(root=Path("cohort"), name="Two patients", patients=(p01, p02)),
        settings=Settings(name="Two patients", patients={"HOSPITAL-4711": "P01"}),
        criteria=(CRITERION,),
        deposits=tuple(build.deposits),
        grids=build.grids,
        measurements=tuple(build.measurements),
        tracks=tracks,
        track_responses=track_responses,
        responses=tuple(_for_all(responses)),
        problems=(
            Problem(
                severity=Severity.ERROR,
                code="unreadable",
                about="P01/2012-03-01/broken.jpg",
                text="This is not a picture.",
                hint="Copy it again.",
            ),
            Problem(
                severity=Severity.WARNING,
                code="alignment_failed",
                about=xrays[1].id,
                text="It could not be aligned with the first image.",
            ),
            Problem(
                severity=Severity.INFO, code="left_out", about="scout.dcm", text="A localizer is no image."
            ),
        ),
        intensity_units={scan.id: Unit.HU for scan in scans},
        inputs={"P01/2012-03-01/left-hand.jpg": "00" * 32},
        versions={"lesionkit": "0.1.0", "python": "3.11"},
        timings_s={"measuring": 1.5},
    )


def load_made_up(ref: ImageRef) -> Image:
    """Return synthetic pixels: skin with pale spots, bone-grey radiographs, CT in HU."""
    rng = np.random.default_rng(len(ref.id))
    rows, cols = ref.grid.shape[-2:]
    row, col = np.mgrid[:rows, :cols]
    shade = np.hypot(row - rows / 2, (col - cols / 2) * 0.8) / rows
    if ref.modality is Modality.XC:
        skin = np.array([214, 168, 145]) - 60 * shade[..., None] + rng.normal(0, 5, (rows, cols, 1))
        return Image(
            modality=ref.modality,
            pixels=np.clip(skin, 0, 255).astype(np.uint8),
            grid=ref.grid,
            intensity_unit=Unit.GREY,
        )
    if ref.modality is Modality.CT:
        planes = np.where(shade < 0.42, 40, -1000) + rng.normal(0, 20, ref.grid.shape)
        return Image(
            modality=ref.modality, pixels=planes.astype(np.int16), grid=ref.grid, intensity_unit=Unit.HU
        )
    return Image(
        modality=ref.modality,
        pixels=(3000 * (1 - shade)).astype(np.uint16),
        grid=ref.grid,
        intensity_unit=Unit.STORED,
    )


def make_course(days: int, *, patient: str = "P30", name: str = "thumb", site: str = "left-hand") -> Outcome:
    """One patient, one photographed site, one named deposit that grows a little from month to month."""
    build = _Build()
    dates = tuple(date(2012 + month // 12, 1 + month % 12, 15) for month in range(days))
    photos = [_ref(f"{patient[:20]}/{day}/{site[:20]}.jpg", Modality.XC, site, PHOTO_GRID) for day in dates]
    sightings, responses = [], []
    for index, (day, photo) in enumerate(zip(dates, photos, strict=True)):
        outline = _ellipse(200, 260, 20 + index, 26 + index)
        build.add(PHOTO_GRID, _deposit(photo.id, "1", outline, name=name, status=Status.CONFIRMED))
        event = Event.BASELINE if index == 0 else Event.PERSISTING
        sightings.append(_seen(day, photo.id, "1", event=event, matched_by=MatchedBy.NAME if index else None))
        if index:
            responses.append(
                _response(
                    patient,
                    Modality.XC,
                    site,
                    date=day,
                    baseline_date=dates[0],
                    nadir_date=dates[0],
                    baseline=build.size(photos[0].id, "1"),
                    nadir=build.size(photos[0].id, "1"),
                    current=build.size(photo.id, "1"),
                    category=Category.PROGRESSION,
                    new_deposits=0,
                    reasons=("above_progression",),
                )
            )
    track = Track(
        id=name,
        uid="2.25.30",
        patient=patient,
        modality=Modality.XC,
        site=site,
        sightings=tuple(sightings),
    )
    visits = tuple(Timepoint(date=day, images=(photo,)) for day, photo in zip(dates, photos, strict=True))
    return Outcome(
        cohort=Cohort(root=Path("cohort"), name="One", patients=(Patient(id=patient, timepoints=visits),)),
        settings=Settings(name="One"),
        criteria=(CRITERION,),
        deposits=tuple(build.deposits),
        grids=build.grids,
        measurements=tuple(build.measurements),
        tracks=(track,),
        responses=tuple(_for_all(responses)),
        versions={"lesionkit": "0.1.0", "python": "3.11"},
    )
