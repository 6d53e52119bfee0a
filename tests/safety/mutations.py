"""Broken and hostile input, made from good input: nothing but an error of ours comes of it, soon, and in little memory.

``python mutations.py SEED COUNT [FIRST]`` makes COUNT mutants and tries each in this process. What came of them is
printed as JSON: how many there were and how many were refused, the raw exceptions, the slowest in seconds, the peak in MB.
"""

from __future__ import annotations

import csv
import io
import json
import random
import resource
import shutil
import sys
import tempfile
import time
import tomllib
import traceback
import warnings
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa

import fintech_index as fi
from fintech_index.errors import FintechIndexError
from fintech_index.levels import _state_text
from fintech_index.market import _opening
from fintech_index.market.importers import import_tushare
from fintech_index.methodology import shipped
from fintech_index.publication import _outcome_file, encode_outcome, read_outcome, read_outcomes
from safety.kill_points import TOML
from safety.mutants import CELLS, mutated_bytes, mutated_table, mutated_tree, rewrite, toml_file

REVIEWED = """
name = "reviewed"
base = { date = 2020-01-07, value = 1000 }
universe.securities = ["600000.SH", "300001.SZ", "600001.SH", "600002.SH"]
eligibility.status = { exclude = ["st"], when = "monthly" }
eligibility.turnover = { drop_bottom = 0.2, lookback_months = 1 }
eligibility.seasoning.months = 1
eligibility.price.at_least = 0.1
ranking = { by = "free_float_cap", lookback_months = 1, ties = "listed" }
selection = { count = 3, buffer = { enter = 0.8, stay = 4 }, reserve = 1, turnover_limit = 0.5, relax = ["seasoning"] }
weighting = { by = "free_float_cap", single_cap = 0.6, relax = ["single_cap"] }
review = { months = [1, 2, 3], cutoff = { months_before = 0, session = 2 }, price_date = { sessions_before = 3 } }
actions = { share_changes = "at_once", special_dividend = "gross", spin_off = "stays" }
returns.dividends = "points"
"""
DAYS = [day.date().isoformat() for day in pd.bdate_range("2020-01-06", "2020-03-27")]
PLACES = {"600000.SH": "XSHG", "600001.SH": "XSHG", "600002.SH": "XSHG", "300001.SZ": "XSHE", "00700.HK": "XHKG"}
CLOSES = dict(zip(PLACES, (10.0, 20.0, 5.5, 8.25, 400.0), strict=True))
HAPPENED = [
    ("2020-02-03", "600000.SH", {"kind": "bonus", "ratio": 0.05, "source": "profit", "par": 1}),
    ("2020-02-03", "600000.SH", {"kind": "cash_dividend", "cash": 0.5, "record_date": "2020-01-31"}),
    ("2020-02-17", "600000.SH", {"kind": "dividend_correction", "cash": 0.1, "original_ex_date": "2020-02-03"}),
    ("2020-02-10", "300001.SZ", {"kind": "rights", "ratio": 0.05, "price": 5}),
    ("2020-02-11", "600001.SH", {"kind": "split", "ratio": 1.05}),
    ("2020-02-12", "600001.SH", {"kind": "special_dividend", "cash": 0.3}),
    ("2020-02-20", "600002.SH", {"kind": "issuance", "total": 9000, "free_float": 5000}),
    ("2020-03-03", "300001.SZ", {"kind": "restructuring", "price": 6}),
    ("2020-03-10", "600001.SH", {"kind": "spin_off", "child": "600002.SH", "ratio": 0.01}),
    ("2020-03-20", "600002.SH", {"kind": "merger", "acquirer": "600000.SH", "ratio": 0.5}),
]


def market_tables():
    """A small market with a row of everything."""
    rows = [(day, code, close) for code, close in CLOSES.items() for day in DAYS]
    rows = [row for row in rows if not (row[1] == "600002.SH" and row[0] >= "2020-03-20")]
    prices = pd.DataFrame(rows, columns=["date", "security", "close"]).assign(amount=1000.5, volume=100.0)
    keys = [{"ex_date": date, "security": code} | terms for date, code, terms in HAPPENED]
    counts = {code: 1000 * at for at, code in enumerate(PLACES, start=3)}
    described = pd.DataFrame({"security": list(PLACES), "name": "x", "exchange": PLACES.values(), "board": "main"})
    described["currency"] = ["HKD" if code.endswith("HK") else "CNY" for code in PLACES]
    described = described.assign(tick=0.01, listed="2019-01-02", category="PAY", issuer="a", score=1.5, country="CN")
    return {
        "prices": prices,
        "shares": pd.DataFrame([{"effective": "2020-01-01", "security": c, "total": 2 * n, "float": n, "free_float": n} for c, n in counts.items()]),
        "securities": described,
        "actions": pd.DataFrame(keys).astype({"total": "Int64", "free_float": "Int64"}),
        "status": pd.DataFrame([("600001.SH", "st", "2020-01-20", "2020-02-20"), ("300001.SZ", "st", "2020-03-01", None)], columns=["security", "kind", "start", "end"]),
        "fx": pd.DataFrame({"date": DAYS, "currency": "HKD", "rate": 0.9}),
        "rates": pd.DataFrame({"date": DAYS[:3], "name": "shibor", "rate": [1.5, 1.6, -0.1]}),
        "withholding": pd.DataFrame({"country": ["CN", "HK"], "effective": "2019-01-01", "rate": [0.1, 0.0]}),
        "sessions": pd.DataFrame({"date": [*DAYS, "2020-03-30"]}),
    }  # fmt: skip


