"""Markets as folders, and objects that go to another process."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import RequestError

DAYS = ["2021-04-06", "2021-04-07", "2021-04-08", "2021-04-09"]


def small(**more):
    prices = pd.DataFrame(
        {
            "date": np.repeat(DAYS, 2),
            "security": ["600031.SH", "000100.SZ"] * 4,
            "close": [34.12, 9.05, 33.0, np.nan, 33.5, np.nan, 33.75, 8.7],
            "volume": [100.0, 200, 300, np.nan, 500, np.nan, 700, 800],
        }
    )
    actions = {"ex_date": [DAYS[2]], "security": ["000100.SZ"], "kind": ["cash_dividend"], "cash": [0.12]}
    return fi.MarketData.from_tables(prices, {"600031.SH": 840, "000100.SZ": 1400}, actions, **more)


def levels(market, make_method):
    basket = {"effective": DAYS[:1] * 2, "security": ["600031.SH", "000100.SZ"], "index_shares": [10, 30]}
    return fi.calculate(make_method(base=DAYS[0]), market, fi.Baskets.from_frame(basket)).levels


def test_a_saved_market_opens_as_the_same(tmp_path, make_method):
    market = small()
    market.save(tmp_path / "own")
    again = fi.MarketData.open(tmp_path / "own")
    assert again.sessions.tolist() == market.sessions.tolist()
    assert (again.panel.values == market.panel.values).all()
    assert again.panel.suspensions == market.panel.suspensions
    assert levels(again, make_method).equals(levels(market, make_method))
    assert np.array_equal(again.quotes.volume, market.quotes.volume, equal_nan=True)
    with pytest.raises(RequestError, match="has tables already"):
        market.save(tmp_path / "own")


def test_the_embedded_market_is_saved_and_opened_to_the_digit(tmp_path, market, xiangmihu, history):
    market.save(tmp_path / "embedded")
    again = fi.calculate(xiangmihu, fi.MarketData.open(tmp_path / "embedded"))
    assert again.levels.equals(history.levels)
    assert again.divisor_changes.equals(history.divisor_changes)


def test_a_sessions_table_is_saved(tmp_path):
    small(sessions={"date": [*DAYS, "2021-04-12"]}).save(tmp_path / "own")
    again = fi.MarketData.open(tmp_path / "own")
    assert again.future_sessions.astype(str).tolist() == ["2021-04-12"]


def test_what_is_pickled_says_the_same(market, history):
    for thing in (market, history, history.baskets, history.state("2020-06-30"), small()):
        again = pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own
        assert type(again) is type(thing)
        assert repr(again) == repr(thing)
    again = pickle.loads(pickle.dumps(history))  # noqa: S301
    assert again.levels.equals(history.levels)
    assert again.holdings.equals(history.holdings)
    assert again.constituents("2020-12-31").equals(history.constituents("2020-12-31"))


def test_another_version_is_refused_by_name(monkeypatch, history):
    sent = [pickle.dumps(thing) for thing in (small(), history.baskets, history.state("2020-06-30"), history)]
    monkeypatch.setattr(fi, "__version__", "0.0.9")
    for each in sent:  # the first of what they are made of is named
        with pytest.raises(RequestError, match=r"a [A-Z]\w+ of fintech-index .* cannot be taken by 0\.0\.9"):
            pickle.loads(each)  # noqa: S301


def _last_level(given):
    market, method = given
    return fi.calculate(method, market).levels["price"].iloc[-1]


@pytest.mark.processes
def test_a_pool_of_processes_takes_a_market(market, xiangmihu, history):
    methods = [xiangmihu, xiangmihu.replace(**{"weighting.single_cap": "0.2"})]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_last_level, [(market, method) for method in methods]))
    assert found[0] == history.levels["price"].iloc[-1] != found[1]
