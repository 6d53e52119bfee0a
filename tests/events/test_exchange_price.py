"""`actions.reference_price` = "exchange": the exchange's own figure, and the ticked one where it is not known."""

from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi

DAYS = ["2021-06-08", "2021-06-09", "2021-06-10"]
RULE = 'actions.reference_price = "exchange"'


@pytest.mark.parametrize(
    ("pre_close", "level"),
    [
        (19.52, 1000 * 19.91 / 19.52),  # one cent more than 20 less 0.49: some shares take no part
        (None, 1000 * 19.91 / 19.51),
    ],
)
def test_the_gross_return_is_from_the_exchanges_price(make_method, pre_close, level):
    prices = pd.DataFrame(
        {"date": DAYS, "security": "601012.SH", "close": [20.0, 20.0, 19.91], "pre_close": [20.0, 20.0, pre_close]}
    )
    actions = {"ex_date": [DAYS[2]], "security": ["601012.SH"], "kind": ["cash_dividend"], "cash": [0.49]}
    basket = fi.Baskets.from_frame({"effective": DAYS[:1], "security": ["601012.SH"], "index_shares": [100]})
    market = fi.MarketData.from_tables(prices, actions=actions)
    history = fi.calculate(make_method(RULE, base=DAYS[0]), market, basket)
    assert history.levels["gross"].iloc[-1] == round(level, 4)
