"""The digital cohort as a folder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.phantom.camera import View
from lesionkit.phantom.cohort import participants
from lesionkit.phantom.dicom import DetectorScale, Shot, write_radiograph, write_volume
from lesionkit.phantom.drawing import draw_outline, paint_voxels
from lesionkit.phantom.history import Participant, Strand, Visit
from lesionkit.phantom.noise import rng_of
from lesionkit.phantom.photo import Table, paint_photograph
from lesionkit.phantom.radiograph import expose_radiograph
from lesionkit.phantom.segmentation import write_segmentation
from lesionkit.phantom.skin import Skin, grow_skin
from lesionkit.phantom.staging import lay_limb, lay_table, photo_view, set_light, skin_box, xray_view
from lesionkit.phantom.tables import truth_rows, write_tables
from lesionkit.phantom.volume import CT_TISSUES, T1_TISSUES, Block, scan_volume
from lesionkit.pipeline.engine import Progress, Step

_READER = "reader-1"
_JPEG_QUALITY = 86
_RULER_MARKS_MM = (20.0, 120.0)
_BLOCKS = {
    Modality.CT: Block(shape=(40, 88, 96), spacing_mm=(1.5, 0.9, 1.0), middle=(2.0, 0.0, -148.0)),
    Modality.MR: Block(shape=(36, 56, 96), spacing_mm=(1.6, 0.85, 0.95), middle=(2.0, 0.0, 60.0)),
}


def write_cohort(out: Path, *, seed: int = 2021, progress: Progress | None = None) -> None:
    """Write the sample cohort after Rauch 2021: seven participants, their pictures, outlines and truth.

    The histories are always the same; another seed gives other skin, light, noise, positions and hand
    errors. The same seed and versions give the same files, byte for byte.

    Parameters
    ----------
    out : Path
        Folder to write to; made if it is not there.
    seed : int
        Of everything random.
    progress : callable, optional
        Called with a `lesionkit.pipeline.engine.Step` after every picture.
    """
    people = participants()
    todo = [
        (person, strand, visit) for person in people for strand in person.strands for visit in strand.visits
    ]
    studio = Studio(out=out, seed=seed)
    truth, images = [], []
    for done, (person, strand, visit) in enumerate(todo, start=1):
        written = studio.take(person, strand, visit)
        truth += truth_rows(person, strand, visit, written.location)
        if written.mm_per_px is not None:
            images.append((written.location, f"{written.mm_per_px:g}"))
        if progress is not None:
            progress(Step(stage="Making pictures", done=done, total=len(todo)))
    write_tables(out, people, truth, images)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where a picture lies in the cohort, and its mm per px where ``images.csv`` tells it."""

    location: str
    mm_per_px: float | None = None


