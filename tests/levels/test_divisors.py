from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import CalculationError
from fintech_index.rounding import round_significant

VARIANTS = ("price", "gross", "net")


def test_the_amounts_reproduce_every_divisor(history):
    """D_t = round18(D_{t-1} x (C_{t-1} + amounts) / C_{t-1}), for every session and variant, and nothing else moves one."""
    amounts = history.divisor_changes.groupby(["date", "variant"])["amount"].sum().to_dict()
    for variant in VARIANTS:
        divisors = history.divisors[variant]
        for before, now in pairwise(divisors.index):
            closing = Fraction(history.market_values[before])
            opening = closing + Fraction(amounts.get((now, variant), 0))
            expected = (
                divisors[before]
                if opening == closing
                else round_significant(Fraction(divisors[before]) * opening / closing, 18)
            )
            assert divisors[now] == expected


def test_every_row_of_a_session_shows_the_divisor_that_it_ends_with(history):
    for row in history.divisor_changes.itertuples():
        assert row.divisor == history.divisors.loc[row.date, row.variant]


def test_the_causes_of_2020(history):
    changes = history.divisor_changes
    assert changes["cause"].value_counts().to_dict() == {
        "cash_dividend": 70,
        "review": 6,
    }  # 35 held ex-dates, gross and net
    assert set(changes[changes["variant"] == "price"]["cause"]) == {"review"}
    assert (changes[changes["cause"] == "review"]["security"] == "").all()


def test_the_chain_form_is_the_divisor_form(history):
    """I_t = I_{t-1} x closing value / opening value, as the Chinese providers publish it, to within the rounding of divisors."""
    amounts = history.divisor_changes.groupby(["date", "variant"])["amount"].sum().to_dict()
    for variant in VARIANTS:
        level = Fraction(1000)
        dates = history.levels.index
        for before, now in pairwise(dates):
            opening = Fraction(history.market_values[before]) + Fraction(amounts.get((now, variant), 0))
            level *= Fraction(history.market_values[now]) / opening
            published = Fraction(history.market_values[now]) / Fraction(history.divisors.loc[now, variant])
            assert float(level / published) == pytest.approx(1, abs=1e-15)


def test_the_level_does_not_move_when_holdings_change(make_method, make_market):
    """Closes stand still; two reviews, a bonus-free swap of everything: 1000 throughout."""
    market = make_market({"A.SH": [3.0] * 5, "B.SH": [7.0] * 5, "C.SH": [11.0] * 5})
    rows = [
        ("2020-01-06", "A.SH", 17),
        ("2020-01-08", "B.SH", 23),
        ("2020-01-08", "A.SH", 1),
        ("2020-01-10", "C.SH", 5),
    ]
    baskets = fi.Baskets.from_frame(pd.DataFrame(rows, columns=["effective", "security", "index_shares"]))
    history = fi.calculate(make_method(), market, baskets)
    assert (history.levels == 1000).all(axis=None)


def test_variants_are_in_order(history):
    assert (history.levels["price"] <= history.levels["net"]).all()
    assert (history.levels["net"] <= history.levels["gross"]).all()


def test_without_tax_net_is_gross(make_method, make_market):
    actions = [{"ex_date": "2020-01-07", "security": "A.SH", "kind": "cash_dividend", "cash": 0.5}]
    history = fi.calculate(make_method("returns.withholding_tax = 0"), make_market({"A.SH": [10.0, 9.6]}, actions))
    assert history.divisors["net"].tolist() == history.divisors["gross"].tolist() == [Decimal(10), Decimal("9.5")]
    assert history.levels["gross"].tolist() == [1000, 1010.5263]  # 9600 / 9.5


def test_chaining_on_published_levels(make_method, make_market):
    # Levels without decimals: 1000 x 7/3 = 2333.33, published 2333; then 2333 x 8/7, where the full level has 1000 x 8/3
    market = make_market({"A.SH": [3.0, 7.0, 8.0]}, free_float={"A.SH": 1})
    published = fi.calculate(make_method('chaining.on = "published"\nrounding.level_decimals = 0'), market)
    assert published.levels["price"].tolist() == [1000, 2333, 2666]  # 2333 x 8/7 = 2666.29
    assert fi.calculate(make_method("rounding.level_decimals = 0"), market).levels["price"].tolist() == [
        1000,
        2333,
        2667,
    ]
    causes = published.divisor_changes
    assert set(causes["cause"]) == {"published_level"}
    assert causes["amount"].tolist() == [0] * 6


def test_an_opening_value_that_is_not_positive_names_the_cause(make_method, make_market):
    market = make_market({"A.SH": [1.0, 1.0], "B.SH": [1.0, 1.0]})
    rows = [("2020-01-06", "A.SH", 1), ("2020-01-07", "B.SH", 0)]
    baskets = fi.Baskets.from_frame(pd.DataFrame(rows, columns=["effective", "security", "index_shares"]))
    with pytest.raises(
        CalculationError, match="the price opening value of 2020-01-07 is 0, which is not positive, after review"
    ):
        fi.calculate(make_method(), market, baskets)
