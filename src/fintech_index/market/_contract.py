"""The data contract: the tables of a market, their columns, and what each value may be.

docs/data-contract.md is the same for people; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

# A price, a rate or a count beyond this is a fault, and sums of products below it stay finite floats.
NUMBERS_END = 10**18
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
    """One column: its kind, whether the table must have it filled, and the bounds of a number."""

    name: str
    kind: Kind
    required: bool = True
    above: float | None = None
    at_least: float | None = None

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
        _text("city", required=False),
        _text("category", required=False),
        _text("cni_field", required=False),
        _KNOWN,
    ),
)
PRICES = Table(
    "prices",
    ("date", "security"),
    (
        _date("date"),
        _text("security"),
        _positive("close", required=True),
        _positive("open"),
        _positive("high"),
        _positive("low"),
        _positive("pre_close"),
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
    ("ex_date", "security", "kind"),
    (
        _date("ex_date"),
        _text("security"),
        _text("kind"),
        _not_negative("cash"),
        _not_negative("ratio"),
        _positive("price"),
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
SESSIONS = Table("sessions", ("date",), (_date("date"), _KNOWN))

TABLES = {table.name: table for table in (SECURITIES, PRICES, SHARES, ACTIONS, STATUS, FX, RATES, SESSIONS)}

# The columns that each kind of action needs. Kinds that cannot be calculated yet (`_terms.CALCULATED_KINDS`) can be
# stored, and are refused by name when an index holds the security.
ACTION_COLUMNS: dict[str, tuple[str, ...]] = {
    "cash_dividend": ("cash",),
    "bonus": ("ratio",),
    "rights": ("ratio", "price"),
    "special_dividend": ("cash",),
    "split": ("ratio",),
    "consolidation": ("ratio",),
    "redenomination": ("ratio",),
    "issuance": (),
    "cancellation": (),
    "float_change": (),
    "spin_off": ("ratio",),
    "merger": (),
    "delisting": (),
    "restructuring": ("price",),
    "dividend_correction": ("cash",),
    "rename": (),
}

# MIC of an exchange: the suffix of its codes, its currency, and the price tick that its rounding uses ("" where a
# `tick` column must say).
EXCHANGES: dict[str, tuple[str, str, str]] = {
    "XSHG": ("SH", "CNY", "0.01"),
    "XSHE": ("SZ", "CNY", "0.01"),
    "XBSE": ("BJ", "CNY", "0.01"),
    "XHKG": ("HK", "HKD", ""),
    "XNYS": ("N", "USD", ""),
    "XNAS": ("O", "USD", ""),
}
EXCHANGE_OF_SUFFIX = {suffix: exchange for exchange, (suffix, _, _) in EXCHANGES.items()}
