"""Generated markets, as rows for the oracle and as tables for the package."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pandas as pd
from hypothesis import strategies as st

from oracle import Rules, Terms, World, half_up

FIRST, LAST = dt.date(2020, 4, 27), dt.date(2020, 7, 3)
BASE = dt.date(2020, 4, 29)


def weekdays(first=FIRST, last=LAST):
    return [
        first + dt.timedelta(days=n)
        for n in range((last - first).days + 1)
        if (first + dt.timedelta(days=n)).weekday() < 5
    ]


@st.composite
def terms(draw, price):
    """Terms that leave a positive price, and never a ratio that a price move could hide."""
    kinds = draw(
        st.sampled_from(
            [
                "cash",
                "bonus",
                "rights",
                "cash+bonus",
                "bonus+rights",
                "cash+bonus+rights",
                "split",
                "split+cash+special",
                "special",
            ]
        )
    )
    made = Terms()
    if "cash" in kinds:
        made.cash = Fraction(half_up(price * draw(st.integers(1, 80)) / 1000, 3), 1000)
    if "bonus" in kinds:
        made.bonus = Fraction(draw(st.sampled_from([1, 2, 3, 5, 10, 31])), 10 if draw(st.booleans()) else 7 * 10)
        made.bonus = Fraction(half_up(made.bonus, 4), 10**4) or Fraction(1, 10)
    if "split" in kinds:
        made.split = Fraction(draw(st.sampled_from(["2", "3", "1.25", "0.5", "0.2"])))
    if "special" in kinds:
        made.special = Fraction(half_up(price * draw(st.integers(1, 80)) / 1000, 3), 1000)
    if "rights" in kinds:
        made.rights_ratio = Fraction(draw(st.sampled_from([1, 2, 3])), 10)
        made.rights_price = Fraction(half_up(price * draw(st.sampled_from([3, 6, 9, 12])) / 10, 2), 100) or Fraction(
            1, 100
        )
    return made


@st.composite
def worlds(draw, *, currencies=("CNY", "HKD"), scales=(1, 100, 3_000_000)):
    sessions = weekdays()
    names = [f"{600000 + n}.SH" for n in range(draw(st.integers(2, 5)))]
    prices, floats, actions, currency = {}, {}, {}, {}
    for name in names:
        currency[name] = draw(st.sampled_from(currencies))
        price = Fraction(draw(st.integers(5000, 9000)) * draw(st.sampled_from(scales)), 100)
        suspended = set()
        for start in draw(st.lists(st.integers(1, len(sessions) - 1), max_size=3)):
            suspended |= set(range(start, start + draw(st.integers(1, 12))))
        if name == names[0]:  # the market's last session has a price, or it would not be one
            suspended.discard(len(sessions) - 1)
        calendar_days = [FIRST + dt.timedelta(days=n) for n in range(1, (LAST - FIRST).days)]
        ex_dates = draw(st.lists(st.sampled_from(calendar_days), max_size=4, unique=True))
        count = draw(st.integers(10**5, 10**6))
        floats[name] = [(FIRST, count)]
        actions[name] = {}
        moves = draw(st.lists(st.integers(-25, 25), min_size=len(sessions), max_size=len(sessions)))
        for at, date in enumerate(sessions):
            before = sessions[at - 1] if at else date
            for day in sorted(ex_dates):
                if before < day <= date:
                    actions[name][day] = made = draw(terms(price))
                    if made.rights_ratio and made.rights_price >= (price - made.all_cash) / made.unpaid:
                        price = (price - made.all_cash) / made.unpaid
                    else:
                        price = made.reference(price)
                    price = Fraction(half_up(price, 2), 100)
                    count = half_up(
                        count * made.factor(price * 100)
                    )  # counts may move as they like; prices decide nothing here
                    floats[name].append((date, count))
            price = max(Fraction(half_up(price * (1000 + moves[at]) / 1000, 2), 100), Fraction(50, 100))
            if at not in suspended:
                prices[name, date] = price
    rates = {("HKD", date): Fraction(draw(st.integers(8500, 9500)), 10**4) for date in sessions}
    cap = draw(st.sampled_from([None, Fraction(1, 2), Fraction(7, 10), Fraction(6, 10)]))
    world = World(sessions, prices, floats, actions, currency, rates)
    return world, Rules(base=BASE, cap=cap, months=(6,), special=draw(st.sampled_from(["none", "gross", "net"])))


def as_tables(world):
    """The rows of a world in the layout of the data contract; fractions become the floats that files hold."""
    action_rows = []
    for who, days in world.actions.items():
        for date, made in days.items():
            row = {"ex_date": date, "security": who}
            if made.cash:
                action_rows.append(row | {"kind": "cash_dividend", "cash": float(made.cash)})
            if made.bonus:
                action_rows.append(row | {"kind": "bonus", "ratio": float(made.bonus)})
            if made.split != 1:
                kind = "split" if made.split > 1 else "consolidation"
                action_rows.append(row | {"kind": kind, "ratio": float(made.split)})
            if made.special:
                action_rows.append(row | {"kind": "special_dividend", "cash": float(made.special)})
            if made.rights_ratio:
                rights = {"kind": "rights", "ratio": float(made.rights_ratio), "price": float(made.rights_price)}
                action_rows.append(row | rights)
    columns = ["ex_date", "security", "kind", "cash", "ratio", "price"]
    return {
        "prices": pd.DataFrame(
            [{"date": d, "security": who, "close": float(p)} for (who, d), p in world.prices.items()]
        ),
        "shares": pd.DataFrame(
            [
                {"effective": date, "security": who, "total": n, "float": n, "free_float": n}
                for who, rows in world.free_float.items()
                for date, n in dict(rows).items()
            ]
        ),
        "actions": pd.DataFrame(action_rows, columns=columns).astype(dict.fromkeys(columns[3:], float)),
        "securities": pd.DataFrame(
            [
                {"security": who, "name": who, "exchange": "XSHG", "board": "main", "currency": currency}
                for who, currency in world.currency.items()
            ]
        ),
        "fx": pd.DataFrame([{"date": d, "currency": c, "rate": float(r)} for (c, d), r in world.rates.items()]),
        "sessions": pd.DataFrame({"date": world.sessions}),
    }
