"""From a vendor's tables to a folder of ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from fintech_index.errors import MarketDataError, Problem, VendorDataError, did_you_mean, require_kind, translated
from fintech_index.files import writing
from fintech_index.market._contract import USUAL_CALENDAR
from fintech_index.market._data import MarketData
from fintech_index.market._folder import conforming, raise_all
from fintech_index.market._reading import find_table, read_table
from fintech_index.market.importers._actions import actions_from, actions_in, no_actions, usable, written_columns
from fintech_index.market.importers._corrections import correct, corrections_in
from fintech_index.market.importers._doubts import (
    flag_ex_dates_without_terms,
    flag_hardly_traded_sessions,
    flag_single_session_counts,
    flag_suspensions,
)
from fintech_index.market.importers._explained import without_denied
from fintech_index.market.importers._prices import prices_of, without_indices
from fintech_index.market.importers._reading import Source, read_vendor
from fintech_index.market.importers._report import FLAGGED, REFUSED, Report
from fintech_index.market.importers._securities import securities_in, securities_of, status_of
from fintech_index.market.importers._shares import counts_of, shares_of
from fintech_index.market.importers._sources import restricted_to, source_of, sources_before
from fintech_index.market.importers._writing import PARQUET, write_folder
from fintech_index.market.importers.vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fintech_index.files import Target
    from fintech_index.market.importers._vendor import Vendor

STEPS = ("reading", "prices", "actions", "securities", "share counts", "doubts", "writing")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    folder: Path
    securities: int
    sessions: int
    outcomes: dict[str, int]


def import_tushare(source: str | Path | Mapping[str, Any], out: str | Path, **options: Any) -> Imported:
    """Turn tushare's tables into a folder of market data: `import_vendor` of tushare."""
    return import_vendor("tushare", source, out, **options)


