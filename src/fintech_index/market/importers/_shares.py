"""A vendor's counts to `shares`: 万股 (four decimals of them are whole shares) to shares, late ones to their ex-dates.

A share count stands on the basis of that day's price. The vendor dates float counts by listing, so that after a bonus
the old count can stand for some sessions beside the new price. It is mended from the terms alone, session by session,
so that a daily import and an import of the whole give the same: a count that on an ex-date with a bonus or split has
not moved is multiplied by ``1 + ratio`` (half up), and kept until the vendor's own figure moves. The vendor's figures
stay beside ours in the columns `vendor_float` and `vendor_free_float`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fintech_index.conventions import NUMBERS_END
from fintech_index.market._terms import SPLIT_KINDS
from fintech_index.market.importers._report import FLAGGED, REFUSED, REPAIRED
from fintech_index.rounding import exact, round_half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market.importers._report import Report
    from fintech_index.market.importers._vendor import Vendor

_VENDOR = {"total": "total_share", "float": "float_share", "free_float": "free_share"}
_MENDED = ("float", "free_float")
COUNTS = ("total", "float", "free_float", "vendor_float", "vendor_free_float")


def counts_of(daily_basic: pd.DataFrame | None, prices: pd.DataFrame, vendor: Vendor, report: Report) -> pd.DataFrame:
    """Give the vendor's counts in shares, for the rows of securities that traded."""
    if daily_basic is None:
        report.add(FLAGGED, "shares", f"{vendor.name} has no share counts here: add a table `shares` of your own")
        kinds = {"date": "datetime64[s]", "security": "object"} | dict.fromkeys(_VENDOR, "int64")
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    unit = vendor.counts
    if "free_share" not in daily_basic:
        report.add(
            FLAGGED, "shares", f"{vendor.name} has no free float: the float is taken for it", column="free_float"
        )
        daily_basic = daily_basic.assign(free_share=daily_basic["float_share"])
    daily_basic = daily_basic if "close" in daily_basic else daily_basic.assign(close=np.nan)
    key = ["date", "security"]
    frame = daily_basic.merge(prices[[*key, "close"]], on=key, how="left", suffixes=("", "_traded"))
    untraded = frame["close_traded"].isna()
    report.add_rows(REFUSED, "daily_basic", "no traded price", frame[untraded])
    frame = frame[~untraded]
    differs = frame[frame["close"].notna() & (frame["close"] != frame["close_traded"])]
    for date, rows in differs.groupby("date"):
        reason = f"close differs from daily's in {len(rows)} rows; daily's is taken"
        report.add(FLAGGED, "daily_basic", reason, date=date, column="close")
    missing = frame[list(_VENDOR.values())].isna().any(axis=1)
    report.add_rows(REFUSED, "daily_basic", "a share count is missing", frame[missing])
    frame = frame[~missing]
    columns = frame[list(_VENDOR.values())]
    impossible = ((columns < 0) | (columns >= NUMBERS_END / unit)).any(axis=1)
    report.add_rows(REFUSED, "daily_basic", "a share count that cannot be", frame[impossible])
    frame = frame[~impossible]
    counts = frame[key].copy()
    for ours, theirs in _VENDOR.items():
        whole = np.rint(frame[theirs] * unit)
        broken = whole / unit != frame[theirs]
        report.add_rows(FLAGGED, "daily_basic", "not a whole number of shares; rounded", frame[broken], theirs)
        counts[ours] = whole.astype(np.int64)
    without = prices[key].merge(counts[key], on=key, how="left", indicator=True).query("_merge == 'left_only'")
    report.add_rows(FLAGGED, "daily_basic", "no row for a traded security; its last count stays", without)
    more = counts[counts["free_float"] > counts["float"]]
    report.add_rows(FLAGGED, "daily_basic", "more free-float than floating shares", more, "free_float")
    return counts.reset_index(drop=True)


