"""The hash of the values that a review read.

A day appended to the data, a security that comes later, a comment in the methodology change nothing: only what the
review looked at is in them, as it looked on its dates.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fintech_index.methodology import applied
from fintech_index.reviews import SCOPE_COLUMNS, LookBack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fintech_index.reviews import Outcome


def inputs_hash(outcome: Outcome) -> str:
    """Hash the values that a review read, one line a value, in the order of codes."""
    return _sha256("\n".join(_lines(outcome)))


def _lines(outcome: Outcome) -> Iterator[str]:
    sessions, dates = outcome.market.sessions, outcome.dates
    yield f"dates {sessions[dates.cutoff]} {sessions[dates.price_date]} {sessions[dates.effective]}"
    seen = _seen(outcome)
    yield from _of_eligibility(outcome, seen)
    yield from _of_ranking(outcome)
    yield from _of_weights(outcome)
    yield from _of_before(outcome)


def _seen(outcome: Outcome) -> list[int]:
    """Give the securities of the universe that were there on the cut-off date."""
    securities, first = outcome.screening.securities, outcome.market.panel.first_session
    seen: list[int] = securities[first[securities] <= outcome.dates.cutoff].tolist()
    return seen


def _of_eligibility(outcome: Outcome, seen: list[int]) -> Iterator[str]:
    market, rules, waived = outcome.market, outcome.method.eligibility, outcome.screening.waived
    known, date = market.securities, market.sessions[outcome.dates.cutoff].item()
    columns = [column for key, column in SCOPE_COLUMNS.items() if getattr(rules.scope, key) is not None]
    texts = {column: known.texts(column) for column in columns}
    gone = {security for security, at in market.actions.removals.items() if at <= outcome.dates.price_date}
    screened = [
        rule
        for name, rule in (("status", rules.status), ("conduct", rules.conduct))
        if applied(rule) and rule.exclude and name not in waived
    ]
    for security in seen:
        code, delisted = known.codes[security], known.delisted[security]
        parts = [code, *(texts[column][security] for column in columns)]
        if rules.seasoning.model_fields_set:
            parts += [known.board[security], str(known.listed[security] or "")]
        parts.append("gone" if security in gone or (delisted is not None and delisted <= date) else "there")
        for rule in screened:
            parts.append(market.statuses.on(code, date, rule.exclude, outcome.screening.since(rule)) or "")
        if rules.price.at_least is not None:
            parts.append(str(outcome.screening.candidates.close(security)))
        if rules.float.cap_at_least is not None or rules.float.ratio_at_least is not None:
            parts += [
                str(outcome.screening.candidates.close(security)),
                *map(str, outcome.screening.candidates.counts(security)),
            ]
        yield " ".join(parts)


def _of_ranking(outcome: Outcome) -> Iterator[str]:
    """Give the averages that a screen or an order looked at."""
    method, market = outcome.method, outcome.market
    turnover = outcome.screening.candidates.turnover
    if turnover is not None:
        securities, averages = turnover
        for at, security in enumerate(securities.tolist()):
            yield f"amount {market.securities.codes[security]} {averages.exact(at)}"
    if outcome.ranked is None:
        return
    rule = method.ranking
    keys: set[str] = {rule.by} if isinstance(rule.by, str) else {*rule.by}
    keys |= {rule.ties} - {"listed", "security"}
    securities = outcome.ranked.looked_at
    back = LookBack(method, market, outcome.dates.cutoff, rule.lookback_months)
    for key in sorted(keys):
        averages = back.average(key, securities)
        for at, security in enumerate(securities.tolist()):
            yield f"{key} {market.securities.codes[security]} {averages.exact(at)}"


def _of_weights(outcome: Outcome) -> Iterator[str]:
    market, weighting, weighted = outcome.market, outcome.method.weighting, outcome.weighted
    groups = market.securities.texts(weighting.group_by) if weighting.grouped else None
    scores = market.securities.table.column("score").to_pylist() if weighting.by == "score" else None
    for security, price, count in zip(outcome.securities, weighted.prices, weighted.free_float, strict=True):
        parts = [market.securities.codes[security], str(price), str(count)]
        parts += [groups[security]] if groups is not None else []
        parts += [str(scores[security])] if scores is not None else []
        yield f"weight {' '.join(parts)}"


def _of_before(outcome: Outcome) -> Iterator[str]:
    """Give who was in before: the outcome says who is new."""
    if outcome.before is None:
        return
    codes = outcome.market.securities.codes
    yield f"members {' '.join(sorted(codes[security] for security in outcome.before.members))}"
    for security, band in sorted(outcome.before.bands.items()):
        yield f"band {codes[security]} {band}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
