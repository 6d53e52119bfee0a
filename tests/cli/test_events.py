"""`fintech-index events`, as a person and as a program would use it."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pandas as pd
import pytest

from fintech_index.methodology import shipped


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    """The embedded data as it was before the open of 2020-06-05."""
    folder = tmp_path_factory.mktemp("morning")
    for path in shipped("constituents", "market").iterdir():
        if path.suffix in (".csv", ".parquet"):
            shutil.copy(path, folder)
    prices = pd.read_parquet(folder / "prices.parquet")
    prices[prices["date"].astype(str) < "2020-06-05"].to_parquet(folder / "prices.parquet")
    return folder


def test_a_table_for_people(run):
    code, out, _err = run("events", "xiangmihu", "--start", "2020-06-05", "--end", "2020-06-05")
    assert code == 0
    assert "600570.SH" in out
    assert "399,023,488 > 518,730,534" in out
    assert "316,405,889.092336108 │ 316,191,402.615395950" in out


def test_rows_for_machines(run):
    _code, out, _err = run("events", "xiangmihu", "--start", "2020-06-05", "--end", "2020-06-05", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["security"], row["event"]) for row in rows] == [
        ("002017.SZ", "cash_dividend"),
        ("600570.SH", "bonus"),
        ("600570.SH", "cash_dividend"),
    ]
    assert rows[2]["net_amount"] == "-188179476.9408"
    assert json.loads(run("events", "xiangmihu", "--start", "2020-06-05", "--end", "2020-06-05", "--format", "json")[1])


def test_the_page_of_the_morning_needs_no_dates(run, morning):
    code, out, err = run("events", "xiangmihu", "--data", str(morning))
    assert code == 0
    assert "2020-06-05 to 2020-06-12" in out
    assert "2020-06-05 *" in out
    assert "2020-06-08 **" in out
    rows = list(csv.DictReader(io.StringIO(run("events", "xiangmihu", "--data", str(morning), "--format", "csv")[1])))
    assert [row["status"] for row in rows if row["date"] <= "2020-06-08"] == ["next"] * 3 + ["provisional"] * 2
    assert "316,405,889.092336108 │ 316,191,402.615395950" in out
    assert "the data ends on 2020-06-04; later days stand as at its closes" in err


def test_the_policy_bill(run):
    code, out, _err = run("events", "xiangmihu", "--start", "2020-06-05", "--end", "2020-06-05", "--policies")
    assert code == 0
    assert "pre > sequential" in out
    assert "opening > points" in out
    assert "price_weight_splits" not in out  # the index has no such choice
    rows = list(
        csv.DictReader(
            io.StringIO(run("events", "xiangmihu", "--end", "2020-06-05", "--policies", "--format", "csv")[1])
        )
    )
    assert {"actions.basis", "returns.dividends"} <= {row["setting"] for row in rows}


def test_nothing_happens(run):
    code, out, _err = run("events", "xiangmihu", "--start", "2020-01-06", "--end", "2020-01-07")
    assert (code, out) == (0, "xiangmihu  2020-01-06 to 2020-01-07: nothing happens\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--start", "2020-06-05", "--end", "2020-06-01"), "--start 2020-06-05 is after --end 2020-06-01"),
        (
            ("--start", "2019-06-05", "--end", "2019-06-06"),
            "no session from 2019-06-05 to 2019-06-06; the history runs",
        ),
        (("--end", "2050-01-01"), "the calendar of XSHG ends on"),
    ],
)
def test_windows_that_there_are_not(arguments, message, run):
    code, _out, err = run("events", "xiangmihu", *arguments)
    assert code == 2
    assert message in err


def test_a_narrow_terminal_has_narrow_tables(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    _, out, _ = run("events", "xiangmihu", "--start", "2020-06-05", "--end", "2020-06-05")
    assert max(len(line) for line in out.splitlines() if "divisor" not in line and "2020-06-05" in line) < 120
    assert [line for line in out.splitlines() if line in ("index shares", "changes of the opening value")]


def test_nothing_differs(run):
    code, out, _ = run("events", "xiangmihu", "--start", "2020-01-06", "--end", "2020-01-07", "--policies")
    assert code == 0
    assert out.endswith("no other treatment makes a difference\n")


def test_terms_that_do_not_lead_to_the_exchanges_price_are_said(run, tmp_path):
    """0.5 of 10 leave 9.5; the exchange has 9.7."""
    (tmp_path / "securities.csv").write_text("security,name,exchange,board,currency\n600887.SH,伊利,XSHG,main,CNY\n")
    (tmp_path / "prices.csv").write_text(
        "date,security,close,pre_close\n2021-05-06,600887.SH,10,10\n2021-05-07,600887.SH,10,10\n2021-05-10,600887.SH,9.8,9.7\n"
    )
    (tmp_path / "shares.csv").write_text("effective,security,total,float,free_float\n2021-05-06,600887.SH,9,9,9\n")
    (tmp_path / "actions.csv").write_text("ex_date,security,kind,cash\n2021-05-10,600887.SH,cash_dividend,0.5\n")
    (tmp_path / "one.toml").write_text('name = "one"\nbase.date = 2021-05-06\n')
    window = ("--start", "2021-05-10", "--end", "2021-05-10")
    code, _, err = run("events", tmp_path / "one.toml", "--data", tmp_path, *window)
    assert code == 0
    assert "2021-05-10 600887.SH: the terms give a reference price of 9.5, the exchange has 9.7" in err
