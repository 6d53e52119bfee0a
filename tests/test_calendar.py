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


def days_without(*holidays, start="2020-01-01", end="2020-07-01"):
    days = np.arange(start, end, dtype="datetime64[D]")
    return days[np.is_busday(days, holidays=list(holidays))]


def dates_of(make_method, rules, sessions, months="[6]", base=0, common=None):
    method = make_method(f"review.months = {months}\n{rules}")
    found = []
    for dates in review_dates(method, sessions, base, common):
        announcement = dates.announcement
        told = [dates.cutoff, *([] if announcement is None else [announcement]), dates.price_date, dates.effective]
        found.append([str(sessions[at]) for at in told])
    return found


@pytest.mark.parametrize(
    ("rules", "dates"),
    [
        # The second Friday of June 2020 is the 12th, the third the 19th.
        ("", ["2020-04-30", "2020-06-08", "2020-06-15"]),
        ('review.effective_after = { weekday = "friday", nth = 3 }', ["2020-04-30", "2020-06-15", "2020-06-22"]),
        ("review.effective_on = { session = 1 }", ["2020-04-30", "2020-05-25", "2020-06-01"]),
        ("review.effective_on = { session = -1 }", ["2020-04-30", "2020-06-23", "2020-06-30"]),
        ("review.effective_on = { session = 3, move = 2 }", ["2020-04-30", "2020-05-29", "2020-06-05"]),
        ('review.effective_on = { weekday = "monday", nth = 3 }', ["2020-04-30", "2020-06-08", "2020-06-15"]),
        ("review.cutoff = { months_before = 1, session = -1 }", ["2020-05-29", "2020-06-08", "2020-06-15"]),
        ('review.cutoff = { weekday = "tuesday", nth = 1 }', ["2020-06-02", "2020-06-08", "2020-06-15"]),
        ("review.cutoff = { sessions_before = 6 }", ["2020-06-05", "2020-06-08", "2020-06-15"]),
        ("review.price_date = { sessions_before = 1 }", ["2020-04-30", "2020-06-12", "2020-06-15"]),
        (
            'review.announcement = { weekday = "friday", nth = 1 }\nreview.price_date = { weekday = "friday", nth = 2, move = -1 }',
            ["2020-04-30", "2020-06-05", "2020-06-11", "2020-06-15"],
        ),
    ],
)
def test_date_rules(make_method, rules, dates):
    assert dates_of(make_method, rules, days_without()) == [dates]


@pytest.mark.parametrize(("holiday", "moved"), [("next", "2020-06-03"), ("previous", "2020-06-01")])
def test_a_holiday_moves_a_weekday_by_its_rule(make_method, holiday, moved):
    rule = f'review.cutoff = {{ weekday = "tuesday", nth = 1, holiday = "{holiday}" }}'
    assert dates_of(make_method, rule, days_without("2020-06-02"))[0][0] == moved


def test_dates_on_sessions_that_all_markets_share(make_method):
    sessions = days_without()
    shared = np.flatnonzero(~np.isin(sessions, np.array(["2020-06-10", "2020-06-15"], "datetime64[D]")))
    assert dates_of(make_method, "", sessions, common=shared) == [
        ["2020-04-30", "2020-06-05", "2020-06-16"]
    ]  # 12, 11, 9, 8, 5


def test_an_effective_date_that_the_data_does_not_reach_is_not_there_yet(make_method):
    early = days_without(end="2020-06-12")
    assert dates_of(make_method, "", early) == []
    assert dates_of(make_method, "review.effective_on = { session = -1 }", early) == []
    assert dates_of(make_method, 'review.effective_on = { weekday = "friday", nth = 2 }', early) == []
    friday = days_without(end="2020-05-30")  # the 31st is a Sunday: May is over
    assert dates_of(make_method, "review.effective_on = { session = -1 }", friday, months="[5]")[0][-1] == "2020-05-29"


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ("review.price_date = { sessions_before = 0 }", "has its price date 2020-06-15 not before it"),
        ("review.cutoff = { session = -1 }", "has its cut-off 2020-06-30 not before it"),
        (
            "review.announcement = { session = -1 }",
            "has its announcement on 2020-06-30, which is not from its cut-off 2020-04-30 on",
        ),
        (
            "review.announcement = { months_before = 3, session = 1 }",
            "has its announcement on 2020-03-02, which is not from its cut-off 2020-04-30 on",
        ),
        (
            "review.cutoff = { months_before = 8, session = 1 }",
            r"has its cut-off in 2019-10, of which the market data \(from 2020-01-01\) has none",
        ),
        ("review.cutoff = { months_before = 5, session = 1, move = -2 }", "has its cut-off outside the market data"),
    ],
)
def test_dates_that_cannot_be(make_method, rules, what):
    with pytest.raises(ReviewError, match=f"small: the review effective 2020-06-15 {what}"):
        dates_of(make_method, rules, days_without())


def test_a_session_that_a_month_does_not_have(make_method):
    with pytest.raises(ReviewError, match="small: the cut-off of a review is session 25 of 2020-06, which has 22"):
        dates_of(make_method, "review.cutoff = { session = 25 }", days_without())
