"""Broken and hostile input, made from good input: nothing but an error of ours comes of it, soon, and in little memory.

``python mutations.py SEED COUNT`` makes COUNT mutants and tries each in this process. What came of them is printed as
JSON: how many there were and how many were refused, the raw exceptions, the slowest in seconds, the peak in MB.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import fintech_index as fi
from fintech_index.errors import FintechIndexError
from fintech_index.market.tushare import import_tushare
from fintech_index.methodology import shipped
from fintech_index.publication import read_outcome
from safety.kill_points import DAYS, TOML, vendor

CELLS = [
    *("", " ", "nan", "NaN", "inf", "-inf", "-1", "0", "1e400", "1e-400", "1e999999999", "-1e-999999999", "9" * 400),
    *(
        "9007199254740993.0",
        "1_000",
        "0x10",
        "true",
        "None",
        "[]",
        "{}",
        "a" * 3_000,
        "十",
        "\x00",
        "\x1b[31m",
        "\ufeff",
    ),
    *(
        "2020-06-15",
        "20200615",
        "0001-01-01",
        "9999-12-31",
        "12000-01-01",
        "2020-02-30",
        "2020-W25-1",
        "2020-06-15T08:00",
    ),
    *("600000.SH", "300001.SZ", "999999.SH", "cash_dividend", "bonus", "split", "merger", "spin_off", "rename", "XSHG"),
]
BYTES = [
    b"\xff",
    b"\x00",
    b"\xe9t",
    b"\xa4\xa4\xa4\xe5",
    b"\n",
    b'"',
    b",",
    b";",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"[",
    b".",
]
TEXTS = ["[[[[[[", '"', "= 1e999999999", "= 0x" + "f" * 300, "= []", "= {}", "= true", "= -1", "= nan", "= 99999-01-01"]


def column_of(chance, rows):
    """A column of any kind."""
    kinds = [
        lambda: pa.array([[1.0]] * rows),
        lambda: pa.array([{"a": 1}] * rows),
        lambda: pa.array([None] * rows, pa.null()),
        lambda: pa.array([chance.choice([2**31 - 1, -(2**31), 0])] * rows, pa.date32()),
        lambda: pa.array([chance.choice([2**62, -(2**62)])] * rows, pa.date64()),
        lambda: pa.array([2**50] * rows, pa.timestamp("s", "Asia/Shanghai")),
        lambda: pa.array([2**62] * rows, pa.timestamp("ns")),
        lambda: pa.array([2**63 - 1] * rows, pa.int64()),
        lambda: pa.array([2**64 - 1] * rows, pa.uint64()),
        lambda: pa.array([float("nan"), float("inf")][: 1 + (rows > 1)] * rows, pa.float64()).slice(0, rows),
        lambda: pa.array([True] * rows),
        lambda: pa.array([b"\xff\xfe"] * rows, pa.binary()),
        lambda: pa.array([10**30] * rows, pa.decimal256(50, 5)),
        lambda: pa.array(["x" * 5_000] * rows).dictionary_encode(),
        lambda: pa.array([chance.choice(CELLS) for _ in range(rows)]),
        lambda: pa.array([1] * rows, pa.duration("s")),
        lambda: pa.array([1] * rows, pa.time64("us")),
        lambda: pa.array([1.5] * rows, pa.float32()),
    ]
    return chance.choice(kinds)()


def mutated_table(path, chance):
    """Write a table anew with one of its columns, rows or names wrong."""
    table = pq.read_table(path)
    at = chance.randrange(table.num_columns)
    name = table.column_names[at]
    what = chance.randrange(6)
    if what == 0:
        table = table.drop_columns([name])
    elif what == 1:
        table = table.rename_columns([chance.choice([each, each, "", "x", "date"]) for each in table.column_names])
    elif what == 2:
        table = pa.concat_tables([table, table.slice(0, 1)])
    elif what == 3:
        table = table.replace_schema_metadata({b"pandas": chance.choice([b"{", b"[]", b"null", b'{"columns": 5}'])})
    else:
        table = table.set_column(at, name, column_of(chance, len(table)))
    pq.write_table(table, path)


def mutated_bytes(content, chance):
    """Change some bytes, lines or cells."""
    if not content:
        return b"x"
    what = chance.randrange(7)
    at = chance.randrange(len(content))
    if what == 0:
        return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
    if what == 1:
        return content[:at]
    if what == 2:
        return content[:at] + chance.choice(BYTES) + content[at:]
    lines = content.split(b"\n")
    line = chance.randrange(len(lines))
    if what == 3:
        lines.insert(chance.randrange(len(lines)), lines[line])
    elif what == 4:
        del lines[line]
    elif what == 5:
        lines[line] += chance.choice(TEXTS).encode()
    else:
        cells = lines[line].split(b",")
        cells[chance.randrange(len(cells))] = chance.choice(CELLS).encode("utf-8", "surrogatepass")
        lines[line] = b",".join(cells)
    return b"\n".join(lines)


class World:
    """Good input of every kind, in a folder."""

    def __init__(self, place):
        self.place, self.vendor = place, vendor(place / "vendor", DAYS)
        self.parquet, self.csv = place / "parquet", place / "csv"
        import_tushare(self.vendor, self.parquet)
        self.csv.mkdir()
        happened = pd.DataFrame(
            {"ex_date": ["2020-06-03"] * 2, "security": ["600000.SH", "300001.SZ"], "kind": ["bonus", "cash_dividend"]}
        ).assign(ratio=[0.1, np.nan], cash=[np.nan, 0.5], record_date="2020-06-02", pay_date="")
        happened.to_csv(self.parquet / "actions.csv", index=False)
        for name in ("prices", "shares", "securities", "actions"):
            path = next(self.parquet.glob(f"{name}.*"))
            frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
            frame.to_csv(self.csv / f"{name}.csv", index=False)
        self.toml = place / "tiny.toml"
        self.toml.write_text(TOML)
        self.method, self.market = fi.Methodology.load(self.toml), fi.MarketData.open(self.csv)
        self.state = fi.calculate(self.method, self.market).state("2020-06-04").to_json()
        self.methods = [path.read_bytes() for path in shipped("methodology").glob("*.toml")] + [TOML.encode()]
        self.outcomes = [path.read_bytes() for path in sorted(shipped("constituents").glob("*/*.csv"))[:5]]

    def folder(self, source, chance):
        """Try a market folder with one of its tables wrong."""
        copy = self.place / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        spared = ("import.json", "import-report.csv")
        path = chance.choice([each for each in sorted(copy.iterdir()) if each.is_file() and each.name not in spared])
        if path.suffix == ".parquet" and chance.random() < 0.7:
            mutated_table(path, chance)
        else:
            path.write_bytes(mutated_bytes(path.read_bytes(), chance))
        return copy

    def attempt(self, chance):
        """Make a mutant of some kind and try it; give the kind."""
        kind = chance.choice(
            ["csv", "csv", "parquet", "parquet", "memory", "vendor", "toml", "toml", "outcome", "state"]
        )
        if kind in ("csv", "parquet"):
            _ = fi.calculate(self.method, fi.MarketData.open(self.folder(getattr(self, kind), chance))).levels
        elif kind == "memory":
            table = pq.read_table(self.parquet / "prices.parquet")
            at = chance.randrange(table.num_columns)
            table = table.set_column(at, table.column_names[at], column_of(chance, len(table)))
            _ = fi.calculate(
                self.method, fi.MarketData.from_tables(table, shares=pd.read_csv(self.csv / "shares.csv"))
            ).levels
        elif kind == "vendor":
            shutil.rmtree(self.place / "imported", ignore_errors=True)
            import_tushare(self.folder(self.vendor, chance), self.place / "imported")
        elif kind == "toml":
            (self.place / "mutant.toml").write_bytes(mutated_bytes(chance.choice(self.methods), chance))
            fi.Methodology.load(self.place / "mutant.toml")
        elif kind == "outcome":
            (self.place / "mutant.csv").write_bytes(mutated_bytes(chance.choice(self.outcomes), chance))
            read_outcome(self.place / "mutant.csv")
        else:
            text = mutated_bytes(self.state.encode(), chance).decode("utf-8", "replace")
            _ = fi.calculate(self.method, self.market, resume=fi.State.from_json(text)).levels
        return kind


def is_fit_to_print(text):
    """Tell whether a message has no control characters and no long word."""
    return all(each.isprintable() or each == "\n" for each in text) and max(map(len, text.split()), default=0) < 300


def attempts(seed, count):
    raw, slowest, kinds = [], 0.0, Counter()
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        for number in range(count):
            chance, begun = random.Random(f"{seed} {number}"), time.monotonic()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    world.attempt(chance)
                kinds["taken"] += 1
            except FintechIndexError as error:
                kinds["refused"] += 1
                if not is_fit_to_print(str(error)):
                    raw.append(f"{number}: not fit to print: {str(error)!r:.300}")
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                raw.append(f"{number}: {type(error).__name__}: {error!s:.200}")
            slowest = max(slowest, time.monotonic() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"mutants": count, **kinds, "raw": raw, "slowest": round(slowest, 2), "peak": peak}


if __name__ == "__main__":
    print(json.dumps(attempts(int(sys.argv[1]), int(sys.argv[2]))))
