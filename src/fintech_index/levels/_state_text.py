"""States as text: JSON with every number as text, a format version, and a hash of all of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from fintech_index.conventions import STATE_BYTES
from fintech_index.errors import CalculationError, FintechIndexError, first_line
from fintech_index.events import HeldShares, PaidRecord
from fintech_index.levels._state_parts import StateParts

FORMAT = 2
"""Of the text: another number, and it is refused by name."""

S = TypeVar("S", bound=StateParts)
_SEAL = "sha256"
_FRACTION = re.compile(r"-?[0-9]{1,4300}(?:/[0-9]{1,4300})?")
_DECIMAL = re.compile(r"[0-9]{1,60}(?:\.[0-9]{1,60})?(?:E[+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"-?[0-9]{1,40}")


def encoded(state: StateParts) -> str:
    """Write a state."""
    data = {
        "format": FORMAT,
        "index": state.index,
        "methodology_sha256": state.methodology,
        "date": state.date.isoformat(),
        "divisors": {variant: str(value) for variant, value in state.divisors.items()},
        "share_decimals": state.share_decimals,
        "constituents": [_of_constituent(each, state.closes[each.security]) for each in state.constituents],
        "rates": {currency: str(rate) for currency, rate in sorted(state.rates.items())},
        "paid": {
            "begun": state.paid.begun.isoformat(),
            "since": state.paid.since.isoformat(),
            "left": {code: day.isoformat() for code, day in sorted(state.paid.left.items())},
            "shares": [
                {"security": security, "ex_date": date.isoformat(), "index_shares": str(shares)}
                for (security, date), shares in sorted(state.paid.shares.items())
            ],
        },
        "reserve": list(state.reserve),
        "bands": {code: str(band) for code, band in sorted(state.bands.items())},
    }
    return json.dumps(data | {_SEAL: _seal(data)}, indent=1)


def _of_constituent(each: HeldShares, close: Fraction) -> dict[str, Any]:
    return {
        "security": each.security,
        "index_shares": str(each.index_shares),
        "close": str(close),
        "ratio": str(each.ratio),
        "free_float": str(each.free_float),
        "capping_factor": None if each.capping_factor is None else str(each.capping_factor),
        "float_ratio": str(each.float_ratio),
        "counted": each.counted.isoformat(),
        "total": None if each.total is None else str(each.total),
        "leaving": str(each.leaving),
        "parent": each.parent,
    }


def _seal(data: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def decoded(text: str, kind: type[S]) -> S:
    """Read what `encoded` has written, as a class of states.

    Raises
    ------
    CalculationError
        The text is not such a state, is of another format, or was changed after it was written.
    """
    if not isinstance(text, str) or len(text) > STATE_BYTES.most:
        raise CalculationError(f"the state of an index is text of at most {STATE_BYTES.most:,} characters")
    try:
        data = json.loads(text, parse_int=_small, parse_float=_small)
        found = data.get("format", 1) if "divisors" in data else data["format"]  # the first one did not say it
        if found != FORMAT:
            raise CalculationError(
                f"the state is of the format {found}, and this version reads {FORMAT}: calculate it anew"
            )
        return _state(data, kind)
    except FintechIndexError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise CalculationError(
            f"this is not the state of an index as `State.to_json` writes it: {first_line(error)}"
        ) from error


def _state(data: dict[str, Any], kind: type[S]) -> S:
    sealed = data.pop(_SEAL, None)
    paid = data["paid"]
    state = kind(
        index=_text(data["index"]),
        methodology=_text(data["methodology_sha256"]),
        date=dt.date.fromisoformat(data["date"]),
        closes={_text(each["security"]): _fraction(each["close"]) for each in data["constituents"]},
        rates={_text(currency): _fraction(rate) for currency, rate in data["rates"].items()},
        divisors={variant: _decimal(value) for variant, value in data["divisors"].items()},
        share_decimals=int(data["share_decimals"]),
        constituents=tuple(map(_constituent, data["constituents"])),
        paid=PaidRecord(
            begun=dt.date.fromisoformat(paid["begun"]),
            since=dt.date.fromisoformat(paid["since"]),
            left={_text(code): dt.date.fromisoformat(day) for code, day in paid["left"].items()},
            shares={
                (_text(each["security"]), dt.date.fromisoformat(each["ex_date"])): _fraction(each["index_shares"])
                for each in paid["shares"]
            },
        ),
        reserve=tuple(map(_text, data["reserve"])),
        bands={_text(code): _fraction(band) for code, band in data["bands"].items()},
    )
    if len(state.paid.shares) < len(paid["shares"]):
        raise ValueError("a dividend is there twice")
    if sealed != _seal(data):
        raise CalculationError(
            f"the state of {state.index!r} at {state.date} was changed after it was written: its hash is another one"
        )
    return state


def _constituent(each: dict[str, Any]) -> HeldShares:
    return HeldShares(
        security=_text(each["security"]),
        index_shares=_whole(each["index_shares"]),
        ratio=_fraction(each["ratio"]),
        free_float=_whole(each["free_float"]),
        capping_factor=None if each["capping_factor"] is None else _decimal(each["capping_factor"]),
        float_ratio=_fraction(each["float_ratio"]),
        counted=dt.date.fromisoformat(each["counted"]),
        total=None if each["total"] is None else _whole(each["total"]),
        leaving=_fraction(each["leaving"]),
        parent=_text(each["parent"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("what must be text is not")
    return value


def _written(value: object, form: re.Pattern[str]) -> str:
    """Take a number that is written as text, once it is short enough to be read."""
    if form.fullmatch(_text(value)) is None:
        raise ValueError("a number is not written as it should be, or is too long")
    return str(value)


def _fraction(value: object) -> Fraction:
    return Fraction(_written(value, _FRACTION))


def _decimal(value: object) -> Decimal:
    return Decimal(_written(value, _DECIMAL))


def _whole(value: object) -> int:
    return int(_written(value, _WHOLE))


def _small(digits: str) -> int:
    """Read a number that JSON has as such: the format and the decimals of shares are the only ones."""
    return int(_written(digits, _WHOLE))
