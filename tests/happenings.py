"""Generated small markets in which anything may happen: every kind of action, some of them on one day."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.methodology._loading import parse

SESSIONS = [day.date() for day in pd.bdate_range("2020-01-06", periods=9)]
HELD = ("A.SH", "B.SH", "C.SH", "D.SH")
CHILD, NEWCOMER = "K.SH", "N.SH"
CHILD_TRADES, PRICE_DATE, EFFECTIVE = 3, 2, 5

SETTINGS = {
    "actions.basis": ("pre", "sequential"),
    "actions.reference_price": ("exact", "exchange"),
    "actions.special_dividend": ("none", "gross", "net", "weight_neutral"),
    "actions.rights": ("subscribe", "weight_neutral", "msci_ex"),
    "actions.restructuring": ("performance", "absorbed"),
    "actions.share_changes": ("at_review", "at_once", "csi"),
    "actions.spin_off": ("leaves", "to_parent", "stays"),
    "actions.acquirer": ("terms", "unchanged", "takes_value"),
    "actions.replacement": ("none", "pro_rata", "newcomer"),
    "returns.dividends": ("opening", "points"),
}
OF_PRICE = {  # what a price-weighted index can have
    "actions.special_dividend": ("none", "gross", "net"),
    "actions.rights": ("subscribe",),
    "actions.share_changes": ("at_review",),
    "actions.spin_off": ("leaves", "stays"),
    "actions.acquirer": ("unchanged", "takes_value"),
    "actions.replacement": ("none", "newcomer"),
}
OF_EQUAL = {"actions.share_changes": ("at_review",), "actions.acquirer": ("unchanged", "takes_value")}

TERMS = {
    "cash_dividend": {"cash": [0.1, 0.35]},
    "special_dividend": {"cash": [0.2, 1.0]},
    "bonus": {"ratio": [0.3, 1.0, 0.0714]},
    "split": {"ratio": [2.0, 3.0]},
    "consolidation": {"ratio": [0.5, 0.3]},
    "rights": {"ratio": [0.3], "price": [3.0, 40.0]},
    "restructuring": {"price": [4.0, 6.5]},
    "issuance": {"total": [2000, 2060, 2100], "free_float": [1200]},
    "cancellation": {"total": [1500], "free_float": [700]},
    "spin_off": {"ratio": [0.25, 2.0]},
    "merger": {"ratio": [0.5, 0.7], "cash": [0.0, 1.0]},
    "delisting": {"price": [None, 0.0, 2.5]},
}


@st.composite
def methods(draw, by=None, fixed=None):
    by = by or draw(st.sampled_from(["free_float_cap", "equal", "price"]))
    allowed = SETTINGS | {"price": OF_PRICE, "equal": OF_EQUAL}.get(by, {})
    chosen = {key: draw(st.sampled_from(values)) for key, values in allowed.items()} | (fixed or {})
    return method_of(by, chosen)


def settings_of(method):
    """The treatments of a methodology, as `SETTINGS` names them."""
    return {key: getattr(getattr(method, key.split(".")[0]), key.split(".")[1]) for key in SETTINGS}


def method_of(by, settings):
    rules = "\n".join(f'{key} = "{value}"' for key, value in settings.items())
    head = f'name = "small"\nbase = {{ date = {SESSIONS[0]}, value = 1000 }}\nweighting.by = "{by}"\n'
    return parse(f"{head}{rules}", where="test")


@st.composite
def happenings(draw, kinds=tuple(TERMS)):
    """Closes by security, and actions that none of which contradicts another."""
    actions, gone = [], {}
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(kinds))
        session, who = draw(st.integers(1, 7)), draw(st.sampled_from(HELD[:3]))
        taken = [(row["security"], row["ex_date"]) for row in actions]
        alone = kind == "restructuring" or any(
            row["kind"] == "restructuring" and (row["security"], row["ex_date"]) == (who, SESSIONS[session])
            for row in actions
        )
        if gone.get(who, 99) <= session or ((who, SESSIONS[session]) in taken and alone):
            continue
        if any(row["security"] == who and row["kind"] == kind for row in actions):
            continue
        if kind in ("merger", "delisting"):
            later = any(SESSIONS.index(row["ex_date"]) >= session for row in actions if row["security"] == who)
            if session <= PRICE_DATE or len(gone) == 2 or who in gone or later:
                continue
            gone[who] = session
        if kind == "spin_off" and (session > CHILD_TRADES or any(row["kind"] == kind for row in actions)):
            continue
        row = {"ex_date": SESSIONS[session], "security": who, "kind": kind}
        row |= {name: draw(st.sampled_from(values)) for name, values in TERMS[kind].items()}
        row |= {"spin_off": {"child": CHILD}, "merger": {"acquirer": "D.SH", "newcomer": NEWCOMER}}.get(kind, {})
        row |= {"newcomer": NEWCOMER} if kind == "delisting" and row["price"] != 0 else {}
        actions.append(row)
    closes = {}
    for who in (*HELD, CHILD, NEWCOMER):
        cents = draw(st.integers(600, 3000))
        first = CHILD_TRADES if who == CHILD else 0
        for at in range(first, len(SESSIONS)):
            for row in actions:
                if (row["security"], row["ex_date"]) == (who, SESSIONS[at]) and row["kind"] in ("bonus", "split"):
                    cents = round(cents / (row["ratio"] + (row["kind"] == "bonus")))
            if at < gone.get(who, 99):
                closes[SESSIONS[at], who] = cents / 100
            cents = max(cents + draw(st.integers(-100, 100)), 300)
    return closes, actions


def market_of(closes, actions):
    prices = pd.DataFrame(
        [(date, who, close) for (date, who), close in closes.items()], columns=["date", "security", "close"]
    )
    codes = [*HELD, NEWCOMER]
    counts = pd.DataFrame(
        {"effective": SESSIONS[0], "security": codes, "total": 2000, "float": 2000, "free_float": 1000}
    )
    table = pd.DataFrame(actions) if actions else None
    return fi.MarketData.from_tables(prices, counts, table, sessions=pd.DataFrame({"date": SESSIONS}))


BASE_BASKET = {by: dict.fromkeys(HELD, unit) for by, unit in (("free_float_cap", 1000), ("equal", 1000), ("price", 1))}
COMING_BASKET = {by: {who: own[who] * n for n, who in enumerate(HELD[1:], start=1)} for by, own in BASE_BASKET.items()}


def baskets_of(by):
    """One basket at the base, and another one that is announced before it takes effect."""
    rows = [(SESSIONS[0], SESSIONS[0], who, n) for who, n in BASE_BASKET[by].items()]
    rows += [(SESSIONS[EFFECTIVE], SESSIONS[PRICE_DATE], who, n) for who, n in COMING_BASKET[by].items()]
    frame = pd.DataFrame(rows, columns=["effective", "price_date", "security", "index_shares"])
    return frame if by == "price" else frame.assign(free_float=frame["index_shares"] * 2, capping_factor=0.5)
