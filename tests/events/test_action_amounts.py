"""Actions that are the same for every share: all at once, with the digits and refusals of one after another."""

from __future__ import annotations

from fractions import Fraction
from weakref import WeakKeyDictionary

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import CorporateActionError, FintechIndexError
from fintech_index.events import _share_table
from happenings import SESSIONS, baskets_of, happenings, market_of, methods

KINDS = ("cash_dividend", "cash_dividend", "bonus", "split", "rights", "issuance", "spin_off", "merger", "delisting")
FIXED = {"actions.reference_price": "exact", "returns.dividends": "opening"}


def outcome(method, market, baskets):
    """Everything that a calculation says: its tables and its last state. Of several faults either may be refused."""
    try:
        history = fi.calculate(method, market, baskets)
    except FintechIndexError:
        return "refused"
    return (
        history.levels.to_csv(),
        history.divisors.to_csv(),
        history.divisor_changes.to_csv(),
        history.holdings.to_csv(),
        history.state(SESSIONS[-1]).to_json(),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(methods(by="free_float_cap", fixed=FIXED), happenings(KINDS), st.sampled_from([0, 30]))
def test_all_at_once_is_what_one_by_one_is(monkeypatch, method, happened, more):
    """`more` makes some dividends larger than a close, which is refused."""
    closes, actions = happened
    actions = [
        row | ({"cash": row["cash"] + more} if "cash" in row and row["kind"] != "merger" else {}) for row in actions
    ]
    try:
        market = market_of(closes, actions)
    except FintechIndexError:
        assume(False)
    baskets = fi.Baskets.from_frame(baskets_of("free_float_cap"))
    at_once = outcome(method, market, baskets)
    with monkeypatch.context() as patch:
        patch.setattr(_share_table, "is_by_the_share", lambda *_: False)
        patch.setattr(_share_table, "_TABLES", WeakKeyDictionary())
        assert outcome(method, market, baskets) == at_once


def dividend(session, security, cash=1.0):
    return {"ex_date": SESSIONS[session], "security": security, "kind": "cash_dividend", "cash": cash}


def basket(*rows):
    """Baskets of (session, security, index shares)."""
    frame = pd.DataFrame(rows, columns=["effective", "security", "index_shares"])
    return fi.Baskets.from_frame(frame.assign(effective=[SESSIONS[at] for at in frame["effective"]]))


def test_what_is_held_at_the_open_of_the_ex_date_is_paid(make_method, make_market):
    """A is in up to session 3, B from it on: of four dividends the two that are held by then count."""
    market = make_market(
        {"A.SH": [10.0] * 6, "B.SH": [20.0] * 6},
        [dividend(2, "A.SH"), dividend(3, "A.SH"), dividend(2, "B.SH"), dividend(3, "B.SH", 0.5)],
    )
    history = fi.calculate(make_method(), market, basket((0, "A.SH", 100), (3, "B.SH", 50)))
    paid = history.divisor_changes.query("cause == 'cash_dividend'")
    assert [(row.date.date(), row.security, row.variant, row.amount) for row in paid.itertuples()] == [
        (SESSIONS[2], "A.SH", "gross", -100),  # 100 shares x 1
        (SESSIONS[2], "A.SH", "net", -90),  # less 10 %
        (SESSIONS[3], "B.SH", "gross", -25),  # 50 shares x 0.5
        (SESSIONS[3], "B.SH", "net", Fraction("-22.5")),
    ]
    # 1,000 of value at the base of 1,000 points: 0.9 after the dividend, then x (1000 - 25) / 1000.
    assert [Fraction(each) for each in history.divisors["gross"]][1:4] == [1, Fraction("0.9"), Fraction("0.8775")]


def test_a_dividend_of_a_basket_to_come_is_looked_at(make_method, make_market):
    """B's dividend leaves nothing of its close before B takes effect, and after the basket was set up."""
    market = make_market({"A.SH": [10.0] * 6, "B.SH": [20.0] * 6}, [dividend(2, "B.SH", 20.0)])
    rows = [(0, 0, "A.SH", 100), (3, 1, "B.SH", 50)]
    frame = pd.DataFrame(rows, columns=["effective", "price_date", "security", "index_shares"])
    for name in ("effective", "price_date"):
        frame[name] = [SESSIONS[at] for at in frame[name]]
    with pytest.raises(CorporateActionError, match=r"B.SH on 2020-01-08: the reference price is 0.0"):
        fi.calculate(make_method(), market, fi.Baskets.from_frame(frame))
    fi.calculate(make_method(), market, basket((0, "A.SH", 100), (3, "B.SH", 50)))  # counted after it


def test_nothing_is_chained_into_the_base(make_method, make_market):
    market = make_market({"A.SH": [10.0] * 6}, [dividend(1, "A.SH"), dividend(2, "A.SH")])
    history = fi.calculate(make_method(), market, basket((1, "A.SH", 100)))
    assert set(history.divisor_changes["date"].dt.date) == {SESSIONS[2]}
    assert list(history.state(SESSIONS[5]).paid.shares) == [("A.SH", SESSIONS[2])]


@pytest.mark.parametrize("dividends", ["opening", "points"])
@pytest.mark.parametrize("child", ["0.SH", "K.SH"])
def test_a_child_is_not_paid_what_it_goes_ex_for_as_it_enters(make_method, make_market, child, dividends):
    """K, or 0 which comes before its parent, has traded before: on session 2 it enters, and pays who held it."""
    spun_off = {"ex_date": SESSIONS[2], "security": "A.SH", "kind": "spin_off", "child": child, "ratio": 0.5}
    method = make_method(f'actions.spin_off = "stays"\nreturns.dividends = "{dividends}"')
    market = make_market({"A.SH": [10.0] * 6, child: [4.0] * 6}, [spun_off, dividend(2, child)])
    history = fi.calculate(method, market, basket((0, "A.SH", 100)))
    assert history.divisor_changes.query("cause == 'cash_dividend'").empty
    assert history.state(SESSIONS[5]).paid.shares == {}
