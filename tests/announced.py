"""A small index with a basket that is announced on session 2 and takes effect on session 5, and what its tests say of it."""

from __future__ import annotations

import pandas as pd

import fintech_index as fi

SESSIONS = [day.date() for day in pd.bdate_range("2020-01-06", periods=8)]
PRICE_DATE, EFFECTIVE = 2, 5


def own(*rows, floats=True):
    """Baskets (session, price date, security, index shares); free float twice the shares, factor 0.5."""
    frame = pd.DataFrame(rows, columns=["effective", "price_date", "security", "index_shares"])
    for name in ("effective", "price_date"):
        frame[name] = [SESSIONS[at] for at in frame[name]]
    if floats:
        frame = frame.assign(free_float=frame["index_shares"] * 2, capping_factor=0.5)
    return fi.Baskets.from_frame(frame)


ANNOUNCED = [
    (0, 0, "A.SH", 100),
    (0, 0, "B.SH", 100),
    (EFFECTIVE, PRICE_DATE, "B.SH", 50),
    (EFFECTIVE, PRICE_DATE, "C.SH", 200),
]
STEADY = {who: [10.0] * 8 for who in ("A.SH", "B.SH", "C.SH", "D.SH")}


def on(session, security, kind, **terms):
    return {"ex_date": SESSIONS[session], "security": security, "kind": kind, **terms}


def until(session, close=10.0):
    """Closes of a security that leaves at the open of a session."""
    return [close] * session + [None] * (8 - session)


def changes(history):
    return [
        (SESSIONS.index(each.date.date()), each.security, each.cause, each.amount)
        for each in history.divisor_changes.itertuples()
        if each.variant == "price"
    ]


def held(history, session):
    return history.constituents(SESSIONS[session])["index_shares"].sort_index().to_dict()
