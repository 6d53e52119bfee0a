"""A market of eight securities over ten months, in which every rule of a review has something to decide.

Closes do not move but for a dividend and a bonus; capitalisations, amounts, ages, places and statuses all differ.
"""

from __future__ import annotations

import pandas as pd

import fintech_index as fi

SESSIONS = [day.date().isoformat() for day in pd.bdate_range("2020-01-06", "2020-10-30")]
CODES = ["600001.SH", "600002.SH", "600003.SH", "600004.SH", "300005.SZ", "300006.SZ", "688007.SH", "300008.SZ"]

#         code: close, total, free float, daily amount, listed, city, category, field, issuer, score
_ROWS = {
    "600001.SH": (10.0, 9000, 3070, 900.0, None, "Shenzhen", "PAY", "net", "one", 1.0),
    "600002.SH": (20.0, 4000, 2010, 800.0, None, "Shenzhen", "PAY", "net", "two", 2.0),
    "600003.SH": (30.0, 2000, 1990, 700.0, None, "Beijing", "BNK", "ledger", "two", 1.0),
    "600004.SH": (40.0, 1300, 900, 600.0, None, "Beijing", "BNK", "ledger", "four", 1.0),
    "300005.SZ": (5.0, 9900, 4000, 500.0, "2019-10-01", "Beijing", "SEC", "ledger", "five", 3.0),
    "300006.SZ": (6.0, 8000, 900, 400.0, "2020-01-06", "Beijing", "SEC", "ledger", "six", 1.0),
    "688007.SH": (70.0, 600, 300, 100.0, "2020-03-02", "Wuhan", "DLT", "ledger", "seven", 1.0),
    "300008.SZ": (8.0, 8000, 5000, 50.0, None, "Wuhan", "DLT", "safe", "eight", 1.0),
}
_SUSPENDED = {"600004.SH": (20, 60)}  # sessions from, up to


def review_market(actions=(), status=(), shares=(), rows=None, moves=None):
    """Make the market; `rows` replaces attributes of securities, `actions`, `status` and `shares` are added.

    `moves` has (date, close) by security: the close from a date on.
    """
    rows = _ROWS | (rows or {})
    prices, counts, described = [], [], []
    for code, (close, total, free, amount, listed, *places) in rows.items():
        for at, date in enumerate(SESSIONS):
            begin, end = _SUSPENDED.get(code, (0, 0))
            if (listed is None or date >= listed) and not begin <= at < end:
                since, moved = (moves or {}).get(code, ("", close))
                prices.append(
                    {"date": date, "security": code, "close": moved if date >= since else close, "amount": amount}
                )
        counts.append({"effective": "2019-12-31", "security": code, "total": total, "float": total, "free_float": free})
        city, category, field, issuer, score = places
        board = "star" if code.startswith("688") else "chinext" if code.startswith("300") else "main"
        described.append(
            {
                "security": code,
                "name": code,
                "exchange": "XSHG" if code.endswith("SH") else "XSHE",
                "board": board,
                "currency": "CNY",
                "listed": listed,
                "city": city,
                "category": category,
                "cni_field": field,
                "issuer": issuer,
                "score": score,
            }
        )
    happened = pd.DataFrame(
        list(actions), columns=sorted({"ex_date", "security", "kind", *(key for row in actions for key in row)})
    )
    return fi.MarketData.from_tables(
        pd.DataFrame(prices),
        pd.DataFrame([*counts, *shares]),
        happened,
        pd.DataFrame(described),
        status=pd.DataFrame(list(status), columns=["security", "kind", "start", "end"]) if status else None,
    )


def members(baskets, effective):
    """The constituents of the basket effective on a date."""
    frame = baskets.frame
    return frame[frame["effective"] == effective]["security"].tolist()


def risen(code, total, since="2020-01-20"):
    """A count of all shares that lifts a security in the ranking from a date on."""
    return {"effective": since, "security": code, "total": total, "float": total, "free_float": 900}
