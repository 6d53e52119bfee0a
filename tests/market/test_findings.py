from __future__ import annotations

import pandas as pd
import pytest

from fintech_index.errors import MarketDataError
from fintech_index.market import check_folder


def found(folder):
    done = check_folder(folder)
    assert done.broken == []
    return [str(finding) for finding in done.findings]


def change(folder, name, edit):
    path = next(folder.glob(f"{name}.*"))
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    frame = edit(frame)
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)


def test_the_embedded_data_has_one_doubt(folder):
    assert found(folder) == ["doubt: shares 2020-08-27 300803.SZ: free_float 56900000 is more than float 56899600"]


def test_a_count_that_a_bonus_has_not_moved(folder):
    """2020-06-05, 600570: as the vendor has it, before the import mends it."""
    change(
        folder,
        "shares",
        lambda frame: frame[~((frame["security"] == "600570.SH") & (frame["effective"].astype(str) == "2020-06-05"))],
    )
    assert (
        "contradiction: shares 2020-06-05 600570.SH: free_float 636729537 has not moved on the ex-date of a bonus of 0.3"
        in found(folder)
    )


def test_a_session_without_prices(folder):
    change(folder, "prices", lambda frame: frame[frame["date"].astype(str) != "2020-03-17"])
    assert "contradiction: prices 2020-03-17: no prices on a session of XSHG" in found(folder)


def test_prices_on_a_holiday(folder):
    def move(frame):
        extra = frame[frame["date"].astype(str) == "2020-10-09"].copy()
        extra["date"] = pd.to_datetime("2020-10-08").date()
        return pd.concat([frame, extra])

    change(folder, "prices", move)
    assert "contradiction: prices 2020-10-08: prices on a day that is no session of XSHG" in found(folder)


def test_reference_prices_are_compared_with_the_exchanges(folder):
    def edit(frame):
        frame.loc[(frame["security"] == "300033.SZ"), "cash"] = 0.95
        return frame[frame["security"] != "300579.SZ"]

    change(folder, "actions", edit)
    lines = found(folder)
    assert any(
        line.startswith("doubt: actions 2020-04-02 300033.SZ: the terms give a reference price of") for line in lines
    )
    assert any(
        line.startswith("doubt: prices 2020-05-11 300579.SZ: reference price") and "without terms" in line
        for line in lines
    )


def test_breaches_of_the_contract_come_first_and_alone(folder):
    change(folder, "prices", lambda frame: frame.assign(close=frame["close"].where(frame.index != 5, -1.0)))
    (folder / "shares.parquet").unlink()
    done = check_folder(folder)
    assert [str(problem).partition(" (")[0] for problem in done.broken] == [
        f"{folder}: the table shares is missing",
        "prices, row 6: close is -1.0, which is not above 0",
    ]
    assert (done.findings, done.reference_prices) == ([], 0)


def test_differences_of_reference_prices_come_by_size(folder):
    assert check_folder(folder).reference_prices == 38  # security-and-ex-date pairs, and all agree

    def edit(frame):
        cash = frame["kind"] == "cash_dividend"
        frame.loc[cash & (frame["security"] == "300033.SZ"), "cash"] = 0.95
        frame.loc[cash & (frame["security"] == "300773.SZ"), "cash"] = 22.0
        return frame

    change(folder, "actions", edit)
    off = [finding for finding in check_folder(folder).findings if finding.table == "actions"]
    assert [finding.security for finding in off] == ["300773.SZ", "300033.SZ"]
    assert off[0].size > off[1].size > 0
    assert off[0].what.endswith("(10.0 off)")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(MarketDataError, match="there is no folder"):
        check_folder(tmp_path / "none")


def test_prices_of_who_has_left_and_who_has_left_without_a_word(folder):
    def edit(frame):
        gone = {"ex_date": "2020-12-30", "security": "300059.SZ", "kind": "delisting"}
        return pd.concat([frame, pd.DataFrame([gone])])

    change(folder, "actions", edit)
    dates = {"300033.SZ": "2020-11-02"}
    change(folder, "securities", lambda frame: frame.assign(delisted=frame["security"].map(dates)))
    lines = found(folder)
    assert "contradiction: prices 2020-12-30 300059.SZ: 2 prices after the security has left on 2020-12-30" in lines
    assert any(
        line.startswith("doubt: securities 2020-11-02 300033.SZ: delisted, and no `delisting`") for line in lines
    )
