"""What the buttons and keys do, without a screen: layers of a viewer that is only a model."""

from pathlib import Path

import numpy as np
import pytest
from desks import FIRST, SECOND, blob, write_cohort, write_ct, write_outlines, write_skin
from napari.components import ViewerModel
from napari_lesionkit import _compat as compat
from napari_lesionkit._cells import HEADINGS, cells_of
from napari_lesionkit._desk import Desk, Message
from napari_lesionkit._study import Study
from napari_lesionkit._tools import Tool

from lesionkit.core.outcome import Severity
from lesionkit.core.region import Role, Status


class Told:
    """A desk, and what it said."""

    def __init__(
        self, folder: Path, *, number: int = 0, reader: str = "", study: Study | None = None
    ) -> None:
        self.said: list[Message] = []
        self.desk = Desk(ViewerModel())
        self.desk.on_message.append(self.said.append)
        self.desk.open_folder(folder, reader=reader, study=study)
        self.desk.go_to(self.desk.cases[number])

    @property
    def last(self) -> str:
        return next((one.text for one in reversed(self.said) if one.text), "")

    @property
    def names(self) -> list[str | None]:
        assert self.desk.draft is not None
        return [deposit.name for deposit in self.desk.draft.drawn.deposits]


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    return write_cohort(tmp_path / "cohort")


def test_layers_lie_in_millimetres_and_never_leave_the_window(cohort: Path) -> None:
    told = Told(cohort)
    desk, stage = told.desk, told.desk.stage
    lines = stage.lines
    for number in (1, 0, 1):
        desk.go_to(desk.cases[number])
        assert stage.lines is lines
        assert lines in stage.viewer.layers
        assert {tuple(map(str, layer.units)) for layer in stage.viewer.layers} == {("millimeter",) * 2}
        assert all(layer.locked for layer in stage.viewer.layers)
        assert np.allclose(lines.scale, 0.25)
    assert stage.viewer.layers.selection.active is lines


def test_a_drawn_line_is_a_deposit_and_is_undone_and_redone(cohort: Path) -> None:
    told = Told(cohort, number=1)
    desk = told.desk
    desk.take(Tool.POLYGON)
    desk.stage.lines.add([blob(0)], shape_type="polygon")
    (deposit,) = desk.draft.drawn.deposits
    assert deposit.status is Status.DRAWN
    assert desk.chosen == (deposit.id,)
    np.testing.assert_allclose(deposit.regions[0].exterior, blob(0), atol=1e-4)
    desk.undo()
    assert desk.draft.drawn.deposits == ()
    assert len(desk.stage.lines.data) == 0
    desk.redo()
    assert len(desk.stage.lines.data) == 1
    desk.undo()
    desk.undo()
    assert told.last == "There is nothing to undo."


def test_saving_does_not_end_the_line_that_is_being_drawn(cohort: Path) -> None:
    desk = Told(cohort, number=1).desk
    desk.take(Tool.POLYGON)
    lines = desk.stage.lines
    lines.add([blob(0)], shape_type="polygon")
    lines._is_creating = True  # as napari sets it between two clicks
    lines.add([np.array([[1.0, 1.0], [5.0, 5.0]])], shape_type="path", gui=True)
    desk.choose()
    assert desk.save()
    assert len(lines.data) == 2
    assert desk.stage.is_behind
    lines._is_creating = False
    desk.stage.catch_up()
    assert len(lines.data) == 1


def test_deposits_are_named_merged_split_marked_and_given_a_role(cohort: Path) -> None:
    told = Told(cohort, number=1)
    desk = told.desk
    for number in (0, 1):
        desk.drew(blob(number))
    first, second = (deposit.id for deposit in desk.draft.drawn.deposits)
    desk.rename(first, "thumb")
    desk.choose(first, second)
    desk.merge()
    assert told.names == ["thumb"]
    assert len(desk.stage.lines.data) == 2
    desk.choose(first)
    desk.split()
    assert sorted(told.names, key=str) == [None, "thumb"]
    desk.choose(first)
    desk.give_role(Role.TARGET)
    desk.mark(Status.EXCISED)
    assert desk.draft.drawn.deposit(first).status is Status.EXCISED
    desk.mark(Status.DRAWN)
    desk.tool = Tool.CUT
    before = len(desk.draft.drawn.deposits)
    here = desk.draft.drawn.deposit(first).regions[0].exterior.mean(axis=0)
    desk.drew(here + np.array([[-60, 0], [60, 0]]))
    assert len(desk.draft.drawn.deposits) == before + 1
    desk.choose(*(deposit.id for deposit in desk.draft.drawn.deposits))
    desk.delete()
    desk.say_absent()
    assert desk.draft.drawn.is_absent
    assert desk.rows() == ()


