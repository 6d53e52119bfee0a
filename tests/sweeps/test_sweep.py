"""Every level of a sweep is the one that `calculate` gives for its variant alone."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import io
import multiprocessing

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index._kernels import dispatch
from fintech_index.errors import CalculationError, RequestError
from fintech_index.methodology._loading import parse
from fintech_index.sweeps import _batch, _sweep
from fintech_index.sweeps.nested import nested_levels
from sweep_worlds import RULES, dividend, market_of, same_as_alone

COUNTS, CAPS = [3, 4, 8, 30], ["0.12", "0.25", "0.3", "0.334", None]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("unequal", [0.1, 1.0])
def test_nested_variants(monkeypatch, compiled, unequal):
    monkeypatch.setattr(dispatch, "loaded", lambda: compiled)
    base, market = parse(RULES, where="test"), market_of(1, unequal=unequal)
    caps = [None if cap is None else float(cap) for cap in CAPS]
    variants = fi.variants(base, {"selection.count": COUNTS, "weighting.single_cap": caps})
    swept = same_as_alone(variants, market)
    # 3 x 0.12, 4 x 0.12, 8 x 0.12, 3 x 0.25 and 3 x 0.3 are less than 1
    assert len(swept.refused) == 5
    assert all("the caps cannot be met" in why for why in swept.refused.values())


def test_nested_variants_are_calculated_together(monkeypatch):
    base, market = parse(RULES, where="test"), market_of(2)
    variants = fi.variants(base, {"selection.count": [4, 8], "weighting.single_cap": [0.3, None]})
    monkeypatch.setattr(_batch, "calculate_baskets", None)  # nobody is alone
    assert fi.sweep(variants, market).levels.shape[1] == 4


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    counts=st.lists(st.integers(1, 30), min_size=2, max_size=4, unique=True),
    caps=st.lists(
        st.sampled_from([0.04, 0.05, 0.1, 0.125, 0.2, 0.25, 0.5, 1.0, None]), min_size=1, max_size=3, unique=True
    ),
    decimals=st.integers(0, 3),
    unequal=st.sampled_from([0.0, 0.2, 1.0]),
)
def test_nested_families(seed, counts, caps, decimals, unequal):
    rules = f"{RULES}\nrounding.share_decimals = {decimals}\nrounding.level_decimals = {2 * decimals}"
    market = market_of(seed, sessions=95, unequal=unequal)
    variants = fi.variants(parse(rules, where="test"), {"selection.count": counts, "weighting.single_cap": caps})
    swept = same_as_alone(variants, market)
    assert all("the caps cannot be met" in why for why in swept.refused.values())


def test_levels_that_are_near_a_tie_are_decided_by_integers(monkeypatch):
    """Without decimals of levels and with a base of 2 every level is near one."""
    monkeypatch.setattr("fintech_index._kernels._levels.NEAR_A_TIE", 0.5)
    monkeypatch.setattr(dispatch, "loaded", lambda: False)
    base = parse(f"{RULES}\nbase.value = 2\nrounding.level_decimals = 1", where="test")
    same_as_alone(fi.variants(base, {"selection.count": [4, 8], "weighting.single_cap": [0.3, None]}), market_of(3))


@pytest.mark.parametrize(
    "changes",
    [
        {"selection.buffer": [{"enter": 0.8, "stay": 1.2}, None]},
        {"selection.turnover_limit": [0.2, 0.4]},
        {"review.months": [[4], [5]]},
        {"weighting.by": ["equal", "free_float_cap", "price"]},
        {"weighting.large": [{"over": 0.1, "cap": 0.6}, None]},
        {"chaining.on": ["published", "full"], "selection.count": [4, 5]},
        {"ranking.by": ["total_cap", "free_float_cap"], "selection.count": [4, 5]},
    ],
)
def test_variants_of_other_kinds(changes):
    base, market = parse(RULES, where="test"), market_of(4)
    same_as_alone(fi.variants(base, changes), market)


@pytest.mark.parametrize("returns", ["price", "gross", "net"])
def test_with_dividends(returns):
    market = market_of(5, actions=[dividend(f"6{at:05d}.SH", "2020-03-10") for at in range(30)])
    variants = fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8], "weighting.single_cap": [0.3, None]})
    same_as_alone(variants, market, returns)


def test_actions_before_the_first_price_date_do_not_matter():
    market = market_of(6, actions=[dividend("600001.SH", "2020-01-10")])
    variants = fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]})
    assert nested_levels(variants, market, "price").names == list(variants)
    same_as_alone(variants, market)


def test_variants_with_other_base_dates_stand_side_by_side():
    market = market_of(7)
    variants = fi.variants(parse(RULES, where="test"), {"base.date": [dt.date(2020, 1, 31), dt.date(2020, 3, 2)]})
    swept = same_as_alone(variants, market)
    assert swept.levels.isna().sum().tolist() == [0, 21]


def test_the_summary():
    swept = fi.sweep(fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]}), market_of(8))
    assert swept.summary.index.tolist() == list(swept.levels.columns)
    one = swept.levels["selection.count=4"]
    first = swept.summary.iloc[0]
    assert first["level"] == one.iloc[-1]
    assert first["period_return"] == one.iloc[-1] / 1000 - 1  # from the base
    assert first["drawdown"] == pytest.approx((1 - one / one.cummax()).max())
    assert repr(swept) == "<Sweep: 2 variants, 89 sessions, price>"


def test_a_progress_bar_where_it_is_asked_for(capsys, monkeypatch):
    variants = fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]})
    fi.sweep(variants, market_of(9))
    assert capsys.readouterr() == ("", "")
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", screen)
    fi.sweep(variants, market_of(9))
    assert "2/2" in screen.getvalue()


@pytest.mark.parametrize(
    ("variants", "returns", "message"),
    [
        ({}, "price", "no variants"),
        ({"one": "xiangmihu"}, "price", "mapping of names to methodologies"),
        (None, "total", "returns are price, gross, net"),
        (["xiangmihu"], "price", "variants must be a Mapping"),
    ],
)
def test_requests_that_cannot_be(make_method, variants, returns, message):
    with pytest.raises(RequestError, match=message):
        fi.sweep({"one": make_method()} if variants is None else variants, market_of(1), returns=returns)


class AtOnce(concurrent.futures.Executor):
    """Runs a task when it is submitted, and remembers what it was given."""

    def __init__(self):
        self.given = []

    def submit(self, task, *given):
        self.given.append((task, given))
        future = concurrent.futures.Future()
        future.set_result(task(*given))
        return future


def on_disk(folder, seed=10):
    market = market_of(seed)
    folder.mkdir()
    dates = np.repeat(market.sessions, len(market.securities)).astype("datetime64[s]")
    closes = market.panel.values.T.ravel() / market.panel.unit
    codes = np.tile(market.securities.codes, len(market.sessions))
    pd.DataFrame({"date": dates, "security": codes, "close": closes}).to_parquet(folder / "prices.parquet")
    market.securities.table.to_pandas().to_parquet(folder / "securities.parquet")
    total = market.shares.total(np.arange(30), market.sessions[0])
    free = market.shares.free_float(np.arange(30), market.sessions[0])
    shares = {"effective": market.sessions[0].item(), "security": market.securities.codes, "total": total}
    pd.DataFrame(shares | {"float": total, "free_float": free}).to_parquet(folder / "shares.parquet")
    pd.DataFrame({"ex_date": [], "security": [], "kind": []}).to_csv(folder / "actions.csv", index=False)
    return fi.MarketData.open(folder)


CHANGES = {
    "selection.count": [4, 8],
    "selection.buffer": [None, {"enter": 0.75, "stay": 1.25}],
    "weighting.single_cap": [0.2, 0.3, None],
}


def test_tasks_carry_a_path_and_a_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(_sweep, "_ONE_BY_ONE", 2)
    market, variants = on_disk(tmp_path / "data"), fi.variants(parse(RULES, where="test"), CHANGES)
    executor = AtOnce()
    there, here = fi.sweep(variants, market, executor=executor), fi.sweep(variants, market)
    assert there.levels.equals(here.levels)
    assert there.refused == here.refused != {}
    assert [task for task, _ in executor.given] == [_batch.calculate_stored] * 4  # 6 nested, 6 two by two
    assert {given[1:3] for _, given in executor.given} == {((tmp_path / "data").resolve(), market.content_hash)}


def test_a_market_in_memory_stays_here():
    variants = fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]})
    with pytest.raises(RequestError, match="other processes open the market themselves"):
        fi.sweep(variants, market_of(1), executor=AtOnce())


def test_tables_that_are_others_over_there(tmp_path):
    market, variants = on_disk(tmp_path / "data"), fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]})
    prices = pd.read_parquet(tmp_path / "data" / "prices.parquet")
    prices.assign(close=prices["close"] + 1).to_parquet(tmp_path / "data" / "prices.parquet")
    with pytest.raises(CalculationError, match="the tables have another content here"):
        fi.sweep(variants, market, executor=AtOnce())


def test_workers_that_die(tmp_path):
    class Dead(AtOnce):
        def submit(self, *_):
            future = concurrent.futures.Future()
            future.set_exception(concurrent.futures.BrokenExecutor("terminated abruptly"))
            return future

    market, variants = on_disk(tmp_path / "data"), fi.variants(parse(RULES, where="test"), {"selection.count": [4, 8]})
    with pytest.raises(CalculationError, match='mp_context=multiprocessing.get_context."forkserver"'):
        fi.sweep(variants, market, executor=Dead())


@pytest.mark.processes
def test_a_pool_of_processes_gives_the_same_bits(tmp_path):
    market, variants = on_disk(tmp_path / "data"), fi.variants(parse(RULES, where="test"), CHANGES)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
        there = fi.sweep(variants, market, executor=pool)
    assert there.levels.equals(fi.sweep(variants, market).levels)


@pytest.mark.cluster
def test_a_dask_cluster_gives_the_same_bits(tmp_path):
    distributed = pytest.importorskip("distributed")
    market, variants = on_disk(tmp_path / "data"), fi.variants(parse(RULES, where="test"), CHANGES)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = fi.sweep(variants, market, executor=client.get_executor())
    assert there.levels.equals(fi.sweep(variants, market).levels)
    assert there.refused == fi.sweep(variants, market).refused
