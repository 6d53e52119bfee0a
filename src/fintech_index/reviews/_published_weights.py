"""Published weights of a date, as index shares."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fintech_index.errors import MarketDataError, Problem, RequestError, ReviewError
from fintech_index.market import Column, Kind, Table, check_duplicates, conform, exact_values, plain, table_of
from fintech_index.rounding import finite_places, round_half_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from fintech_index.market import MarketData

_NOTIONAL = 10**12  # index currency
_WHOLE = (Fraction(1), Fraction(100))
_CONTRACT = Table(
    "weights",
    ("date", "security"),
    (
        Column("date", Kind.DATE),
        Column("security", Kind.TEXT),
        Column("weight", Kind.NUMBER, at_least=0),
        Column("index_code", Kind.TEXT, required=False),
    ),
)


def shares_from_weights(
    frame: Any, market: MarketData, index: str | None, names: Mapping[str, str]
) -> dict[str, list[Any]]:
    """Give the columns of baskets that have published weights at the closes of their dates.

    Raises
    ------
    ReviewError
        The weights cannot be taken: all problems at once.
    """
    table, weights = _read(frame, index, names)
    problems: list[Problem] = []
    columns: dict[str, list[Any]] = {"effective": [], "security": [], "index_shares": [], "price_date": []}
    dates = table.column("date").to_pylist()
    securities = table.column("security").to_pylist()
    for number, date in enumerate(sorted(set(dates))):
        own = [row for row, each in enumerate(dates) if each == date and weights[row]]
        total = sum((weights[row] for row in own), Fraction(0))
        problems += _wrong_sum(date, total, [weights[row] for row in own])
        try:
            session = market.session(date)
        except RequestError as error:
            problems.append(Problem("weights", error.summary))
            continue
        codes = [securities[row] for row in own]
        shares = _shares(market, session, codes, [weights[row] / total for row in own], problems)
        for effective, price_date in _effective(market, session, codes, first=number == 0):
            columns["effective"] += [effective] * len(codes)
            columns["price_date"] += [price_date] * len(codes)
            columns["security"] += codes
            columns["index_shares"] += shares
    if problems:
        raise ReviewError(f"{len(problems)} wrong in the weights", problems)
    return columns


def _read(frame: Any, index: str | None, names: Mapping[str, str]) -> tuple[pa.Table, list[Fraction]]:
    """Give the rows of one index, and their weights as they are written."""
    problems: list[Problem] = []
    try:
        given = table_of(frame, _CONTRACT, names, problems, None)
    except MarketDataError as error:
        raise ReviewError(f"weights: {error.summary}") from error
    table = conform(given, _CONTRACT, problems)
    if problems:
        raise ReviewError(f"{len(problems)} wrong in the weights", problems)
    codes = table.column("index_code").to_pylist()
    known = sorted({code for code in codes if code})
    if index is None and len(known) > 1:
        raise ReviewError(f"the weights are of {len(known)} indices ({', '.join(known[:5])}): say which by index=")
    if index is not None and index not in known:
        raise ReviewError(f"the weights have no index {index!r} (known: {', '.join(known[:5]) or 'none'})")
    kept = [row for row, code in enumerate(codes) if index is None or code == index]
    check_duplicates(table.take(pa.array(kept, pa.int64())), _CONTRACT, problems)
    if problems or not kept:
        raise ReviewError("wrong in the weights", problems or [Problem("weights", "the table has no rows")])
    written = exact_values(plain(given.column("weight")))
    return table.take(pa.array(kept, pa.int64())), [written[row] or Fraction(0) for row in kept]


def _wrong_sum(date: object, total: Fraction, weights: list[Fraction]) -> list[Problem]:
    """Say that weights do not add up to 1 or 100, as far as their last decimals let them."""
    places = max((finite_places(weight) or 0 for weight in weights), default=0)
    room = Fraction(len(weights), 2 * 10**places)
    if any(abs(total - whole) <= room for whole in _WHOLE):
        return []
    return [Problem(f"weights, {date}", f"{len(weights)} weights add up to {float(total):.6g}, and not to 1 or 100")]


def _shares(
    market: MarketData, session: int, codes: list[str], parts: list[Fraction], problems: list[Problem]
) -> list[int]:
    shares = []
    home = market.securities.only_currency or "CNY"
    for code, part in zip(codes, parts, strict=True):
        security = market.securities.find(code)
        if security < 0 or market.panel.first_session[security] > session:
            what = (
                f"unknown security {code!r}" if security < 0 else f"{code} has no price by {market.sessions[session]}"
            )
            problems.append(Problem("weights", what))
            continue
        price = market.panel.price(security, session)
        price *= market.fx.rate(market.securities.currency[security], home, market.sessions[session])
        shares.append(round_half_up(part * _NOTIONAL / price))
    return shares


def _effective(
    market: MarketData, session: int, codes: list[str], *, first: bool
) -> list[tuple[dt.date, dt.date | None]]:
    """Give when a basket takes effect, and the date that its shares stand on: the first is the base as well."""
    day = market.sessions[session].item()
    after = market.sessions[session + 1 : session + 2].tolist()
    acting = any(market.actions.on(market.securities.find(code), session) for code in codes)
    found: list[tuple[dt.date, dt.date | None]] = [(day, None)] if first else []
    if after and (not first or acting):  # the base's own actions are in its closes already
        found.append((after[0], day))
    return found
