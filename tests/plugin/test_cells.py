"""What the table of deposits says in words."""

import pytest
from napari_lesionkit._cells import HEADINGS, cells_of, sized
from napari_lesionkit._rows import Row

from lesionkit.core.region import Status
from lesionkit.core.units import Quantity, Unit


def row(size: Quantity, long_axis: Quantity | None = None) -> Row:
    return Row(
        key="d1",
        called="thumb",
        name="thumb",
        status=Status.DRAWN,
        role=None,
        author="anna",
        size=size,
        long_axis=long_axis,
    )


def cell(one: Row, heading: str) -> str:
    return cells_of([one])[0].texts[HEADINGS.index(heading)]


def test_a_size_bears_its_standard_error_and_the_axis_is_told_briefly() -> None:
    size = Quantity(value=61.42, unit=Unit.MM2, standard_error=1.31)
    axis = Quantity(value=9.184, unit=Unit.MM, standard_error=0.137)
    assert cell(row(size, axis), "Size") == "61.4 ± 1.3 mm²"
    assert cell(row(size, axis), "Axis") == "9.18 mm"


def test_pixels_bear_their_error_too() -> None:
    assert cell(row(Quantity(value=6142.0, unit=Unit.PX2, standard_error=88.4)), "Size") == "6,142 ± 88 px²"


def test_nothing_is_said_of_an_error_that_is_not_known() -> None:
    assert cell(row(Quantity(value=61.42, unit=Unit.MM2)), "Size") == "61.4 mm²"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1234.5, 0.042, "1,234 ± 0.04 mm²"),  # never ± 0 where it is not
        (12.34, 0.0431, "12.3 ± 0.04 mm²"),
        (0.05124, 0.00402, "0.0512 ± 0.0040 mm²"),
        (0.0, 0.31, "0.0 ± 0.3 mm²"),
        (60.0, 1.0, "60.0 ± 1.0 mm²"),
    ],
)
def test_an_error_is_told_to_the_decimals_of_its_value_or_by_its_first_digit(
    value: float, error: float, text: str
) -> None:
    assert sized(Quantity(value=value, unit=Unit.MM2, standard_error=error)) == text