def test_what_is_refused_is_told_and_what_was_there_stays(cohort: Path) -> None:
    told = Told(cohort, number=1)
    desk = told.desk
    desk.merge()
    assert told.last == "One deposit cannot be merged."
    desk.tool = Tool.GROW
    desk.drew(np.array([[-50.0, 3.0]]))
    assert told.said[-1].severity is Severity.WARNING
    assert desk.draft.drawn.deposits == ()


def test_the_match_with_the_earlier_deposit_is_confirmed_by_one_verb(cohort: Path) -> None:
    told = Told(cohort, number=1)
    desk = told.desk
    desk.drew(blob(0, share=1.2))
    (row,) = desk.rows()
    assert row.match is not None
    assert row.match.called == "thumb"
    assert cells_of([row])[0].texts[HEADINGS.index("Match")] == "thumb?"
    desk.choose(row.key)
    desk.confirm_match()
    assert told.names == ["thumb"]
    assert cells_of(desk.rows())[0].texts[HEADINGS.index("Match")] == "= thumb"
    assert desk.rows()[0].change_previous_pct == pytest.approx(44, abs=1.5)
    assert desk.verdict()


def test_the_table_follows_a_point_that_is_being_dragged(cohort: Path) -> None:
    desk = Told(cohort, number=1).desk
    square = np.array([[100.0, 100.0], [100.0, 120.0], [120.0, 120.0], [120.0, 100.0]])
    desk.drew(square)
    seen = []
    desk.on_preview.append(seen.append)
    square[0] = [80, 80]
    desk.moving(0, square)
    (row,) = desk.rows(seen[-1])
    assert row.size.value == pytest.approx((400 + 2 * 20 * 20 / 2) * 0.25**2)
    assert desk.rows()[0].size.value == pytest.approx(400 * 0.25**2)
    square[0] = [110, 130]  # it crosses itself just now
    desk.moving(0, square)
    assert len(seen) == 1


def test_a_scale_that_is_marked_shows_at_once_and_can_be_taken_back(cohort: Path) -> None:
    (cohort / "images.csv").unlink()
    desk = Told(cohort, number=1).desk
    desk.drew(blob(0))
    assert str(desk.rows()[0].size.unit) == "px2"
    asked = []
    desk.on_scale.append(asked.append)
    desk.take(Tool.SCALE)
    desk.drew(np.array([[10.0, 10.0], [10.0, 110.0]]))
    desk.set_scale(asked[0], 50)
    assert np.allclose(desk.stage.lines.scale, 0.5)
    assert str(desk.rows()[0].size.unit) == "mm2"
    desk.forget_scale()
    assert np.allclose(desk.stage.lines.scale, 1)


def test_the_same_place_of_the_skin_lies_at_the_same_place_of_both_views(cohort: Path) -> None:
    desk = Told(cohort, number=1).desk
    stage = desk.stage
    assert stage.is_side_by_side
    half = len(stage.viewer.layers) // 2
    grid = compat.grid_of(stage.viewer)
    assert (grid.stride, grid.shape) == (half, (1, 2))
    left = {layer.name for layer in stage.viewer.layers[:half]}
    assert left == {desk.earlier.label, "Now, on the earlier", "Earlier outlines"}
    for ghost, earlier in zip(stage.ghosts.data, stage.before_lines.data, strict=True):
        here = np.array([stage.ghosts.data_to_world(p) for p in ghost])
        there = np.array([stage.before_lines.data_to_world(p) for p in earlier])
        assert np.abs(here.mean(axis=0) - there.mean(axis=0)).max() < 0.5
    assert stage.flicker()
    assert not stage.picture.visible
    assert not stage.flicker()


