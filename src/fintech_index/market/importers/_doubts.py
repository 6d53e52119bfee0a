"""What looks wrong in a vendor's tables and cannot be mended from them: flagged in the report, kept as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fintech_index.market._contract import USUAL_CALENDAR
from fintech_index.market._official import official_sessions
from fintech_index.market.importers._report import FLAGGED

if TYPE_CHECKING:
    from fintech_index.market.importers._report import Report

_AROUND, _HARDLY = 11, 0.2  # sessions, and the part of their securities that a session has at least
_LONG_SUSPENSION = 5  # sessions; after so many, an ex-date without terms is rather rights or a restructuring


def flag_ex_dates_without_terms(
    prices: pd.DataFrame, actions: pd.DataFrame, since: pd.Timestamp, report: Report
) -> None:
    """Flag sessions on which the exchange's reference price is not the close before, and no action says why."""
    sessions = np.sort(prices["date"].unique())
    number = np.searchsorted(sessions, prices["date"].to_numpy())
    same = (prices["security"] == prices["security"].shift()).to_numpy()
    close_before = prices["close"].shift().to_numpy()
    pre_close = prices["pre_close"].to_numpy()
    suspended = np.diff(number, prepend=-1) - 1
    moved = same & np.isfinite(pre_close) & (pre_close != close_before) & (prices["date"] >= since).to_numpy()
    known = {(row.security, row.ex_date) for row in actions.itertuples()}
    for row in np.flatnonzero(moved):
        security, date = prices["security"].iloc[row], prices["date"].iloc[row]
        days = sessions[number[row] - suspended[row] : number[row] + 1]
        if any((security, pd.Timestamp(day)) in known for day in days):
            continue
        reason = f"the exchange's reference price is not the close before ({close_before[row]}), and there are no terms"
        if suspended[row] >= _LONG_SUSPENSION:
            reason = f"rights or restructuring suspected: ex-date after {suspended[row]} suspended sessions, {reason}"
        report.add(FLAGGED, "prices", reason, date=date, security=security, column="pre_close", vendor=pre_close[row])


def flag_hardly_traded_sessions(prices: pd.DataFrame, since: pd.Timestamp, report: Report) -> None:
    """Flag dates on which hardly anybody of those who trade on the sessions around them has a price."""
    counts = prices.groupby("date")["security"].size().sort_index()
    usual = counts.rolling(_AROUND, center=True, min_periods=2).median()
    for date in counts.index[(counts < _HARDLY * usual) & (counts.index >= since)]:
        reason = f"only {counts[date]} securities have a price, where {usual[date]:g} do around: is it a session?"
        report.add(FLAGGED, "daily", reason, date=date)
    for date in _holidays(counts.index):
        if date >= since:
            reason = f"{counts[date]} securities have a price on a day that is no session of {USUAL_CALENDAR}"
            report.add(FLAGGED, "daily", reason, date=date)


def _holidays(dates: pd.Index) -> pd.Index:
    """Give the dates that are no session of the mainland's exchanges, as far as their calendar goes."""
    days = dates.to_numpy().astype("datetime64[D]")
    try:
        official, until = official_sessions(USUAL_CALENDAR, days[0], days[-1])
    except ValueError:
        return dates[:0]
    return dates[~np.isin(days, official) & (days <= until)]


def flag_suspensions(prices: pd.DataFrame, suspend_d: pd.DataFrame | None, since: pd.Timestamp, report: Report) -> None:
    """Flag where `suspend_d` and `daily` contradict each other: what traded counts."""
    if suspend_d is None:
        report.add(FLAGGED, "suspend_d", "the table is missing: suspensions are taken from the prices alone")
        return
    whole_day = suspend_d[(suspend_d["suspend_type"] == "S") & suspend_d["suspend_timing"].isna()]
    whole_day = whole_day[whole_day["date"] >= since].drop_duplicates(["security", "date"])
    traded = whole_day.merge(prices[["security", "date"]], on=["security", "date"])
    report.add_rows(FLAGGED, "suspend_d", "suspended for the day, yet traded; the price is taken", traded)
    any_part = set(zip(suspend_d["security"], suspend_d["date"], strict=True))
    sessions = np.sort(prices["date"].unique())
    numbers = pd.Series(np.searchsorted(sessions, prices["date"].to_numpy()), index=prices.index)
    missing = numbers - numbers.groupby(prices["security"]).shift() - 1
    for row in np.flatnonzero((missing > 0).to_numpy()):
        security, at = prices["security"].iloc[row], numbers.iloc[row]
        for day in sessions[at - int(missing.iloc[row]) : at]:
            if pd.Timestamp(day) >= since and (security, pd.Timestamp(day)) not in any_part:
                reason = "no price and no suspension on record; taken as suspended"
                report.add(FLAGGED, "suspend_d", reason, date=pd.Timestamp(day), security=security)


def flag_single_session_counts(shares: pd.DataFrame, sessions: np.ndarray, since: pd.Timestamp, report: Report) -> None:
    """Flag counts that are off on one session and back the day after; on the day itself nobody can know."""
    number = np.searchsorted(sessions, shares["effective"].to_numpy())
    security = shares["security"].to_numpy()
    free = shares["vendor_free_float"].to_numpy()
    off = np.zeros(len(shares), bool)
    off[1:-1] = (
        (security[:-2] == security[2:])
        & (free[:-2] == free[2:])
        & (free[1:-1] != free[2:])
        & (number[2:] - number[1:-1] == 1)
    )
    back = np.roll(off, 1)
    rows = shares[off & (shares["effective"].shift(-1) >= since).to_numpy() & np.roll(back, -1)]
    reason = "off on this session alone; the count is back the session after"
    report.add_rows(FLAGGED, "shares", reason, rows.rename(columns={"effective": "date"}), "vendor_free_float")
