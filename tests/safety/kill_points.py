"""Kills a command at every call that changes a name or waits for the disk, and looks at what is there afterwards.

``python kill_points.py CASE FOLDER STEP RANDOM`` imports everything once and forks a process for every STEP-th point: the
n-th call in it is its last. Then the case says whether what is there is the old set or the new one, the command is run again, and
nothing of ours may be left aside. RANDOM more processes are killed at any time. What came of it is printed as JSON.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pandas as pd

import fintech_index as fi
from fintech_index.cli import main
from fintech_index.errors import FintechIndexError
from fintech_index.files import _writing
from fintech_index.market import _opening
from fintech_index.market.importers import import_tushare

CHANGES = ("rename", "replace", "unlink", "remove", "mkdir", "rmdir", "link", "symlink", "fsync", "chmod", "truncate")
DAYS = [day.strftime("%Y%m%d") for day in pd.bdate_range("2020-06-01", periods=6)]
CODES = ("600000.SH", "300001.SZ")

TOML = """
name = "tiny"
base = { date = 2020-06-01, value = 1000 }
universe.securities = ["600000.SH", "300001.SZ"]
review.months = []
"""


def vendor(folder, days):
    """Tushare's tables of some days."""
    folder.mkdir(parents=True, exist_ok=True)
    prices = dict.fromkeys(("open", "high", "low", "close", "pre_close"), 10.0)
    keys = [{"ts_code": code, "trade_date": day} for code in CODES for day in days]
    pd.DataFrame([key | prices | {"vol": 100.0, "amount": 5.0} for key in keys]).to_parquet(folder / "daily.parquet")
    counts = {"close": 10.0, "total_share": 300.0, "float_share": 200.0, "free_share": 100.0}
    pd.DataFrame([key | counts for key in keys]).to_parquet(folder / "daily_basic.parquet")
    return folder


def bytes_of(folder):
    """Every file below a folder but for what is written aside; None where there is no such folder."""
    if not folder.is_dir():
        return None
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".fintech-index-" not in str(path)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


class Case:
    """A command, what it writes to, and the files of somebody else that are there."""

    def __init__(self, name, place):
        self.name, self.place, self.out = name, place, place / "out"
        self.first, self.second = vendor(place / "first", DAYS[:4]), vendor(place / "second", DAYS)
        self.market, self.begun, self.toml = place / "market", place / "begun", place / "tiny.toml"
        if not self.market.exists():
            import_tushare(self.second, self.market)
            self.toml.write_text(TOML)

    def prepare(self):
        for path in self.place.glob(".*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(self.out, ignore_errors=True)
        if self.name == "import":
            return
        if self.name == "store":
            shutil.copytree(self.market, self.out)
            return
        if self.name == "append":
            if not self.begun.exists():
                import_tushare(self.first, self.begun)
            shutil.copytree(self.begun, self.out)
        else:
            self.out.mkdir()
            for name in ("levels", "divisor-changes", "holdings"):
                (self.out / f"tiny-{name}.csv").write_text("old")
        (self.out / "notes").mkdir()
        (self.out / "notes" / "mine.md").write_text("mine")
        (self.out / "mine.txt").write_text("mine too")

    def command(self):
        if self.name in ("import", "append"):
            source = self.second if self.name == "append" else self.first
            import_tushare(source, self.out, append=self.name == "append")
        elif self.name == "store":
            fi.MarketData.open(self.out)
        else:
            arguments = ["run", str(self.toml), "--out", str(self.out)]
            if self.name == "review":
                arguments = ["review", str(self.toml), "--out", str(self.out)]
            main([*arguments, "--data", str(self.market)], standalone_mode=False)

    def others(self):
        if self.name in ("import", "store"):
            return []
        return [
            (path.stat().st_ino, path.read_text()) for path in (self.out / "notes" / "mine.md", self.out / "mine.txt")
        ]

    def is_whole(self):
        """Tell whether a market that is there can be opened."""
        if self.name in ("import", "append", "store") and self.out.is_dir() and any(self.out.iterdir()):
            fi.MarketData.open(self.out, store=False)

    def left_aside(self):
        names = [path.name for path in (*self.place.glob(".*"), *self.out.rglob("*")) if path.exists()]
        # The lock of a store is free, and goes with the next build.
        return [name for name in names if ".fintech-index-" in name or name.startswith(".building-")]


def child(case, point):
    """Run a command in a process that dies at its `point`-th change; give its exit status."""
    process = os.fork()
    if process:
        return process
    seen = 0

    def counted(function):
        def call(*given, **named):
            nonlocal seen
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*given, **named)

        return call

    for name in CHANGES:
        setattr(os, name, counted(getattr(os, name)))
    _writing.exchange = counted(_writing.exchange)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        case.command()
    except (FintechIndexError, SystemExit):
        os._exit(2)
    except BaseException:  # noqa: BLE001 - said by the exit code
        os._exit(3)
    os._exit(0)


def waited(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def look(case, old, new, found, others):
    """Look at what a killed run has left, and run the command again."""
    found["touched"] += others != case.others()
    now = bytes_of(case.out)
    if case.name == "store":  # the tables are there, whatever became of the store
        now = {name: content for name, content in now.items() if not name.startswith(".")}
    found["old" if now == old else "new" if now == new else "bad"] += 1
    case.is_whole()
    again = waited(child(case, 0))
    if again not in ((0,) if now == old and now != new else (0, 2)):
        found["failed_again"] += 1
    found["left"] += case.left_aside()
    found["touched"] += others != case.others()


def kill(case, step, times):
    case.prepare()
    old = bytes_of(case.out)
    begun = time.monotonic()
    whole = waited(child(case, 0))
    took = time.monotonic() - begun
    new = bytes_of(case.out)
    if case.name == "store":
        new = old
    found = {"points": 0, "old": 0, "new": 0, "bad": 0, "failed_again": 0, "left": [], "touched": 0, "whole": whole}
    for point in range(1, 1000, step):
        case.prepare()
        others = case.others()
        if waited(child(case, point)) != -signal.SIGKILL:
            break
        found["points"] += 1
        look(case, old, new, found, others)
    chance = random.Random(5)
    for _ in range(times):
        case.prepare()
        others = case.others()
        process = child(case, 0)
        time.sleep(chance.random() * took)
        os.kill(process, signal.SIGKILL)
        waited(process)
        look(case, old, new, found, others)
    return found


if __name__ == "__main__":
    _opening.STORED_FROM = 1
    print(json.dumps(kill(Case(sys.argv[1], Path(sys.argv[2])), *map(int, sys.argv[3:]))))
