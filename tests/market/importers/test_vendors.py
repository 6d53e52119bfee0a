"""One market in each vendor's tables: the same prices, counts and actions come of all of them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import VendorDataError

DAYS = [day.strftime("%Y-%m-%d") for day in pd.bdate_range("2021-06-21", periods=6)]
CLOSES = {"600276.SH": [70.0, 71.0, 58.9, 59.5, 60.0, 60.25], "000725.SZ": [6.2, 6.25, 6.1, 6.15, 6.2, 6.3]}
PRE_CLOSES = {"600276.SH": [70.0, 70.0, 59.0, 58.9, 59.5, 60.0], "000725.SZ": [6.2, 6.2, 6.25, 6.1, 6.15, 6.2]}
EX_DATE = DAYS[2]  # 10 送 2 派 2 of the first: (71 - 0.2) / 1.2 = 59.00


def rows():
    for code, closes in CLOSES.items():
        for day, close, before in zip(DAYS, closes, PRE_CLOSES[code], strict=True):
            yield code, day, close, before


def tushare():
    daily = [
        {"ts_code": c, "trade_date": d.replace("-", ""), "open": p, "high": p, "low": p, "close": p, "pre_close": b, "vol": 120.0, "amount": 345.678}
        for c, d, p, b in rows()
    ]  # fmt: skip
    basic = [
        {"ts_code": row["ts_code"], "trade_date": row["trade_date"], "close": row["close"], "total_share": 90.0, "float_share": 60.0, "free_share": 45.0}
        for row in daily
    ]  # fmt: skip
    dividend = [
        {"ts_code": "600276.SH", "div_proc": "实施", "stk_div": 0.2, "cash_div_tax": 0.2, "record_date": None, "ex_date": EX_DATE, "pay_date": None, "end_date": "20201231"}
    ]  # fmt: skip
    weight = [{"index_code": "399300.SZ", "con_code": c, "trade_date": DAYS[0], "weight": 50.0} for c in CLOSES]
    return {"daily": daily, "daily_basic": basic, "dividend": dividend, "index_weight": weight}


def akshare():
    hist = [
        {"日期": d, "股票代码": c[:6], "开盘": p, "收盘": p, "最高": p, "最低": p, "成交量": 120, "成交额": 345678.0}
        for c, d, p, _ in rows()
    ]
    plan = [
        {"代码": "600276", "送转股份-送转总比例": 2.0, "现金分红-现金分红比例": 2.0, "股权登记日": DAYS[1], "除权除息日": EX_DATE, "方案进度": "实施分配"}
    ]  # fmt: skip
    return {"stock_zh_a_hist": hist, "stock_fhps_em": plan}


def baostock():
    def code(text):
        return f"{text[-2:].lower()}.{text[:6]}"

    history = [
        {"date": d, "code": code(c), "open": f"{p:.4f}", "high": f"{p:.4f}", "low": f"{p:.4f}", "close": f"{p:.4f}", "preclose": f"{b:.4f}", "volume": "12000", "amount": "345678.0000", "adjustflag": "3"}
        for c, d, p, b in rows()
    ]  # fmt: skip
    dividend = [
        {"code": "sh.600276", "dividOperateDate": EX_DATE, "dividCashPsBeforeTax": "0.2", "dividStocksPs": "0.1", "dividReserveToStockPs": "0.1"}
    ]  # fmt: skip
    return {"history_k_data": history, "dividend_data": dividend}


def jqdata():
    def code(text):
        return text.replace(".SH", ".XSHG").replace(".SZ", ".XSHE")

    price = [
        {"time": pd.Timestamp(d), "code": code(c), "open": p, "high": p, "low": p, "close": p, "pre_close": b, "volume": 12000.0, "money": 345678.0, "factor": 1.0}
        for c, d, p, b in rows()
    ]  # fmt: skip
    valuation = [{"code": code(c), "day": d, "capitalization": 90.0, "circulating_cap": 60.0} for c, d, _, _ in rows()]
    dividend = [
        {"code": "600276.XSHG", "a_xr_date": EX_DATE, "bonus_ratio_rmb": 2.0, "dividend_ratio": 1.0, "transfer_ratio": 1.0}
    ]  # fmt: skip
    return {"price": price, "valuation": valuation, "STK_XR_XD": dividend}


def wind():
    prices = [
        {"S_INFO_WINDCODE": c, "TRADE_DT": d.replace("-", ""), "S_DQ_OPEN": p, "S_DQ_HIGH": p, "S_DQ_LOW": p, "S_DQ_CLOSE": p, "S_DQ_PRECLOSE": b, "S_DQ_VOLUME": 120.0, "S_DQ_AMOUNT": 345.678}
        for c, d, p, b in rows()
    ]  # fmt: skip
    counts = [
        {"S_INFO_WINDCODE": c, "TRADE_DT": d.replace("-", ""), "TOT_SHR_TODAY": 90.0, "FLOAT_A_SHR_TODAY": 60.0, "FREE_SHARES_TODAY": 45.0}
        for c, d, _, _ in rows()
    ]  # fmt: skip
    dividend = [
        {"S_INFO_WINDCODE": "600276.SH", "S_DIV_PROGRESS": "3", "CASH_DVD_PER_SH_PRE_TAX": 0.2, "STK_DVD_PER_SH": 0.2, "EX_DT": EX_DATE.replace("-", "")}
    ]  # fmt: skip
    return {"AShareEODPrices": prices, "AShareEODDerivativeIndicator": counts, "AShareDividend": dividend}


VENDORS = {"tushare": tushare, "akshare": akshare, "baostock": baostock, "jqdata": jqdata, "wind": wind}


def frames(tables):
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


@pytest.mark.parametrize("name", VENDORS)
def test_every_vendor_gives_the_same_market(tmp_path, name):
    fi.import_vendor(name, frames(VENDORS[name]()), tmp_path / "out")
    market = fi.MarketData.open(tmp_path / "out")
    assert market.securities.codes == ("000725.SZ", "600276.SH")
    assert (market.panel.values / market.panel.unit).tolist() == [CLOSES["000725.SZ"], CLOSES["600276.SH"]]
    assert market.quotes.volume[0, 0] == 12_000
    assert market.quotes.amount[0, 0] == 345_678
    (day,) = market.actions.on(1, 2)
    assert (float(day.bonus), float(day.cash)) == (0.2, 0.2)
    if name in ("tushare", "jqdata", "wind"):  # the others have no share counts
        assert market.shares.total(np.array([1]), market.sessions[0]).tolist() == [900_000]


def test_qlib_takes_its_factor_back(tmp_path):
    """Adjusted by 0.5, a close of 70 is 35, and a volume of 12,000 is 24,000."""
    features = [
        {"instrument": f"{c[-2:]}{c[:6]}", "datetime": d, **{f"${name}": p * 0.5 for name in ("open", "high", "low", "close")}, "$volume": 24000.0, "$factor": 0.5}
        for c, d, p, _ in rows()
    ]  # fmt: skip
    fi.import_vendor("qlib", {"features": pd.DataFrame(features).astype({"$close": "float32"})}, tmp_path / "out")
    market = fi.MarketData.open(tmp_path / "out")
    assert (market.panel.values / market.panel.unit).tolist() == [CLOSES["000725.SZ"], CLOSES["600276.SH"]]
    assert market.quotes.volume[0, 0] == 12_000


@pytest.mark.parametrize(
    ("name", "table", "column", "value", "message"),
    [
        ("jqdata", "price", "factor", 0.8, "adjusted .factor is not 1.: ask jqdata with fq=None"),
        ("baostock", "history_k_data", "adjustflag", "2", "adjusted .adjustflag is not 3."),
    ],
)
def test_adjusted_prices_are_refused(tmp_path, name, table, column, value, message):
    tables = VENDORS[name]()
    tables[table][3][column] = value
    with pytest.raises(VendorDataError, match=message):
        fi.import_vendor(name, frames(tables), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_of_a_day_each_are_one_table(tmp_path):
    tables = frames(tushare())
    for day, rows_of_day in tables["daily"].groupby("trade_date"):
        (tmp_path / "src" / "daily").mkdir(parents=True, exist_ok=True)
        rows_of_day.to_parquet(tmp_path / "src" / "daily" / f"{day}.parquet", index=False)
    tables["daily_basic"].to_csv(tmp_path / "src" / "daily_basic.csv", index=False)
    done = fi.import_tushare(tmp_path / "src", tmp_path / "out")
    assert (done.securities, done.sessions) == (2, 6)
    about = json.loads((tmp_path / "out" / "import.json").read_text())
    assert about["sources"] == [{"tables": ["daily", "daily_basic"], "files": {}, "first": DAYS[0], "last": DAYS[-1]}]


def test_weights_are_found_and_become_baskets(tmp_path):
    fi.import_tushare(frames(tushare()), tmp_path / "out")
    given = pd.read_csv(tmp_path / "out" / "weights.csv")
    assert given["weight"].tolist() == [50.0, 50.0]
    market = fi.MarketData.open(tmp_path / "out")
    assert len(fi.Baskets.from_weights(given, market)) == 1


def test_a_name_ends_where_the_next_begins(tmp_path):
    tables = tushare()
    tables["namechange"] = [
        {"ts_code": "000725.SZ", "name": "G*ST京东", "start_date": "20210101", "end_date": "20210623"},
        {"ts_code": "000725.SZ", "name": "京东方A", "start_date": "20210623", "end_date": None},
    ]
    fi.import_tushare(frames(tables), tmp_path / "out")
    status = pd.read_csv(tmp_path / "out" / "status.csv")
    assert status[["kind", "start", "end"]].values.tolist() == [["st", "2021-01-01", "2021-06-22"]]


def test_an_unknown_vendor_is_named(tmp_path):
    with pytest.raises(VendorDataError, match="no importer for 'tushar' .did you mean 'tushare'"):
        fi.import_vendor("tushar", tmp_path, tmp_path / "out")
