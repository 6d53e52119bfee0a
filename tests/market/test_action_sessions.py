"""The sessions on which securities have actions, and which of them fall into a span."""

from __future__ import annotations

import numpy as np
import pandas as pd

import fintech_index as fi

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


def test_actions_are_grouped_by_security_and_session():
    """A dividend, a bonus and new counts of A on one session, and a dividend of B that is corrected later."""
    rows = market_with(
        on(2, A, cash=0.5),
        on(2, A, "bonus", ratio=0.1),
        on(3, A, "issuance", total=200, free_float=150),
        on(2, B, cash=0.25),
        on(4, B, "dividend_correction", cash=0.1, original_ex_date=SESSIONS[2]),
    ).actions.by_session
    assert list(zip(rows.security.tolist(), rows.session.tolist(), rows.count.tolist(), strict=True)) == [
        (0, 2, 2),
        (0, 3, 1),
        (1, 2, 1),
        (1, 4, 1),
    ]
    assert rows.for_holders.tolist() == [True, False, True, True]
    assert rows.recounts.tolist() == [False, True, False, False]
    assert rows.removes.tolist() == [False] * 4
    assert rows.corrected.tolist() == [False, False, True, True]


def test_within_spans():
    rows = market_with(*(on(at, who, cash=0.5) for who in (A, B) for at in (1, 3, 4))).actions.by_session
    # A from 1 up to 4; B from 2 on; nothing of an empty span.
    span, row = rows.within(*np.array([[0, 1, 0], [1, 2, 3], [4, 6, 3]]))
    pairs = zip(span, rows.security[row], rows.session[row], strict=True)
    assert [tuple(map(int, each)) for each in pairs] == [(0, 0, 1), (0, 0, 3), (1, 1, 3), (1, 1, 4)]
