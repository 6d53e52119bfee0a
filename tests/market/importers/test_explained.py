"""Terms and the exchange's price: who is believed."""

from __future__ import annotations

import pandas as pd
import pytest

from vendors import DAYS, ISO, A, imported, rows_of

B = "300001.SZ"


def dividend(code, day, stk_div=0.0, cash=0.0, **more):
    return {
        "ts_code": code,
        "div_proc": "实施",
        "stk_div": stk_div,
        "cash_div_tax": cash,
        "record_date": day,
        "ex_date": day,
        "pay_date": None,
        **more,
    }


def price(plain, code, day, close, pre_close):
    (row,) = [row for row in plain["daily"] if row["ts_code"] == code and row["trade_date"] == day]
    row |= dict.fromkeys(("open", "high", "low", "close"), close) | {"pre_close": pre_close}


def kept(folder):
    return pd.read_csv(folder / "actions.csv")[["security", "kind"]].values.tolist()


def test_a_bonus_that_the_price_denies_is_no_bonus(vendor, plain, tmp_path):
    """10 before and 10 by the exchange: nobody who held it got 1.2 new shares for one."""
    plain["dividend"] = [dividend(A, DAYS[3], 1.2)]
    _, report = imported(vendor(**plain), tmp_path / "out")
    (row,) = rows_of(report, outcome="refused", table="actions")
    assert (row["date"], row["security"], row["vendor"]) == (ISO[3], A, "1.2")
    assert row["reason"].endswith("the terms lead to 4.55, the exchange has 10")
    assert kept(tmp_path / "out") == []
    assert set(pd.read_parquet(tmp_path / "out" / "shares.parquet")["free_float"]) == {1_001_234}


def test_where_most_bonuses_are_denied_prices_are_adjusted(vendor, plain, tmp_path):
    plain["dividend"] = [dividend(A, DAYS[3], 0.5), dividend(B, DAYS[3], 0.5)]
    with pytest.raises(Exception, match="prices look adjusted"):
        imported(vendor(**plain), tmp_path / "out")


def test_terms_that_do_not_lead_to_the_price_are_kept_and_said(vendor, plain, tmp_path):
    plain["dividend"] = [dividend(A, DAYS[3], cash=0.8)]
    price(plain, A, DAYS[3], 10.0, 9.6)
    _, report = imported(vendor(**plain), tmp_path / "out")
    (row,) = rows_of(report, outcome="flagged", table="actions")
    assert row["reason"] == "terms that do not explain the price: the terms lead to 9.2, the exchange has 9.6"
    assert kept(tmp_path / "out") == [[A, "cash_dividend"]]


def test_what_the_user_says_stays(vendor, plain, tmp_path):
    (tmp_path / "own.csv").write_text(f"ex_date,security,kind,ratio,source\n{ISO[3]},{A},bonus,0.05,profit\n")
    _, report = imported(vendor(**plain), tmp_path / "out", actions=tmp_path / "own.csv")
    assert kept(tmp_path / "out") == [[A, "bonus"]]
    assert len(rows_of(report, outcome="flagged", table="actions")) == 1


def test_dividends_of_several_periods_on_one_ex_date_add_up(vendor, plain, tmp_path):
    """0.3 for the year and 0.2 besides; a row that is there twice counts once."""
    rows = [dividend(A, DAYS[3], cash=0.3, end_date="20191231"), dividend(A, DAYS[3], cash=0.2, end_date="20200331")]
    plain["dividend"] = [*rows, rows[0]]
    price(plain, A, DAYS[3], 9.5, 9.5)
    imported(vendor(**plain), tmp_path / "out")
    assert pd.read_csv(tmp_path / "out" / "actions.csv")["cash"].tolist() == [0.5]


def test_every_column_of_the_contract_is_taken(vendor, plain, tmp_path):
    (tmp_path / "own.csv").write_text(
        "ex_date,security,kind,ratio,acquirer,total,free_float,original_ex_date,cash,new_security\n"
        f"{ISO[2]},{A},issuance,,,4000000,1500000,,,\n"
        f"{ISO[3]},{A},cash_dividend,,,,,,0.1,\n"
        f"{ISO[5]},{A},dividend_correction,,,,,{ISO[3]},-0.02,\n"
        f"{ISO[6]},{B},merger,0.5,{A},,,,,\n"
    )
    imported(vendor(**plain), tmp_path / "out", actions=tmp_path / "own.csv")
    written = pd.read_csv(tmp_path / "out" / "actions.csv").set_index("kind")
    assert written.loc["issuance", ["total", "free_float"]].tolist() == [4_000_000, 1_500_000]
    assert written.loc["dividend_correction", "original_ex_date"] == ISO[3]
    assert written.loc["merger", "acquirer"] == A


def test_an_index_is_no_security_and_makes_no_session(vendor, plain, tmp_path):
    stray = dict(plain["daily"][0], ts_code="399006.SZ", trade_date="20200606")
    plain["daily"].append(stray)
    done, report = imported(vendor(**plain), tmp_path / "out")
    assert (done.securities, done.sessions) == (2, 8)
    (row,) = rows_of(report, outcome="refused", table="daily")
    assert (row["security"], row["reason"]) == ("399006.SZ", "an index, which is no security")


def test_a_date_that_hardly_anybody_traded_on_is_flagged(vendor, plain, tmp_path):
    day = {"trade_date": "20200605"}
    codes = [f"60010{n}.SH" for n in range(7)]
    of_day = [row for row in plain["daily"] if row["ts_code"] == A]
    plain["daily"] += [dict(row, ts_code=code) for code in codes for row in of_day]
    plain["daily_basic"] += [
        dict(row, ts_code=code) for code in codes for row in plain["daily_basic"] if row["ts_code"] == A
    ]
    plain["daily"] = [row for row in plain["daily"] if row["trade_date"] != day["trade_date"] or row["ts_code"] == A]
    _, report = imported(vendor(**plain), tmp_path / "out")
    flagged = [row["reason"] for row in rows_of(report, outcome="flagged", table="daily")]
    assert flagged == ["only 1 securities have a price, where 9 do around: is it a session?"]


def test_a_row_on_a_holiday_is_flagged(vendor, plain, tmp_path):
    """2020-06-06 was a Saturday."""
    for table in ("daily", "daily_basic"):
        plain[table].append(dict(plain[table][0], trade_date="20200606"))
    _, report = imported(vendor(**plain), tmp_path / "out")
    (row,) = rows_of(report, outcome="flagged", table="daily")
    assert (row["date"], row["reason"]) == (
        "2020-06-06",
        "1 securities have a price on a day that is no session of XSHG",
    )


def test_dates_as_spreadsheets_save_them(vendor, plain, tmp_path):
    """2020/6/5 is the fifth of June, or refused; never May or the sixth."""
    for table in ("daily", "daily_basic"):
        for row in plain[table]:
            day = row["trade_date"]
            row["trade_date"] = f"{day[:4]}/{int(day[4:6])}/{int(day[6:])}"
    done, _ = imported(vendor("csv", **plain), tmp_path / "out")
    assert done.sessions == 8
    assert sorted(pd.read_parquet(tmp_path / "out" / "prices.parquet")["date"].astype(str).unique()) == ISO
