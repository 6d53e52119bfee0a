"""Stores: what is kept of a folder, when it is built anew, and what can go wrong meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError
from fintech_index.market import _opening, _store

CODES = ("000001.SZ", "600000.SH", "00700.HK", "300001.SZ")


def folder_of(path, *, sessions=40, seed=1, ending="parquet"):
    """A folder of four securities with suspensions, amounts (some missing), reference prices and actions."""
    random = np.random.default_rng(seed)
    dates = pd.bdate_range("2020-01-02", periods=sessions)
    rows = [
        (day, code, round(10 + place + at / 100, 2), 1e6 + at if random.random() > 0.1 else None)
        for at, day in enumerate(dates)
        for place, code in enumerate(CODES)
        if place == 0 or random.random() > 0.2
    ]
    prices = pd.DataFrame(rows, columns=["date", "security", "close", "amount"]).sample(frac=1, random_state=seed)
    prices["pre_close"] = prices.sort_values("date").groupby("security")["close"].shift()
    path.mkdir(parents=True, exist_ok=True)
    tables = {
        "prices": prices,
        "securities": pd.DataFrame(
            {
                "security": CODES,
                "name": CODES,
                "exchange": ["XSHE", "XSHG", "XHKG", "XSHE"],
                "board": "main",
                "currency": ["CNY", "CNY", "HKD", "CNY"],
            }
        ),
        "shares": pd.DataFrame(
            {"effective": dates[0], "security": CODES, "total": 200, "float": 150, "free_float": 100}
        ),
        "actions": pd.DataFrame(
            {"ex_date": [dates[20], dates[25]], "security": CODES[:2], "kind": "cash_dividend", "cash": [0.1, 0.2]}
        ),
        "fx": pd.DataFrame({"date": dates, "currency": "HKD", "rate": 0.9}),
    }
    for name, table in tables.items():
        if ending == "csv":
            table.to_csv(path / f"{name}.csv", index=False)
        else:
            table.to_parquet(path / f"{name}.parquet")
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_opening, "STORED_FROM", 1)
    return folder_of(tmp_path / "data")


def stores(folder):
    return sorted(path.name for path in (folder / _store.FOLDER).iterdir())


def same(one, other):
    assert one.panel.values.tolist() == other.panel.values.tolist()
    assert (one.panel.decimals, one.panel.gaps) == (other.panel.decimals, other.panel.gaps)
    assert one.panel.first.tolist() == other.panel.first.tolist()
    assert one.sessions.tolist() == other.sessions.tolist()
    assert {name: days.tolist() for name, days in one.open_on.items()} == {
        name: days.tolist() for name, days in other.open_on.items()
    }
    for name in ("offsets", "running", "missing"):
        assert getattr(one.trading.sums, name).tolist() == getattr(other.trading.sums, name).tolist(), name
    assert list(one.actions) == list(other.actions)
    assert one.notices == other.notices
    assert one.securities.table.equals(other.securities.table)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("rows", [1, 7, 10**6])
def test_what_is_kept_is_what_is_read(tmp_path, monkeypatch, ending, rows):
    monkeypatch.setattr("fintech_index.market._building._ROWS_A_PART", rows)
    folder = folder_of(tmp_path / "data", ending=ending)
    read = fi.MarketData.open(folder, store=False)
    for _ in range(2):  # built, then opened
        kept = fi.MarketData.open(folder, store=tmp_path / "stores")
        same(kept, read)
        assert isinstance(kept.panel.values.base, np.memmap)
        assert not kept.panel.values.flags.writeable
        assert kept.content_hash == read.content_hash


def test_small_folders_have_no_store(tmp_path):
    folder = folder_of(tmp_path / "data")
    fi.MarketData.open(folder)
    assert not (folder / _store.FOLDER).exists()


def test_another_content_is_built_anew(folder):
    before = fi.MarketData.open(folder)
    (kept,) = stores(folder)
    assert kept == before.content_hash
    folder_of(folder, sessions=41)
    after = fi.MarketData.open(folder)
    assert len(after.sessions) == 41
    assert stores(folder) == [after.content_hash] != [kept]


def test_a_damaged_store_is_built_anew(folder):
    market = fi.MarketData.open(folder)
    closes = folder / _store.FOLDER / market.content_hash / "closes.npy"
    for damage in (b"", closes.read_bytes()[:-1], b"\x93NUMPY" + bytes(500)):
        closes.unlink()  # it may be mapped
        closes.write_bytes(damage)
        same(fi.MarketData.open(folder), market)
        assert stores(folder) == [market.content_hash]


@pytest.mark.parametrize("name", ["first", "gaps"])
def test_numbers_that_no_market_has_are_not_believed(folder, name):
    market = fi.MarketData.open(folder)
    path = folder / _store.FOLDER / market.content_hash / f"{name}.npy"
    array = np.load(path) + 10**6
    path.unlink()
    np.save(path, array)
    same(fi.MarketData.open(folder), market)


def test_objects_are_not_loaded(folder):
    market = fi.MarketData.open(folder)
    path = folder / _store.FOLDER / market.content_hash / "first.npy"
    path.unlink()
    np.save(path, np.array([print] * 4, object), allow_pickle=True)
    same(fi.MarketData.open(folder), market)


def test_a_read_only_folder_is_kept_in_the_users_cache(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    writable = _store._can_be_written
    monkeypatch.setattr(_store, "_can_be_written", lambda place: place.parent != folder and writable(place))
    market = fi.MarketData.open(folder)
    assert not (folder / _store.FOLDER).exists()
    assert [path.name for path in (tmp_path / "cache").glob("fintech-index/*/*")] == [market.content_hash]


def test_where_nothing_can_be_written_it_is_read(folder, monkeypatch):
    monkeypatch.setattr(_store, "_can_be_written", lambda _: False)
    same(fi.MarketData.open(folder), fi.MarketData.open(folder, store=False))


def test_problems_are_reported_together_and_in_the_same_words(folder):
    prices = pd.read_parquet(folder / "prices.parquet")
    prices.loc[prices.index[3], "close"] = -1
    prices.loc[prices.index[9], "security"] = "600001.SH"
    pd.concat([prices, prices.iloc[:1]]).to_parquet(folder / "prices.parquet")
    found = []
    for store in (False, True):
        with pytest.raises(MarketDataError) as error:
            fi.MarketData.open(folder, store=store)
        found.append(str(error.value))
    assert found[0] == found[1]
    assert len(found[0].splitlines()) == 3
    assert stores(folder) == []


def test_tables_that_change_while_they_are_read(folder, monkeypatch):
    hashes = (f"{number:032x}" for number in range(1000))
    monkeypatch.setattr(_store, "content_hash", lambda _: next(hashes))
    with pytest.raises(MarketDataError, match="change while they are read"):
        fi.MarketData.open(folder)
    assert stores(folder) == []


def test_a_time_in_the_past_has_no_store(folder):
    fi.MarketData.open(folder, as_of="2021-01-01")
    assert not (folder / _store.FOLDER).exists()


OPEN = """
import sys, time
import numpy as np
import fintech_index as fi
from fintech_index.market import _opening, _stored
_opening.STORED_FROM = 1
if "slow" in sys.argv:
    save = _stored.save
    def slow(*given):
        save(*given)
        print("saved", flush=True)
        time.sleep(60)
    _stored.save = slow
