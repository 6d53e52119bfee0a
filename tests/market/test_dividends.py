"""Which dividends stand alone, and which of them fall into a span of sessions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.market._dividends import CASH_DECIMALS

SESSIONS = [day.date() for day in pd.bdate_range("2020-01-06", periods=6)]
A, B = "600000.SH", "600001.SH"


def market_with(*actions):
    prices = pd.DataFrame(
        [(date, who, 10.0) for date in SESSIONS for who in (A, B)], columns=["date", "security", "close"]
    )
    counts = pd.DataFrame({"effective": SESSIONS[0], "security": [A, B], "total": 100, "float": 100, "free_float": 100})
    return fi.MarketData.from_tables(prices, counts, pd.DataFrame(actions), sessions=pd.DataFrame({"date": SESSIONS}))


def on(session, security, kind="cash_dividend", **terms):
    return {"ex_date": SESSIONS[session], "security": security, "kind": kind, **terms}


def lone(*actions):
    """The (security, session) of lone dividends, and of the ex-dates besides."""
    found = market_with(*actions).actions
    dividends = found.lone_dividends
    alone = list(zip(dividends.security.tolist(), dividends.session.tolist(), strict=True))
    return alone, [(who, day.session) for who, day in found.besides_lone_dividends]


def test_a_dividend_by_itself_is_alone():
    assert lone(on(2, A, cash=0.5), on(2, B, cash=0.25), on(3, A, "bonus", ratio=0.1)) == (
        [(0, 2), (1, 2)],
        [(0, 3)],
    )


@pytest.mark.parametrize(
    "with_it",
    [
        pytest.param([on(2, A, "bonus", ratio=0.1)], id="a bonus goes ex with it"),
        pytest.param([on(2, A, "issuance", total=200, free_float=150)], id="counts change with it"),
        pytest.param([on(4, A, "dividend_correction", cash=0.1, original_ex_date=SESSIONS[2])], id="it is corrected"),
        pytest.param([on(2, A, "special_dividend", cash=0.1)], id="a special one goes ex with it"),
    ],
)
def test_a_dividend_with_company_is_not(with_it):
    alone, besides = lone(on(2, A, cash=0.5), *with_it)
    assert alone == []
    assert (0, 2) in besides


def test_two_ex_dates_before_one_session_are_company():
    """Saturday the 11th and Monday the 13th both apply at Monday's open, session 5."""
    saturday = on(5, A, cash=0.5) | {"ex_date": SESSIONS[5] - pd.Timedelta(days=2)}
    assert lone(saturday, on(5, A, cash=0.5)) == ([], [(0, 5), (0, 5)])


def test_cash_that_no_count_says_in_full_is_left_to_fractions():
    """One third has 16 digits: it is not a whole number of 1e-10."""
    assert lone(on(2, A, cash=1 / 3)) == ([], [(0, 2)])


def test_cash_is_counted():
    dividends = market_with(on(2, A, cash=0.0714285714)).actions.lone_dividends
    assert (CASH_DECIMALS, dividends.cash.tolist()) == (10, [714_285_714])


def test_within_spans():
    dividends = market_with(*(on(at, who, cash=0.5) for who in (A, B) for at in (1, 3, 4))).actions.lone_dividends
    # A from 1 up to 4; B from 2 on; nothing of an empty span.
    span, row = dividends.within(*np.array([[0, 1, 0], [1, 2, 3], [4, 6, 3]]))
    pairs = zip(span, dividends.security[row], dividends.session[row], strict=True)
    assert [tuple(map(int, each)) for each in pairs] == [(0, 0, 1), (0, 0, 3), (1, 1, 3), (1, 1, 4)]