def test_the_first_picture_of_a_site_can_lie_beside_instead_of_the_one_before(cohort: Path) -> None:
    third = "2015-03-01"
    write_skin(cohort / "P01" / third / "left-hand.jpg")
    with (cohort / "images.csv").open("a", encoding="utf-8") as table:
        table.write(f"P01/{third}/left-hand.jpg,0.25\n")
    told = Told(cohort, number=2)
    desk = told.desk
    assert str(desk.case.day) == third
    assert str(desk.earlier.day) == SECOND
    assert len(desk.stage.ghosts.data) == 0
    desk.toggle_baseline()
    assert str(desk.earlier.day) == FIRST
    assert desk.stage.before_picture.name == desk.earlier.label
    assert len(desk.stage.ghosts.data) == 2
    assert "first picture" in told.last
    desk.toggle_baseline()
    assert str(desk.earlier.day) == SECOND
    assert len(desk.stage.ghosts.data) == 0
    assert desk.stage.before_picture.name == desk.earlier.label
    assert desk.to_earlier is not None


def test_timepoints_and_sites_are_stepped_through_and_ends_are_told(cohort: Path) -> None:
    told = Told(cohort)
    desk = told.desk
    desk.step_time(1)
    assert str(desk.case.day) == SECOND
    desk.step_time(1)
    assert told.last == "This is the last timepoint of this site."
    desk.step_time(-1)
    assert str(desk.case.day) == FIRST
    desk.step(1)
    assert desk.case.number == 2
    desk.step_site(1)
    assert told.last == "This is the last site."
    desk.step_deposit(1)


def test_a_blinded_reader_sees_no_patient_no_day_and_nobody_elses_outlines(cohort: Path) -> None:
    told = Told(cohort, reader="anna", study=Study(seed=1, repeats=1))
    desk = told.desk
    assert [case.label for case in desk.cases] == ["case 01", "case 02", "case 03"]
    for number in range(3):
        desk.go_to(desk.cases[number])
        assert desk.others() == ()
        assert desk.draft.drawn.deposits == ()
        assert desk.verdict() == ""
        assert not desk.stage.is_side_by_side
        shown = " ".join(
            [*(layer.name for layer in desk.stage.viewer.layers), *(one.text for one in told.said)]
        )
        for secret in ("P01", "2012", "2013", "hand"):
            assert secret not in shown
    desk.step_time(-1)
    assert desk.case.number == 2


def test_somebody_elses_outlines_can_be_taken_over(cohort: Path) -> None:
    told = Told(cohort, reader="anna")
    desk = told.desk
    assert told.names == []
    assert desk.others() == ("",)
    desk.take_over("")
    assert set(told.names) == {"thumb", "wrist"}


def test_two_at_one_image_are_told_of_one_another(cohort: Path) -> None:
    first = Told(cohort)
    second = Told(cohort)
    assert "has been outlining it since" in second.last
    second.desk.drew(blob(0))
    assert second.names == ["thumb", "wrist"]
    assert len(second.desk.stage.lines.data) == 2
    first.desk.close()


def test_everything_is_there_when_the_folder_is_opened_again(cohort: Path) -> None:
    told = Told(cohort, number=1)
    told.desk.drew(blob(0))
    told.desk.rename(told.desk.chosen[0], "thumb")
    rows = told.desk.rows()
    assert told.desk.close()
    again = Told(cohort, number=1)
    assert [row.called for row in again.desk.rows()] == ["thumb"]
    assert again.desk.rows()[0].size == rows[0].size
    again.desk.undo()  # also what was done before it was closed
    assert again.names == [None]


