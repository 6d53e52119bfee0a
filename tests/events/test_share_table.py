"""What a session does to one share: worked out once for a market and a treatment, or left to the order of sessions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from fintech_index.errors import CorporateActionError
from fintech_index.events import IN_ORDER, share_table
from fintech_index.events import _share_table as module

DAYS = [day.date() for day in pd.bdate_range("2020-01-06", periods=6)]
BASE = 0


def on(session, security, kind, **terms):
    return {"ex_date": DAYS[session], "security": security, "kind": kind, **terms}


def effects(method, market, base=BASE):
    """The effect of each row of the table, None for those that go in the order of sessions."""
    table = share_table(method, market)
    numbers = table.numbers(method, market, np.arange(len(table.rows)), base)
    return [None if number == IN_ORDER else table.effects[number] for number in numbers.tolist()]


def test_a_dividend_and_a_bonus_of_one_day_by_hand(make_method, make_market):
    """10 for 10 shares: 0.5 a share is paid on each share before its bonus of 0.3, and the net return loses 10 %."""
    actions = [on(2, "A.SH", "cash_dividend", cash=0.5), on(2, "A.SH", "bonus", ratio=0.3)]
    market = make_market({"A.SH": [10.0, 10.0, 7.3, 7.3]}, actions)
    (effect,) = effects(make_method(), market)
    assert (effect.growth, effect.float_growth, effect.pays) == (Fraction(13, 10), Fraction(13, 10), True)
    (amount,) = effect.amounts
    assert amount == ("cash_dividend", 0, Fraction("-0.5"), Fraction("-0.45"))


def test_rights_go_by_the_close_before_them(make_method, make_market):
    """3 for 10 at 8: taken up where the share is at 10, and left alone where it is at 7."""
    actions = [on(2, who, "rights", ratio=0.3, price=8.0) for who in ("A.SH", "B.SH")]
    taken, left = effects(make_method(), make_market({"A.SH": [10.0] * 6, "B.SH": [7.0] * 6}, actions))
    assert taken.growth == Fraction(13, 10)
    assert taken.amounts[0].price == Fraction("2.4")  # 0.3 shares at 8
    assert (left.growth, left.amounts) == (1, ())


@pytest.mark.parametrize(
    ("actions", "rule"),
    [
        ([on(2, "A.SH", "spin_off", child="B.SH", ratio=0.5)], ""),
        ([on(2, "A.SH", "restructuring", price=9.0)], ""),
        ([on(2, "A.SH", "cash_dividend", cash=0.5), on(2, "A.SH", "bonus", ratio=0.3)], 'actions.basis = "sequential"'),
        ([on(2, "A.SH", "cash_dividend", cash=0.5)], 'returns.dividends = "points"'),
        ([on(2, "A.SH", "cash_dividend", cash=0.5)], 'actions.reference_price = "exchange"'),
        ([on(2, "A.SH", "cash_dividend", cash=0.5)], 'weighting.by = "price"'),
    ],
)
def test_what_goes_in_the_order_of_sessions(make_method, make_market, actions, rule):
    market = make_market({"A.SH": [10.0, 10.0, 7.3, 7.3], "B.SH": [5.0] * 4}, actions)
    assert effects(make_method(rule), market) == [None]


def test_dividends_that_are_corrected_later_go_in_order_all_of_them(make_method, make_market):
    actions = [
        on(2, "A.SH", "cash_dividend", cash=0.5),
        on(4, "A.SH", "dividend_correction", cash=0.1, original_ex_date=DAYS[2]),
        on(2, "B.SH", "cash_dividend", cash=0.5),
    ]
    found = effects(make_method(), make_market({"A.SH": [10.0] * 6, "B.SH": [5.0] * 6}, actions))
    assert [each is None for each in found] == [True, True, False]


def test_the_same_terms_are_worked_out_once(make_method, make_market, monkeypatch):
    """Six dividends of 0.5 and one of 0.25; one of 4 is near the close of 5, so that its price is looked at."""
    actions = [on(at, who, "cash_dividend", cash=0.5) for who in ("A.SH", "B.SH") for at in (1, 2, 3)]
    actions += [on(4, "A.SH", "cash_dividend", cash=0.25), on(4, "B.SH", "cash_dividend", cash=4.0)]
    market, asked = make_market({"A.SH": [10.0] * 6, "B.SH": [5.0] * 6}, actions), []
    rule = module.share_effect

    def counted(method, market, security, days, **base):
        asked.append(days[0].actions[0].cash)
        return rule(method, market, security, days, **base)

    monkeypatch.setattr(module, "share_effect", counted)
    assert all(effects(make_method(), market))
    assert sorted(asked) == [Fraction("0.25"), Fraction("0.5"), 4]
    assert all(effects(make_method(), market))  # another methodology of the same treatment finds the table
    assert len(asked) == 3


def test_an_action_with_the_first_price_is_for_a_base_alone(make_method, make_market):
    market = make_market({"A.SH": [None, None, 10.0, 10.0], "B.SH": [5.0] * 4}, [on(2, "A.SH", "bonus", ratio=0.3)])
    (effect,) = effects(make_method(), market, base=2)
    assert effect.growth == Fraction(13, 10)
    with pytest.raises(CorporateActionError, match="A.SH has an action on 2020-01-08 and no close before it"):
        effects(make_method(), market, base=0)  # what was allowed once is not remembered
