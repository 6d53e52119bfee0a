"""Writing a folder of market data whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from fintech_index.errors import VendorDataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARQUET = ("prices", "shares")  # long tables; the others are for people too
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
    out: Path, tables: Mapping[str, pd.DataFrame], report: pd.DataFrame, earlier_report: pd.DataFrame | None
) -> None:
    """Write all tables into a new folder beside `out`, then put it in `out`'s place."""
    out = out.absolute()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise VendorDataError(f"cannot write to {out.parent}: {error.strerror}") from error
    try:
        for name, table in tables.items():
            if name in _PARQUET:
                arrow = pa.Table.from_pandas(table[_SCHEMAS[name].names], schema=_SCHEMAS[name], preserve_index=False)
                pyarrow.parquet.write_table(arrow, aside / f"{name}.parquet", compression="zstd")
            elif name != "status" or len(table):
                _write_csv(table, aside / f"{name}.csv")
        if earlier_report is not None:
            report = pd.concat([earlier_report.fillna(""), report], ignore_index=True)
        _write_csv(report, aside / "import-report.csv")
        aside.chmod(0o755)
        _put_in_place(aside, out)
    except OSError as error:
        raise VendorDataError(f"cannot write {out}: {error.strerror}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")


def _put_in_place(new: Path, out: Path) -> None:
    if not out.exists():
        new.rename(out)
        return
    if not any(out.iterdir()):
        out.rmdir()
        new.rename(out)
        return
    old = out.with_name(f".{out.name}.replaced")
    out.rename(old)
    new.rename(out)
    shutil.rmtree(old)
