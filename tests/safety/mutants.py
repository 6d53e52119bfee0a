"""How good input is broken: tables, bytes, lines, cells, encodings, keys and values of TOML and JSON."""

from __future__ import annotations

import copy
import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

CELLS = [
    *("", " ", "nan", "NaN", "inf", "-inf", "-1", "0", "-0.0", "1e400", "1e-400", "1e999999999", "-1e-999999999"),
    *("9" * 400, "9007199254740993.0", "1_000", "0x10", "true", "None", "[]", "{}", "a" * 3_000, "十", "１２", "\x00"),
    *(
        "1e-9",
        "1e17",
        "999999999999999999",
        "0.1",
        "1e-8",
        "3",
        "1000000",
        "-5",
        "\x1b[31m",
        "\ufeff",
        "\u202e",
        "'" * 300,
    ),
    *("2020-06-15", "20200615", "0001-01-01", "1800-01-01", "9999-12-31", "12000-01-01", "2020-02-30", "2020-W25-1"),
    *("2020-03-02", "2020-06-15T08:00", "2020-06-15T08:00:00+99:00", "0001-01-01T00:00:00+14:00", "0000-00-00"),
    *("600000.SH", "300001.SZ", "999999.SH", "600001.SH", "00700.HK", "A.N", ".SH", "XSHG", "XNYS", "HKD", "main"),
    *("cash_dividend", "bonus", "split", "consolidation", "merger", "spin_off", "rename", "delisting", "rights"),
    *("restructuring", "redenomination", "dividend_correction", "special_dividend", "issuance", "st", "reserve"),
]
BYTES = [
    b"\xff",
    b"\x00",
    b"\xe9t",
    b"\xa4\xa4\xa4\xe5",
    b"\n",
    b"\r",
    b'"',
    b"'",
    b",",
    b";",
    b"\xef\xbb\xbf",
    b"[",
    b".",
    b"=",
]
TEXTS = ["[[[[[[", '"', "= 1e999999999", "= 0x" + "f" * 300, "= []", "= {}", "= true", "= -1", "= nan", "= 99999-01-01"]
ENCODINGS = ["latin-1", "big5", "utf-16", "utf-16-le", "utf-32", "gbk", "gb18030", "utf-7", "shift_jis", "utf-8-sig"]
VALUES = [
    *("x", "", "all", "a" * 3_000, "\x1b[2J", "exact", "effective", "600000.SH", "XHKG", "equal", "price", "score"),
    *(0, 1, 2, 3, 5, -1, 10**6, 10**17, 2**63, 10**400, True, False, None, [], {}, [[]], [1], ["x"], ["x"] * 2, {"x": 1}),
    *(Decimal("0.1"), Decimal("0.5"), Decimal("1.0"), Decimal("1e-28"), Decimal("1e999999999"), Decimal("nan")),
    *(Decimal("inf"), Decimal("-0.5"), Decimal("1e17"), dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2020, 1, 7)),
    *(dt.datetime(2020, 1, 7), dt.time(1), dt.datetime(2020, 1, 7, tzinfo=dt.UTC)),  # noqa: DTZ001
    *({"weekday": "friday", "nth": 2}, {"sessions_before": 250}, {"session": -1}, {"session": 10**9}, {"count": 1, "cap": 1}),
    *([6], [1, 2, 3, 4, 5], {"enter": Decimal("0.5"), "stay": 3}, {"over": Decimal("0.1"), "cap": Decimal("0.5")}),
]  # fmt: skip


def column_of(chance, rows):
    """A column of any kind."""
    kinds = [
        lambda: pa.array([[1.0]] * rows),
        lambda: pa.array([{"a": 1}] * rows),
        lambda: pa.array([None] * rows, pa.null()),
        lambda: pa.array([chance.choice([2**31 - 1, -(2**31), 0, 2932896, 2932897])] * rows, pa.date32()),
        lambda: pa.array([chance.choice([2**62, -(2**62), 2**63 - 1])] * rows, pa.date64()),
        lambda: pa.array([chance.choice([2**50, -(2**55), 2**62])] * rows, pa.timestamp("s", "Asia/Shanghai")),
        lambda: pa.array([chance.choice([2**62, 0, -(2**63)])] * rows, pa.timestamp("ns")),
        lambda: pa.array([0] * rows, pa.timestamp("us", "No/Where")),
        lambda: pa.array([chance.choice([2**63 - 1, -(2**63), 5, 0])] * rows, pa.int64()),
        lambda: pa.array([2**64 - 1] * rows, pa.uint64()),
        lambda: pa.array(
            ([float("nan"), float("inf"), -0.0, 1e17, 1e-9] * rows)[chance.randrange(5) :][:rows], pa.float64()
        ),
        lambda: pa.array([True] * rows),
        lambda: pa.array([chance.choice([b"\xff\xfe", b"10", b"2020-03-02"])] * rows, pa.binary()),
        lambda: pa.array([b"\xff\xfe"] * rows, pa.binary(2)),
        lambda: pa.array([b"\xff\xfe"] * rows, pa.binary()).cast(pa.binary_view()),
        lambda: pa.array(["10"] * rows, pa.string_view()),
        lambda: pa.array(["2020-03-02"] * rows, pa.large_string()),
        lambda: pa.Array.from_buffers(pa.string(), rows, pa.array([b"\xff\xfe"] * rows, pa.binary()).buffers()),
        lambda: pa.array([10**30] * rows, pa.decimal256(50, 5)),
        lambda: pa.array([Decimal("10.00")] * rows, pa.decimal128(10, 2)),
        lambda: pa.array(["x" * 5_000] * rows).dictionary_encode(),
        lambda: pa.array([1.0, 2.0] * rows).slice(0, rows).dictionary_encode(),
        lambda: pa.array([chance.choice(CELLS) for _ in range(rows)]),
        lambda: pa.array([chance.choice(CELLS)] * rows),
        lambda: pa.array([1] * rows, pa.duration("s")),
        lambda: pa.array([1] * rows, pa.time64("us")),
        lambda: pa.array([pa.MonthDayNano([1, 1, 1])] * rows),
        lambda: pa.array([1.5] * rows, pa.float32()),
        lambda: pa.array([1.5] * rows, pa.float32()).cast(pa.float16()),
        lambda: pa.array([[1, 2]] * rows, pa.list_(pa.int8(), 2)),
        lambda: pa.array([[("a", 1)]] * rows, pa.map_(pa.string(), pa.int8())),
        lambda: pa.RunEndEncodedArray.from_arrays(pa.array([max(rows, 1)], pa.int32()), pa.array([1.5])).slice(0, rows),
        lambda: pa.UnionArray.from_sparse(pa.array([0] * rows, pa.int8()), [pa.array([1] * rows)]),
        lambda: pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}"] * rows)),
        lambda: pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16] * rows, pa.binary(16))),
    ]
    return chance.choice(kinds)()


