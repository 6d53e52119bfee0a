"""Stores: what is kept of a folder, when it is built anew, and what can go wrong meanwhile."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError, RequestError
from fintech_index.market import _opening, _store, _store_check

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


def worth_knowing(market):
    """The notices of a market but for what became of its store."""
    return [text for text in market.notices if "store" not in text]


def resealed(store):
    """Let the manifest of a store say what is in it now: damage that no hash shows."""
    manifest = _store.manifest_of(store)
    (store / _store.MANIFEST).unlink()
    _store._seal(store, manifest)


def same(one, other):
    assert one.panel.values.tolist() == other.panel.values.tolist()
    assert (one.panel.decimals, one.panel.suspensions) == (other.panel.decimals, other.panel.suspensions)
    assert one.panel.first_session.tolist() == other.panel.first_session.tolist()
    assert one.sessions.tolist() == other.sessions.tolist()
    assert {name: days.tolist() for name, days in one.sessions_by_calendar.items()} == {
        name: days.tolist() for name, days in other.sessions_by_calendar.items()
    }
    for name in ("offsets", "running", "missing"):
        assert getattr(one.trading.sums, name).tolist() == getattr(other.trading.sums, name).tolist(), name
    assert list(one.actions) == list(other.actions)
    assert worth_knowing(one) == worth_knowing(other)
    assert one.securities.table.equals(other.securities.table)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("rows", [1, 7, 10**6])
def test_what_is_kept_is_what_is_read(tmp_path, monkeypatch, ending, rows):
    monkeypatch.setattr("fintech_index.market._building._ROWS_A_PART", rows)
    monkeypatch.setattr(_store_check, "KEPT", 1)  # so that small arrays are mapped as well
    monkeypatch.setattr(_store_check, "PART", 1 << 9)
    folder = folder_of(tmp_path / "data", ending=ending)
    read = fi.MarketData.open(folder, store=False)
    for _ in range(2):  # built, then opened
        kept = fi.MarketData.open(folder, store=tmp_path / "stores")
        same(kept, read)
        assert isinstance(kept.panel.values, np.memmap) or isinstance(kept.panel.values.base, np.memmap)
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
        again = fi.MarketData.open(folder)
        same(again, market)
        assert any("a store is built anew" in text for text in again.notices)
        assert stores(folder) == [market.content_hash]
        assert fi.MarketData.open(folder).notices == market.notices


@pytest.mark.parametrize("name", ["first", "gaps"])
def test_numbers_that_no_market_has_are_not_believed(folder, name):
    market = fi.MarketData.open(folder)
    path = folder / _store.FOLDER / market.content_hash / f"{name}.npy"
    array = np.load(path) + 10**6
    path.unlink()
    np.save(path, array)
    resealed(path.parent)
    same(fi.MarketData.open(folder), market)


def test_objects_are_not_loaded(folder):
    market = fi.MarketData.open(folder)
    path = folder / _store.FOLDER / market.content_hash / "first.npy"
    path.unlink()
    np.save(path, np.array([print] * 4, object), allow_pickle=True)
    resealed(path.parent)
    same(fi.MarketData.open(folder), market)


def test_a_read_only_folder_is_kept_in_the_users_cache(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    prepared = _store.prepared

    def refuse(place):
        if place.parent == folder:
            raise PermissionError(13, "Permission denied", str(place))
        return prepared(place)

    monkeypatch.setattr(_store, "prepared", refuse)
    market = fi.MarketData.open(folder)
    assert not (folder / _store.FOLDER).exists()
    assert [path.name for path in (tmp_path / "cache").glob("fintech-index/*/*")] == [market.content_hash]


def test_where_nothing_can_be_written_it_is_read(folder, monkeypatch):
    def refuse(place):
        raise PermissionError(13, "Permission denied", str(place))

    monkeypatch.setattr(_store, "prepared", refuse)
    market = fi.MarketData.open(folder)
    same(market, fi.MarketData.open(folder, store=False))
    assert [text for text in market.notices if "has no store" in text and "Permission denied" in text]


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
    assert len(found[0].splitlines()) == 4  # the row that is there twice as well
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
    assert [name for name in stores(folder) if name.startswith(".building-")]
    market = fi.MarketData.open(folder)
    assert stores(folder) == [market.content_hash]
    same(market, fi.MarketData.open(folder, store=False))


def test_what_is_not_ours_is_left_alone(folder, tmp_path):
    place = tmp_path / "stores"
    (place / "mine").mkdir(parents=True)
    (place / "mine" / "closes.npy").write_text("mine")
    (place / ("0" * 32)).mkdir()
    (place / ("0" * 32) / "closes.npy").write_text("mine too")
    (place / "link").symlink_to(folder)
    other = folder_of(tmp_path / "other", seed=7)
    markets = [fi.MarketData.open(each, store=place) for each in (folder, other)]
    folder_of(folder, sessions=41)
    now = fi.MarketData.open(folder, store=place)
    found = sorted(path.name for path in place.iterdir())
    assert found == sorted(["mine", "0" * 32, "link", markets[1].content_hash, now.content_hash])
    assert (place / "mine" / "closes.npy").read_text() == "mine"
    assert (place / ("0" * 32) / "closes.npy").read_text() == "mine too"
    assert (folder / "prices.parquet").exists()


def test_a_store_that_is_a_link_is_not_followed(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "closes.npy").write_text("mine")
    (folder / _store.FOLDER).symlink_to(tmp_path / "precious")
    fi.MarketData.open(folder)
    fi.MarketData.open(folder)
    assert [path.name for path in (tmp_path / "precious").iterdir()] == ["closes.npy"]
    with pytest.raises(MarketDataError, match="is a link, which is not followed"):
        fi.MarketData.open(folder, store=folder / _store.FOLDER)


def test_a_link_in_the_place_of_a_store(folder, tmp_path):
    market = fi.MarketData.open(folder)
    store = folder / _store.FOLDER / market.content_hash
    store.rename(tmp_path / "elsewhere")
    store.symlink_to(tmp_path / "elsewhere")
    again = fi.MarketData.open(folder)
    same(again, market)
    assert any("is no store of ours, and in the place of one" in text for text in again.notices)
    assert len(list((tmp_path / "elsewhere").iterdir())) > 5


@pytest.mark.parametrize("store", ["", 5])
def test_stores_that_cannot_be(folder, store):
    with pytest.raises(RequestError, match="store (is empty|must be a)"):
        fi.MarketData.open(folder, store=store)
    assert (folder / "prices.parquet").exists()


def test_any_byte_of_any_file_that_is_another(folder, whole):
    """Each file of a store with one bit flipped in turn, at its ends and somewhere between: none is believed."""
    market = fi.MarketData.open(folder)
    store = folder / _store.FOLDER / market.content_hash
    random = np.random.default_rng(5)
    for path in sorted(store.iterdir()):
        content = path.read_bytes()
        places = random.integers(len(content), size=25 if whole else 1).tolist()
        for at in (0, len(content) - 1, *places):
            damaged = bytearray((store / path.name).read_bytes())
            damaged[at] ^= 1 << int(random.integers(8))
            path.unlink()
            path.write_bytes(damaged)
            again = fi.MarketData.open(folder)
            same(again, market)
            assert any("built anew" in text for text in again.notices), (path.name, at)


@pytest.mark.parametrize("step", ["reserved", "save", "_seal", "mkdir"])
def test_a_disk_that_is_full(folder, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    home = {"reserved": "fintech_index.market._building", "save": "fintech_index.market._stored"}
    if step == "mkdir":
        place = folder / _store.FOLDER
        mkdir = type(folder).mkdir
        monkeypatch.setattr(
            type(folder), "mkdir", lambda path, *a, **k: full() if path.parent == place else mkdir(path, *a, **k)
        )
    else:
        monkeypatch.setattr(f"{home.get(step, 'fintech_index.market._store')}.{step}", full)
    market = fi.MarketData.open(folder)
    same(market, fi.MarketData.open(folder, store=False))
    if step != "reserved":  # then it is read as a whole, and kept all the same
        assert any("has no store: [Errno 28] No space left on device" in text for text in market.notices)
        assert stores(folder) == []


def test_nobody_of_that_number_and_no_home(folder, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def nobody(_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.expanduser", nobody)
    assert fi.MarketData.open(folder).notices == ()  # the folder's own place serves
    shutil.rmtree(folder / _store.FOLDER)
    (folder / _store.FOLDER).write_text("in the way")
    assert any("Could not determine home" in text for text in fi.MarketData.open(folder).notices)
