from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pandas as pd
import pytest

HEADER = ["index", "date", "price", "gross", "net", "divisor", "constituents"]


def test_a_table_of_the_last_sessions(run):
    code, out, err = run("run", "xiangmihu")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("xiangmihu  Xiangmihu fintech index (reproduction)  国证香蜜湖金融科技指数")
    assert sum("│ 2020-12-" in line for line in lines) == 10
    assert "│ 2020-12-31 │ 1,082.9813 │ +2.91% │ 1,087.5410 │ 1,087.0841 │           48 │" in out
    assert "since 2020-01-02 = 1000: price +8.30%, gross +8.75%, net +8.71%" in out
    assert "2020-01-02 to 2020-12-31, 243 sessions" in out
    assert "notice: These levels reproduce the published methodology of 399699" in err
    assert "\x1b" not in out  # a pipe has no colours


def test_the_whole_family_is_a_line_each(run):
    code, out, err = run("run")
    assert code == 0
    assert out.splitlines()[0] == "15 indices on 2020-12-31"
    assert "│ composite                  │ 金融科技总指数" in out
    assert "1,073.7218 │  +7.37% │  +7.82% │  +7.77% │    48 │" in out
    (late,) = [line for line in out.splitlines() if line.startswith("│ wlt ")]
    assert "│ 2020-12-14 │ 1,035.3766 │" in late
    assert "notice: ins, lnd: it has not started: no review up to 2020-12-14 has 4 eligible names" in err
    assert (
        "notice: xiangmihu, composite, bnk and 12 more: the rule eligibility.conduct (violation, loss within 12 months)"
        in err
    )


def test_indices_that_have_not_started(run):
    code, out, err = run("run", "ins", "lnd")
    assert (code, out) == (2, "")
    assert err == "error: ins, lnd: it has not started: no review up to 2020-12-14 has 4 eligible names\n"
    _, _, err = run("run", "xiangmihu", "wlt", "--start", "2020-06-01", "--end", "2020-06-30", "--format", "csv")
    assert "notice: wlt: no session from 2020-06-01 to 2020-06-30; the levels run from 2020-12-14" in err
    _, out, _ = run("run", "wlt")
    assert "since 2020-12-14 = 1000: price +3.54%" in out


def test_csv_has_header_and_rows_only(run):
    code, out, _ = run("run", "xiangmihu", "--format", "csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert code == 0
    assert rows[0] == HEADER
    assert len(rows) == 1 + 243
    assert rows[1] == ["xiangmihu", "2020-01-02", "1000.0000", "1000.0000", "1000.0000", "316984259.048290000", "46"]
    assert rows[-1] == ["xiangmihu", "2020-12-31", "1082.9813", "1087.5410", "1087.0841", "320561068.695859609", "48"]


def test_json(run):
    _, out, _ = run("run", "xiangmihu", "--format", "json", "--start", "2020-12-31")
    assert json.loads(out) == [
        {
            "index": "xiangmihu",
            "date": "2020-12-31",
            "price": 1082.9813,
            "gross": 1087.541,
            "net": 1087.0841,
            "divisor": "320561068.695859609",
            "constituents": 48,
        }
    ]


def test_a_window_changes_no_level(run):
    _, whole, _ = run("run", "xiangmihu", "--format", "csv")
    _, part, _ = run("run", "xiangmihu", "--format", "csv", "--start", "2020-06-13", "--end", "2020-06-21")
    assert part.splitlines()[1:] == [
        line for line in whole.splitlines() if "2020-06-15" <= line.split(",")[1] <= "2020-06-19"
    ]
    _, table, _ = run("run", "xiangmihu", "--start", "2020-06-13", "--end", "2020-06-21")
    assert table.count("│ 2020-06-") == 5


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_files(run, tmp_path, form):
    code, out, err = run("run", "xiangmihu", "--out", tmp_path / "new" / "out", "--format", form)
    assert (code, out) == (0, "")
    assert "notice: wrote 3 files" in err
    names = [f"xiangmihu-{what}.{form}" for what in ("divisor-changes", "holdings", "levels")]
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == names
    read = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}[form]
    changes, holdings, levels = (read(tmp_path / "new" / "out" / name) for name in names)
    assert (len(changes), len(levels)) == (76, 243)
    assert list(holdings.columns) == ["security", "start", "stop", "index_shares"]


def test_a_methodology_of_ones_own(run, tmp_path):
    code, out, _ = run("new", "my-index")
    assert code == 0
    assert "fintech-index run my-index.toml" in out
    assert len((tmp_path / "my-index.toml").read_text().splitlines()) == 10
    code, out, _ = run("run", "my-index.toml", "xiangmihu", "--format", "csv", "--start", "2020-12-31")
    assert code == 0
    assert [line.split(",")[0] for line in out.splitlines()] == ["index", "my-index", "xiangmihu"]
    code, _, err = run("new", "my-index")
    assert code == 2
    assert "my-index.toml is there already" in err


def test_list(run):
    code, out, _ = run("list")
    assert code == 0
    assert "xiangmihu" in out
    assert "2020-01-02 = 1000" in out
    _, out, _ = run("list", "--format", "json")
    assert json.loads(out)[0]["title_zh"] == "国证香蜜湖金融科技指数（方法复现）"


def test_constituents(run):
    code, out, err = run("constituents", "xiangmihu", "--date", "2020-06-15")
    assert code == 0
    assert "xiangmihu  2020-06-15  47 constituents" in out
    assert "notice: These levels reproduce" in err
    _, out, _ = run("constituents", "xiangmihu", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 48
    assert rows[0] | {"close": "", "weight": ""} == {
        "index": "xiangmihu",
        "date": "2020-12-31",
        "security": "300059.SZ",
        "name": "东方财富",
        "free_float": "6346293737",
        "capping_factor": "0.207597554213",
        "index_shares": "1317475058",
        "close": "",
        "weight": "",
    }


def test_explain(run):
    code, out, _ = run("explain", "xiangmihu", "--date", "2020-05-21")
    assert code == 0
    assert "-25.4104" in out.splitlines()[-2]  # the sum is the change of the level
    _, out, _ = run("explain", "xiangmihu", "--date", "2020-05-21", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert sum(float(row["price"]) for row in rows) == pytest.approx(-25.4104)
    assert {row["kind"] for row in rows} == {"constituent", "event", "rounding"}


@pytest.mark.parametrize(
    "command",
    [
        "",
        "list",
        "run",
        "constituents",
        "explain",
        "events",
        "review",
        "sweep",
        "data",
        "data check",
        "data import",
        "data import tushare",
        "new",
    ],
)
def test_every_help_text_has_an_example_or_leads_to_one(run, command):
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert "Example:" in out or "Commands:" in out


def test_each_index_has_its_own_places(run, tmp_path):
    (tmp_path / "two.toml").write_text('name = "two"\nbase.date = 2020-01-02\nrounding.level_decimals = 2\n')
    _, out, _ = run("run", "xiangmihu", "two.toml", "--format", "csv", "--start", "2020-12-31")
    places = [len(line.split(",")[2].partition(".")[2]) for line in out.splitlines()[1:]]
    assert places == [4, 2]


def test_a_terminal_without_chinese_characters(tmp_path):
    command = "from fintech_index.cli import main; main(['run'])"
    done = subprocess.run(
        [sys.executable, "-c", command],
        capture_output=True,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "latin-1"},
        check=True,
    )
    assert b"????" in done.stdout


def test_as_a_module(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fintech_index", "--version"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.startswith("fintech-index, version ")
