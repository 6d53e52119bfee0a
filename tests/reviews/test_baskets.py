from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fintech_index as fi
from fintech_index.errors import RequestError, ReviewError

ROWS = {"effective": ["2020-06-15", "2020-01-02", "2020-01-02"], "security": ["A", "B", "A"], "index_shares": [5, 7, 6]}


@pytest.mark.parametrize("take", [pd.DataFrame, pa.table, dict], ids=["pandas", "arrow", "columns"])
def test_rows_are_ordered_by_date_and_security(take):
    frame = fi.Baskets.from_frame(take(ROWS)).frame
    assert frame["security"].tolist() == ["A", "B", "A"]
    assert frame["index_shares"].tolist() == [6, 7, 5]


def test_shares_may_have_decimals():
    baskets = fi.Baskets.from_frame({**ROWS, "index_shares": [0.125, 2.0, 3.5]})
    assert baskets.share_decimals == 3
    assert baskets.frame["index_shares"].tolist() == [Decimal("3.5"), 2, Decimal("0.125")]


def test_a_review_goes_through_a_frame_unchanged(xiangmihu, market, history):
    baskets = fi.Baskets.from_frame(fi.review(xiangmihu, market).frame)
    again = fi.calculate(xiangmihu, market, baskets)
    assert again.levels.equals(history.levels)
    assert again.divisors.equals(history.divisors)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index_shares": [5, -7, 6]}, "row 2: index_shares is -7, which is below 0"),
        ({"index_shares": [5, None, 6]}, "row 2: index_shares is null or NaN"),
        ({"security": ["A", "A", "A"]}, "2 rows have the key effective, security = 2020-01-02, A"),
        ({"effective": ["2020-06-15", "never", "2020-01-02"]}, "row 2: effective is 'never', which is not a date"),
        ({"index_shares": [1e-9, 1, 1]}, "at most 6 decimals"),
        ({"index_shares": [2.0**63, 1, 1]}, "which is not below 1e.18"),
        ({"index_shares": [Decimal("123456789012.1234567"), 1, 1]}, "at most 6 decimals"),
        (
            {"price_date": ["2020-06-01", "2020-01-02", "2020-01-01"]},
            "the basket effective 2020-01-02 has 2 price dates",
        ),
    ],
)
def test_bad_rows(change, message):
    with pytest.raises(ReviewError, match=message):
        fi.Baskets.from_frame({**ROWS, **change})


def test_a_missing_column_and_no_rows():
    with pytest.raises(ReviewError, match="the column 'index_shares' is missing"):
        fi.Baskets.from_frame({"effective": ["2020-01-02"], "security": ["A"]})
    with pytest.raises(ReviewError, match="no rows"):
        fi.Baskets.from_frame({name: [] for name in ROWS})


@pytest.mark.parametrize(
    ("shares", "kept"),
    [
        ([9007199254740993, 1, 1], 9007199254740993),  # more than a float64 can count
        (["12345678901234567", "1", "1"], 12345678901234567),
        ([Decimal("1234567890.123456"), Decimal(1), Decimal(1)], Decimal("1234567890.123456")),
    ],
)
def test_shares_are_kept_to_the_last_digit(shares, kept):
    frame = fi.Baskets.from_frame(pa.table({**ROWS, "index_shares": pa.array(shares)})).frame
    assert frame["index_shares"].tolist()[-1] == kept


def test_capping_factors_are_kept_to_the_last_digit():
    given = {**ROWS, "capping_factor": [Decimal("0.123456789012345678")] * 3}
    assert fi.Baskets.from_frame(given).capping_factor == (Decimal("0.123456789012345678"),) * 3


@pytest.mark.parametrize("date", ["2020-06-14", dt.date(2020, 6, 14), np.datetime64("2020-06-14")])
def test_baskets_up_to_a_date(history, date):
    assert sorted(set(history.baskets.until(date).effective.astype(str))) == ["2020-01-02"]


@pytest.mark.parametrize("date", [None, "soon", 5])
def test_baskets_up_to_what_is_no_date(history, date):
    with pytest.raises(RequestError, match="is not a date"):
        history.baskets.until(date)
