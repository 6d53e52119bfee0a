"""Limits on what is taken from outside: how much of each thing honest data may have, and how to raise it.

A limit is looked at before the work that it bounds, so that a small file cannot ask for all memory or time. Each can be
raised by an environment variable, which its error names: ``FINTECH_INDEX_MOST_ROWS=500000000``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fintech_index.errors import RequestError

if TYPE_CHECKING:
    from fintech_index.errors import FintechIndexError

HEADROOM = 2**62
"""What int64 sums of market values, and so index shares, stay below."""

NUMBERS_END = 10**18
"""A price, a rate or a count from here on is a fault; sums of products below it stay finite floats."""


PRICES_BEGIN = 1e-9
"""A price below this is a fault."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of something there may be.

    Attributes
    ----------
    name : str
        What the environment variable is called after ``FINTECH_INDEX_MOST_``.
    usual : int
        The limit where the variable is not set.
    what : str
        What is counted, in the plural.
    """

    name: str
    usual: int
    what: str

    @property
    def variable(self) -> str:
        """The environment variable that raises the limit."""
        return f"FINTECH_INDEX_MOST_{self.name}"

    @property
    def most(self) -> int:
        """The limit in force."""
        given = os.environ.get(self.variable, "")
        if not given:
            return self.usual
        if not (given.isascii() and given.isdigit() and len(given) <= 18):  # noqa: PLR2004 - digits of NUMBERS_END
            raise RequestError(f"{self.variable} is {given!r}: it must be a whole number, such as {self.usual}")
        return int(given)

    def require(self, count: float, where: str, error: type[FintechIndexError], *, exactly: bool = True) -> None:
        """Raise `error` where there is more than the limit; `exactly` is False where counting stopped at it."""
        if count > self.most:
            found = f"{count:,}" if exactly else f"more than {self.most:,}"
            raise error(f"{where}: {found} {self.what}; at most {self.most:,} are taken ({self.advice})")

    @property
    def advice(self) -> str:
        """How to raise the limit."""
        return f"set {self.variable} to raise this limit"


ROWS = Limit("ROWS", 250_000_000, "rows of a table")
DESCRIBED = Limit("DESCRIBED", 1_000_000, "rows of a table that is not prices, shares or fx")
COLUMNS = Limit("COLUMNS", 1_000, "columns of a table")
TEXT = Limit("TEXT", 1_000, "characters in one value of a table")
CSV_BYTES = Limit("CSV_BYTES", 2**31, "bytes of a CSV file, which is read as a whole; Parquet is not")
CELLS = Limit("CELLS", 2**30, "prices by security and session")
SPARSE = Limit("SPARSE", 2**24, "places by security and session, of which fewer than one in 64 has a price")
VARIANTS = Limit("VARIANTS", 250_000, "variants of a sweep")
SWEEP_BYTES = Limit("SWEEP_BYTES", 2**33, "bytes of levels of a sweep")
METHODOLOGY_BYTES = Limit("METHODOLOGY_BYTES", 2**20, "bytes of a methodology file")
OUTCOME_BYTES = Limit("OUTCOME_BYTES", 2**26, "bytes of an outcome file")  # some 200,000 constituents
STATE_BYTES = Limit("STATE_BYTES", 2**26, "bytes of a state")
SECONDS_WAITED = Limit("SECONDS_WAITED", 60, "seconds of waiting for another process that writes to the same place")

# In memory a table may take so much, and so many times the bytes of its file: what is small on disk stays small.
TABLE_BYTES = Limit("TABLE_BYTES", 2**26, "bytes in memory of a table whose file is small")
TABLE_TIMES_FILE = 1_024
NESTED = 32  # tables within tables of a file
ROWS_A_PLACE = 64
