from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError
from fintech_index.methodology import shipped

FOLDER = shipped("constituents", "market")


@pytest.fixture(scope="module")
def tables():
    return {
        "prices": pd.read_parquet(FOLDER / "prices.parquet"),
        "actions": pd.read_csv(FOLDER / "actions.csv"),
        "securities": pd.read_csv(FOLDER / "securities.csv"),
    }


def adjusted(prices, actions, columns):
    """Back-adjust the columns of the securities with a bonus, to two decimals, as a vendor would hand them out."""
    prices = prices.copy()
    for row in actions[actions["kind"] == "bonus"].itertuples():
        before = (prices["security"] == row.security) & (prices["date"].astype(str) < row.ex_date)
        prices.loc[before, columns] = np.round(prices.loc[before, columns] / (1 + row.ratio), 2)
    return prices


def test_raw_prices_are_taken_with_and_without_pre_close(tables):
    fi.MarketData.from_tables(**tables)
    fi.MarketData.from_tables(**tables | {"prices": tables["prices"].drop(columns="pre_close")})


def test_adjusted_closes_beside_raw_reference_prices_are_refused(tables):
    prices = adjusted(tables["prices"], tables["actions"], ["close"])
    with pytest.raises(MarketDataError, match="prices look adjusted"):
        fi.MarketData.from_tables(**tables | {"prices": prices})


def test_everything_adjusted_is_refused(tables):
    prices = adjusted(tables["prices"], tables["actions"], ["close", "pre_close"])
    ex = tables["actions"][tables["actions"]["kind"] == "bonus"].set_index(["security", "ex_date"])["ratio"]
    for (
        security,
        date,
    ), ratio in ex.items():  # the reference price of an ex-date is that of adjusted closes: the close before
        at = (prices["security"] == security) & (prices["date"].astype(str) == date)
        prices.loc[at, "pre_close"] = prices.loc[at.shift(-1, fill_value=False), "close"].to_numpy()
        del ratio
    with pytest.raises(MarketDataError, match="show no ex-rights gap"):
        fi.MarketData.from_tables(**tables | {"prices": prices})


def test_adjusted_closes_alone_are_refused(tables):
    prices = adjusted(tables["prices"], tables["actions"], ["close"]).drop(columns="pre_close")
    with pytest.raises(MarketDataError, match="12 ex-dates of a ratio of 10% or more"):
        fi.MarketData.from_tables(**tables | {"prices": prices})


def test_rights_near_the_money_prove_nothing(make_market):
    # 10 to 9.9 looks like no ex-rights gap, and is none: (10 + 0.3 x 9.9) / 1.3 = 9.98
    rights = {"ex_date": "2020-01-07", "security": "A.SH", "kind": "rights", "ratio": 0.3, "price": 9.9}
    make_market({"A.SH": [10.0, 9.99, 9.9]}, [rights])


def test_two_ex_dates_before_one_session_prove_nothing(make_market):
    actions = [
        {"ex_date": "2020-01-11", "security": "A.SH", "kind": "split", "ratio": 2.0},
        {"ex_date": "2020-01-12", "security": "A.SH", "kind": "consolidation", "ratio": 0.5},
    ]
    make_market({"A.SH": [10.0] * 8}, actions)


def test_one_adjusted_security_with_nothing_but_dividends_is_refused(tables):
    """300033 paid 0.85 on 2020-04-02: closes ahead of it, adjusted, contradict what the exchange says of each day after."""
    prices = tables["prices"].copy()
    before = (prices["security"] == "300033.SZ") & (prices["date"].astype(str) < "2020-04-02")
    prices.loc[before, "close"] = np.round(prices.loc[before, "close"] - 0.85, 2)
    with pytest.raises(
        MarketDataError, match=r"300033.SZ: `pre_close` is not the close before on \d+ of \d+ ordinary sessions"
    ):
        fi.MarketData.from_tables(**tables | {"prices": prices})
