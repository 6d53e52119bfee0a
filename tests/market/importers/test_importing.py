from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import VendorDataError
from fintech_index.market.importers import import_tushare
from vendors import ACTIONS, DAYS, ISO, A, imported, rows_of, with_a_gap, with_late_bonus


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_units(vendor, plain, tmp_path, form):
    done, report = imported(vendor(form, **plain), tmp_path / "out")
    assert (done.securities, done.sessions, done.outcomes) == (2, 8, {"flagged": 1})
    assert report["reason"].tolist() == ["no actions file and no dividend table: every ex-date is without terms"]
    prices = pd.read_parquet(tmp_path / "out" / "prices.parquet")
    assert prices.iloc[0][["close", "volume", "amount"]].tolist() == [10.0, 100050, 2571196.0]  # 手, 千元
    shares = pd.read_parquet(tmp_path / "out" / "shares.parquet")
    assert (
        shares[["total", "float", "free_float"]].values.tolist() == [[3_000_000, 2_000_000, 1_001_234]] * 2
    )  # 万股; once, while unmoved
    market = fi.MarketData.open(tmp_path / "out")
    assert len(market.sessions) == 8


def test_without_stock_basic_codes_and_first_rows_say_what_is_known(vendor, plain, tmp_path):
    plain["daily"] = [row for row in plain["daily"] if row["ts_code"] == A or row["trade_date"] >= DAYS[3]]
    imported(vendor(**plain), tmp_path / "out")
    securities = pd.read_csv(tmp_path / "out" / "securities.csv", dtype=str, keep_default_na=False).set_index(
        "security"
    )
    assert securities.loc[A, ["name", "exchange", "board", "currency", "listed"]].tolist() == [
        A,
        "XSHG",
        "main",
        "CNY",
        "",
    ]
    assert securities.loc["300001.SZ", ["exchange", "board", "listed"]].tolist() == ["XSHE", "chinext", ISO[3]]


def test_stock_basic_namechange_and_dividend_are_used_where_they_are(vendor, plain, tmp_path):
    plain["stock_basic"] = [
        {
            "ts_code": A,
            "name": "浦发银行",
            "enname": "SPDB",
            "area": "上海",
            "market": "主板",
            "list_date": "19991110",
            "delist_date": None,
        },
        {
            "ts_code": "300001.SZ",
            "name": "特锐德",
            "enname": None,
            "area": "青岛",
            "market": "创业板",
            "list_date": "20091030",
            "delist_date": None,
        },
    ]
    plain["namechange"] = [
        {"ts_code": A, "name": "*ST浦发", "start_date": "20200603", "end_date": "20200604"},
        {"ts_code": A, "name": "浦发银行", "start_date": "20200605", "end_date": None},
    ]
    common = {"ts_code": A, "record_date": "20200602", "pay_date": "20200604"}
    with_a_gap(plain)
    plain["dividend"] = [
        common | {"div_proc": "实施", "stk_div": 0.3, "cash_div_tax": 0.005, "ex_date": DAYS[2]},
        common | {"div_proc": "预案", "stk_div": 0.4, "cash_div_tax": 0.6, "ex_date": None},
    ]
    _, report = imported(vendor(**plain), tmp_path / "out")
    assert rows_of(report, outcome="refused") == []
    market = fi.MarketData.open(tmp_path / "out")
    assert market.securities.name(A) == "浦发银行"
    assert str(market.securities.listed[market.securities.index[A]]) == "1999-11-10"
    assert [market.statuses.on(A, market.sessions[at].item(), ["st"]) for at in range(5)] == [
        None,
        None,
        "st",
        "st",
        None,
    ]
    (day,) = market.actions.ex_dates(market.securities.index[A])
    assert (float(day.cash), float(day.bonus), str(day.date)) == (0.005, 0.3, ISO[2])