def vendor_tables():
    """All of tushare's tables."""
    days = [day.replace("-", "") for day in DAYS[:8]]
    keys = pd.DataFrame([{"ts_code": code, "trade_date": day} for code in ("600000.SH", "300001.SZ") for day in days])
    prices = dict.fromkeys(("open", "high", "low", "close", "pre_close"), 10.0)
    dates = {"record_date": days[3], "ex_date": days[4], "pay_date": days[4]}
    return {
        "daily": keys.assign(**prices, vol=100.0, amount=5.0),
        "daily_basic": keys.assign(close=10.0, total_share=300.0, float_share=200.0, free_share=100.0),
        "suspend_d": pd.DataFrame({"ts_code": ["600000.SH"], "trade_date": days[2], "suspend_timing": None, "suspend_type": "S"}),
        "stock_basic": pd.DataFrame({"ts_code": ["600000.SH", "300001.SZ"], "name": "浦发", "list_date": "20100101", "market": ["主板", "创业板"], "area": "上海", "enname": "x", "delist_date": None}),
        "dividend": pd.DataFrame([{"ts_code": "600000.SH", "div_proc": "实施", "stk_div": 0.1, "cash_div_tax": 0.2} | dates]),
        "namechange": pd.DataFrame({"ts_code": ["600000.SH"], "name": "*ST x", "start_date": days[1], "end_date": days[3]}),
    }  # fmt: skip


def write_tables(folder, tables, ending):
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = folder / f"{name}.{ending}"
        if ending == "csv":
            table.to_csv(path, index=False)
        else:
            table.to_parquet(path, index=False)
    return folder