def test_a_hole_drawn_by_another_program_is_shown_and_survives(cohort: Path) -> None:
    import json

    image = cohort / "P01" / SECOND / "left-hand.jpg"
    path = write_outlines(image, {"ring": blob(0)})
    content = json.loads(path.read_text())
    inner = [[float(c) + 0.5, float(r) + 0.5] for r, c in blob(0, share=0.5)]
    content["features"][0]["geometry"]["coordinates"].append([*inner, inner[0]])
    path.write_text(json.dumps(content))
    desk = Told(cohort, number=1).desk
    assert len(desk.stage.lines.data[0]) == 40 + 1 + 40 + 1
    loop = np.array(desk.stage.lines.data[0], dtype=float)
    loop[3] += 2
    desk.stage.lines.data = [loop]
    (deposit,) = desk.draft.drawn.deposits
    assert len(deposit.regions[0].holes) == 1
    assert desk.rows()[0].size.value < 0.8 * np.pi * 22 * 16 * 0.25**2


def test_lines_on_a_slice_become_voxels_of_the_chosen_deposit(tmp_path: Path) -> None:
    told = Told(write_ct(tmp_path / "cohort"))
    desk = told.desk
    desk.stage.go_to_plane(3)
    desk.take(Tool.POLYGON)
    desk.drew(np.array([[7.6, 11.6], [7.6, 16.4], [11.4, 16.4], [11.4, 11.6]]))
    assert np.argwhere(desk.stage.labels.data).min(axis=0).tolist() == [3, 8, 12]
    assert int((desk.stage.labels.data > 0).sum()) == 20
    desk.stage.go_to_plane(4)
    desk.drew(np.array([[7.6, 11.6], [7.6, 16.4], [11.4, 16.4], [11.4, 11.6]]))
    assert len(desk.draft.drawn.deposits) == 1
    assert int((desk.stage.labels.data == 1).sum()) == 40
    assert desk.rows()[0].size.value == pytest.approx(40 * 2.5 * 0.6 * 0.7)
    desk.choose()
    desk.suggest_calcium()
    assert {d.status for d in desk.draft.drawn.deposits} == {Status.DRAWN, Status.SUGGESTED}
    desk.confirm()
    assert Status.SUGGESTED not in {d.status for d in desk.draft.drawn.deposits}


def letters(told: Told) -> dict[str, str]:
    overlays = compat.overlays_of(told.desk.stage.viewer)
    sides = ("left", "right", "top", "bottom")
    return {s: overlays[f"lesionkit_{s}"].text for s in sides if overlays[f"lesionkit_{s}"].visible}


def test_letters_say_where_the_patient_lies_however_a_scan_is_turned(tmp_path: Path) -> None:
    told = Told(write_ct(tmp_path / "cohort"))
    viewer = told.desk.stage.viewer
    assert letters(told) == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    viewer.dims.order = (1, 0, 2)
    down = letters(told)
    assert (down["left"], down["right"]) == ("R", "L")
    assert {down["top"], down["bottom"]} == {"H", "F"}
    viewer.dims.order = (0, 2, 1)
    assert letters(told) == {"left": "A", "right": "P", "top": "R", "bottom": "L"}
    viewer.dims.order = (0, 1, 2)
    compat.camera_of(viewer).orientation2d = ("up", "left")
    assert letters(told) == {"left": "L", "right": "R", "top": "P", "bottom": "A"}
    viewer.dims.ndisplay = 3
    assert letters(told) == {}


def test_lines_are_drawn_only_on_the_slices_as_they_were_taken(tmp_path: Path) -> None:
    told = Told(write_ct(tmp_path / "cohort"))
    told.desk.stage.viewer.dims.order = (1, 0, 2)
    told.desk.drew(np.array([[1.0, 1.0], [1.0, 9.0], [9.0, 9.0]]))
    assert told.desk.draft.drawn.deposits == ()
    assert "as it was taken" in told.last


def test_an_ellipse_of_naparis_own_is_an_ellipse_and_not_its_box(cohort: Path) -> None:
    desk = Told(cohort, number=1).desk
    box = np.array([[50.0, 60.0], [50.0, 100.0], [90.0, 100.0], [90.0, 60.0]])
    desk.stage.lines.add([box], shape_type="ellipse")
    assert desk.rows()[0].size.value == pytest.approx(np.pi * 20 * 20 * 0.25**2, rel=1e-3)


def test_the_examples_of_the_letters_are_true() -> None:
    import doctest

    from napari_lesionkit import _letters

    assert doctest.testmod(_letters).attempted > 0
    assert doctest.testmod(_letters).failed == 0
