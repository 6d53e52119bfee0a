"""The tables of an import as files."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from fintech_index.files import Target

IMPORT_FILE = "import.json"
_TABLES = (
    "securities",
    "prices",
    "shares",
    "actions",
    "status",
    "weights",
)  # what an import writes; other tables are the user's
PARQUET = ("prices", "shares")  # long tables; the others are for people too
_SCHEMAS = {
    "prices": pa.schema(
        [("date", pa.date32()), ("security", pa.string())]
        + [(name, pa.float64()) for name in ("close", "open", "high", "low", "pre_close")]
        + [("volume", pa.int64()), ("amount", pa.float64())]
    ),
    "shares": pa.schema(
        [("effective", pa.date32()), ("security", pa.string())]
        + [(name, pa.int64()) for name in ("total", "float", "free_float", "vendor_float", "vendor_free_float")]
    ),
}


def write_folder(
    target: Target,
    tables: Mapping[str, pd.DataFrame],
    report: pd.DataFrame,
    earlier_report: pd.DataFrame | None,
    about: Mapping[str, object],
) -> None:
    """Put all tables of an import into a folder, in the place of those of an earlier one; the user's own files stay.

    `about` says what kind of import the folder is of; an appended one goes on from it.
    """
    if earlier_report is not None:
        report = pd.concat([earlier_report.fillna(""), report], ignore_index=True)
    files: dict[str, bytes | Callable[[Path], object]] = {}
    for name, table in tables.items():
        if name in PARQUET:
            arrow = pa.Table.from_pandas(table[_SCHEMAS[name].names], schema=_SCHEMAS[name], preserve_index=False)
            files[f"{name}.parquet"] = partial(pyarrow.parquet.write_table, arrow, compression="zstd")
        elif name != "status" or len(table):
            files[f"{name}.csv"] = _csv(table)
    files["import-report.csv"] = _csv(report)
    files[IMPORT_FILE] = (json.dumps(about, indent=1) + "\n").encode()
    names = [f"{name}{ending}" for name in (*_TABLES, "import-report") for ending in (".csv", ".parquet")]
    target.replace(files, [*names, IMPORT_FILE])


def _csv(table: pd.DataFrame) -> bytes:
    return bytes(table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode())
