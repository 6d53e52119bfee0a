from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_index.market._day_casting import day_of, days_of

SHANGHAI = "Asia/Shanghai"
days = st.dates(dt.date(1992, 1, 1), dt.date(2099, 12, 31))  # in the summers before, Shanghai was an hour ahead
FORMS = ("{0:%Y-%m-%d}", "{0:%Y%m%d}", "{0.year}/{0.month}/{0.day}", "{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d} 00:00:00", "{0:%Y-%m-%d}T00:00:00+08:00")  # fmt: skip


@given(days)
def test_text_that_says_each_part(day):
    for form in FORMS:
        assert day_of(form.format(day), SHANGHAI) == day
    assert days_of(pa.array([form.format(day) for form in FORMS]), SHANGHAI).to_pylist() == [day] * len(FORMS)


@pytest.mark.parametrize(
    "text",
    ["202012", "2020115", "3/4/2020", "03-04-2020", "20-03-04", "2020-W10-3", "2020/3-4", "2020-13-01", "20200230", "March 4, 2020", "2020-03-04 15:00", "２０２０-03-04", "", "1" * 50],
)  # fmt: skip
def test_text_that_could_be_another_day_or_none(text):
    assert day_of(text, SHANGHAI) is None


@given(days)
def test_numbers(day):
    number = int(f"{day:%Y%m%d}")
    for values in (pa.array([number]), pa.array([float(number)]), pa.array([Decimal(number)])):
        assert days_of(values, SHANGHAI).to_pylist() == [day]


def test_numbers_that_are_no_day():
    assert days_of(pa.array([202003, 20200230, 1583280000000, -1]), SHANGHAI).null_count == 4
    assert days_of(pa.array([20200304.5]), SHANGHAI).null_count == 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_instants_are_midnight_of_the_market(unit):
    """16:00 in London in winter is midnight in Shanghai."""
    instants = [dt.datetime(2020, 3, 3, 16, tzinfo=dt.UTC), dt.datetime(2020, 3, 3, 0, tzinfo=dt.UTC)]
    found = days_of(pa.array(instants, pa.timestamp(unit, "UTC")), SHANGHAI)
    assert found.to_pylist() == [dt.date(2020, 3, 4), None]
    assert day_of("2020-03-03T16:00:00Z", SHANGHAI) == dt.date(2020, 3, 4)
    assert day_of("2020-03-03T15:00:00Z", SHANGHAI) is None


def test_instants_of_new_york_through_the_change_of_clocks():
    instants = [dt.datetime(2020, 3, 6, 5, tzinfo=dt.UTC), dt.datetime(2020, 3, 9, 4, tzinfo=dt.UTC)]
    found = days_of(pa.array(instants, pa.timestamp("us", "UTC")), "America/New_York")
    assert found.to_pylist() == [dt.date(2020, 3, 6), dt.date(2020, 3, 9)]


def times(*moments):
    text = [f"2020-03-{day:02}T{hour:02}:00:00" for day, hour in moments]
    return pa.array(text).cast(pa.timestamp("us"))


@pytest.mark.parametrize(
    ("given_as", "expected"),
    [
        (times((2, 0), (3, 0)), [2, 3]),
        (times((2, 15), (3, 15)), [2, 3]),  # stamped with the close
        (times((1, 16), (2, 16)), [None, None]),  # midnight of Shanghai, in London: Sunday, Monday
        (times((2, 16), (3, 16)), [None, None]),
        (times((1, 11), (2, 11)), [None, None]),  # midnight of Shanghai, in New York: the 1st is a Sunday
    ],
)
def test_times_without_a_zone(given_as, expected):
    found = [None if day is None else day.day for day in days_of(given_as, SHANGHAI).to_pylist()]
    assert found == expected


def test_dates_of_both_kinds_and_nothing_else():
    day = dt.date(2020, 3, 4)
    for kind in (pa.date32(), pa.date64()):
        assert days_of(pa.array([day], kind), SHANGHAI).to_pylist() == [day]
    for values in (pa.array([True]), pa.array([b"20200304"]), pa.array([[1]]), pa.array([dt.time(1)])):
        assert days_of(values, SHANGHAI).null_count == 1
