from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import VendorDataError
from vendors import ACTIONS, DAYS, ISO, A, imported, rows_of, with_late_bonus


@pytest.mark.parametrize(("moves_on", "suspended"), [(3, ()), (5, ()), (4, (2, 3)), (8 - 1, (1, 2, 3))])
def test_day_by_day_gives_what_the_whole_gives(vendor, plain, tmp_path, moves_on, suspended):
    tables = with_late_bonus(plain, moves_on=moves_on, suspended=suspended)
    tables["daily"] += [dict(row, ts_code="300001.SZ") for row in tables["daily"]]
    other = [dict(tables["daily"][0], ts_code="000002.SZ", trade_date=day, close=5.0) for day in DAYS]
    tables["daily"] += other  # so that every day is a session
    tables["daily_basic"] += [basic | {"ts_code": "300001.SZ"} for basic in tables["daily_basic"]]
    tables["daily_basic"] += [
        dict(tables["daily_basic"][0], ts_code="000002.SZ", trade_date=day, close=5.0, free_share=50.0) for day in DAYS
    ]
    (tmp_path / "actions.csv").write_text(ACTIONS)
    options = {"actions": tmp_path / "actions.csv"}
    whole, _ = imported(vendor(**tables), tmp_path / "whole", **options)
    for day in DAYS:
        of_day = {name: [row for row in tables[name] if row["trade_date"] == day] for name in ("daily", "daily_basic")}
        done, _ = imported(vendor(**of_day), tmp_path / "daily", append=day != DAYS[0], **options)
    assert (done.securities, done.sessions) == (whole.securities, whole.sessions)
    for name in ("prices", "shares"):
        one, other = (pd.read_parquet(tmp_path / each / f"{name}.parquet") for each in ("whole", "daily"))
        pd.testing.assert_frame_equal(one, other)
    for name in ("securities", "actions"):
        assert (tmp_path / "whole" / f"{name}.csv").read_text() == (tmp_path / "daily" / f"{name}.csv").read_text()


def test_appending_keeps_the_users_files_and_goes_through_a_link(vendor, plain, tmp_path):
    first = {name: [row for row in plain[name] if row["trade_date"] < DAYS[4]] for name in ("daily", "daily_basic")}
    imported(vendor(**first), tmp_path / "real")
    (tmp_path / "real" / "fx.csv").write_text("date,currency,rate\n")
    (tmp_path / "real" / "notes").mkdir()
    (tmp_path / "real" / "notes" / "mine.md").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    done, _ = imported(vendor(**plain), tmp_path / "link", append=True)
    assert done.sessions == 8
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "fx.csv").read_text() == "date,currency,rate\n"
    assert (tmp_path / "real" / "notes" / "mine.md").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real", "vendor"]


def test_appending_stays_with_the_securities_of_the_folder(vendor, plain, tmp_path):
    (tmp_path / "mine.csv").write_text(f"security,tick\n{A},0.01\n")
    first = {name: [row for row in plain[name] if row["trade_date"] < DAYS[4]] for name in ("daily", "daily_basic")}
    imported(vendor(**first), tmp_path / "out", securities=tmp_path / "mine.csv")
    done, _ = imported(vendor(**plain), tmp_path / "out", append=True)
    assert (done.securities, done.sessions) == (1, 8)


def test_appending_takes_what_stock_basic_now_says(vendor, plain, tmp_path):
    basic = {"ts_code": A, "name": "浦发银行", "list_date": "19991110", "delist_date": None}
    first = {name: [row for row in plain[name] if row["trade_date"] < DAYS[4]] for name in ("daily", "daily_basic")}
    imported(vendor(**first, stock_basic=[basic]), tmp_path / "out")
    imported(
        vendor(**plain, stock_basic=[basic | {"name": "*ST浦发", "delist_date": "20200701"}]),
        tmp_path / "out",
        append=True,
    )
    market = fi.MarketData.open(tmp_path / "out")
    assert market.securities.name(A) == "*ST浦发"
    assert str(market.securities.delisted[market.securities.index[A]]) == "2020-07-01"


def test_corrections_of_earlier_sessions_do_not_stop_an_appended_day(vendor, plain, tmp_path):
    first = {name: [row for row in plain[name] if row["trade_date"] < DAYS[4]] for name in ("daily", "daily_basic")}
    (vendor(**first) / "corrections.csv").write_text(
        f"table,date,security,kind,column,value\nprices,{ISO[1]},{A},,close,10.5\n"
    )
    imported(tmp_path / "vendor", tmp_path / "out")
    imported(vendor(**plain), tmp_path / "out", append=True)
    market = fi.MarketData.open(tmp_path / "out")
    assert [float(market.panel.price(market.securities.index[A], at)) for at in (1, 7)] == [10.5, 10.0]


def test_late_terms_are_flagged_when_appending(vendor, plain, tmp_path):
    first = {name: [row for row in plain[name] if row["trade_date"] < DAYS[4]] for name in ("daily", "daily_basic")}
    imported(vendor(**first), tmp_path / "out")
    (tmp_path / "actions.csv").write_text(ACTIONS)
    _, report = imported(vendor(**plain), tmp_path / "out", append=True, actions=tmp_path / "actions.csv")
    (row,) = (row for row in rows_of(report, table="actions") if row["security"])
    assert (row["date"], row["security"]) == (ISO[2], A)
    assert row["reason"].startswith("terms of a past ex-date that are not those imported")


def test_an_ex_date_between_two_sessions_is_not_lost(vendor, plain, tmp_path):
    """DAYS[4] is a Friday and DAYS[5] the Monday after it; the bonus goes ex on the Saturday between."""
    for row in plain["daily"]:
        if row["ts_code"] == A and row["trade_date"] >= DAYS[5]:
            row["close"] = row["pre_close"] = 5.0
    plain["dividend"] = [
        {
            "ts_code": A,
            "div_proc": "实施",
            "stk_div": 1.0,
            "cash_div_tax": 0.0,
            "record_date": None,
            "ex_date": "20200606",
            "pay_date": None,
        }
    ]
    first = {name: [row for row in plain[name] if row["trade_date"] <= DAYS[4]] for name in ("daily", "daily_basic")}
    imported(vendor(**first), tmp_path / "daily")
    imported(vendor(**plain), tmp_path / "daily", append=True)
    imported(vendor(**plain), tmp_path / "whole")
    for name in ("shares.parquet", "prices.parquet"):
        one, other = (pd.read_parquet(tmp_path / each / name) for each in ("daily", "whole"))
        pd.testing.assert_frame_equal(one, other)
    assert "2020-06-06" in (tmp_path / "daily" / "actions.csv").read_text()
    assert (tmp_path / "daily" / "actions.csv").read_text() == (tmp_path / "whole" / "actions.csv").read_text()


def test_a_sessions_table_of_the_users_that_ends_too_early_stops_the_appending(vendor, plain, tmp_path):
    first = {name: [row for row in plain[name] if row["trade_date"] < DAYS[4]] for name in ("daily", "daily_basic")}
    imported(vendor(**first), tmp_path / "out")
    (tmp_path / "out" / "sessions.csv").write_text("date\n" + "\n".join(ISO[:4]) + "\n")
    with pytest.raises(VendorDataError, match="nothing was written, since it could not be opened"):
        imported(vendor(**plain), tmp_path / "out", append=True)
    assert len(fi.MarketData.open(tmp_path / "out").sessions) == 4
