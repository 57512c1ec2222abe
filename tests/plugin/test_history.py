"""What a journal's lines add up to is what was drawn, whatever was done."""

import json

import numpy as np
import pytest
from annotating import box, text
from hypothesis import given, settings
from hypothesis import strategies as st
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._encoding import decode_edit, encode_edit
from napari_lesionkit._history import History, base_record, edit_record, replay

from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.region import Mask, Outline, Role, Status
from lesionkit.errors import LesionkitError

BY = verbs.Stamp(who="anna", image="hand", at="2026-03-01T10:00:00+00:00")
NAMES = (None, "thumb", "index")


def blob(rng, *, volume):
    if volume:
        voxels = rng.random((2, 5, 5)) < 0.5
        voxels[0, 0, 0] = True
        return Mask(voxels=voxels, origin=tuple(int(o) for o in rng.integers(0, 6, 3)))
    angle = np.sort(rng.uniform(0, 2 * np.pi, 12))
    radius = rng.uniform(4, 9, (12, 1))
    middle = rng.uniform(20, 60, 2)
    return Outline(exterior=middle + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1))


def gesture(drawn, rng, *, volume):
    keys = [deposit.id for deposit in drawn.deposits]
    key = keys[int(rng.integers(len(keys)))] if keys else None
    region = blob(rng, volume=volume)
    name = NAMES[int(rng.integers(3))]
    claim = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((0.1, 0.2), (5.5, 7.25)), length_mm=10.0)
    moved = (
        Outline(exterior=np.vstack([region.exterior[:-1], region.exterior[-1:] + 0.125]))
        if not volume
        else region
    )
    choices = {
        "draw": lambda: verbs.draw(drawn, region, by=BY, name=name),
        "redraw": lambda: verbs.redraw(drawn, key, moved, by=BY),
        "nudge": lambda: verbs.redraw(drawn, key, *drawn.deposit(key).regions, region, by=BY),
        "rename": lambda: verbs.rename(drawn, key, name),
        "merge": lambda: verbs.merge(drawn, keys[:2]),
        "split": lambda: verbs.split(drawn, key),
        "delete": lambda: verbs.delete(drawn, key),
        "mark": lambda: verbs.mark(drawn, key, list(Status)[int(rng.integers(6))], by=BY),
        "confirm": lambda: verbs.confirm(drawn, by=BY),
        "suggest": lambda: verbs.suggest(drawn, verbs.draw(Drawn(), region, by=BY).puts, by=BY, author="m 1"),
        "role": lambda: verbs.give_role(drawn, key, list(Role)[int(rng.integers(3))]),
        "scale": lambda: verbs.set_scale(drawn, claim),
        "absent": lambda: verbs.say_absent(drawn),
        "not assessable": lambda: verbs.say_not_assessable(drawn),
    }
    return choices[list(choices)[int(rng.integers(len(choices)))]]()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 25), st.booleans())
def test_replaying_a_journal_gives_what_is_drawn_and_all_that_can_be_undone(seed, count, volume):
    rng = np.random.default_rng(seed)
    history = History.beginning(Drawn(), saved=None)
    records = [base_record(history.drawn, saved=None, is_saved=True)]
    for _ in range(count):
        chance = rng.random()
        if chance < 0.15 and history.done:
            history, record = history.undo(), {"kind": "undo"}
        elif chance < 0.25 and history.undone:
            history, record = history.redo(), {"kind": "redo"}
        elif chance < 0.3:
            history, record = history.written("digest"), {"kind": "saved", "file": "digest"}
        else:
            try:
                edit = gesture(history.drawn, rng, volume=volume)
            except (LesionkitError, KeyError):
                continue
            record = edit_record(edit, history.drawn)
            history = history.edited(edit)
        records.append(json.loads(json.dumps(record)))
    found = replay(records)
    assert text(found.drawn) == text(history.drawn)
    assert (found.saved, found.is_saved, found.ahead) == (history.saved, history.is_saved, history.ahead)
    while history.done:
        history, found = history.undo(), found.undo()
        assert text(found.drawn) == text(history.drawn)
    while history.undone:
        history, found = history.redo(), found.redo()
        assert text(found.drawn) == text(history.drawn)


def test_of_a_long_line_only_the_vertex_that_moved_is_written():
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    ring = 500 + 300 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    drawn = verbs.draw(Drawn(), Outline(exterior=ring), by=BY).on(Drawn())
    moved = drawn.deposits[0].regions[0].exterior.copy()
    moved[77] += 0.5
    edit = verbs.redraw(drawn, drawn.deposits[0].id, Outline(exterior=moved), by=BY)
    raw = encode_edit(edit, drawn)
    assert len(json.dumps(raw)) < 400
    again = decode_edit(json.loads(json.dumps(raw)), drawn)
    np.testing.assert_array_equal(again.puts[0].regions[0].exterior, edit.puts[0].regions[0].exterior)


@pytest.mark.parametrize("cut", [slice(5, 9), slice(0, 1), slice(1990, 2000)])
def test_vertices_that_were_put_in_or_taken_out_are_read_again(cut):
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    ring = 500 + 300 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    whole = verbs.draw(Drawn(), Outline(exterior=ring), by=BY).on(Drawn())
    fewer = np.delete(whole.deposits[0].regions[0].exterior, cut, axis=0)
    less = verbs.redraw(whole, whole.deposits[0].id, Outline(exterior=fewer), by=BY)
    for edit, before in (
        (less, whole),
        (
            verbs.redraw(less.on(whole), whole.deposits[0].id, *whole.deposits[0].regions, by=BY),
            less.on(whole),
        ),
    ):
        again = decode_edit(json.loads(json.dumps(encode_edit(edit, before))), before)
        np.testing.assert_array_equal(again.puts[0].regions[0].exterior, edit.puts[0].regions[0].exterior)


def test_of_a_brush_stroke_only_the_voxels_it_changed_are_written():
    rng = np.random.default_rng(3)
    voxels = rng.random((40, 200, 200)) < 0.5  # a mask that cannot be packed
    drawn = verbs.draw(Drawn(), Mask(voxels=voxels, origin=(0, 0, 0)), by=BY).on(Drawn())
    more = voxels.copy()
    more[20, 90:110, 90:110] = True
    edit = verbs.redraw(drawn, drawn.deposits[0].id, Mask(voxels=more, origin=(0, 0, 0)), by=BY)
    raw = json.dumps(encode_edit(edit, drawn))
    assert (
        len(raw)
        < 5000
        < len(
            json.dumps(encode_edit(verbs.draw(Drawn(), Mask(voxels=more, origin=(0, 0, 0)), by=BY), Drawn()))
        )
        / 10
    )
    np.testing.assert_array_equal(decode_edit(json.loads(raw), drawn).puts[0].regions[0].voxels, more)


def test_fractions_of_voxels_are_read_again_to_the_last_bit():
    voxels = np.random.default_rng(3).random((2, 3, 4)).astype(np.float32)
    edit = verbs.draw(Drawn(), Mask(voxels=voxels, origin=(1, 2, 3)), by=BY)
    again = decode_edit(json.loads(json.dumps(encode_edit(edit, Drawn()))), Drawn())
    np.testing.assert_array_equal(again.puts[0].regions[0].voxels, voxels)


def test_a_new_gesture_ends_what_could_be_done_again():
    history = History.beginning(Drawn(), saved=None)
    history = history.edited(verbs.draw(history.drawn, box(10, 10), by=BY)).undo()
    history = history.edited(verbs.draw(history.drawn, box(40, 40), by=BY))
    assert history.undone == ()
    assert len(history.done) == 1
