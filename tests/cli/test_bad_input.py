"""Bad input, as a user meets it: exit code 2, a summary, a line a problem, no traceback, nothing written."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pandas as pd
import pytest

from fintech_index.methodology import shipped


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(shipped("constituents", "market"), tmp_path / "market")
    return tmp_path / "market"


def assert_refused(result, *messages):
    code, out, err = result
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    for message in messages:
        assert message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "xiangmihi"], "error: no index 'xiangmihi' in the catalogue: did you mean 'xiangmihu'?"),
        (["run", "none.toml"], "error: cannot read none.toml: No such file or directory"),
        (["run", "--data", "nowhere"], "error: there is no folder nowhere"),
        (
            ["run", "--start", "2020-06-02", "--end", "2020-06-01"],
            "error: --start 2020-06-02 is after --end 2020-06-01",
        ),
        (
            ["run", "--start", "9999-12-31"],
            "error: xiangmihu: no session from 9999-12-31 to the last; the levels run from 2020-01-02",
        ),
        (
            ["run", "--start", "2021-01-01"],
            "error: xiangmihu: no session from 2021-01-01 to the last; the levels run from 2020-01-02",
        ),
        (
            ["run", "--start", "2020-10-01", "--end", "2020-10-08"],
            "error: xiangmihu: no session from 2020-10-01 to 2020-10-08",
        ),
        (["run", "--start", "soon"], "Invalid value for '--start'"),
        (["run", "--out", ""], "it is empty"),
        (["run", "--data", ""], "it is empty"),
        (["run", "--format", "xml"], "'xml' is not one of"),
        (
            ["constituents", "xiangmihu", "--date", "2020-06-13"],
            "error: 2020-06-13 is no session of the market data; the nearest: 2020-06-12, 2020-06-15",
        ),
        (["explain", "xiangmihu", "--date", "2020-01-02"], "is the base session"),
        (["explain", "xiangmihu", "--date", "2019-01-02"], "2019-01-02 is no session"),
        (["constituents"], "Missing argument 'INDEX'"),
        (["new", "../x"], "error: '../x' cannot name an index"),
        (["data", "check", "nowhere"], "error: there is no folder nowhere"),
        (["data", "import", "tushare", "nowhere", "out"], "error: there is no folder nowhere"),
    ],
)
def test_requests(run, tmp_path, arguments, message):
    assert_refused(run(*arguments), message)
    assert list(tmp_path.iterdir()) == []


def rewrite(folder, name, edit):
    path = next(folder.glob(f"{name}.*"))
    frame = edit(pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path))
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)


def with_close(value):
    return lambda frame: frame.assign(close=frame["close"].where(frame.index != 5, value))


def adjusted(frame):
    return frame.assign(
        close=frame["close"].where(frame["date"].astype(str) > "2020-07-10", (frame["close"] / 2).round(2))
    ).drop(columns="pre_close")


def back_adjusted(frame):
    for code, date, ratio in (
        ("300059.SZ", "2020-05-21", 0.2),
        ("600570.SH", "2020-06-05", 0.3),
        ("300773.SZ", "2020-06-01", 1.0),
    ):
        before = (frame["security"] == code) & (frame["date"].astype(str) < date)
        frame.loc[before, "close"] = (frame.loc[before, "close"] / (1 + ratio)).round(2)
    keep = frame["security"].isin(["300059.SZ", "600570.SH", "300773.SZ"])
    return frame[keep].drop(columns="pre_close")


@pytest.mark.parametrize(
    ("table", "edit", "message"),
    [
        ("prices", lambda frame: frame.drop(columns="close"), "prices: the column 'close' is missing"),
        (
            "prices",
            lambda frame: pd.concat([frame, frame.head(1)]),
            "prices: 2 rows have the key date, security = 2020-01-02, 000555.SZ",
        ),
        ("prices", with_close(0.0), "prices, row 6: close is 0.0, which is not above 0"),
        ("prices", with_close(-3.0), "prices, row 6: close is -3.0, which is not above 0"),
        ("prices", with_close(10.0**30), "prices, row 6: close is 1e+30, which is not below 1e+18"),
        (
            "shares",
            lambda frame: frame[frame["security"] != "300059.SZ"],
            "300059.SZ: no row of `shares` on or before 2020-01-02",
        ),
        ("shares", lambda frame: frame.assign(free_float=4 * 10**17), "headroom exceeded"),
        ("actions", lambda frame: frame.assign(security="300058.SZ"), "unknown security '300058.SZ' (did you mean"),
    ],
)
def test_folders(run, tmp_path, folder, table, edit, message):
    rewrite(folder, table, edit)
    code, out, err = run("run", "xiangmihu", "--data", folder, "--out", tmp_path / "out")
    assert_refused((code, out, err), message)
    assert not (tmp_path / "out").exists()


def test_adjusted_prices_with_actions(run, folder):
    rewrite(folder, "prices", back_adjusted)
    rewrite(folder, "securities", lambda frame: frame)
    rewrite(folder, "actions", lambda frame: frame[frame["security"].isin(["300059.SZ", "600570.SH", "300773.SZ"])])
    assert_refused(run("run", "--data", folder), "error: prices look adjusted: on 3 of 3 ex-dates")


@pytest.mark.parametrize("table", ["securities", "prices", "shares", "actions"])
def test_a_missing_table(run, folder, table):
    next(folder.glob(f"{table}.*")).unlink()
    assert_refused(run("run", "--data", folder), f"the table {table} is missing ({table}.parquet or {table}.csv)")


def test_an_unreadable_file(run, folder):
    (folder / "prices.parquet").write_bytes(b"PAR1 but no more")
    assert_refused(run("run", "--data", folder), "prices.parquet cannot be read as Parquet")
    code, out, _ = run("data", "check", folder)
    assert code == 2
    assert "cannot be read as Parquet" in out


def test_twenty_problems_and_a_count(run, folder):
    rewrite(folder, "prices", lambda frame: frame.assign(close=-1.0).head(30))
    code, _, err = run("run", "--data", folder)
    assert code == 2
    assert len(err.splitlines()) == 1 + 20 + 1
    assert err.splitlines()[-1] == "  ... and 10 more"


def test_an_unknown_key(run, tmp_path):
    (tmp_path / "bad.toml").write_text('name = "bad"\nbase.date = 2020-01-02\nweighting.single_kap = 0.10\n')
    assert_refused(
        run("run", "bad.toml"),
        "bad.toml: 1 wrong in the methodology",
        "weighting.single_kap: no such key (its value is 0.10) (did you mean 'single_cap'?)",
    )


def test_a_cap_on_nine_names(run, tmp_path):
    codes = pd.read_csv(shipped("constituents", "market", "securities.csv"))["security"].tolist()[:9]
    (tmp_path / "nine.toml").write_text(
        f'name = "nine"\nbase.date = 2020-01-02\nuniverse.securities = {codes}\nweighting.single_cap = 0.10\n'.replace(
            "'", '"'
        )
    )
    assert_refused(
        run("run", "nine.toml"),
        "nine, review effective 2020-01-02: the caps cannot be met: 9 names can fill at most 90 %",
        "A cap of 10 % needs 10 names",
    )


def test_two_methodologies_of_one_name(run, tmp_path):
    (tmp_path / "copy.toml").write_text(
        shipped("methodology", "xiangmihu.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert_refused(run("run", "xiangmihu", "copy.toml"), "two methodologies have one name")


def test_one_bad_index_of_two_writes_nothing(run, tmp_path):
    (tmp_path / "bad.toml").write_text('name = "bad"\nbase.date = 2020-01-04\n')
    assert_refused(
        run("run", "xiangmihu", "bad.toml", "--out", tmp_path / "out"), "bad: the base date 2020-01-04 is no session"
    )
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run("run", "--out", tmp_path / "file")
    assert code == 2
    assert "error: cannot write to" in err


def test_data_check_prints_twenty_and_writes_all(run, folder, tmp_path):
    rewrite(folder, "prices", lambda frame: frame[frame["date"].astype(str) > "2020-02-14"])
    code, out, _ = run("data", "check", folder)
    assert code == 0  # fewer sessions are no contradiction
    rewrite(folder, "shares", lambda frame: frame.assign(float=frame["free_float"] - 1))
    code, out, _ = run("data", "check", folder, "--out", tmp_path / "all.csv")
    assert code == 0
    assert len(out.splitlines()) == 20 + 1 + 2
    found = pd.read_csv(tmp_path / "all.csv")
    assert out.splitlines()[-1].endswith(f"0 breaches of the contract, 0 contradictions, {len(found)} doubts")
    assert len(found) > 100


def test_data_check_says_when_data_contradicts_itself(run, folder):
    rewrite(folder, "prices", lambda frame: frame[frame["date"].astype(str) != "2020-03-17"])
    code, out, _ = run("data", "check", folder)
    assert code == 1
    assert out.splitlines()[0] == "contradiction: prices 2020-03-17: no prices on a session of XSHG"


def test_an_import_says_what_it_left_out_and_is_done(run, tmp_path):
    (tmp_path / "vendor").mkdir()
    daily = {
        "ts_code": ["600000.SH"] * 2,
        "trade_date": ["20200601", "20200602"],
        "vol": [1.0, 0.0],
        "amount": [1.0, 0.0],
    }
    pd.DataFrame(daily | dict.fromkeys(["open", "high", "low", "close", "pre_close"], 10.0)).to_csv(
        tmp_path / "vendor" / "daily.csv", index=False
    )
    basic = {
        "ts_code": ["600000.SH"],
        "trade_date": ["20200601"],
        "close": [10.0],
        "total_share": [3.0],
        "float_share": [2.0],
        "free_share": [1.0],
    }
    pd.DataFrame(basic).to_csv(tmp_path / "vendor" / "daily_basic.csv", index=False)
    code, out, err = run("data", "import", "tushare", "vendor", "out")
    assert code == 0
    assert out == "out: 1 securities, 1 sessions\n"
    assert err == "notice: 2 flagged, 1 refused: see out/import-report.csv\n"  # and no progress bar in a pipe


def test_a_process_gives_the_code_and_no_traceback(tmp_path):
    """Through the real entry point, with a pipe that closes early as well."""
    command = [sys.executable, "-c", "from fintech_index.cli import main; main()"]
    done = subprocess.run([*command, "run", "xiangmihi"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no index 'xiangmihi'")
    pipe = subprocess.run(
        f"{sys.executable} -c 'from fintech_index.cli import main; main()' run --format csv | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert pipe.stdout == "index,date,price,gross,net,divisor,constituents\n"
    assert "Traceback" not in pipe.stderr


def test_a_folder_in_the_place_of_a_file(run, tmp_path):
    (tmp_path / "out" / "xiangmihu-holdings.csv").mkdir(parents=True)
    (tmp_path / "out" / "xiangmihu-levels.csv").write_text("old")
    assert_refused(run("run", "--out", tmp_path / "out", "--format", "csv"), "xiangmihu-holdings.csv: it is a folder")
    assert (tmp_path / "out" / "xiangmihu-levels.csv").read_text() == "old"


def test_nothing_is_written_through_a_link(run, tmp_path, folder):
    (tmp_path / "target.csv").write_text("mine")
    (tmp_path / "link.csv").symlink_to(tmp_path / "target.csv")
    code, _, err = run("data", "check", folder, "--out", tmp_path / "link.csv")
    assert code == 2
    assert "link.csv: it is a link; name the file that it leads to, or remove the link" in err
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "target.csv").read_text() == "mine"
