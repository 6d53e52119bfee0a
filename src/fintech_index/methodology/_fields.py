"""What the values of a methodology file may be, and what every section of it has."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from fintech_index.errors import shown
from fintech_index.methodology._attributes import Readable

_DIGITS = 18  # before the point
_DECIMALS = 28
_IN_QUOTES = re.compile(r"[+-]?[0-9][0-9._]*([eE][+-]?[0-9]+)?")


def _number(value: object) -> object:
    if isinstance(value, str) and _IN_QUOTES.fullmatch(value):
        raise ValueError("a number must be written without quotes")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        message = f"{shown(value)} is no number"
        raise ValueError(message)  # noqa: TRY004 - pydantic's protocol
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    # A few characters such as 1e-999999999 would be fractions of a gigabyte.
    if isinstance(exponent, int) and (exponent < -_DECIMALS or number.adjusted() >= _DIGITS):
        raise ValueError(f"a number is below 1e{_DIGITS} and has at most {_DECIMALS} decimals")
    return value


# What the file writes must be of its kind: no "4" for 4, no true for 1, no number for a date.
Whole = Annotated[int, Strict()]
Number = Annotated[Decimal, BeforeValidator(_number)]
Part = Annotated[Number, Field(gt=0, le=1)]  # a fraction of 1
Date = Annotated[dt.date, Strict()]
Month = Annotated[int, Strict(), Field(ge=1, le=12)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Mic = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4}$")]
Yes = Annotated[bool, Strict()]
Texts = Annotated[tuple[str, ...], Field(min_length=1)]


class Label(StrEnum):
    """How far a rule is the publisher's."""

    PUBLISHED = "published"
    ASSUMED = "assumed"
    NOT_APPLIED = "published, not applied"
    ANACHRONISTIC = "anachronistic"


class StrictModel(Readable):
    """A table of the file: no other keys than its own, and nothing in it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(StrictModel):
    """A section of the file: its rule, where the rule comes from, and since when the publisher has it."""

    label: Label | None = None
    source: str = ""
    effective: Date | None = None


def applied(rule: Rule) -> bool:
    """Tell whether a rule of eligibility is evaluated at all."""
    return rule.label is not Label.NOT_APPLIED
