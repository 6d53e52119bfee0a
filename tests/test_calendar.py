from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from answers_csv import answers
from fintech_index.calendar import add_months, nth_weekday, review_dates
from fintech_index.errors import ReviewError


@pytest.mark.parametrize("row", answers("seasoning"), ids=lambda row: f"{row['listed']}+{row['months']}")
def test_add_months(row):
    assert add_months(dt.date.fromisoformat(row["listed"]), int(row["months"])) == dt.date.fromisoformat(row["answer"])


@pytest.mark.parametrize("row", answers("second_friday"), ids=lambda row: row["answer"])
def test_second_friday(row):
    assert nth_weekday(int(row["year"]), int(row["month"]), 4, 2) == dt.date.fromisoformat(row["answer"])


def test_the_reviews_of_2020(xiangmihu, market):
    found = [
        tuple(str(market.sessions[at]) for at in (dates.cutoff, dates.price_date, dates.effective))
        for dates in review_dates(xiangmihu, market.sessions, 0)
    ]
    assert found == [("2020-04-30", "2020-06-08", "2020-06-15"), ("2020-10-30", "2020-12-07", "2020-12-14")]


def test_a_holiday_moves_the_effective_date_to_the_next_session(make_method):
    method = make_method("review.months = [6]", base="2020-04-30")
    days = np.arange("2020-04-01", "2020-07-01", dtype="datetime64[D]")
    sessions = days[np.is_busday(days, holidays=["2020-06-15", "2020-06-16"])]
    (dates,) = review_dates(method, sessions, int(np.searchsorted(sessions, np.datetime64("2020-04-30"))))
    assert str(sessions[dates.effective]) == "2020-06-17"
    assert str(sessions[dates.price_date]) == "2020-06-08"  # 12, 11, 10, 9, 8: the fifth session before


def test_data_that_does_not_reach_back_to_a_cut_off_is_refused(make_method):
    method = make_method("review.months = [6]", base="2020-06-01")
    sessions = np.arange("2020-06-01", "2020-07-01", dtype="datetime64[D]")
    with pytest.raises(
        ReviewError, match=r"last session of 2020-04, of which the market data \(from 2020-06-01\) has none"
    ):
        list(review_dates(method, sessions, 0))


def test_data_that_does_not_reach_back_to_a_price_date_is_refused(make_method):
    method = make_method(
        "review = { months = [6], cutoff = { months_before = 1, session = -1 }, price_date = { sessions_before = 20 } }",
        base="2020-06-01",
    )
    sessions = np.arange("2020-05-31", "2020-07-01", dtype="datetime64[D]")
    with pytest.raises(ReviewError, match="price date 20 sessions before"):
        list(review_dates(method, sessions, 0))
