"""The data contract: the tables of a market, their columns, and what each value may be.

docs/data-contract.md is the same for people; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from fintech_index.conventions import PRICES_BEGIN

DATES = (dt.date(1800, 1, 1), dt.date(9999, 12, 31))


class Kind(Enum):
    """What a column holds, and the words in which its errors say so."""

    TEXT = "text"
    DATE = "a date (2020-06-15)"
    COUNT = "a whole number"
    NUMBER = "a number"
    TIME = "a time in UTC (2020-06-15T08:00:00Z)"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, whether the table must have it filled, and the bounds of a number.

    `least` is the smallest number that a column of positive ones may have. With `or_no_row` a row whose cell is empty
    says nothing, and is left out.
    """

    name: str
    kind: Kind
    required: bool = True
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    least: float | None = None
    or_no_row: bool = False

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.kind in (Kind.COUNT, Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, and those that tell its rows apart."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns of the contract, in its order."""
        return tuple(column.name for column in self.columns)


def _text(name: str, *, required: bool = True) -> Column:
    return Column(name, Kind.TEXT, required)


def _date(name: str, *, required: bool = True) -> Column:
    return Column(name, Kind.DATE, required)


def _positive(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.NUMBER, required, above=0)


def _price(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.NUMBER, required, above=0, least=PRICES_BEGIN)


def _not_negative(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.NUMBER, required, at_least=0)


def _count(name: str, *, required: bool = True) -> Column:
    return Column(name, Kind.COUNT, required, at_least=0)


_KNOWN = Column("known", Kind.TIME, required=False)

SECURITIES = Table(
    "securities",
    ("security",),
    (
        _text("security"),
        _text("name"),
        _text("name_en", required=False),
        _text("exchange"),
        _text("board"),
        _text("currency"),
        _positive("tick"),
        _date("listed", required=False),
        _date("delisted", required=False),
        _text("country", required=False),
        _text("city", required=False),
        _text("category", required=False),
        _text("cni_field", required=False),
        _text("issuer", required=False),
        _positive("score"),
        _KNOWN,
    ),
)
PRICES = Table(
    "prices",
    ("date", "security"),
    (
        _date("date"),
        _text("security"),
        Column("close", Kind.NUMBER, above=0, least=PRICES_BEGIN, or_no_row=True),  # without a close it did not trade
        _price("open"),
        _price("high"),
        _price("low"),
        _price("pre_close"),
        _not_negative("volume"),
        _not_negative("amount"),
        _KNOWN,
    ),
)
SHARES = Table(
    "shares",
    ("effective", "security"),
    (_date("effective"), _text("security"), _count("total"), _count("float"), _count("free_float"), _KNOWN),
)
ACTIONS = Table(
    "actions",
    ("ex_date", "security", "kind", "child"),
    (
        _date("ex_date"),
        _text("security"),
        _text("kind"),
        Column("cash", Kind.NUMBER, required=False),
        _not_negative("ratio"),
        _not_negative("price"),
        _text("source", required=False),
        _positive("par"),
        _count("total", required=False),
        _count("free_float", required=False),
        _text("child", required=False),
        _text("acquirer", required=False),
        _text("newcomer", required=False),
        _text("new_security", required=False),
        _date("original_ex_date", required=False),
        _date("record_date", required=False),
        _date("pay_date", required=False),
        _KNOWN,
    ),
)
STATUS = Table(
    "status",
    ("security", "kind", "start"),
    (_text("security"), _text("kind"), _date("start"), _date("end", required=False), _KNOWN),
)
FX = Table("fx", ("date", "currency"), (_date("date"), _text("currency"), _positive("rate", required=True), _KNOWN))
RATES = Table("rates", ("date", "name"), (_date("date"), _text("name"), Column("rate", Kind.NUMBER), _KNOWN))
WITHHOLDING = Table(
    "withholding",
    ("country", "effective"),
    (
        _text("country"),
        _date("effective"),
        Column("rate", Kind.NUMBER, at_least=0, below=1),
        _KNOWN,
    ),
)
SESSIONS = Table("sessions", ("date",), (_date("date"), _KNOWN))

TABLES = {
    table.name: table for table in (SECURITIES, PRICES, SHARES, ACTIONS, STATUS, FX, RATES, WITHHOLDING, SESSIONS)
}

# The columns that each kind of action needs.
ACTION_COLUMNS: dict[str, tuple[str, ...]] = {
    "cash_dividend": ("cash",),
    "bonus": ("ratio",),
    "rights": ("ratio", "price"),
    "special_dividend": ("cash",),
    "split": ("ratio",),
    "consolidation": ("ratio",),
    "redenomination": ("ratio",),
    "issuance": ("total", "free_float"),
    "cancellation": ("total", "free_float"),
    "float_change": ("total", "free_float"),
    "spin_off": ("child", "ratio"),
    "merger": ("acquirer",),
    "delisting": (),
    "restructuring": ("price",),
    "dividend_correction": ("cash", "original_ex_date"),
    "rename": (),
}
# The columns that a kind may have besides; any other that is filled would be read by nobody.
ACTION_OPTIONS: dict[str, tuple[str, ...]] = {
    "bonus": ("source", "par"),
    "spin_off": ("price",),
    "merger": ("ratio", "cash", "newcomer"),
    "delisting": ("price", "newcomer"),
    "rename": ("new_security",),
}
ACTION_TERMS = (
    "cash",
    "ratio",
    "price",
    "source",
    "par",
    "total",
    "free_float",
    "child",
    "acquirer",
    "newcomer",
    "new_security",
    "original_ex_date",
)
# The columns of `actions` that name another security.
OTHER_SECURITIES = ("child", "acquirer", "newcomer")
BONUS_SOURCES = ("profit", "reserve")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an exchange's own rules say of a security listed there.

    `tick` is the price tick that its reference prices are rounded to, "" where a `tick` column must say. Exchanges of
    one `calendar` have the same sessions. `zone` is whose midnight a date is; `spellings` are further names that
    vendors give it in codes.
    """

    suffix: str
    currency: str
    tick: str
    country: str
    calendar: str
    zone: str
    spellings: tuple[str, ...] = ()


# By MIC.
EXCHANGES = {
    "XSHG": Exchange("SH", "CNY", "0.01", "CN", "XSHG", "Asia/Shanghai", ("SS", "SSE", "SHSE")),
    "XSHE": Exchange("SZ", "CNY", "0.01", "CN", "XSHG", "Asia/Shanghai", ("SZSE",)),
    "XBSE": Exchange("BJ", "CNY", "0.01", "CN", "XSHG", "Asia/Shanghai", ("BSE", "BJSE")),
    "XHKG": Exchange("HK", "HKD", "", "HK", "XHKG", "Asia/Hong_Kong", ("HKEX", "SEHK")),
    "XNYS": Exchange("N", "USD", "", "US", "XNYS", "America/New_York", ("NYSE",)),
    "XNAS": Exchange("O", "USD", "", "US", "XNYS", "America/New_York", ("NASDAQ",)),
}
USUAL_CALENDAR = "XSHG"


def zone_of(calendar: str) -> str:
    """Give the time zone of an exchange (MIC); that of the mainland where it is not known."""
    return EXCHANGES.get(calendar, EXCHANGES[USUAL_CALENDAR]).zone
