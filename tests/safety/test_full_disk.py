"""Disks that are full, at every step of a command: exit code 2, a line that says so, and the old files as they were."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from fintech_index.market.importers import import_tushare
from safety.commands import opened, run
from safety.kill_points import DAYS, TOML, bytes_of, vendor
from safety.test_kills import ROADS, injected

pytestmark = pytest.mark.processes


@pytest.fixture
def disk(tmp_path):
    """A file system of a given size, in KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = []

    def make(size):
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
            mounted.clear()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(place)], check=False)
        if done.returncode:
            pytest.skip("a file system in memory can be mounted by root alone")
        mounted.append(place)
        return place

    yield make
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


def filled(place, left):
    """Fill a file system but for some KiB."""
    with (place / "ballast").open("wb") as file:
        free = shutil.disk_usage(place).free
        file.write(bytes(max(0, free - left * 1024)))


@pytest.mark.parametrize("command", ["import", "append", "run", "review"])
def test_a_full_disk_leaves_what_was_there(command, disk, tmp_path, whole):
    (tmp_path / "tiny.toml").write_text(TOML)
    first, second = vendor(tmp_path / "first", DAYS[:4]), vendor(tmp_path / "second", DAYS)
    import_tushare(second, tmp_path / "market")
    failed = 0
    for left in range(0, 65, 4 if whole else 40):
        place = disk(1024)
        out = place / "out"
        if command == "append":
            import_tushare(first, out)
            arguments = ["data", "import", "tushare", second, out, "--append"]
        elif command == "import":
            out.mkdir()
            arguments = ["data", "import", "tushare", first, out]
        else:
            out.mkdir()
            for name in ("levels", "divisor-changes", "holdings"):
                (out / f"tiny-{name}.csv").write_text("old")
            (out / "tiny").mkdir()
            arguments = [command, tmp_path / "tiny.toml", "--data", tmp_path / "market", "--out", out]
        before = bytes_of(out)
        filled(place, left)
        code, _, err = run(*arguments)
        assert sorted(path.name for path in place.iterdir()) == ["ballast", "out"]
        assert "Traceback" not in err
        if code:
            failed += 1
            assert code == 2
            assert "No space left on device" in err.splitlines()[-1]
            assert bytes_of(out) == before
    assert failed


def market_of(folder, rows):
    """A market whose arrays are large enough to be mapped."""
    import_tushare(vendor(folder.parent / "some", DAYS), folder)
    dates = pd.bdate_range("2000-01-03", periods=rows)
    random = np.random.default_rng(1)
    prices = pd.DataFrame({"date": dates, "security": "600000.SH", "close": random.integers(100, 999, rows) / 100})
    pd.concat([prices, prices.assign(security="300001.SZ")]).to_parquet(folder / "prices.parquet")
    return folder


def test_a_store_that_there_is_no_room_for_is_done_without(disk, tmp_path, whole):
    """No process ends by SIGBUS: the space of mapped arrays is reserved before anything is written to them."""
    folder = market_of(tmp_path / "market", 20_000)
    code, wanted, _ = opened(folder, tmp_path / "stores")
    assert code == 0
    without = 0
    for left in range(0, 400, 8 if whole else 200):
        place = disk(1024)
        filled(place, left)
        code, out, err = opened(folder, place / "stores")
        assert (code, out) == (0, wanted), err
        if "has no store" in err:
            without += 1
            assert err.count("has no store") == 1
            assert not (place / "stores").exists() or list((place / "stores").iterdir()) == []
    assert without


@pytest.mark.parametrize("blocks", [0, 1, 4])
def test_a_limit_of_the_size_of_files(blocks, tmp_path):
    """`ulimit -f`: the same as a full disk."""
    (tmp_path / "tiny.toml").write_text(TOML)
    import_tushare(vendor(tmp_path / "first", DAYS), tmp_path / "market")
    out = tmp_path / "out"
    arguments = ["run", tmp_path / "tiny.toml", "--data", tmp_path / "market", "--out", out]
    code, _, err = run(*arguments, under=f"ulimit -f {blocks} &&")
    assert "Traceback" not in err
    if code:
        assert (code, out.exists()) == (2, False)
        assert "File too large" in err
    else:
        assert len(list(out.iterdir())) == 3


def test_a_file_system_that_is_the_folder_itself(disk, tmp_path):
    """It cannot be exchanged; full, or read-only, it keeps what it has."""
    (tmp_path / "tiny.toml").write_text(TOML)
    import_tushare(vendor(tmp_path / "vendor", DAYS), tmp_path / "market")
    out = disk(256)
    arguments = ["run", tmp_path / "tiny.toml", "--data", tmp_path / "market", "--out", out]
    assert run(*arguments)[0] == 0
    before = bytes_of(out)
    assert len(before) == 3
    filled(out, 4)
    code, _, err = run(*arguments, "--end", "2020-06-03")
    assert (code, "No space left on device" in err) == (2, True)
    (out / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(out)], check=True)
    code, _, err = run(*arguments, "--end", "2020-06-03")
    assert (code, "Read-only file system" in err) == (2, True)
    assert bytes_of(out) == before
    subprocess.run(["mount", "-o", "remount,rw", str(out)], check=True)
    assert run(*arguments, "--end", "2020-06-03")[0] == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(before)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


SHORT = {("append", "EIO"), ("run-here", "ENOSPC"), ("store", "ENOSPC")}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is what lets a system call go wrong")
@pytest.mark.parametrize(
    ("case", "what"),
    [
        pytest.param(case, what, marks=() if (case, what) in SHORT else pytest.mark.whole)
        for case in ROADS
        for what in ("ENOSPC", "EIO")
    ],
)
def test_every_system_call_may_fail(case, what, tmp_path, whole):
    """Then the old set is there, or the new one; nothing is left aside, but for what could not be removed."""
    found = injected(case, what, tmp_path, 0 if whole else 3)
    assert found["faults"] == []
    assert found["points"] == found["old"] + found["new"]
    assert set(found["codes"]) <= ({"0"} if case == "store" else {"0", "2"})
