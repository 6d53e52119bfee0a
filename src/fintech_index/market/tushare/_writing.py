"""Writing a folder of market data whole or not at all."""

from __future__ import annotations

import json
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

IMPORT_FILE = "import.json"
_TABLES = ("securities", "prices", "shares", "actions", "status")  # what an import writes; other tables are the user's
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
    out: Path,
    tables: Mapping[str, pd.DataFrame],
    report: pd.DataFrame,
    earlier_report: pd.DataFrame | None,
    about: Mapping[str, object],
) -> None:
    """Write all tables into a new folder beside `out`, then put it in `out`'s place, with the user's own files in it.

    `about` says what kind of import the folder is of; an appended one goes on from it.
    """
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
        (aside / IMPORT_FILE).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        if out.exists():
            _keep_the_users_files(out, aside)
        aside.chmod(0o755)
        _put_in_place(aside, out)
    except OSError as error:
        raise VendorDataError(f"cannot write {out}: {error.strerror}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")


def _keep_the_users_files(out: Path, aside: Path) -> None:
    ours = {f"{name}{ending}" for name in (*_TABLES, "import-report") for ending in (".csv", ".parquet")} | {
        IMPORT_FILE
    }
    for path in out.iterdir():
        if path.name in ours:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, aside / path.name, symlinks=True)
        else:
            shutil.copy2(path, aside / path.name, follow_symlinks=False)


def _put_in_place(new: Path, out: Path) -> None:
    """Swap folders; if the new one cannot take the place, the old one comes back."""
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent)) / "before"
    try:
        if out.exists():
            out.rename(old)
        try:
            new.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)