class World:
    """Good input of every kind, in a folder; `tries` of it, each with something wrong."""

    def __init__(self, place):
        self.place, self.tables = place, market_tables()
        self.csv = write_tables(place / "csv", self.tables, "csv")
        self.parquet = write_tables(place / "parquet", self.tables, "parquet")
        self.arrow = {name: pa.Table.from_pandas(table, preserve_index=False) for name, table in self.tables.items()}
        self.vendor = write_tables(place / "vendor", vendor_tables(), "parquet")
        self.vendor_csv = write_tables(place / "vendor_csv", vendor_tables(), "csv")
        self.beside = place / "beside"
        write_tables(self.beside, {name: self.tables[name] for name in ("actions", "securities")}, "csv")
        lines = [
            f"prices,{DAYS[1]},600000.SH,,close,10.5",
            f"shares,{DAYS[1]},600000.SH,,total,3000000",
            "securities,,600000.SH,,name,y",
        ]
        (self.beside / "corrections.csv").write_text(
            "\n".join(["table,date,security,kind,column,value", *lines]) + "\n"
        )
        first = {
            name: table[table["trade_date"] < DAYS[5].replace("-", "")] if "trade_date" in table else table
            for name, table in vendor_tables().items()
        }
        self.begun = place / "begun"
        import_tushare(write_tables(place / "first", first, "parquet"), self.begun)
        self.market = fi.MarketData.open(self.csv)
        self.texts = {"tiny": TOML.replace("2020-06-01", "2020-01-07"), "reviewed": REVIEWED}
        for name, text in self.texts.items():
            (place / f"{name}.toml").write_text(text)
        self.methods = [fi.Methodology.load(place / f"{name}.toml") for name in self.texts]
        self.states = [fi.calculate(method, self.market).state("2020-03-04").to_json() for method in self.methods]
        outcomes = [encode_outcome(each) for each in fi.calculate(self.methods[1], self.market).baskets.outcomes]
        self.outcomes = outcomes + [path.read_bytes() for path in sorted(shipped("constituents").glob("*/*.csv"))[:4]]
        self.shipped = [path.read_text() for path in shipped("methodology").glob("*.toml")] + list(self.texts.values())

    def copied(self, source, chance, spared=()):
        """Copy a folder, and break some of its files."""
        copy = self.place / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        files = [each for each in sorted(copy.iterdir()) if each.is_file() and each.name not in spared]
        for path in chance.sample(files, chance.choice([1, 1, 1, 2])):
            if path.suffix == ".parquet" and chance.random() < 0.8:
                rewrite(path, chance)
            else:
                path.write_bytes(mutated_bytes(path.read_bytes(), chance))
        return copy

    def calculated(self, market, chance, method=None):
        method = method or chance.choice(self.methods)
        history = fi.calculate(method, market)
        _ = history.levels, market.notices, history.state(history.sessions[-1].item()).to_json()
        _ = [encode_outcome(each) for each in history.baskets.outcomes]
        return history

    def folder(self, chance):
        source = chance.choice([self.csv, self.parquet])
        _opening.STORED_FROM = chance.choice([1, 1 << 22])
        as_of = chance.choice([None, None, None, "2020-03-02"])
        store = chance.choice([True, False])
        self.calculated(fi.MarketData.open(self.copied(source, chance), as_of, store=store), chance)

    def memory(self, chance):
        name = chance.choice([*self.arrow, "prices"])
        given = {each: chance.choice([table, self.tables[each]]) for each, table in self.arrow.items()}
        table = mutated_table(self.arrow[name], chance)
        try:
            given[name] = table.to_pandas() if chance.random() < 0.3 else table
        except (pa.ArrowException, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            given[name] = table  # pandas cannot have it
        calendar = chance.choice(["XSHG", "XSHG", "XHKG", "XNYS", "", "é", "XXXX"])
        self.calculated(fi.MarketData.from_tables(**given, calendar=calendar), chance)

    def vendors(self, chance):
        out = self.place / "imported"
        shutil.rmtree(out, ignore_errors=True)
        given = {}
        what = chance.choice(["source", "source", "beside", "append"])
        source = chance.choice([self.vendor, self.vendor_csv])
        append = what == "append"
        if append:
            shutil.copytree(self.copied(self.begun, chance), out)
        elif what == "beside":
            names = chance.sample(["actions", "securities", "corrections"], chance.choice([1, 2, 3]))
            folder = self.copied(self.beside, chance)
            given = {name: folder / f"{name}.csv" for name in names}
        else:
            source = self.copied(source, chance)
        import_tushare(source, out, append=append, **given)
        self.calculated(fi.MarketData.open(out), chance)

    def toml(self, chance):
        text = chance.choice([*self.shipped, *self.texts.values(), *self.texts.values()])
        if chance.random() < 0.3:
            content = mutated_bytes(text.encode(), chance)
        else:
            tree = tomllib.loads(text, parse_float=Decimal)
            for _ in range(chance.choice([1, 1, 2, 4])):
                tree = mutated_tree(tree, chance) or {"x": 1}
            content = toml_file(tree).encode("utf-8", "surrogatepass")
        (self.place / "mutant.toml").write_bytes(content)
        method = fi.Methodology.load(self.place / "mutant.toml")
        self.calculated(self.market, chance, method)

    def outcome(self, chance):
        folder = self.place / "outcomes"
        (folder / "reviewed").mkdir(parents=True, exist_ok=True)
        path, content = folder / "reviewed" / "2020-02-17.csv", chance.choice(self.outcomes)
        if chance.random() < 0.5:
            rows = [row[:-1] for row in csv.reader(io.StringIO(content.decode()))][1:]
            row, at = chance.choice(rows), chance.randrange(len(rows[0]))
            row[at] = chance.choice(CELLS)
            path.write_bytes(_outcome_file._sealed(rows))
        else:
            path.write_bytes(mutated_bytes(content, chance))
        try:
            read_outcome(path)
        finally:
            read_outcomes(folder, "reviewed")

    def state(self, chance):
        at = chance.randrange(2)
        text = self.states[at]
        if chance.random() < 0.3:
            text = mutated_bytes(text.encode(), chance).decode("utf-8", "replace")
        else:
            tree = json.loads(text)
            del tree["sha256"]
            values = [*CELLS, 0, 1, -1, 2**70, True, None, [], {}, 1.5, [1], {"x": "1"}, "1/3", "1/0", "5E+20", "1E-30"]
            tree = mutated_tree(tree, chance, values) or {}
            text = (
                json.dumps(tree | {"sha256": _state_text._seal(tree)}) if isinstance(tree, dict) else json.dumps(tree)
            )
        history = fi.calculate(self.methods[at], self.market, resume=fi.State.from_json(text))
        _ = history.levels, history.state(history.sessions[-1].item()).to_json()

    def attempt(self, chance):
        """Make a mutant of some kind and try it."""
        kinds = {self.folder: 4, self.memory: 3, self.vendors: 3, self.toml: 4, self.outcome: 1, self.state: 2}
        chance.choices(list(kinds), kinds.values())[0](chance)


def is_fit_to_print(text):
    """Tell whether a message has no control characters and no long word."""
    return all(each.isprintable() or each == "\n" for each in text) and max(map(len, text.split()), default=0) < 300


def said_of(error):
    """The raw exception, and the lines of ours that it went through."""
    ours = [f"{Path(each.filename).name}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {error!s:.200} at {' '.join(ours[-6:])}"


def attempts(seed, count, first=0):
    raw, slowest, kinds = [], (0.0, 0), Counter()
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        for number in range(first, first + count):
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
                raw.append(f"{number}: {said_of(error)}")
            slowest = max(slowest, (round(time.monotonic() - begun, 2), number))
    return {"mutants": count, "taken": 0, "refused": 0, **kinds, "raw": raw, "slowest": slowest[0], "peak": peak()}


def peak():
    """The most memory that this process has had, in MB; `ru_maxrss` begins with what its parent had."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024


if __name__ == "__main__":
    print(json.dumps(attempts(sys.argv[1], *map(int, sys.argv[2:])), ensure_ascii=True))
