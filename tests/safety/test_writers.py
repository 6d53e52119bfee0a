"""Several processes that write to one place at once: no work is lost, and no set is mixed."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.market.importers import import_tushare
from safety.commands import OPEN, begin, opened
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
    for turn in range(20 if whole else 4 // writers):
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
    for _ in range(20 if whole else 4 // writers):
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


@pytest.mark.parametrize("writers", [2, pytest.param(4, marks=pytest.mark.whole)])
def test_stores_that_are_built_in_one_place_at_once(writers, tmp_path, whole):
    """Half of the processes open one market, half the other: each gets its own, and both stores stay."""
    folders = [market_of(tmp_path / name / "market", rows) for name, rows in (("a", 3_000), ("b", 4_000))]
    sums = [opened(folder, tmp_path / name)[1] for name, folder in zip("xy", folders, strict=True)]
    for turn in range(20 if whole else 1):
        place = tmp_path / f"stores-{turn}"
        commands = [[sys.executable, "-c", OPEN, folder, place] for folder in folders * (writers // 2)]
        pipe = subprocess.PIPE
        done = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for command in commands]
        told = [process.communicate(timeout=120) for process in done]
        assert [out for out, _ in told] == sums * (writers // 2)
        assert all("store" not in err for _, err in told)
        assert sorted(len(path.name) for path in place.iterdir()) == [32, 32]  # no lock, and nothing unfinished


@pytest.mark.parametrize("here", [False, True])
def test_a_market_that_is_written_while_it_is_read_is_old_or_new(here, tmp_path, whole):
    """Also where its files take their places one by one, as they do where the writer stands in the folder."""
    sources = [vendor(tmp_path / f"until-{day}", DAYS[: at + 1]) for at, day in enumerate(DAYS)]
    out, seen = tmp_path / "out", set()
    for _ in range(5 if whole else 1):
        import_tushare(sources[3], out)
        for many in (5, 6) if whole else (5,):
            arguments = ["data", "import", "tushare", sources[many - 1], out, "--append"]
            with begin(*arguments, cwd=out if here else tmp_path) as process:
                while process.poll() is None:
                    sessions = len(fi.MarketData.open(out).sessions)
                    assert sessions in (many - 1, many)
                    seen.add(sessions)
                assert process.communicate()[0].endswith(f"{many} sessions\n")
        for path in out.iterdir():
            path.unlink()
    assert seen >= {4, 5}
