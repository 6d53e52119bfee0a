"""Continuity: where every price goes just by what happened, the level stays, digit for digit."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fintech_index as fi
from happenings import OF_EQUAL, OF_PRICE, SESSIONS, method_of

VARIANTS = ("price", "gross", "net")
UNIT = {"free_float_cap": 10**9, "equal": 10**9, "price": 1}  # so many that whole shares round to nothing
ALL_BUT = {"price": OF_PRICE, "equal": OF_EQUAL, "free_float_cap": {}}


def levels(method, closes, actions):
    """Levels of A, B and C, where closes of other sessions than those given are the last one."""
    rows, counts = [], []
    for who, own in closes.items():
        for at, date in enumerate(SESSIONS[:4]):
            close = own[min(at, len(own) - 1)]
            rows += [(date, who, float(close))] if close else []
        counts.append(
            {"effective": SESSIONS[0], "security": who, "total": 10**10, "float": 10**10, "free_float": 10**10}
        )
    unit = UNIT[method.weighting.by]
    held = pd.DataFrame({"effective": SESSIONS[0], "security": ["A.SH", "B.SH", "C.SH"], "index_shares": [unit] * 3})
    if unit > 1:
        held = held.assign(free_float=2 * unit, capping_factor=0.5)
    prices = pd.DataFrame(rows, columns=["date", "security", "close"])
    market = fi.MarketData.from_tables(prices, pd.DataFrame(counts), pd.DataFrame(actions))
    return fi.calculate(method, market, fi.Baskets.from_frame(held)).levels


def on_session_1(kind, **terms):
    return {"ex_date": SESSIONS[1], "security": "A.SH", "kind": kind, **terms}


def few(**strategies):
    """Try a law on fewer examples than usual: each is there for three weightings."""
    return lambda test: settings(max_examples=20)(given(**strategies)(test))


CLOSE = Fraction(12)
GROWTH = st.sampled_from([0.25, 0.6, 1.0, 1.5, 3.0, 0.28])  # 1 + each has a finite inverse
STEADY = {"B.SH": [20], "C.SH": [7]}
by_weighting = pytest.mark.parametrize("by", ["free_float_cap", "equal", "price"])


def setting(by, key, value):
    """A setting, or its default where the weighting cannot have it."""
    return {key: value} if value in ALL_BUT[by].get(key, (value,)) else {}


@by_weighting
@few(ratio=GROWTH, basis=st.sampled_from(["pre", "sequential"]))
def test_bonus(by, ratio, basis):
    found = levels(
        method_of(by, {"actions.basis": basis}),
        {"A.SH": [CLOSE, CLOSE / (1 + Fraction(str(ratio)))], **STEADY},
        [on_session_1("bonus", ratio=ratio)],
    )
    assert (found == 1000).all(axis=None)


@by_weighting
@few(
    ratio=st.sampled_from([2.0, 5.0, 0.1, 0.4, 1.25]),
    kind=st.sampled_from(["split", "consolidation", "redenomination"]),
)
def test_split(by, ratio, kind):
    for how in ("divisor", "factor") if by == "price" else (None,):
        method = method_of(by, {"actions.price_weight_splits": how} if how else {})
        closes = {"A.SH": [CLOSE, CLOSE / Fraction(str(ratio))], **STEADY}
        assert (levels(method, closes, [on_session_1(kind, ratio=ratio)]) == 1000).all(axis=None)


@by_weighting
@few(cents=st.integers(1, 1100))
def test_cash_dividend(by, cents):
    method = method_of(by, {})
    closes = {"A.SH": [CLOSE, CLOSE - Fraction(cents, 100)], **STEADY}
    found = levels(method, closes, [on_session_1("cash_dividend", cash=cents / 100)])
    assert (found["gross"] == 1000).all()
    assert (found[["price", "net"]].iloc[-1] < 1000).all()


@by_weighting
@few(cents=st.integers(1, 1100), treatment=st.sampled_from(["gross", "weight_neutral"]))
def test_special_dividend(by, cents, treatment):
    method = method_of(by, setting(by, "actions.special_dividend", treatment))
    closes = {"A.SH": [CLOSE, CLOSE - Fraction(cents, 100)], **STEADY}
    found = levels(method, closes, [on_session_1("special_dividend", cash=cents / 100)])
    assert (found[["price", "gross"]] == 1000).all(axis=None)
    assert found["net"].iloc[-1] < 1000


@by_weighting
@few(
    ratio=GROWTH,
    cents=st.integers(100, 1199),
    treatment=st.sampled_from(["subscribe", "weight_neutral", "msci_ex"]),
)
def test_rights(by, ratio, cents, treatment):
    """All three treatments agree where the ex close is the theoretical ex-rights price."""
    method = method_of(by, setting(by, "actions.rights", treatment))
    exact = Fraction(str(ratio))
    closes = {"A.SH": [CLOSE, (CLOSE + exact * Fraction(cents, 100)) / (1 + exact)], **STEADY}
    found = levels(method, closes, [on_session_1("rights", ratio=ratio, price=cents / 100)])
    assert (found == 1000).all(axis=None)


@by_weighting
@few(ratio=GROWTH, cents=st.integers(10, 300), price=st.integers(1, 5), basis=st.sampled_from(["pre", "sequential"]))
def test_a_day_that_has_everything(by, ratio, cents, price, basis):
    """Split, bonus, cash, special cash and rights on one day, at once or one after another."""
    cash, split, rights = Fraction(cents, 1000), Fraction(2), Fraction(1, 4)
    bonus = Fraction(str(ratio))
    method = method_of(by, {"actions.basis": basis} | setting(by, "actions.special_dividend", "gross"))
    close = Fraction(64)
    if basis == "pre":
        ex = (close - 2 * cash + rights * price) / (split + bonus + rights)
    else:
        ex = ((close / split / (1 + bonus) - 2 * cash) + rights * price) / (1 + rights)
    market_ex = Fraction(round(ex * 10**6), 10**6)
    day = [
        on_session_1("split", ratio=2.0),
        on_session_1("bonus", ratio=ratio),
        on_session_1("cash_dividend", cash=float(cash)),
        on_session_1("special_dividend", cash=float(cash)),
        on_session_1("rights", ratio=0.25, price=float(price)),
    ]
    found = levels(method, {"A.SH": [close, market_ex], **STEADY}, day)
    assert found["gross"].tolist() == pytest.approx([1000] * 4, abs=2e-4)  # six decimals of a price


@by_weighting
@few(ratio=GROWTH, cents=st.integers(1, 250), treatment=st.sampled_from(["leaves", "to_parent", "stays"]))
def test_spin_off(by, ratio, cents, treatment):
    """The parent falls by what the child is worth, on the ex-date and when the child leaves."""
    child = Fraction(cents, 100)
    method = method_of(by, setting(by, "actions.spin_off", treatment))
    closes = {"A.SH": [CLOSE, CLOSE - Fraction(str(ratio)) * child], "K.SH": [None, child], **STEADY}
    found = levels(method, closes, [on_session_1("spin_off", child="K.SH", ratio=ratio)])
    assert (found == 1000).all(axis=None)


@by_weighting
@few(
    acquirer=st.sampled_from(["terms", "unchanged", "takes_value"]),
    replacement=st.sampled_from(["none", "pro_rata", "newcomer"]),
    ratio=st.sampled_from([0.3, 0.6]),
)
def test_merger_at_the_last_close(by, acquirer, replacement, ratio):
    settings = setting(by, "actions.acquirer", acquirer) | setting(by, "actions.replacement", replacement)
    closes = {"A.SH": [CLOSE], "N.SH": [3], **STEADY}
    found = levels(
        method_of(by, settings), closes, [on_session_1("merger", acquirer="B.SH", ratio=ratio, newcomer="N.SH")]
    )
    assert (found == 1000).all(axis=None)


@by_weighting
@few(replacement=st.sampled_from(["none", "pro_rata", "newcomer"]))
def test_delisting_at_the_last_close(by, replacement):
    method = method_of(by, setting(by, "actions.replacement", replacement))
    found = levels(method, {"A.SH": [CLOSE], "N.SH": [3], **STEADY}, [on_session_1("delisting", newcomer="N.SH")])
    assert (found == 1000).all(axis=None)


@by_weighting
@few(replacement=st.sampled_from(["none", "pro_rata", "newcomer"]), cents=st.integers(1, 2000))
def test_a_removal_price_is_performance_and_nothing_else(by, replacement, cents):
    method = method_of(by, setting(by, "actions.replacement", replacement))
    price = Fraction(cents, 100)
    action = on_session_1("delisting", price=cents / 100, newcomer="N.SH")
    found = levels(method, {"A.SH": [CLOSE], "N.SH": [3], **STEADY}, [action])
    expected = (price + 27) / (CLOSE + 27) * 1000
    assert (found.iloc[1:] == round(float(expected), 4)).all(axis=None)


@few(kind=st.sampled_from(["issuance", "cancellation", "float_change"]), free=st.integers(10**8, 9 * 10**9))
def test_share_changes_at_once(kind, free):
    method = method_of("free_float_cap", {"actions.share_changes": "at_once"})
    action = on_session_1(kind, total=10**10, free_float=free)
    assert (levels(method, {"A.SH": [CLOSE], **STEADY}, [action]) == 1000).all(axis=None)


@by_weighting
@few(cents=st.integers(1, 3000))
def test_restructuring_absorbed(by, cents):
    method = method_of(by, {"actions.restructuring": "absorbed"})
    closes = {"A.SH": [CLOSE, Fraction(cents, 100)], **STEADY}
    assert (levels(method, closes, [on_session_1("restructuring", price=cents / 100)]) == 1000).all(axis=None)


@by_weighting
@few(ratio=st.sampled_from([0.3, 0.7, 1.1]), cents=st.integers(1, 500))
def test_the_exchanges_reference_price(by, ratio, cents):
    """With the exchange's reference price the level stays where the close is just that, tick and all."""
    method = method_of(by, {"actions.reference_price": "exchange"})
    ticked = fi.reference_price(CLOSE, Fraction(cents, 1000), Fraction(str(ratio)), tick=Fraction(1, 100))
    day = [on_session_1("bonus", ratio=ratio), on_session_1("cash_dividend", cash=cents / 1000)]
    assert (levels(method, {"A.SH": [CLOSE, ticked], **STEADY}, day)["gross"] == 1000).all()
