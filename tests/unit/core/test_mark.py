import pytest

from lesionkit.core.mark import is_nearly_marked, marked_as, split_mark, with_mark
from lesionkit.core.region import Status

PLACES = [Status.EXCISED, Status.EXTRUDED, Status.NOT_ASSESSABLE]


@pytest.mark.parametrize("status", PLACES)
@pytest.mark.parametrize("name", ["thumb", "left thumb (2)", "3", "Segment_1", "a(b", ""])
def test_a_name_with_its_mark_is_read_as_both(name, status):
    assert split_mark(with_mark(name, status)) == (name, status)


@pytest.mark.parametrize("status", [s for s in Status if s not in PLACES])
def test_what_is_there_bears_no_mark_and_its_word_is_none(status):
    assert with_mark("thumb", status) == "thumb"
    assert split_mark(f"thumb ({status.value})") == (f"thumb ({status.value})", None)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("thumb (Excised)", Status.EXCISED),
        ("  thumb ( EXTRUDED )  ", Status.EXTRUDED),
        ("thumb(excised)", Status.EXCISED),
        ("thumb (not assessable)", Status.NOT_ASSESSABLE),
        ("thumb (Not_Assessable)", Status.NOT_ASSESSABLE),
    ],
)
def test_case_and_spaces_do_not_matter(text, status):
    assert split_mark(text) == ("thumb", status)


@pytest.mark.parametrize("text", ["excised", "(excised)", " Excised "])
def test_a_mark_alone_marks_a_place_without_a_name(text):
    assert split_mark(text) == ("", Status.EXCISED)


@pytest.mark.parametrize(
    "text",
    [
        *("thumb", "", "thumb (partly excised)", "partly excised", "thumb excised", "(excised) thumb"),
        *("thumb (excised", "thumb excised)", "thumb (excised) 2", "assessable", "thumb ()", "not excised"),
    ],
)
def test_whatever_else_stands_in_a_name_stays_the_name(text):
    assert split_mark(text) == (text, None)


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        *(("thumb excised", True), ("thumb_excised", True), ("partly EXCISED", True), ("(excised) 2", True)),
        *(("not assessable?", True), ("thumb (excised)", False), ("excised", False), ("unexcised", False)),
    ],
)
def test_a_name_that_speaks_of_a_mark_and_is_none_is_known(text, is_near):
    assert is_nearly_marked(text) is is_near


@pytest.mark.parametrize("more", [-1, 0, 1, 40])
def test_a_name_too_long_is_cut_before_its_mark(more):
    name = "n" * (64 - len(" (excised)") + more)
    shown = with_mark(name, Status.EXCISED, most=64)
    assert len(shown) <= 64
    assert split_mark(shown) == (name[:54], Status.EXCISED)


def test_only_the_word_alone_is_a_status():
    assert marked_as("excised") is Status.EXCISED
    assert marked_as("excised in 2012") is None
    assert marked_as("") is None
    assert marked_as("drawn") is None