print(int(fi.MarketData.open(sys.argv[1]).panel.values.sum()))
"""


def opening(folder, *more):
    return subprocess.Popen([sys.executable, "-c", OPEN, str(folder), *more], stdout=subprocess.PIPE, text=True)


@pytest.mark.processes
def test_two_processes_build_one_store(folder):
    both = [opening(folder) for _ in range(2)]
    sums = [process.communicate(timeout=120)[0].strip() for process in both]
    market = fi.MarketData.open(folder)
    assert sums == [str(market.panel.values.sum())] * 2
    assert stores(folder) == [market.content_hash]


@pytest.mark.processes
def test_a_build_that_is_killed_leaves_nothing_that_matters(folder):
    process = opening(folder, "slow")
    assert process.stdout.readline() == "saved\n"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    (left,) = stores(folder)
    assert left.startswith(".building-")
    market = fi.MarketData.open(folder)
    assert stores(folder) == [market.content_hash]
    same(market, fi.MarketData.open(folder, store=False))


def test_who_is_still_building_is_left_alone(folder):
    market = fi.MarketData.open(folder)
    place = folder / _store.FOLDER
    at_work, old = place / f".building-{os.getpid()}-aa", place / f".building-{os.getpid()}-bb"
    for path in (at_work, old):
        path.mkdir()
    os.utime(old, (time.time() - 100_000,) * 2)
    shutil.rmtree(place / market.content_hash)
    fi.MarketData.open(folder)
    assert stores(folder) == [at_work.name, market.content_hash]
