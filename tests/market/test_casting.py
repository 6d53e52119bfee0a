"""Every Arrow type to the contract's: the digits as they are written, or nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import MarketDataError
from fintech_index.market._casting import cast, exact_values
from fintech_index.market._contract import Kind
from fintech_index.market._plain_arrow import plain

SHANGHAI = "Asia/Shanghai"
cents = st.integers(1, 10**9).map(lambda count: Decimal(count) / 100)


def read(values, kind):
    return cast(plain(values), kind, SHANGHAI).to_pylist()


def forms_of(text):
    """Text in all of Arrow's types for it."""
    array = pa.array(text)
    yield from (array, array.cast(pa.large_string()), array.cast(pa.string_view()))
    yield from (array.dictionary_encode(), array.cast(pa.large_string()).dictionary_encode())
    yield pa.chunked_array([array, array]).slice(0, len(text))


@given(st.lists(cents, min_size=1, max_size=5), st.integers(2, 6))
def test_decimals_keep_their_digits(values, scale):
    """Arrow's own cast of a decimal to a double is wrong in the last digit for one of eight."""
    for kind in (pa.decimal128(18, scale), pa.decimal256(40, scale)):
        given_as = pa.array([value.quantize(Decimal(1).scaleb(-scale)) for value in values], kind)
        assert read(given_as, Kind.NUMBER) == [float(value) for value in values]
        assert exact_values(plain(given_as)) == [Fraction(value) for value in values]


@given(st.lists(cents, min_size=1, max_size=5))
def test_text_keeps_its_digits_in_every_form(values):
    text = [str(value) for value in values]
    for form in forms_of(text):
        assert read(form, Kind.NUMBER) == [float(value) for value in values]
        assert exact_values(plain(form)) == [Fraction(value) for value in values]


@pytest.mark.parametrize("text", ["NaN", "nan", "inf", "-Infinity", "0x10", "1_000", "１２", "1,5", "", " ", "ten"])
def test_text_that_is_no_number(text):
    for form in forms_of([text, "2.5"]):
        assert read(form, Kind.NUMBER)[1] == 2.5
        assert read(form, Kind.NUMBER)[0] in (None, float("inf"), float("-inf"))  # which no bound lets through
        assert read(form, Kind.COUNT)[0] is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1.5, float("nan"), None]), [1.5, None, None]),
        (pa.array([12.47, 3.1], pa.float32()), [12.47, 3.1]),
        (pa.array(np.array([0.5], np.float16)), [None]),
        (pa.array([7, None], pa.uint8()), [7.0, None]),
        (pa.array([True, False]), [None, None]),
        (pa.array([[1.0]]), [None]),
        (pa.array([b"1"]), [None]),
        (pa.array([dt.date(2020, 1, 1)]), [None]),
        (pa.nulls(2), [None, None]),
        (pa.compute.run_end_encode(pa.array([2.5, 2.5, 3.0])), [2.5, 2.5, 3.0]),
    ],
)
def test_numbers_of_every_type(values, expected):
    assert read(values, Kind.NUMBER) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([5.0, 5.5, 2.0**60]), [5, None, None]),
        (pa.array([16_777_216.0, 33_554_432.0], pa.float32()), [16_777_216, None]),  # which may have been any near it
        (pa.array([Decimal("5.00"), Decimal("5.01")]), [5, None]),
        (pa.array(["8", "8.0", "8.5", "1.2E+3"]), [8, 8, None, 1200]),
        (pa.array([2**64 - 1], pa.uint64()), [None]),
    ],
)
def test_counts_of_every_type(values, expected):
    assert read(values, Kind.COUNT) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([600000, 1]), ["600000", "1"]),
        (pa.array([600000.0, None, 0.5]), ["600000", None, None]),
        (pa.array([True]), [None]),
        (pa.array([[1]]), [None]),
    ],
)
def test_text_of_every_type(values, expected):
    assert read(values, Kind.TEXT) == expected


def test_counts_in_scientific_notation_are_a_doubt():
    market = fi.MarketData.from_tables(
        {"date": ["2020-03-02"], "security": ["600036.SH"], "close": [35.1]},
        {
            "effective": ["2020-03-02"],
            "security": ["600036.SH"],
            "total": ["2.522E+10"],
            "float": [20628944429],
            "free_float": [1],
        },
    )
    assert market.notices == (
        "shares: 1 of total are written like 2.522E+10 (row 1): digits may be lost; write the counts out",
    )


def test_an_infinite_close_is_refused_in_every_form():
    for form in forms_of(["inf", "3"]):
        with pytest.raises(MarketDataError, match="prices, row 1: close is 'inf'"):
            fi.MarketData.from_tables(
                pa.table({"date": ["2020-03-02"] * 2, "security": ["600036.SH", "000001.SZ"], "close": form})
            )