def test_rows_without_a_traded_price_are_left_out_and_reported(vendor, plain, tmp_path):
    plain["daily"][1] |= {"vol": 0.0}
    plain["daily"][2] |= {"close": None}
    plain["daily"][3] |= {"close": 0.0}
    _, report = imported(vendor(**plain), tmp_path / "out")
    assert [row["date"] for row in rows_of(report, outcome="refused", table="daily")] == ISO[1:4]
    assert [row["date"] for row in rows_of(report, outcome="refused", table="daily_basic")] == ISO[1:4]
    market = fi.MarketData.open(tmp_path / "out")
    assert [market.panel.suspended(market.securities.index[A], at) for at in range(5)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def free_floats(out):
    shares = pd.read_parquet(out / "shares.parquet")
    return dict(zip(shares["effective"].astype(str), shares["free_float"], strict=True))


@pytest.mark.parametrize(("moves_on", "suspended"), [(3, ()), (5, ()), (4, (2, 3)), (5, (1, 2, 3))])
def test_a_late_count_is_dated_on_the_ex_date_from_the_terms(vendor, plain, tmp_path, moves_on, suspended):
    folder = vendor(**with_late_bonus(plain, moves_on=moves_on, suspended=suspended))
    (tmp_path / "actions.csv").write_text(ACTIONS)
    _, report = imported(folder, tmp_path / "out", actions=tmp_path / "actions.csv")
    assert free_floats(tmp_path / "out") == {ISO[0]: 1_000_000, ISO[2]: 1_300_000, ISO[moves_on]: 1_310_000}
    (row,) = (row for row in rows_of(report, outcome="repaired") if row["column"] == "free_float")
    assert (row["date"], row["vendor"], row["written"]) == (ISO[2], "1000000", "1300000")


def test_a_count_that_moves_on_the_day_is_the_vendors(vendor, plain, tmp_path):
    (tmp_path / "actions.csv").write_text(ACTIONS)
    _, report = imported(
        vendor(**with_late_bonus(plain, moves_on=2)), tmp_path / "out", actions=tmp_path / "actions.csv"
    )
    assert free_floats(tmp_path / "out") == {ISO[0]: 1_000_000, ISO[2]: 1_310_000}
    assert [row["column"] for row in rows_of(report, outcome="repaired")] == ["float"]


def test_no_terms_no_repair(vendor, plain, tmp_path):
    imported(vendor(**with_late_bonus(plain, moves_on=3)), tmp_path / "out")
    assert free_floats(tmp_path / "out") == {ISO[0]: 1_000_000, ISO[3]: 1_310_000}


def test_actions_that_cannot_be_are_left_out_and_reported(vendor, plain, tmp_path):
    rows = [
        f"{ISO[1]},{A},cash_dividend,-0.5,,,",
        f"{ISO[1]},{A},bonus,,,,",
        f"{ISO[1]},{A},gift,,0.1,,",
        f",{A},bonus,,0.1,,",
        f"{ISO[2]},999999.SH,cash_dividend,0.5,,,",
        f"{ISO[3]},{A},cash_dividend,0.5,,,",
        f"{ISO[3]},{A},cash_dividend,0.6,,,",
    ]
    (tmp_path / "actions.csv").write_text("\n".join([ACTIONS.splitlines()[0], *rows]))
    _, report = imported(vendor(**plain), tmp_path / "out", actions=tmp_path / "actions.csv")
    assert sorted(row["reason"] for row in rows_of(report, outcome="refused", table="actions")) == [
        "a bonus needs ratio",
        "a second row for this ex-date, security and kind",
        "a security without prices in this import",
        "cash is -0.5, which is below 0",
        "kind is 'gift'",
        "no ex-date, security or kind",
    ]
    assert (tmp_path / "out" / "actions.csv").read_text().splitlines()[1:] == [f"{ISO[3]},{A},cash_dividend,0.5,,,,"]


def test_doubts_are_flagged_and_kept(vendor, plain, tmp_path):
    of_a = [row for row in plain["daily"] if row["ts_code"] == A]
    of_a[1]["pre_close"] = 9.5  # an ex-date without terms
    plain["daily_basic"][0]["free_share"] = 250.0  # more than is floating
    plain["daily_basic"][4]["free_share"] = 90.0  # one session, and back
    plain["daily_basic"][6]["close"] = 11.0
    plain["suspend_d"] = [{"ts_code": A, "trade_date": DAYS[3], "suspend_timing": None, "suspend_type": "S"}]
    plain["daily"] = [
        row for row in plain["daily"] if not (row["ts_code"] == "300001.SZ" and row["trade_date"] == DAYS[5])
    ]
    _, report = imported(vendor(**plain), tmp_path / "out")
    flagged = {(row["date"], row["security"]): row["reason"] for row in rows_of(report, outcome="flagged")}
    assert flagged[ISO[1], A] == "the exchange's reference price is not the close before (10.0), and there are no terms"
    assert flagged[ISO[0], A] == "more free-float than floating shares"
    assert flagged[ISO[4], A] == "off on this session alone; the count is back the session after"
    assert flagged[ISO[6], ""] == "close differs from daily's in 1 rows; daily's is taken"
    assert flagged[ISO[3], A] == "suspended for the day, yet traded; the price is taken"
    assert flagged[ISO[5], "300001.SZ"] == "no price and no suspension on record; taken as suspended"


def test_an_ex_date_after_a_long_suspension_is_suspected_to_be_rights(vendor, plain, tmp_path):
    plain["daily"] = [
        row for row in plain["daily"] if row["ts_code"] != A or row["trade_date"] in (DAYS[0], DAYS[6], DAYS[7])
    ]
    next(row for row in plain["daily"] if row["ts_code"] == A and row["trade_date"] == DAYS[6])["pre_close"] = 8.0
    _, report = imported(vendor(**plain), tmp_path / "out")
    (row,) = rows_of(report, table="prices")
    assert row["reason"].startswith("rights or restructuring suspected: ex-date after 5 suspended sessions")
    assert (row["date"], row["vendor"]) == (ISO[6], "8.0")


def test_corrections_are_made_and_reported(vendor, plain, tmp_path):
    (tmp_path / "actions.csv").write_text(ACTIONS)
    folder = vendor(**with_a_gap(plain))
    (folder / "corrections.csv").write_text(
        "table,date,security,kind,column,value,note\n"
        f"prices,{ISO[1]},{A},,close,12.5,typing error\n"
        f"shares,{ISO[2]},300001.SZ,,free_float,900000,\n"
        f"actions,{ISO[2]},{A},bonus,ratio,0.35,\n"
        f"securities,,{A},,name,浦发银行,\n"
    )
    _, report = imported(folder, tmp_path / "out", actions=tmp_path / "actions.csv")
    made = [(row["column"], row["vendor"], row["written"]) for row in rows_of(report, outcome="corrected")]
    assert sorted(made) == [
        ("close", "13.0", "12.5"),
        ("free_float", "1001234", "900000"),
        ("name", A, "浦发银行"),
        ("ratio", "0.3", "0.35"),
    ]
    market = fi.MarketData.open(tmp_path / "out")
    assert float(market.panel.price(market.securities.index[A], 1)) == 12.5
    (day,) = market.actions.ex_dates(market.securities.index[A])
    assert float(day.bonus) == 0.35


def test_corrections_that_fit_nothing_are_all_said(vendor, plain, tmp_path):
    folder = vendor(**plain)
    (tmp_path / "wrong.csv").write_text(
        f"table,date,security,kind,column,value\nprice,{ISO[1]},{A},,close,1\nprices,{ISO[1]},{A},,clos,1\nprices,2019-01-01,{A},,close,1\nprices,{ISO[1]},{A},,close,ten\n"
    )
    with pytest.raises(VendorDataError) as raised:
        import_tushare(folder, tmp_path / "out", corrections=tmp_path / "wrong.csv")
    assert [problem.what[:12] for problem in raised.value.problems] == [
        "no table 'pr",
        "prices has n",
        "no row of pr",
        "'ten' does n",
    ]
    assert not (tmp_path / "out").exists()


def test_only_the_securities_of_a_file(vendor, plain, tmp_path):
    (tmp_path / "mine.csv").write_text(f"security,name,city,category,listed\n{A},浦发银行,Shanghai,BNK,\n")
    (tmp_path / "actions.csv").write_text(ACTIONS + f"{ISO[2]},300001.SZ,bonus,,0.3,,\n")
    done, report = imported(
        vendor(**with_a_gap(plain)),
        tmp_path / "out",
        securities=tmp_path / "mine.csv",
        actions=tmp_path / "actions.csv",
    )
    assert done.securities == 1
    assert rows_of(report, outcome="refused") == []  # what nobody asked for is not refused
    row = pd.read_csv(tmp_path / "out" / "securities.csv", dtype=str, keep_default_na=False).iloc[0]
    assert row[["security", "name", "exchange", "city", "category"]].tolist() == [
        A,
        "浦发银行",
        "XSHG",
        "Shanghai",
        "BNK",
    ]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda tables: tables.pop("daily"), "the table daily is missing"),
        (lambda tables: tables.pop("daily_basic"), "the table daily_basic is missing"),
        (lambda tables: [row.pop("vol") for row in tables["daily"]], "the column 'vol' is missing"),
        (lambda tables: [row.update(vol=0) for row in tables["daily"]], "daily has no row with a traded price"),
    ],
)
def test_folders_that_cannot_be_imported(vendor, plain, tmp_path, spoil, message):
    spoil(plain)
    with pytest.raises(VendorDataError, match=message):
        import_tushare(vendor(**plain), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_places_that_cannot_take_an_import(vendor, plain, tmp_path):
    folder = vendor(**plain)
    import_tushare(folder, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(VendorDataError, match="is there already"):
        import_tushare(folder, tmp_path / "out")
    nothing = import_tushare(folder, tmp_path / "out", append=True)  # no session after the last one
    assert (nothing.sessions, nothing.outcomes) == (8, {})
    with pytest.raises(VendorDataError, match="has no securities: --append goes on from a folder"):
        import_tushare(folder, tmp_path / "nowhere", append=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(VendorDataError, match="is there already"):
        import_tushare(folder, tmp_path / "file")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out", "vendor"]  # nothing left aside


def test_repeated_and_nameless_rows_are_left_out(vendor, plain, tmp_path):
    plain["daily"] += [dict(plain["daily"][0], close=11.0), dict(plain["daily"][0], trade_date="never")]
    _, report = imported(vendor(**plain), tmp_path / "out")
    assert sorted(row["reason"] for row in rows_of(report, outcome="refused")) == [
        "a second row for this security and date",
        "no security or no date",
    ]


def test_cells_that_cannot_be_read_are_left_empty_and_flagged(vendor, plain, tmp_path):
    plain["daily"][2]["trade_date"] = "20209999"
    plain["daily"][3]["pre_close"] = -1.0
    plain["daily"][4]["amount"] = float("inf")
    plain["daily_basic"][5]["free_share"] = float("inf")
    plain["daily_basic"][6]["free_share"] = -5.0
    plain["namechange"] = [{"ts_code": A, "name": "*ST浦发", "start_date": "soon", "end_date": None}]
    plain["dividend"] = [
        {
            "ts_code": A,
            "div_proc": "实施",
            "stk_div": 0.3,
            "cash_div_tax": 0.5,
            "record_date": None,
            "ex_date": "20201399",
            "pay_date": None,
        }
    ]
    _, report = imported(vendor("csv", **plain), tmp_path / "out")
    said = {(row["column"], row["vendor"], row["reason"]) for row in report.to_dict("records")}
    assert ("date", "20209999", "date cannot be read; left empty") in said
    assert ("pre_close", "-1.0", "pre_close cannot be that; left empty") in said
    assert ("amount", "inf", "amount cannot be read; left empty") in said
    assert ("free_share", "inf", "free_share cannot be read; left empty") in said
    assert ("start_date", "soon", "start_date cannot be read; left empty") in said
    assert ("ex_date", "20201399", "ex_date cannot be read; left empty") in said
    assert {row["reason"] for row in rows_of(report, outcome="refused")} == {
        "no security or no date",
        "no traded price",
        "a share count is missing",
        "a share count that cannot be",
        "no ex-date",
    }
    fi.MarketData.open(tmp_path / "out")


@pytest.mark.parametrize("date", ["2020/06/01", "2020-06-01", "2020-06-01 00:00:00", 20200601])
def test_dates_as_exports_have_them(vendor, plain, tmp_path, date):
    for table in ("daily", "daily_basic"):
        plain[table] = [row | {"trade_date": date} for row in plain[table] if row["trade_date"] == DAYS[0]]
    done, _ = imported(vendor("csv", **plain), tmp_path / "out")
    assert done.sessions == 1


def test_corrections_that_would_break_the_contract_write_nothing(vendor, plain, tmp_path):
    (tmp_path / "wrong.csv").write_text(f"table,date,security,kind,column,value\nprices,{ISO[1]},{A},,close,-5\n")
    with pytest.raises(VendorDataError, match="nothing was written, since it could not be opened"):
        import_tushare(vendor(**plain), tmp_path / "out", corrections=tmp_path / "wrong.csv")
    assert not (tmp_path / "out").exists()
