"""What gates say on the command line, and what they stop."""

from __future__ import annotations

import pandas as pd
import pytest

from fintech_index.methodology import shipped


@pytest.fixture
def half(tmp_path):
    """The embedded data without most of its last day."""
    source = shipped("constituents", "market")
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    prices = pd.read_parquet(tmp_path / "prices.parquet")
    last = prices["date"] == prices["date"].max()
    prices[~last | (prices["security"] < "002000")].to_parquet(tmp_path / "prices.parquet", index=False)
    return tmp_path


def test_an_error_stops_the_run(run, half):
    code, out, err = run("run", "xiangmihu", "--data", half, "--format", "csv", "--out", half / "out")
    assert (code, out) == (1, "")
    assert "error: xiangmihu: gate completeness: 2020-12-31: " in err
    assert "--accept completeness shows them" in err
    assert not (half / "out").exists()


@pytest.mark.parametrize("accepted", ["completeness", "all"])
def test_what_is_accepted_is_shown_and_still_said(run, half, accepted):
    code, out, err = run("run", "xiangmihu", "--data", half, "--format", "csv", "--accept", accepted)
    assert code == 0
    assert out.startswith("index,date,price")
    assert "gate completeness" in err


def test_an_unknown_gate(run):
    code, out, err = run("run", "xiangmihu", "--accept", "completness")
    assert (code, out) == (2, "")
    assert "no such gate (did you mean 'completeness'?)" in err


def test_a_folder_without_actions_is_warned_of(run, half):
    (half / "actions.csv").write_text("ex_date,security,kind\n")
    code, _, err = run("run", "xiangmihu", "--data", half, "--accept", "all")
    assert code == 0
    assert "warning: xiangmihu: gate terms: no corporate action in 243 sessions: is `actions` complete?" in err


@pytest.mark.parametrize("vendor", ["tushare", "akshare", "baostock", "jqdata", "qlib", "wind"])
def test_every_vendor_has_a_command(run, vendor, tmp_path):
    code, out, _ = run("data", "import", vendor, "--help")
    assert code == 0
    assert f"Example: fintech-index data import {vendor}" in out
    code, _, err = run("data", "import", vendor, tmp_path / "nowhere", tmp_path / "out")
    assert code == 2
    assert f"there is no folder {tmp_path / 'nowhere'}: give one that holds {vendor}'s" in err
