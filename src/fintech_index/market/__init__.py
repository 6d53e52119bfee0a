"""What happened: prices, share counts, corporate actions, their contract and checks, and importers."""

from __future__ import annotations

from fintech_index.market._carried_closes import MOST_DECIMALS, PricePanel, carried_price
from fintech_index.market._casting import exact_values
from fintech_index.market._conforming import check_duplicates, conform
from fintech_index.market._contract import EXCHANGES, Column, Kind, Table
from fintech_index.market._data import MarketData
from fintech_index.market._dates import as_day
from fintech_index.market._finding import CONTRADICTION, Check, Finding
from fintech_index.market._findings import check_folder, terms_in_doubt
from fintech_index.market._frames import table_of
from fintech_index.market._fx import MISSING_RATE
from fintech_index.market._numbers import Number, finite_terms
from fintech_index.market._plain_arrow import plain
from fintech_index.market._price_doubts import PriceDoubtKind, PriceDoubts, doubts_of
from fintech_index.market._quotes import Quotes
from fintech_index.market._rates import Rate
from fintech_index.market._reading import as_arrow
from fintech_index.market._reference_price import reference_price
from fintech_index.market._status import status_kind
from fintech_index.market._terms import (
    ACTING_KINDS,
    CASH_KINDS,
    HOLDER_KINDS,
    REFERENCE_KINDS,
    REMOVAL_KINDS,
    SHARE_CHANGE_KINDS,
    SPLIT_KINDS,
    Action,
    Basis,
    ExDate,
)
from fintech_index.market._trading import sums_of_closes, traded_days

__all__ = [
    "ACTING_KINDS",
    "CASH_KINDS",
    "CONTRADICTION",
    "EXCHANGES",
    "HOLDER_KINDS",
    "MISSING_RATE",
    "MOST_DECIMALS",
    "REFERENCE_KINDS",
    "REMOVAL_KINDS",
    "SHARE_CHANGE_KINDS",
    "SPLIT_KINDS",
    "Action",
    "Basis",
    "Check",
    "Column",
    "ExDate",
    "Finding",
    "Kind",
    "MarketData",
    "Number",
    "PriceDoubtKind",
    "PriceDoubts",
    "PricePanel",
    "Quotes",
    "Rate",
    "Table",
    "as_arrow",
    "as_day",
    "carried_price",
    "check_duplicates",
    "check_folder",
    "conform",
    "doubts_of",
    "exact_values",
    "finite_terms",
    "plain",
    "reference_price",
    "status_kind",
    "sums_of_closes",
    "table_of",
    "terms_in_doubt",
    "traded_days",
]
