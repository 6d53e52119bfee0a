"""Reading dates: text and numbers that say year, month and day each, dates, and instants that are a day's midnight.

- Text: 2020-01-15, 2020/1/15, 2020.1.15, 20200115, 2020年1月15日, each with midnight behind it or not. What could be
  read in two ways (202312, 1/2/2020) is refused.
- Whole numbers: 20200115.
- Instants with a zone: midnight of the market, or they are no day.
- Times without a zone: midnight, or a time of the trading day. Later ones may be another zone's midnight, and so may
  all of them where one falls on a Sunday: then they are no day.
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.market._plain_arrow import by_distinct, is_text

_SEPARATED = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:\.0+)?)?$")
_WITH_ZONE = re.compile(r"[T ]\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$")
_LONGEST = 40  # characters
_TRADING_DAY = (dt.time(9), dt.time(15, 30))
_SUNDAY = 6  # of Arrow, whose week begins on Monday
_FIRST, _LAST = 1800_01_01, 9999_12_31


def days_of(values: pa.Array, zone: str) -> pa.Array:
    """Read a plain column as days; null what is none."""
    kind = values.type
    if pa.types.is_date(kind):
        return values.cast(pa.date32(), safe=False)
    if pa.types.is_timestamp(kind):
        return _of_instants(values, zone) if kind.tz is not None else _of_times(values)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return by_distinct(values, _of_number, pa.date32())
    if is_text(kind):
        try:
            return pc.cast(values, pa.date32())  # the usual form, all at once
        except pa.ArrowException:
            return by_distinct(values, lambda text: day_of(text, zone), pa.date32())
    return pa.nulls(len(values), pa.date32())


def day_of(text: str, zone: str) -> dt.date | None:
    """Read a text as a day; None where it is none, or could be read in two ways."""
    text = text.strip()
    if len(text) > _LONGEST or not text[:4].isascii():
        return None
    if _WITH_ZONE.search(text):
        return _of_instant(text, zone)
    text = _MIDNIGHT.sub("", text)
    try:
        if found := _SEPARATED.fullmatch(text):
            return dt.date(int(found[1]), int(found[3]), int(found[4]))
        if found := _TOGETHER.fullmatch(text) or _CHINESE.fullmatch(text):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    return None


def _of_instant(text: str, zone: str) -> dt.date | None:
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None
    return moment.date() if moment.time() == dt.time.min else None


def _of_number(value: float) -> dt.date | None:
    if not _FIRST <= value <= _LAST or value != int(value):
        return None
    number = int(value)
    try:
        return dt.date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def _of_instants(values: pa.Array, zone: str) -> pa.Array:
    try:
        local = pc.local_timestamp(values.cast(pa.timestamp("us", tz=zone), safe=False))
    except pa.ArrowException:  # beyond the years that there are
        return pa.nulls(len(values), pa.date32())
    return _where(_is_midnight(local), local)


def _of_times(values: pa.Array) -> pa.Array:
    times = values.cast(pa.timestamp("us"), safe=False)
    midnight = _is_midnight(times)
    if pc.all(midnight).as_py() is not False:
        return times.cast(pa.date32(), safe=False)
    time = times.cast(pa.time64("us"), safe=False)
    first, last = (pa.scalar(each, pa.time64("us")) for each in _TRADING_DAY)
    within = pc.and_(pc.greater_equal(time, first), pc.less_equal(time, last))
    if pc.any(pc.equal(pc.day_of_week(times), _SUNDAY)).as_py():  # nobody trades then: midnights of another zone
        within = pc.and_(within, pa.scalar(value=False))
    return _where(pc.or_(midnight, within), times)


def _is_midnight(times: pa.Array) -> pa.Array:
    return pc.equal(times.cast(pa.int64()), pc.floor_temporal(times, unit="day").cast(pa.int64()))


def _where(right: pa.Array, times: pa.Array) -> pa.Array:
    return pc.if_else(pc.fill_null(right, fill_value=False), times, pa.scalar(None, times.type)).cast(
        pa.date32(), safe=False
    )
