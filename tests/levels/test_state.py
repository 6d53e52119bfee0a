from __future__ import annotations

import json

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import CalculationError, RequestError
from fintech_index.methodology import shipped


@pytest.mark.parametrize(
    "date",
    [
        "2020-01-02",
        "2020-05-20",
        "2020-05-21",
        "2020-06-08",
        "2020-06-09",
        "2020-06-12",
        "2020-06-15",
        "2020-12-11",
        "2020-12-30",
    ],
)
def test_going_on_from_a_close_gives_the_bits_of_the_whole(history, xiangmihu, market, date):
    state = fi.State.from_json(history.state(date).to_json())
    assert state == history.state(date)
    rest = fi.calculate(xiangmihu, market, resume=state)
    after = history.levels.index > date
    assert rest.levels.equals(history.levels[after])
    assert rest.divisors.equals(history.divisors[after])
    assert rest.counts.equals(history.counts[after])
    assert rest.divisor_changes.equals(
        history.divisor_changes[history.divisor_changes["date"] > date].reset_index(drop=True)
    )
    assert rest.constituents("2020-12-31").equals(history.constituents("2020-12-31"))
    assert rest.state("2020-12-31") == history.state("2020-12-31")


def test_points_of_the_first_session_gone_on_with(history, xiangmihu, market):
    rest = fi.calculate(xiangmihu, market, resume=history.state("2020-06-12"))
    assert rest.explain("2020-06-15").equals(history.explain("2020-06-15"))
    with pytest.raises(RequestError, match="this history begins on 2020-06-15"):
        rest.constituents("2020-06-12")


def test_going_on_with_published_levels(make_method, make_market):
    market = make_market({"A.SH": [3.0, 7.0, 8.0, 9.5]}, free_float={"A.SH": 1})
    method = make_method('chaining.on = "published"\nrounding.level_decimals = 0')
    whole = fi.calculate(method, market)
    rest = fi.calculate(method, market, resume=whole.state("2020-01-07"))
    assert rest.levels.equals(whole.levels.iloc[2:])


def test_a_state_that_does_not_fit(history, xiangmihu, market, make_method):
    state = history.state("2020-06-12")
    with pytest.raises(CalculationError, match="the state is of 'xiangmihu', and the methodology of 'small'"):
        fi.calculate(make_method(), market, resume=state)
    with pytest.raises(RequestError, match="no session after 2020-12-31 to go on with"):
        fi.calculate(xiangmihu, market, resume=history.state("2020-12-31"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("share_decimals", -1),
        ("constituents", []),
        ("divisors", dict.fromkeys(("price", "gross", "net"), "1e400")),
        ("date", "never"),
    ],
)
def test_states_that_cannot_be(history, key, value):
    data = json.loads(history.state("2020-12-15").to_json()) | {key: value}
    with pytest.raises(CalculationError, match="not the state of an index"):
        fi.State.from_json(json.dumps(data))


@pytest.mark.parametrize(
    ("key", "value"), [("index_shares", "-1"), ("index_shares", str(10**30)), ("ratio", "0"), ("free_float", "1e30")]
)
def test_constituents_that_cannot_be(history, key, value):
    data = json.loads(history.state("2020-12-15").to_json())
    data["constituents"][0][key] = value
    with pytest.raises(CalculationError, match="not the state of an index"):
        fi.State.from_json(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"index": "x", "date": "never"}'])
def test_text_that_is_no_state(text):
    with pytest.raises(CalculationError, match="not the state of an index"):
        fi.State.from_json(text)


def test_going_on_needs_no_market_from_before_the_state(history, xiangmihu):
    folder = shipped("constituents", "market")
    prices = pd.read_parquet(folder / "prices.parquet")
    tail = fi.MarketData.from_tables(
        prices[prices["date"].astype(str) >= "2020-12-15"],
        shares=pd.read_parquet(folder / "shares.parquet"),
        actions=pd.read_csv(folder / "actions.csv"),
        securities=pd.read_csv(folder / "securities.csv"),
    )
    rest = fi.calculate(xiangmihu, tail, resume=history.state("2020-12-15"))
    assert rest.levels.equals(history.levels.loc["2020-12-16":])


def test_a_resumption_takes_a_state(xiangmihu, market, history):
    with pytest.raises(RequestError, match="resume must be a State"):
        fi.calculate(xiangmihu, market, resume=history.state("2020-12-15").to_json())
