"""Terms that cannot be, each once, and all problems of a table at once."""

from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError
from small_tables import PRICES, SECURITIES

A, B = "600000.SH", "300001.SZ"


def row(kind, security=A, ex_date="2020-01-07", **terms):
    return {"ex_date": ex_date, "security": security, "kind": kind, **terms}


def open_with(*rows, **securities):
    described = pd.DataFrame(SECURITIES | securities)
    return fi.MarketData.from_tables(pd.DataFrame(PRICES), actions=pd.DataFrame(list(rows)), securities=described)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (row("bonus", ratio=-1.0), "actions, row 1: ratio is -1.0, which is below 0"),
        (row("bonus"), "a bonus needs ratio"),
        (
            row("bonus", ratio=0.1, cash=0.2),
            "a bonus does not read cash (it is 0.2): give each action a row of its own",
        ),
        (row("bonus", ratio=0.1, source="luck"), "source is 'luck': a bonus is paid from profit or reserve"),
        (row("bonus", ratio=0.1, par=0.0), "par is 0.0, which is not above 0"),
        (row("rights", ratio=0.3, price=0.0), "price of a rights is 0: it must be above"),
        (row("rights", ratio=0.3, price=-2.0), "price is -2.0, which is below 0"),
        (row("cash_dividend", cash=-0.1), "cash is -0.1, which is below 0"),
        (row("split", ratio=0.0), "ratio of a split is 0: it is what one share becomes, such as 0.1"),
        (row("spin_off", ratio=1.0), "a spin_off needs child"),
        (row("spin_off", ratio=0.0, child=B), "ratio of a spin_off is 0: it is how many shares of the child"),
        (row("spin_off", ratio=1.0, child=A), "the child of a spin_off is the security itself"),
        (row("spin_off", ratio=1.0, child="600001.SH"), "unknown child '600001.SH' (did you mean '600000.SH'?)"),
        (row("merger", acquirer=A, ratio=1.0), "the acquirer of a merger is the security itself"),
        (row("merger", acquirer=B), "a merger needs ratio or cash: what one share of the target brings"),
        (row("merger", ratio=1.0), "a merger needs acquirer"),
        (row("merger", acquirer="000001.SZ", ratio=1.0), "unknown acquirer '000001.SZ'"),
        (row("delisting", price=-1.0), "price is -1.0, which is below 0"),
        (row("delisting", newcomer="000001.SZ"), "unknown newcomer '000001.SZ'"),
        (row("issuance", total=100), "a issuance needs free_float"),
        (row("issuance", total=100, free_float=101), "free_float 101 is more than total 100"),
        (row("restructuring", price=0.0), "price of a restructuring is 0: it must be above"),
        (row("dividend_correction", cash=0.1), "a dividend_correction needs original_ex_date"),
        (
            row("dividend_correction", cash=0.1, original_ex_date="2020-01-07"),
            "original_ex_date is 2020-01-07, which is not before its own ex_date",
        ),
        (row("rename", new_security=A), f"a rename to {A}, which already is its code"),
        (row("stock_split", ratio=2.0), "kind is 'stock_split' (did you mean 'split'? kinds: cash_dividend, bonus, "),
        (row("bonus", "600009.SH", ratio=0.1), "unknown security '600009.SH'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_terms_that_cannot_be(action, message):
    with pytest.raises(MarketDataError) as caught:
        open_with(action)
    assert message in str(caught.value)


def test_all_of_them_are_said_at_once():
    with pytest.raises(MarketDataError) as caught:
        open_with(row("bonus"), row("rights", ratio=0.3, price=0.0), row("spin_off", ratio=1.0, child=A))
    assert len(caught.value.problems) == 3


def test_an_action_before_the_listing():
    with pytest.raises(MarketDataError, match="a bonus before the security is listed, on 2020-01-08"):
        open_with(row("bonus", ratio=0.1), listed=["2020-01-08", None])


@pytest.mark.parametrize("second", [row("delisting", ex_date="2020-01-08"), row("merger", acquirer=B, ratio=1.0)])
def test_a_security_leaves_once(second):
    with pytest.raises(MarketDataError, match=f"a {second['kind']}, and the security has left on 2020-01-0"):
        open_with(row("delisting"), second)


def test_a_delisting_may_be_at_nothing():
    assert open_with(row("delisting", price=0.0)).actions.removals == {1: 1}


def test_a_code_of_another_security_must_have_been_given_up():
    message = "a rename to 300001.SZ, which has prices of its own up to 2020-01-06 .say what became of that 300001.SZ"
    with pytest.raises(MarketDataError, match=message):
        open_with(row("rename", new_security=B))


def test_a_code_that_is_used_again_is_two_securities():
    """B leaves, and A takes its code on the same day: B's price of that day is A's."""
    prices = pd.DataFrame(PRICES).iloc[[0, 1, 3]]  # A has none of its own on the second day
    actions = pd.DataFrame([row("delisting", B), row("rename", new_security=B)])
    market = fi.MarketData.from_tables(prices, actions=actions, securities=pd.DataFrame(SECURITIES))
    a, b = market.securities.index[A], market.securities.index[B]
    assert [float(market.panel.price(a, at)) for at in (0, 1)] == [10.0, 20.25]
    assert market.panel.suspended(b, 1)


def test_two_securities_swap_their_codes():
    rows = [row("rename", new_security=B), row("rename", B, new_security=A)]
    for order in (rows, rows[::-1]):
        market = open_with(*order)
        of = market.securities.index
        assert [float(market.panel.price(of[A], at)) for at in (0, 1)] == [10.0, 20.25]
        assert [float(market.panel.price(of[B], at)) for at in (0, 1)] == [20.5, 10.1]


def test_one_dividend_under_both_codes_is_there_twice():
    twice = [row("cash_dividend", cash=0.1), row("cash_dividend", "X.SH", cash=0.1)]
    with pytest.raises(MarketDataError, match="actions: 2 rows have the key ex_date, security, kind = 2020-01-07"):
        open_with(row("rename", new_security="X.SH"), *twice)


def test_two_securities_cannot_become_one():
    with pytest.raises(MarketDataError, match="a rename to X.SH, which already is the code of 600000.SH"):
        open_with(row("rename", new_security="X.SH"), row("rename", B, new_security="X.SH"))


def test_a_chain_of_renames_leads_to_the_first_code():
    actions = [row("rename", new_security="X.SH"), row("rename", "X.SH", "2020-01-08", new_security="Y.SH")]
    market = open_with(*actions)
    assert market.securities.codes == (B, A)
    assert {market.securities.permanent(code, pd.Timestamp("2020-01-09").date()) for code in ("X.SH", "Y.SH", A)} == {A}


def test_baskets_and_universes_may_use_the_later_code(make_method):
    market = open_with(row("rename", new_security="X.SH"))
    own = fi.Baskets.from_frame(pd.DataFrame({"effective": ["2020-01-07"], "security": ["X.SH"], "index_shares": [5]}))
    assert fi.calculate(make_method(), market, own).weights("2020-01-07").to_dict() == {A: 1.0}
    twice = pd.DataFrame({"effective": "2020-01-07", "security": ["X.SH", A], "index_shares": 5})
    with pytest.raises(fi.FintechIndexError, match="600000.SH is twice in one basket, under two codes"):
        fi.calculate(make_method(), market, fi.Baskets.from_frame(twice))


def test_a_bad_value_is_said_once():
    with pytest.raises(MarketDataError) as caught:
        open_with(row("bonus", ratio=-1.0))
    assert len(caught.value.problems) == 1


def test_two_changes_of_counts_on_one_day_contradict_each_other():
    with pytest.raises(MarketDataError, match="another change of this day has other counts"):
        open_with(row("issuance", total=100, free_float=50), row("cancellation", total=90, free_float=50))


def test_a_correction_cannot_take_back_more_than_there_was():
    back = {"kind": "dividend_correction", "original_ex_date": "2020-01-07"}
    half = row(**back, ex_date="2020-01-08", cash=-0.06)
    open_with(row("cash_dividend", cash=0.1), half)
    with pytest.raises(MarketDataError, match="takes back more than the dividend of 2020-01-07 was"):
        open_with(row("cash_dividend", cash=0.1), half, half | {"ex_date": "2020-01-09"})


def test_a_correction_of_two_dividends_cannot_be_told():
    paid = [row("cash_dividend", cash=0.1), row("special_dividend", cash=0.1)]
    with pytest.raises(MarketDataError, match="a correction cannot say of which it is"):
        open_with(*paid, row("dividend_correction", ex_date="2020-01-08", cash=0.1, original_ex_date="2020-01-07"))


def test_a_forgotten_dividend_is_noticed():
    market = open_with(row("dividend_correction", ex_date="2020-01-08", cash=0.1, original_ex_date="2020-01-07"))
    assert market.notices == ()  # its own ex-date is after the data
    prices = pd.concat([pd.DataFrame(PRICES), pd.DataFrame({"date": ["2020-01-08"], "security": [A], "close": [10.0]})])
    correction = row("dividend_correction", ex_date="2020-01-08", cash=0.1, original_ex_date="2020-01-07")
    market = fi.MarketData.from_tables(prices, actions=pd.DataFrame([correction]))
    assert market.notices == (
        f"{A}: there is no dividend of 2020-01-07 to correct; its correction is taken as one that was forgotten",
    )


def test_an_acquirer_by_a_code_that_it_does_not_have_yet():
    rename = row("rename", ex_date="2020-01-08", new_security="X.SH")
    with pytest.raises(MarketDataError, match="the acquirer 'X.SH' has this code from 2020-01-08 on only"):
        open_with(row("merger", B, acquirer="X.SH", ratio=1.0), rename)


def test_nothing_happens_to_a_security_after_it_has_left():
    with pytest.raises(MarketDataError, match="a cash_dividend after the security has left on 2020-01-07"):
        open_with(row("delisting"), row("cash_dividend", ex_date="2020-01-08", cash=0.1))
    open_with(row("delisting"), row("cash_dividend", cash=0.1))  # of the day itself: nobody is paid


def test_two_companies_cannot_take_each_other_over():
    mutual = [row("merger", acquirer=B, ratio=1.0), row("merger", B, acquirer=A, ratio=1.0)]
    with pytest.raises(MarketDataError, match="600000.SH and 300001.SZ cannot take each other over on one day"):
        open_with(*mutual)


def test_who_trades_on_after_it_has_left_is_noticed():
    market = open_with(row("delisting"))
    assert market.notices == (f"{A} has left on 2020-01-07, and has prices up to 2020-01-07: they are not used",)


def test_a_ratio_that_may_be_upside_down_is_noticed():
    assert open_with(row("consolidation", ratio=1.05)).notices == (
        f"{A} on 2020-01-07: a consolidation of ratio 1.05 makes one share 1.05; is it meant?",
    )
    assert open_with(row("split", ratio=0.5)).notices == (
        f"{A} on 2020-01-07: a split of ratio 0.5 makes one share 0.5; is it meant?",
    )
    assert open_with(row("split", ratio=1.05), row("redenomination", ratio=0.97)).notices == ()
