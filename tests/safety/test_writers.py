"""Several processes that write to one place at once: no work is lost, and no set is mixed."""

from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.market.tushare import import_tushare
from safety.commands import begin, opened
from safety.kill_points import DAYS, TOML, bytes_of, vendor
from safety.test_full_disk import market_of

pytestmark = pytest.mark.processes


def ended(processes):
    """Wait for all; give their exit codes and what they said."""
    told = [process.communicate(timeout=120) for process in processes]
    return [(process.returncode, err) for process, (_, err) in zip(processes, told, strict=True)]


@pytest.mark.parametrize("writers", [2, 4])
def test_appends_of_different_days_do_not_lose_each_other(writers, tmp_path, whole):
    """Each has one day more than the one before it: whoever comes late has nothing to add, and says so."""
    sources = [vendor(tmp_path / f"until-{day}", DAYS[: at + 1]) for at, day in enumerate(DAYS)]
    for turn in range(20 if whole else 2):
        out = tmp_path / f"out-{turn}"
        import_tushare(sources[0], out)
        wanted = range(1, writers + 1)
        done = ended([begin("data", "import", "tushare", sources[at], out, "--append") for at in wanted])
        assert all(code == 0 or (code == 2 and "nothing to append" in err) for code, err in done), done
        assert done[-1][0] == 0  # the longest one adds its days whenever it comes
        market = fi.MarketData.open(out)
        assert len(market.sessions) == writers + 1
        assert sorted(path.name for path in tmp_path.glob(".*")) == []


@pytest.mark.parametrize("writers", [2, 4])
def test_sets_of_a_run_are_never_mixed(writers, tmp_path, whole):
    (tmp_path / "tiny.toml").write_text(TOML)
    import_tushare(vendor(tmp_path / "vendor", DAYS), tmp_path / "market")
    ends = [pd.Timestamp(day).strftime("%Y-%m-%d") for day in DAYS[1 : writers + 1]]

    def arguments(end, out):
        return ["run", tmp_path / "tiny.toml", "--data", tmp_path / "market", "--end", end, "--out", out]

    alone = {}
    for end in ends:
        ended([begin(*arguments(end, tmp_path / f"alone-{end}"))])
        alone[end] = bytes_of(tmp_path / f"alone-{end}")
    for _ in range(20 if whole else 2):
        done = ended([begin(*arguments(end, tmp_path / "out")) for end in ends])
        assert [code for code, _ in done] == [0] * writers
        assert bytes_of(tmp_path / "out") in alone.values()
        assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_two_markets_keep_their_stores_in_one_place(tmp_path):
    folders = [market_of(tmp_path / name / "market", rows) for name, rows in (("a", 3_000), ("b", 4_000))]
    sums = [opened(folder, tmp_path / "stores")[1] for folder in folders]
    again = [opened(folder, tmp_path / "stores") for folder in folders]
    assert [out for _, out, _ in again] == sums
    assert all("store" not in err for _, _, err in again)
    assert len([path for path in (tmp_path / "stores").iterdir() if len(path.name) == 32]) == 2
