"""Calls and tables that once raised something raw, hung, or gave a plausible answer: one of each kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fintech_index as fi
from fintech_index.errors import (
    CalculationError,
    CorporateActionError,
    FintechIndexError,
    MarketDataError,
    MethodologyError,
    OutcomeFileError,
    RequestError,
    VendorDataError,
)
from fintech_index.levels import _valuation
from fintech_index.market.importers import import_tushare
from fintech_index.methodology import shipped
from fintech_index.publication import read_outcomes
from safety.kill_points import DAYS, TOML, vendor

HUGE = 10**400


@pytest.mark.parametrize(
    "number", [HUGE, Decimal("1e999999999"), Fraction(1, 10**2_000), float("nan"), "ten", None, 1j]
)
def test_terms_of_a_reference_price(number):
    with pytest.raises(CorporateActionError, match="needs terms that are numbers"):
        fi.reference_price(number)
    with pytest.raises(CorporateActionError):
        fi.reference_price(10, cash=number)


def test_arguments_of_sweeps(xiangmihu, market):
    with pytest.raises(RequestError, match="changes must be a Mapping"):
        fi.variants(xiangmihu, ["selection.count"])
    with pytest.raises(RequestError, match="executor must have a method `submit`"):
        fi.sweep({"one": xiangmihu}, market, executor=5)
    with pytest.raises(RequestError, match="changes must be a Mapping"):
        fi.variants(xiangmihu, None)
    with pytest.raises(RequestError, match="the path of a key must be a str, not 5"):
        fi.variants(xiangmihu, {5: [1, 2]})


@pytest.mark.parametrize("name", [None, 5, [], float("nan"), dt.date(2020, 1, 1)])
def test_names_that_are_no_text(market, name):
    with pytest.raises(RequestError, match="the name of a rate must be a str"):
        market.rates(name)
    prices = pd.DataFrame({"date": ["2020-01-06"], "security": "A", "close": [1.0]})
    with pytest.raises(FintechIndexError, match=r"calendar must be a str|nothing is known of 'A'"):
        fi.MarketData.from_tables(prices, calendar=name)
    with pytest.raises(RequestError, match="the name of an index must be a str"):
        read_outcomes(Path("there"), name)


def test_outcomes_in_places_that_cannot_be(tmp_path):
    with pytest.raises(OutcomeFileError, match="name too long"):
        read_outcomes(tmp_path, "n" * 5_000)


@pytest.mark.parametrize("number", [Decimal("1e999999999"), Decimal("1e-999999999")])
def test_decimals_of_many_places(xiangmihu, number):
    with pytest.raises(RequestError, match="weights cannot be capped"):
        fi.cap([1, number], {"single_cap": 0.6})
    with pytest.raises(FintechIndexError):
        fi.variants(xiangmihu, {"weighting.single_cap": [np.datetime64("NaT")]})


def test_a_sweep_says_what_it_needs(xiangmihu, market, monkeypatch):
    many = {"selection.count": range(1, 1_001), "selection.reserve": range(1_000)}
    with pytest.raises(RequestError, match=r"200 s and 5.0 GB .* 1,000,000 variants of a sweep"):
        fi.variants(xiangmihu, many)
    monkeypatch.setenv("FINTECH_INDEX_MOST_SWEEP_BYTES", "1000")
    with pytest.raises(RequestError, match=r"the levels of 1 variants on 243 sessions: 1,944 bytes"):
        fi.sweep({"one": xiangmihu}, market)


@pytest.mark.parametrize("parent", ["p" * 5_000, "../secret", "x" * 64, "\x00"])
def test_parents_that_cannot_be(tmp_path, parent):
    (tmp_path / "it.toml").write_text(f'name = "it"\nparent = {parent!r}\nbase.date = 2020-01-02\n'.replace("'", '"'))
    with pytest.raises(MethodologyError) as error:
        fi.Methodology.load(tmp_path / "it.toml")
    assert len(str(error.value)) < 1_500


def test_paths_that_cannot_be_looked_at(tmp_path):
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    for path in (tmp_path / "loop.toml", tmp_path / ("n" * 300 + ".toml"), "x\x00.toml", tmp_path):
        with pytest.raises(FintechIndexError):
            fi.Methodology.load(path)
    for path in (tmp_path / "loop.toml", "n" * 5_000, tmp_path / "it.toml"):
        with pytest.raises(MarketDataError, match="there is no folder"):
            fi.MarketData.open(path)


def tables(**changed):
    given = {
        "prices": pd.DataFrame({"date": ["2020-01-06", "2020-01-07"], "security": "A.SH", "close": [10.0, 11.0]}),
        "shares": pd.DataFrame(
            {"effective": ["2020-01-01"], "security": "A.SH", "total": 9, "float": 9, "free_float": 9}
        ),
    }
    return fi.MarketData.from_tables(**(given | changed))


@pytest.mark.parametrize(
    "close",
    [
        pa.array([2**31 - 1, -(2**31)], pa.date32()),
        pa.array([[1.0], [2.0]]),
        pa.array([1e-10, 1.0]),
        pa.array(["1e-12", "1"]),
        pa.array([True, False]),
    ],
)
def test_closes_that_cannot_be(close):
    with pytest.raises(MarketDataError, match="prices, row 1: close is"):
        tables(prices=pa.table({"date": ["2020-01-06", "2020-01-07"], "security": ["A.SH"] * 2, "close": close}))


def test_a_number_that_no_table_holds():
    prices = pd.DataFrame({"date": ["2020-01-06"], "security": "A.SH", "close": pd.Series([HUGE], dtype=object)})
    with pytest.raises(MarketDataError, match=r"prices, row 1: close is .*which is not below 1e.18"):
        tables(prices=prices)


def test_days_beyond_the_calendar():
    """Arrow has days that Python has no date for."""
    days = pa.array([2**31 - 1, 18_000], pa.date32())
    with pytest.raises(MarketDataError, match=r"prices, row 1: date is .* which is not from 1800-01-01 on"):
        tables(prices=pa.table({"date": days, "security": ["A.SH"] * 2, "close": [1.0, 2.0]}))


@pytest.mark.parametrize(
    ("text", "count"),
    [("9007199254740993.0", 9_007_199_254_740_993), ("9007199254740993", 9_007_199_254_740_993), ("1e3", 1_000)],
)
def test_counts_are_read_in_full(text, count):
    shares = pd.DataFrame(
        {"effective": ["2020-01-01"], "security": "A.SH", "total": text, "float": text, "free_float": text}
    )
    market = tables(shares=shares)
    assert market.shares.total(np.array([0]), market.sessions[0]).tolist() == [count]


@pytest.mark.parametrize("text", ["1.5", "1e30", "9" * 5_000, "1e999999999", "nan", "inf", "0x10"])
def test_counts_that_are_none(text):
    shares = pd.DataFrame({"effective": ["2020-01-01"], "security": "A.SH", "total": text, "float": 1, "free_float": 1})
    with pytest.raises(MarketDataError, match=r"shares, row 1: total is"):
        tables(shares=shares)


def test_a_security_without_its_code_that_others_name():
    securities = pd.DataFrame(
        {"security": ["A.SH", None], "name": "x", "exchange": "XSHG", "board": "main", "currency": "CNY"}
    )
    actions = pd.DataFrame(
        {"ex_date": ["2020-01-07"], "security": "B.SH", "kind": "merger", "acquirer": "C.SH", "ratio": 1.0}
    )
    with pytest.raises(MarketDataError) as error:
        tables(securities=securities, actions=actions)
    said = str(error.value)
    assert "securities, row 2: security is null or NaN" in said
    assert "unknown security 'B.SH'" in said
    assert "unknown acquirer 'C.SH'" in said  # all of it at once


def test_vendors_tables(tmp_path):
    source = vendor(tmp_path / "vendor", DAYS)
    daily = pd.read_parquet(source / "daily.parquet")
    for name, frame in {
        "lists": daily.assign(close=[[1.0]] * len(daily)),
        "none": daily.rename(columns=lambda name: f"x{name}"),
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        frame.to_parquet(folder / "daily.parquet")
        (folder / "daily_basic.parquet").write_bytes((source / "daily_basic.parquet").read_bytes())
        with pytest.raises(VendorDataError):
            import_tushare(folder, tmp_path / "out")
    for separator in (";", "\t", "|"):
        folder = tmp_path / f"separated-{ord(separator)}"
        folder.mkdir()
        daily.to_csv(folder / "daily.csv", index=False, sep=separator)
        with pytest.raises(VendorDataError, match="columns are separated by"):
            import_tushare(folder, tmp_path / "out")
    table = pq.read_table(source / "daily.parquet").replace_schema_metadata({b"pandas": b"{"})
    pq.write_table(table, source / "daily.parquet")
    assert import_tushare(source, tmp_path / "out").sessions == len(DAYS)  # what pandas wrote there is not needed


@pytest.mark.parametrize("table", ["prices", "shares"])
def test_an_import_goes_on_from_its_own_files(tmp_path, table):
    import_tushare(vendor(tmp_path / "first", DAYS[:3]), tmp_path / "out")
    pd.read_parquet(tmp_path / "out" / f"{table}.parquet").to_csv(tmp_path / "out" / f"{table}.csv", index=False)
    (tmp_path / "out" / f"{table}.parquet").unlink()
    with pytest.raises(VendorDataError, match=f"an import writes {table}.parquet"):
        import_tushare(vendor(tmp_path / "second", DAYS), tmp_path / "out", append=True)


def test_dates_of_an_import_that_are_none(tmp_path):
    import_tushare(vendor(tmp_path / "first", DAYS[:3]), tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "prices.parquet")
    dates = pa.array(["2020-06-31"] * len(table))
    pq.write_table(table.set_column(0, "date", dates), tmp_path / "out" / "prices.parquet")
    with pytest.raises(VendorDataError, match="the column 'date' of prices cannot be read as dates"):
        import_tushare(vendor(tmp_path / "second", DAYS), tmp_path / "out", append=True)


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400", "ten", "9" * 500])
def test_corrections_that_cannot_be(tmp_path, value):
    source = vendor(tmp_path / "vendor", DAYS)
    day = dt.datetime.strptime(DAYS[0], "%Y%m%d").date()  # noqa: DTZ007
    for column in ("close", "volume"):
        (source / "corrections.csv").write_text(
            f"table,date,security,kind,column,value\nprices,{day},600000.SH,,{column},{value}\n"
        )
        with pytest.raises(VendorDataError, match="corrections that cannot be made"):
            import_tushare(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_market_values_that_are_not_finite(make_method, monkeypatch):
    """Prices are bounded, so that this takes a fault within; it is not published all the same."""
    monkeypatch.setattr(_valuation, "_add_up", lambda *_: np.full((1, 2), np.inf))
    prices = pd.DataFrame({"date": ["2020-01-06", "2020-01-07"], "security": "A.SH", "close": [1.0000001, 1.0]})
    with pytest.raises(CalculationError, match="is no finite number"):
        _ = fi.calculate(make_method(), tables(prices=prices)).levels


def test_states_made_in_python(history):
    from dataclasses import replace

    state = history.state("2020-06-12")
    one = state.constituents[0]
    for wrong in (
        {"divisors": state.divisors | {"price": Decimal("1e999999999")}},
        {"divisors": state.divisors | {"price": Decimal("nan")}},
        {"constituents": (replace(one, ratio=Fraction(10**5_000 + 1, 10**5_000)), *state.constituents[1:])},
        {"constituents": (replace(one, index_shares=2**62), *state.constituents[1:])},
        {"date": "2020-06-12"},
        {"closes": {}},
        {"paid": None},
    ):
        with pytest.raises(CalculationError, match="not the state of an index"):
            replace(state, **wrong)


def test_a_state_whose_shares_have_grown_beyond_an_integer(history, xiangmihu, market):
    """Each number of it can be, and their product cannot: 2**61 index shares, of which each has become 8."""
    from dataclasses import replace

    state = history.state("2020-06-12")
    grown = replace(state.constituents[0], index_shares=2**61, ratio=Fraction(8))
    with pytest.raises(CalculationError, match="headroom exceeded"):
        fi.calculate(xiangmihu, market, resume=replace(state, constituents=(grown, *state.constituents[1:])))


def test_states_are_bound_to_their_rules_and_their_market(history, xiangmihu, market):
    state = history.state("2020-06-12")
    (other_rules,) = fi.variants(xiangmihu, {"weighting.single_cap": [0.05]}).values()
    with pytest.raises(CalculationError, match="calculated by other rules than the methodology now has"):
        fi.calculate(other_rules, market, resume=state)
    edited = state.to_json().replace(f'"{state.divisors["price"]}"', '"12345"')
    with pytest.raises(CalculationError, match="was changed after it was written"):
        fi.State.from_json(edited)
    folder = shipped("constituents", "market")
    prices = pd.read_parquet(folder / "prices.parquet")
    there = (prices["security"] == state.constituents[0].security) & (prices["date"].astype(str) == "2020-06-12")
    prices.loc[there, "close"] += 0.01
    other = fi.MarketData.from_tables(
        prices,
        shares=pd.read_parquet(folder / "shares.parquet"),
        actions=pd.read_csv(folder / "actions.csv"),
        securities=pd.read_csv(folder / "securities.csv"),
    )
    with pytest.raises(CalculationError, match=r"is of another market: 1 of the closes") as error:
        fi.calculate(xiangmihu, other, resume=state)
    assert f"{state.constituents[0].security}: closed at" in str(error.value)
    assert fi.calculate(xiangmihu, market, resume=state.under(xiangmihu)).levels.equals(
        history.levels.loc["2020-06-15":]
    )


def test_a_return_of_no_session(history):
    for start, end in (("2020-06-13", "2020-06-14"), ("2020-06-12", "2020-06-12")):
        with pytest.raises(RequestError, match="there is no session after"):
            history.contributions(start, end)


def test_the_toml_of_the_tests_is_one(tmp_path):
    (tmp_path / "tiny.toml").write_text(TOML)
    assert fi.Methodology.load(tmp_path / "tiny.toml").name == "tiny"