def import_vendor(
    vendor: str,
    source: str | Path | Mapping[str, Any],
    out: str | Path,
    *,
    actions: str | Path | None = None,
    securities: str | Path | None = None,
    corrections: str | Path | None = None,
    append: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Imported:
    """Turn a vendor's tables into a folder of market data, with a report of every repair, refusal and doubt.

    Parameters
    ----------
    vendor : str
        ``tushare``, ``akshare``, ``baostock``, ``jqdata``, ``qlib`` or ``wind``.
    source : str or Path, or mapping of str to frames
        A folder with the vendor's tables: a file each, or a folder of files one a day. Or the tables in memory, by
        their names. docs/data-contract.md has what each vendor's are called.
    out : str or Path
        The folder to write: new, or with `append` one that an import has written.
    actions : str or Path, optional
        Corporate actions in the layout of the data contract; instead of the vendor's.
    securities : str or Path, optional
        Only these securities, described in the layout of the data contract.
    corrections : str or Path, optional
        Values to set; ``corrections.csv`` of the source folder by default.
    append : bool
        Add the sessions after the last one of `out`; where there is none, nothing changes.
    progress : callable
        Called with the name of each of `STEPS` as it begins.

    Raises
    ------
    VendorDataError
        The source cannot be read, `out` cannot take the import, or a correction fits nothing.
    WriteError
        The disk does not take the tables, or another process is writing to `out`.

    Either way `out` is as it was before.
    """
    if vendor not in VENDORS:
        raise VendorDataError(f"there is no importer for {vendor!r} ({did_you_mean(str(vendor), VENDORS)})")
    if not isinstance(source, Mapping):
        require_kind(source, str | Path, "the vendor's folder")
        source = Path(source)
    require_kind(out, str | Path, "the folder to write")
    given = _Given(VENDORS[vendor], source, Path(out), actions, securities, corrections)
    with translated(f"{given.shown} cannot be imported", VendorDataError):
        return _into_place(given, progress or (lambda _: None), append=append)


def _into_place(given: _Given, step: Callable[[str], None], *, append: bool) -> Imported:
    """Import into the folder once it is known that it may be written to, and nobody else is writing there."""
    source, out = given.source, given.out
    if isinstance(source, Path) and str(source.absolute()) == str(out.absolute()):
        raise VendorDataError(f"{out} is the vendor's own folder: give another one to write to")
    if os.path.lexists(out) and not out.is_dir():
        raise VendorDataError(f"{out} is there already, and is no folder: give a new one")
    with writing(out) as target:  # from here on, so that two imports do not lose each other's sessions
        before = _written_before(out) if append else None
        if before is None and out.exists() and any(out.iterdir()):
            raise VendorDataError(f"{out} is there already: give a new folder, or --append to add sessions to it")
        return _imported(given, before, target, step)


class _Given(NamedTuple):
    """What an import is made from, and where to."""

    vendor: Vendor
    source: Source
    out: Path
    actions: str | Path | None
    securities: str | Path | None
    corrections: str | Path | None

    @property
    def shown(self) -> str:
        """What errors call the source."""
        return str(self.source) if isinstance(self.source, Path) else f"{self.vendor.name}'s tables"


def _imported(
    given: _Given, before: dict[str, pd.DataFrame] | None, target: Target, step: Callable[[str], None]
) -> Imported:
    """Make the tables, one step after another, and write them."""
    source, out, report = given.source, given.out, Report()

    step("reading")
    vendor = read_vendor(given.vendor, source, report)
    own = securities_in(Path(given.securities)) if given.securities is not None else None
    only = own["security"] if own is not None else restricted_to(out, before)
    if only is not None:
        whole = ("index_weight",)  # an index is what it is
        vendor = {
            name: table if name in whole else table[table["security"].isin(only)] for name, table in vendor.items()
        }
    if before is not None:
        vendor = _after(vendor, before["prices"]["date"].max())
        if vendor["daily"].empty:
            return Imported(out, len(before["securities"]), before["prices"]["date"].nunique(), {})

    step("prices")
    added = {"prices": prices_of(without_indices(vendor["daily"], own, report), given.vendor, report)}
    if added["prices"].empty:
        raise VendorDataError(f"{given.shown}: daily has no row with a traded price that could be imported")
    window = (_first_day(added["prices"], before), added["prices"]["date"].max())
    added["shares"] = counts_of(vendor.get("daily_basic"), added["prices"], given.vendor, report)

    step("actions")
    terms = _given_actions(vendor, given, report if before is None else None)
    if only is not None:
        terms = terms[terms["security"].isin(only)]
    added["actions"] = _actions(terms, before, window[0], report)

    step("securities")
    added["securities"] = _securities(_all_prices(before, added["prices"]), vendor.get("stock_basic"), own, before)
    corrections = _corrections_of(given)
    if corrections is not None:
        _correct(added, corrections, window[0] if before else None, report)
    added["actions"] = _of_known(added["actions"], added["securities"], window, report)
    added["actions"] = without_denied(
        added["actions"], _all_prices(before, added["prices"]), report, by_vendor=given.actions is None
    )

    step("share counts")
    earlier = None if before is None else before["shares"]
    written = added | {
        "prices": _all_prices(before, added["prices"]),
        "shares": shares_of(added["shares"], added["actions"], report, before=earlier, window=window),
        "status": _status(vendor.get("namechange"), added["securities"], before),
    }

    step("doubts")
    written["actions"] = written["actions"][written_columns(written["actions"])]
    _flag_doubts(written, vendor.get("suspend_d"), window[0], report)
    _require_openable(written, out)
    if "index_weight" in vendor:
        written["weights"] = vendor["index_weight"][["index_code", "date", "security", "weight"]]

    step("writing")
    about = _about(given, vendor, before, window, only_these=only is not None)
    write_folder(target, written, report.frame(), before["import-report"] if before else None, about)
    sessions = int(written["prices"]["date"].nunique())
    return Imported(out, len(written["securities"]), sessions, report.counts())


def _about(
    given: _Given,
    vendor: dict[str, pd.DataFrame],
    before: dict[str, pd.DataFrame] | None,
    window: tuple[pd.Timestamp, pd.Timestamp],
    *,
    only_these: bool,
) -> dict[str, object]:
    """Say what a folder was imported from, for imports that add to it."""
    files = {"actions": given.actions, "securities": given.securities, "corrections": given.corrections}
    sources = [*sources_before(given.out, before), source_of(files, vendor, window)]
    return {"vendor": given.vendor.name, "only_these_securities": only_these, "sources": sources}


def _correct(tables: dict[str, pd.DataFrame], file: Path, since: pd.Timestamp | None, report: Report) -> None:
    """Make the corrections of a file; when appending, those of earlier sessions have been made."""
    corrections = corrections_in(file)
    if since is not None:
        corrections = corrections[~(corrections["date"] < since)]
    correct(tables, corrections, report)


def _flag_doubts(
    tables: dict[str, pd.DataFrame], suspend_d: pd.DataFrame | None, since: pd.Timestamp, report: Report
) -> None:
    prices = tables["prices"]
    flag_ex_dates_without_terms(prices, tables["actions"], since, report)
    flag_hardly_traded_sessions(prices, since, report)
    flag_suspensions(prices, suspend_d, since, report)
    flag_single_session_counts(tables["shares"], np.sort(prices["date"].unique()), since, report)


def _written_before(out: Path) -> dict[str, pd.DataFrame]:
    tables = {}
    for name in ("securities", "prices", "shares", "actions", "status", "import-report"):
        path = find_table(out, name)
        if path is None:
            if name == "status":
                continue
            raise VendorDataError(f"{out} has no {name}: --append goes on from a folder that an import has written")
        if name in PARQUET and path.suffix != ".parquet":
            raise VendorDataError(f"{path}: an import writes {name}.parquet: --append goes on from that, not from CSV")
        readers = {"actions": actions_in, "securities": securities_in}
        tables[name] = readers[name](path) if name in readers else read_table(path).to_pandas()
    if "vendor_free_float" not in tables["shares"].columns:
        raise VendorDataError(
            f"{out}: shares lack the vendor's own figures, so this folder was not written by an import"
        )
    for name, column in (("prices", "date"), ("shares", "effective")):
        with translated(f"{out}: the column {column!r} of {name} cannot be read as dates", VendorDataError):
            tables[name][column] = pd.to_datetime(tables[name][column]).astype("datetime64[s]")
    return tables


def _all_prices(before: dict[str, pd.DataFrame] | None, added: pd.DataFrame) -> pd.DataFrame:
    prices = added if before is None else pd.concat([before["prices"], added], ignore_index=True)
    return prices.sort_values(["security", "date"], kind="stable", ignore_index=True)


def _require_openable(tables: dict[str, pd.DataFrame], out: Path) -> None:
    """Refuse to write what could not be opened: corrections, odd files and tables of the user's own can lead to it."""
    raw = {name: pa.Table.from_pandas(table, preserve_index=False) for name, table in tables.items()}
    for name in ("fx", "rates", "sessions"):
        path = find_table(out, name) if out.is_dir() else None
        if path is not None:
            raw[name] = read_table(path)
    problems: list[Problem] = []
    conformed, _, _ = conforming(raw, problems)
    try:
        raise_all("the import", problems)
        MarketData(conformed, calendar=USUAL_CALENDAR)
    except MarketDataError as error:
        raise VendorDataError(
            f"nothing was written, since it could not be opened: {error.summary}", error.problems
        ) from error


def _first_day(added: pd.DataFrame, before: dict[str, pd.DataFrame] | None) -> pd.Timestamp:
    """Give the first day that an import adds: after the last session so far, since ex-dates need not be sessions."""
    if before is None:
        return added["date"].min()
    return before["prices"]["date"].max() + pd.Timedelta(days=1)


def _corrections_of(given: _Given) -> Path | None:
    """Give the file of corrections: the one that is named, or the one of the source folder, if there is any."""
    if given.corrections is not None:
        return Path(given.corrections)
    default = given.source / "corrections.csv" if isinstance(given.source, Path) else None
    return default if default is not None and default.is_file() else None


def _after(vendor: dict[str, pd.DataFrame], last: pd.Timestamp) -> dict[str, pd.DataFrame]:
    dated = ("daily", "daily_basic", "suspend_d")
    return {name: table[table["date"] > last] if name in dated else table for name, table in vendor.items()}


def _given_actions(vendor: dict[str, pd.DataFrame], given: _Given, report: Report | None) -> pd.DataFrame:
    if given.actions is not None:
        return actions_in(Path(given.actions))
    if "dividend" in vendor:
        return actions_from(vendor["dividend"], given.vendor, report if report is not None else Report())
    if report is not None:
        report.add(FLAGGED, "actions", "no actions file and no dividend table: every ex-date is without terms")
    return no_actions()


def _actions(
    given: pd.DataFrame, before: dict[str, pd.DataFrame] | None, since: pd.Timestamp, report: Report
) -> pd.DataFrame:
    if before is None:
        return usable(given, report)
    kept = before["actions"]
    past = kept[kept["ex_date"] < since]
    coming = usable(given[given["ex_date"] >= since], report)
    _flag_late_terms(given[given["ex_date"] < since], past, before["securities"]["security"], report)
    if given.empty:
        coming = kept[kept["ex_date"] >= since]
    return pd.concat([past, coming], ignore_index=True).sort_values(["ex_date", "security", "kind"], ignore_index=True)


def _flag_late_terms(given: pd.DataFrame, past: pd.DataFrame, known: pd.Series, report: Report) -> None:
    """Flag terms of past ex-dates that the source now has otherwise; appending does not rewrite the past."""
    terms = ["ex_date", "security", "kind", "cash", "ratio", "price"]
    merged = given[terms].merge(past[terms], on=terms, how="left", indicator=True)
    late = merged[(merged["_merge"] == "left_only") & merged["security"].isin(known)].rename(
        columns={"ex_date": "date"}
    )
    reason = "terms of a past ex-date that are not those imported; import anew to take them"
    report.add_rows(FLAGGED, "actions", reason, late, "kind")


def _securities(
    prices: pd.DataFrame,
    stock_basic: pd.DataFrame | None,
    own: pd.DataFrame | None,
    before: dict[str, pd.DataFrame] | None,
) -> pd.DataFrame:
    now = securities_of(prices, stock_basic, own)
    if before is None:
        return now
    kept = before["securities"].reindex(columns=now.columns)
    told = pd.Series(dtype="object") if stock_basic is None else stock_basic["security"]
    told = told if own is None else pd.concat([told, own["security"]])
    kept = kept[~kept["security"].isin(told)]  # what nobody tells anew stays as it was
    fresh = now[~now["security"].isin(kept["security"])]
    both = [table for table in (kept, fresh) if len(table)]
    return pd.concat(both).sort_values("security", ignore_index=True)


def _of_known(
    actions: pd.DataFrame, securities: pd.DataFrame, window: tuple[pd.Timestamp, pd.Timestamp], report: Report
) -> pd.DataFrame:
    known = actions["security"].isin(securities["security"])
    now = (actions["ex_date"] >= window[0]) & (actions["ex_date"] <= window[1])  # each is said once, when it comes
    strange = actions[~known & now].rename(columns={"ex_date": "date"})
    report.add_rows(REFUSED, "actions", "a security without prices in this import", strange, "kind")
    return actions[known].reset_index(drop=True)


def _status(
    namechange: pd.DataFrame | None, securities: pd.DataFrame, before: dict[str, pd.DataFrame] | None
) -> pd.DataFrame:
    if namechange is None and before is not None and "status" in before:
        return before["status"]
    return status_of(namechange, securities)
