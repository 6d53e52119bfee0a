"""Codes of securities in all spellings, and what a code alone says: exchange, board and currency.

``600000.SH``, ``600000.SS``, ``600000.XSHG``, ``SH600000``, ``sh.600000``, ``SHSE.600000`` and ``600000`` are one
security, of which ``600000.SH`` is the usual spelling. A number that has lost its zeros gets them back: 1 is
``000001.SZ``. What a code does not tell is never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fintech_index.market._contract import EXCHANGES

_SPELLINGS = {
    spelling: mic for mic, exchange in EXCHANGES.items() for spelling in (exchange.suffix, mic, *exchange.spellings)
}
_BEFORE = re.compile(rf"({'|'.join(sorted(_SPELLINGS, key=len, reverse=True))})\.?(\d+)", re.IGNORECASE)
_DIGITS = {"XSHG": 6, "XSHE": 6, "XBSE": 6, "XHKG": 5}
_MAINLAND = ("XSHG", "XSHE", "XBSE")

# By the first digits of a code: the exchange of the mainland that it is of, and the board.
_RANGES = {
    "600": ("XSHG", "main"),
    "601": ("XSHG", "main"),
    "603": ("XSHG", "main"),
    "605": ("XSHG", "main"),
    "688": ("XSHG", "star"),
    "689": ("XSHG", "star"),
    "900": ("XSHG", "b"),
    "5": ("XSHG", "fund"),
    "00": ("XSHE", "main"),
    "300": ("XSHE", "chinext"),
    "301": ("XSHE", "chinext"),
    "302": ("XSHE", "chinext"),
    "200": ("XSHE", "b"),
    "15": ("XSHE", "fund"),
    "16": ("XSHE", "fund"),
    "18": ("XSHE", "fund"),
    "43": ("XBSE", "bse"),
    "82": ("XBSE", "bse"),
    "83": ("XBSE", "bse"),
    "87": ("XBSE", "bse"),
    "88": ("XBSE", "bse"),
    "92": ("XBSE", "bse"),
}
_B_SHARES = {"XSHG": "USD", "XSHE": "HKD"}


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code in its usual spelling, and what it says."""

    text: str
    exchange: str
    board: str
    currency: str


def read_code(text: str, calendar: str | None = None) -> Code | None:
    """Read a code in any spelling.

    Parameters
    ----------
    text : str
    calendar : str, optional
        The exchange (MIC) of codes that do not tell theirs.

    Returns
    -------
    Code or None
        None where it does not tell its exchange, and no calendar does.
    """
    text = text.strip()
    name, _, suffix = text.rpartition(".")
    exchange = _SPELLINGS.get(suffix.upper()) if name else None
    if exchange is None and (found := _BEFORE.fullmatch(text)):
        exchange, name = _SPELLINGS[found[1].upper()], found[2]
    if exchange is not None:
        return _of_exchange(name, exchange)
    return _bare(text, calendar)


def with_zeros(text: str, code: Code) -> str:
    """Give a bare number with the zeros that it has lost; other spellings as they are."""
    text = text.strip()
    return code.text.partition(".")[0] if text.isdigit() else text


def _bare(text: str, calendar: str | None) -> Code | None:
    """Read a code without an exchange: the digits of the mainland tell theirs, others need a calendar."""
    digits = text.isascii() and text.isdigit()
    if digits and calendar in (None, *_MAINLAND):
        longest = _DIGITS["XSHG"]
        if len(text) > longest or (len(text) < longest and text.startswith("0")):  # 00700 is not of the mainland
            return None
        text = text.zfill(longest)
        place = _range(text)
        return None if place is None else _of_exchange(text, place[0])
    if calendar in EXCHANGES and text:
        return _of_exchange(text, calendar)
    return None


def _of_exchange(name: str, exchange: str) -> Code | None:
    if name.isascii() and name.isdigit() and exchange in _DIGITS:
        name = name.zfill(_DIGITS[exchange])
        place = _range(name) if exchange in _MAINLAND and len(name) == _DIGITS[exchange] else None
        if place is not None and place[0] != exchange and not _is_index(name, exchange):
            return None  # 830799.SZ and 300059.SH are nothing
    suffix = EXCHANGES[exchange].suffix
    board = board_of(name, exchange)
    return Code(f"{name}.{suffix}", exchange, board, currency_of(name, exchange))


def _range(digits: str) -> tuple[str, str] | None:
    return next((_RANGES[digits[:length]] for length in (3, 2, 1) if digits[:length] in _RANGES), None)


def _is_index(digits: str, exchange: str) -> bool:
    """Tell whether digits of Shenzhen's stocks are an index of Shanghai's."""
    return exchange == "XSHG" and digits.startswith("000")


def board_of(digits: str, exchange: str) -> str:
    """Give the board that a code belongs to: star, chinext, bse, b, fund or main."""
    if exchange == "XBSE":
        return "bse"
    place = _range(digits) if digits.isascii() and digits.isdigit() else None
    return place[1] if place is not None and place[0] == exchange else "main"


def currency_of(digits: str, exchange: str) -> str:
    """Give the trading currency: B shares are quoted in USD in Shanghai and in HKD in Shenzhen."""
    if board_of(digits, exchange) == "b":
        return _B_SHARES[exchange]
    return EXCHANGES[exchange].currency