def shares_of(
    counts: pd.DataFrame,
    actions: pd.DataFrame,
    report: Report,
    *,
    before: pd.DataFrame | None,
    window: tuple[pd.Timestamp, pd.Timestamp],
) -> pd.DataFrame:
    """Give the `shares` table: a row on each date on which a count moves.

    Parameters
    ----------
    counts : DataFrame
        The vendor's counts by date and security, of the sessions in the window.
    actions : DataFrame
        The `actions` table.
    before : DataFrame, optional
        The `shares` table so far, which an appended day goes on from.
    window : (Timestamp, Timestamp)
        The first and the last session that this import adds.
    """
    counts = counts.rename(columns={"date": "effective"})
    for column in _MENDED:
        counts[f"vendor_{column}"] = counts[column]
    ratios = _ratios(actions)
    affected = counts["security"].isin(ratios)
    parts = [] if before is None else [before]
    parts.append(counts[~affected])
    by_security = dict(tuple(counts[affected].groupby("security")))
    for security, own in ratios.items():
        rows = by_security.get(security, counts.iloc[:0])
        last = None if before is None else before[before["security"] == security].tail(1)
        days = {day: ratio for day, ratio in own.items() if window[0] <= day <= window[1]}
        parts.append(_mended(security, rows, days, last, report))
    filled = [part for part in parts if len(part)]
    return _changes(pd.concat(filled, ignore_index=True)) if filled else parts[0][["effective", "security", *COUNTS]]


def _ratios(actions: pd.DataFrame) -> dict[str, dict[pd.Timestamp, Fraction]]:
    """Give what one share becomes, by security and ex-date, where a bonus or a split changes it."""
    found: dict[str, dict[pd.Timestamp, Fraction]] = {}
    for row in actions[actions["kind"].isin(["bonus", *SPLIT_KINDS])].itertuples():
        factor = exact(row.ratio) + (1 if row.kind == "bonus" else 0)
        own = found.setdefault(row.security, {})
        own[row.ex_date] = own.get(row.ex_date, Fraction(1)) * factor
    return found


def _mended(
    security: str, rows: pd.DataFrame, ratios: dict[pd.Timestamp, Fraction], last: pd.DataFrame | None, report: Report
) -> pd.DataFrame:
    """Go through one security's sessions, with a row added on an ex-date within a suspension."""
    by_date = {row["effective"]: row for row in rows.to_dict("records")}
    state = None if last is None or last.empty else last.to_dict("records")[0]
    out = []
    for day in sorted({*by_date, *ratios}):
        row = by_date.get(day)
        if row is None:
            if state is None:
                continue  # no count yet that could be late
            row = dict(state, effective=day, **{column: state[f"vendor_{column}"] for column in _MENDED})
        if state is not None:
            for column in _MENDED:
                if row[f"vendor_{column}"] != state[f"vendor_{column}"]:
                    continue  # the vendor's figure has moved: it counts
                row[column] = state[column]
                if day in ratios:
                    row[column] = round_half_up(state[column] * ratios[day])
                    report.add(
                        REPAIRED,
                        "shares",
                        f"late on the ex-date: multiplied by {float(ratios[day]):g}",
                        date=day,
                        security=security,
                        column=column,
                        vendor=state[column],
                        written=row[column],
                    )
        out.append(row)
        state = row
    return pd.DataFrame(out, columns=["effective", "security", *COUNTS])


def _changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows on which any count of the security moves."""
    rows = rows.sort_values(["security", "effective"], kind="stable", ignore_index=True)
    values = rows[list(COUNTS)].to_numpy(np.int64)
    same_security: NDArray[np.bool_] = (rows["security"] == rows["security"].shift()).to_numpy()
    unmoved = np.zeros(len(rows), bool)
    unmoved[1:] = (values[1:] == values[:-1]).all(axis=1)
    return rows.loc[~(same_security & unmoved), ["effective", "security", *COUNTS]].reset_index(drop=True)