@dataclass
class Studio:
    """Takes pictures; keeps the last skin, which the next picture of the same limb needs again."""

    out: Path
    seed: int
    _skin: tuple[tuple[str, str, str], Skin] | None = field(default=None)

    def take(self, person: Participant, strand: Strand, visit: Visit) -> Written:
        """Write the picture of one visit with its outlines, and return where."""
        make: dict[Modality, Callable[[Participant, Strand, Visit], Written]] = {
            Modality.XC: self._photograph,
            Modality.DX: self._radiograph,
            Modality.CT: self._volume,
            Modality.MR: self._volume,
        }
        return make[strand.modality](person, strand, visit)

    def _rng(self, person: Participant, strand: Strand, day: date, word: str) -> np.random.Generator:
        return rng_of(
            self.seed, person.id, strand.modality, strand.side, strand.region, day.isoformat(), word
        )

    def _seed(self, person: Participant, strand: Strand, day: date) -> int:
        return int(self._rng(person, strand, day, "picture").integers(2**31))

    def _skin_of(self, person: Participant, strand: Strand) -> Skin:
        key = (person.id, strand.side, strand.region)
        if self._skin is None or self._skin[0] != key:
            limb = person.limbs[strand.side]
            seed = int(rng_of(self.seed, *key, "skin").integers(2**31))
            box = skin_box(limb, strand.region)
            self._skin = key, grow_skin(limb, box, seed=seed, tone=person.tone, is_hairy=person.is_hairy)
        return self._skin[1]

    def _photograph(self, person: Participant, strand: Strand, visit: Visit) -> Written:
        limb = person.limbs[strand.side]
        view = photo_view(self._rng(person, strand, visit.day, "camera"), limb, strand.region)
        table = lay_table(self._rng(person, strand, visit.day, "table"), limb, strand)
        light = set_light(self._rng(person, strand, visit.day, "light"))
        pixels = paint_photograph(
            self._skin_of(person, strand),
            visit.concretions,
            view=view,
            seed=self._seed(person, strand, visit.day),
            light=light,
            table=table,
        )
        path = self.out / person.id / visit.day.isoformat() / f"{strand.side}-{strand.region}.jpg"
        is_turned = strand.how == "turned" and visit is strand.visits[1]
        _write_jpeg(path, pixels, day=visit.day, is_turned=is_turned)
        claims = _claims(table, view) if strand.how == "two-points" else None
        self._draw(path, person, strand, visit, view, claims)
        scale = view.spacing_mm[1] if strand.how == "manifest" else None
        return Written(location=path.relative_to(self.out).as_posix(), mm_per_px=scale)

    def _radiograph(self, person: Participant, strand: Strand, visit: Visit) -> Written:
        limb = person.limbs[strand.side]
        rng = self._rng(person, strand, visit.day, "table")
        view = xray_view(rng, limb)
        pixels = expose_radiograph(
            limb, visit.concretions, view=view, seed=self._seed(person, strand, visit.day)
        )
        path = self.out / person.id / visit.day.isoformat() / "xray" / "IM0001.dcm"
        is_calibrated = strand.how == "fiducial"
        write_radiograph(
            path,
            pixels,
            shot=self._shot(person, strand, visit),
            spacing_mm=view.spacing_mm,
            scale=DetectorScale(is_calibrated=is_calibrated),
            is_inverted=not is_calibrated,
        )
        self._draw(path, person, strand, visit, view, None)
        return Written(location=path.relative_to(self.out).as_posix())

    def _volume(self, person: Participant, strand: Strand, visit: Visit) -> Written:
        limb, block = person.limbs[strand.side], _BLOCKS[strand.modality]
        pose = lay_limb(self._rng(person, strand, visit.day, "table"))
        is_ct = strand.modality is Modality.CT
        pixels = scan_volume(
            limb,
            visit.concretions,
            block=block,
            tissues=CT_TISSUES if is_ct else T1_TISSUES,
            seed=self._seed(person, strand, visit.day),
            pose=pose,
        )
        folder = self.out / person.id / visit.day.isoformat() / strand.modality.lower()
        shot = self._shot(person, strand, visit)
        series = write_volume(folder, pixels, shot=shot, modality=strand.modality, block=block)
        rng = self._rng(person, strand, visit.day, "hand")
        masks = [paint_voxels(limb, c, rng, block=block, pose=pose) for c in visit.concretions]
        names = [c.lineage if strand.is_named else str(n) for n, c in enumerate(visit.concretions, start=1)]
        if strand.how == "dicom-seg":
            named = dict(zip(names, map(Mask.cropped, masks), strict=True))
            path = folder.with_name(f"{folder.name}-seg.dcm")
            write_segmentation(path, named, series=series, shot=shot, shape=block.shape)
        else:
            deposits = [
                _deposit(str(n), name, Mask.cropped(m))
                for n, (name, m) in enumerate(zip(names, masks, strict=True))
            ]
            _write_labels(folder.with_name(f"{folder.name}.outlines.{strand.how}"), deposits, block)
        return Written(location=folder.relative_to(self.out).as_posix())

    def _shot(self, person: Participant, strand: Strand, visit: Visit) -> Shot:
        return Shot(
            patient=person.id,
            day=visit.day,
            body_part=strand.region.upper(),
            side=strand.side,
            seed=self.seed,
        )

    def _draw(
        self,
        image: Path,
        person: Participant,
        strand: Strand,
        visit: Visit,
        view: View,
        claims: tuple[ScaleClaim, ...] | None,
    ) -> None:
        from lesionkit.io import write_outlines

        rng = self._rng(person, strand, visit.day, "hand")
        deposits = [
            _deposit(
                str(number),
                concretion.lineage if strand.is_named else None,
                Outline(exterior=draw_outline(concretion, rng, view=view)),
                drawn_at=f"{visit.day.isoformat()}T15:00:00",
            )
            for number, concretion in enumerate(visit.concretions, start=1)
        ]
        path = image.with_name(f"{image.stem}.outlines.geojson")
        write_outlines(path, deposits, image=image, scale_claims=claims, replace=True)


def _claims(table: Table, view: View) -> tuple[ScaleClaim, ...]:
    """Return two points a reader sets on the ruler."""
    first, second = table.ruler_marks(view, *_RULER_MARKS_MM).round(1)
    return (
        ScaleClaim(
            source=ScaleSource.TWO_POINTS,
            points=((float(first[0]), float(first[1])), (float(second[0]), float(second[1]))),
            length_mm=_RULER_MARKS_MM[1] - _RULER_MARKS_MM[0],
        ),
    )


def _deposit(number: str, name: str | None, region: Outline | Mask, drawn_at: str = "") -> Deposit:
    return Deposit(
        id=number,
        image="phantom",
        regions=(region,),
        name=name,
        status=Status.DRAWN,
        author=_READER,
        drawn_at=drawn_at,
    )


def _write_labels(path: Path, deposits: list[Deposit], block: Block) -> None:
    from lesionkit.io.labelmap import write_labelmap

    grid = Grid(
        shape=block.shape,
        spacing_mm=block.spacing_mm,
        affine=block.affine,
        scale_source=ScaleSource.PATIENT_PLANE,
    )
    write_labelmap(path, deposits, image=grid)


def _write_jpeg(path: Path, pixels: npt.NDArray[np.uint8], *, day: date, is_turned: bool) -> None:
    from PIL import Image as Picture
    from PIL.ExifTags import IFD, Base

    path.parent.mkdir(parents=True, exist_ok=True)
    taken = day.strftime("%Y:%m:%d 10:30:00")
    exif = Picture.Exif()
    exif[Base.Make], exif[Base.Model], exif[Base.Software] = "lesionkit", "phantom", "lesionkit"
    exif[Base.DateTime] = taken
    exif[Base.Orientation] = 6 if is_turned else 1
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = taken
    stored = np.ascontiguousarray(np.rot90(pixels)) if is_turned else pixels
    Picture.fromarray(stored).save(path, quality=_JPEG_QUALITY, exif=exif, optimize=True)