def mutated_table(table, chance):  # noqa: PLR0911 - a kind each
    """Give a table with one of its columns, rows or names wrong."""
    at = chance.randrange(table.num_columns)
    name = table.column_names[at]
    what = chance.randrange(8)
    if what == 0:
        return table.drop_columns([name])
    if what == 1:
        return table.rename_columns(
            [chance.choice([each, each, "", "x", "date", "\x1b"]) for each in table.column_names]
        )
    if what == 2:
        return pa.concat_tables([table, table.slice(0, 1)])
    if what == 3:
        return table.replace_schema_metadata({b"pandas": chance.choice([b"{", b"[]", b"null", b'{"columns": 5}'])})
    if what == 4:
        return table.slice(0, chance.choice([0, 1, len(table) // 2]))
    if what == 5 and len(table):  # one value alone
        values = table.column(name).to_pylist()
        values[chance.randrange(len(values))] = chance.choice(values)
        return table.set_column(at, name, pa.array(values, table.column(name).type))
    return table.set_column(at, name, column_of(chance, len(table)))


def rewrite(path, chance):
    """Break a Parquet file as a table."""
    try:
        pq.write_table(mutated_table(pq.read_table(path), chance), path)
    except (pa.ArrowException, TypeError):  # what Parquet cannot hold
        path.write_bytes(b"PAR1" + chance.randbytes(40) + b"PAR1")


def mutated_bytes(content, chance):  # noqa: PLR0911 - a kind each
    """Change some bytes, lines or cells."""
    if not content:
        return b"x"
    what = chance.randrange(10)
    at = chance.randrange(len(content))
    if what == 0:
        return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
    if what == 1:
        return content[:at]
    if what == 2:
        return content[:at] + chance.choice(BYTES) + content[at:]
    if what == 3:
        return content.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")
    if what == 4:
        return content.replace(b",", chance.choice([b";", b"\t", b"|", b", ", b",,", b" ", b'","']))
    return mutated_lines(content, chance)


def mutated_lines(content, chance):
    """Repeat, drop, reorder or lengthen lines, and set cells."""
    lines = content.split(b"\n")
    line, what = chance.randrange(len(lines)), chance.randrange(8)
    if what == 0:
        lines.insert(chance.randrange(len(lines)), lines[line])
    elif what == 1:
        del lines[line]
    elif what == 2:
        lines[line] += chance.choice(TEXTS).encode()
    elif what == 3:
        chance.shuffle(lines)
    else:
        cells = lines[line].split(b",")
        cells[chance.randrange(len(cells))] = chance.choice(CELLS).encode("utf-8", "surrogatepass")
        lines[line] = b",".join(cells)
    return b"\n".join(lines)


def places_in(tree, path=()):
    """Every place in tables and lists within each other."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places_in(value, (*path, key))


def mutated_tree(tree, chance, values=VALUES):
    """Drop, move, rename or replace one thing in tables and lists within each other."""
    tree = copy.deepcopy(tree)
    places = list(places_in(tree))
    path = chance.choice(places)
    holder = tree
    for key in path[:-1]:
        holder = holder[key]
    key, what = path[-1], chance.randrange(8)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[chance.choice([str(chance.choice(places)[-1]), "x", "", "a" * 500, "\x00", "é"])] = holder.pop(key)
    elif what == 2:
        holder[key] = [holder[key]]
    elif what == 3:
        holder[key] = {"x": holder[key]}
    elif what == 4:
        other = chance.choice(places)
        found = tree
        for each in other:
            found = found[each]
        holder[key] = copy.deepcopy(found)
    else:
        holder[key] = chance.choice(values)
    return tree


def toml_of(value):
    """Write a value as TOML; what TOML has no word for as a table without a key."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {toml_of(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_of, value))}]"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:d}" if value < 10**18 else "1" + "0" * 400
    return str(value).lower() if isinstance(value, Decimal) else "{}" if value is None else json.dumps(value)


def toml_file(tree):
    return "\n".join(f"{json.dumps(str(key))} = {toml_of(value)}" for key, value in tree.items())
