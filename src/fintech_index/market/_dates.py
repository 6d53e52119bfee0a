"""Dates and times in the forms in which people give them."""

from __future__ import annotations

import datetime as dt

import numpy as np

from fintech_index.errors import RequestError

AsOf = str | dt.date | dt.datetime | np.datetime64 | None


def as_day(date: str | dt.date | np.datetime64) -> np.datetime64:
    """Take a date in any of its forms (ISO text, date, Timestamp)."""
    try:
        if isinstance(date, str):
            day = dt.date.fromisoformat(date.strip())
        elif isinstance(date, dt.datetime):  # a time with a zone is of its own day
            day = date.date()
        else:
            day = date if isinstance(date, dt.date) else dt.date.fromisoformat(str(np.datetime64(date))[:10])
        return np.datetime64(day, "D")
    except (TypeError, ValueError) as error:
        raise RequestError(f"{date!r} is not a date: write it as 2020-06-15") from error


def moment(as_of: AsOf) -> dt.datetime | None:
    """Take the time as of which data is seen; a date alone is its end, in UTC."""
    if as_of is None:
        return None
    if isinstance(as_of, np.datetime64):
        as_of = str(as_of)
    if isinstance(as_of, str):
        try:
            as_of = (
                dt.datetime.fromisoformat(as_of.strip())
                if len(as_of.strip()) > len("2020-06-15")
                else dt.date.fromisoformat(as_of)
            )
        except ValueError as error:
            raise RequestError(
                f"as_of {as_of!r} is not a date or time: write 2020-06-15 or 2020-06-15T08:00:00Z"
            ) from error
    if not isinstance(as_of, dt.date) or as_of != as_of:  # noqa: PLR0124 - NaT
        raise RequestError(f"as_of {as_of!r} is not a date or time: write 2020-06-15 or 2020-06-15T08:00:00Z")
    if isinstance(as_of, dt.datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=dt.UTC)
    return dt.datetime.combine(as_of, dt.time.max, dt.UTC)
