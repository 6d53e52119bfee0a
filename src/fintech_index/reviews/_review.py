"""A review: from the rules and the market of its dates to a basket, and from one review to the next."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import ReviewDates, review_dates
from fintech_index.errors import NotStartedError, Problem, RequestError, ReviewError, require_kind
from fintech_index.index_view import common_sessions, for_index
from fintech_index.market import MarketData, as_day
from fintech_index.methodology import Methodology
from fintech_index.reviews._cache import ReviewCache
from fintech_index.reviews._joining import Chain, months_of, to_baskets
from fintech_index.reviews._membership import Membership, remembers
from fintech_index.reviews._outcome import Outcome
from fintech_index.reviews._selection import Selected, select
from fintech_index.reviews._weighting import weight_basket

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from fintech_index.reviews._baskets import Baskets
    from fintech_index.reviews._eligibility import Screening
    from fintech_index.reviews._ranking import Ranked


def review(
    method: Methodology,
    market: MarketData,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
) -> Baskets:
    """Carry out the reviews of an index: the basket of the base date, and one for each review since.

    An index that has fewer eligible names than `selection.at_least` on its base date starts at the first review that
    has them; a later review with fewer keeps the basket, and a notice says so.

    Parameters
    ----------
    method : Methodology
    market : MarketData
    start, end : date, optional
        Only baskets effective within these dates, both included.

    Returns
    -------
    Baskets
        With the `Outcome` of each review in `outcomes`.

    Raises
    ------
    RequestError
        The start is after the end, or no basket takes effect between them.
    NotStartedError
        No review up to the end has as many eligible names as the index needs.
    ReviewError
        The base date is no session, the data does not reach back to a cut-off, too few are eligible, a share count is
        missing, or a cap cannot be met.
    """
    require_kind(method, Methodology, "method")
    require_kind(market, MarketData, "market")
    return run_reviews(method, for_index(method, market), ReviewCache(), start, end)


def run_reviews(
    method: Methodology,
    market: MarketData,
    shared: ReviewCache,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
) -> Baskets:
    """Do what `review` does, in a market as the index sees it, with what has been made for others already."""
    first = as_day(start) if start is not None else market.sessions[0]
    last = as_day(end) if end is not None else market.sessions[-1]
    if first > last:
        raise RequestError(f"the start {first} is after the end {last}")
    dates = [each for each in all_dates(method, market) if market.sessions[each.effective] <= last]
    if not any(market.sessions[each.effective] >= first for each in dates):
        raise RequestError(f"{method.name}: no basket takes effect from {first} to {last}")
    chain = run_chain(method, market, dates, None, shared)
    if not chain.since(first):
        raise RequestError(f"{method.name}: no basket takes effect from {first} to {last}: {chain.kept[-1]}")
    return to_baskets(method, market, chain, first)


def all_dates(method: Methodology, market: MarketData) -> list[ReviewDates]:
    """Give the dates of the base, which uses its own date for all of them, and of every review after it."""
    try:
        base = market.session(method.base.date)
    except RequestError as error:
        raise ReviewError(f"{method.name}: the base date {error.summary}") from error
    return [ReviewDates(base, base, base), *_reviews(method, market, base)]


def reviews_after(method: Methodology, market: MarketData, session: int, standing: Membership) -> Baskets | None:
    """Carry out the reviews that take effect after a session, whatever the base; None where there are none.

    `standing` is the index at the close of the session, for rules that look at what was before. Where the market data
    has the base date, they are followed from there.
    """
    after = market.sessions[session] + 1
    from_the_base = np.datetime64(method.base.date) in market.sessions
    if method.eligibility.status.when == "monthly" and not from_the_base:
        raise ReviewError(
            f"{method.name}: between reviews its status rule goes by the review before, so that going on from "
            f"{market.sessions[session]} needs market data from the base date {method.base.date} on"
        )
    if remembers(method) and from_the_base:
        chain = run_chain(method, market, all_dates(method, market), None, ReviewCache())
    elif dates := _reviews(method, market, session):
        chain = run_chain(method, market, dates, standing, ReviewCache())
    else:
        return None
    found = to_baskets(method, market, chain, after)
    return found if len(found.effective) else None


def _reviews(method: Methodology, market: MarketData, after: int) -> list[ReviewDates]:
    common = common_sessions(method, market) if method.review.sessions == "all" else None
    dates = list(review_dates(method, market.sessions, after, common))
    for one, next_one in pairwise(dates):
        if one.effective == next_one.effective:
            raise ReviewError(
                f"{method.name}: two reviews take effect on {market.sessions[one.effective]}, since the data has "
                "no session between their dates: leave one of their months out of review.months"
            )
    return dates


def run_chain(
    method: Methodology,
    market: MarketData,
    dates: Sequence[ReviewDates],
    standing: Membership | None,
    shared: ReviewCache,
) -> Chain:
    """Carry out reviews one after another, each with what the one before has left; `standing` is before the first."""
    outcomes: list[Outcome] = []
    kept: list[str] = []
    started = standing is not None
    for each in dates:
        before = None if standing is None else standing.at(method, market, each.price_date)
        if outcomes and before is not None:
            before = _after_months(method, market, outcomes[-1], before, each)
        outcome = _outcome(method, market, each, before, shared)
        if outcome is None:
            few = f"fewer than {method.selection.at_least} eligible names on {market.sessions[each.effective]}"
            if started:
                kept.append(f"{method.name}: {few}: the basket is kept")
            continue
        started, standing = True, outcome.after
        outcomes.append(outcome)
    if not started:
        raise NotStartedError(
            f"{method.name}: it has not started: no review up to {market.sessions[dates[-1].effective]} has "
            f"{method.selection.at_least} eligible names"
        )
    return Chain(tuple(outcomes), tuple(kept))


def _after_months(
    method: Methodology, market: MarketData, outcome: Outcome, standing: Membership, dates: ReviewDates
) -> Membership:
    """Give what a status has made of an index between two reviews, by the price date of the later one."""
    months = months_of(method, market, outcome, dates.price_date + 1)
    if not months:
        return standing
    then, now = set(outcome.securities), set(months[-1].securities)
    gone = {security for security, session in market.actions.removals.items() if session <= dates.price_date}
    return replace(standing, members=(standing.members | (now - then - gone)) - (then - now))


def _outcome(
    method: Methodology, market: MarketData, dates: ReviewDates, before: Membership | None, shared: ReviewCache
) -> Outcome | None:
    """Carry out one review; None where it has too few eligible names to make a basket of."""
    screening = _screened(method, market, dates, shared)
    eligible = screening.eligible
    effective = market.sessions[dates.effective]
    if len(eligible) < method.selection.at_least and method.selection.at_least > 1:
        return None
    if len(eligible) == 0:
        raise ReviewError(f"{method.name}: no security is eligible for the review effective {effective}")
    ranked, selected = None, Selected(frozenset(eligible.tolist()))
    if method.selection.count != "all":
        if len(eligible) < method.selection.count:
            raise ReviewError(
                f"{method.name}: {len(eligible)} securities are eligible for the review effective {effective}, fewer "
                f"than selection.count ({method.selection.count}): lower it, or let selection.relax drop rules"
            )
        ranked, selected = _selected(method, market, dates, screening, before, shared)
    securities = sorted(selected.members)
    _require_prices(method, market, securities, dates)
    weighted = weight_basket(method, market, securities, dates, before.bands if before is not None else None)
    after = Membership(selected.members, selected.reserve, weighted.bands, dates.price_date)
    return Outcome(method, market, dates, screening, ranked, securities, weighted, before, after, selected)


def _screened(method: Methodology, market: MarketData, dates: ReviewDates, shared: ReviewCache) -> Screening:
    """Screen the universe; drop rules in their order while fewer are eligible than the index needs."""
    rule = method.selection
    needed = rule.at_least if rule.count == "all" else rule.count
    waived: list[str] = []
    screening = shared.screen(method, market, dates)
    for name in rule.relax:
        if len(screening.eligible) >= needed:
            break
        waived.append(name)
        screening = shared.screen(method, market, dates, waived)
    return screening


def _selected(
    method: Methodology,
    market: MarketData,
    dates: ReviewDates,
    screening: Screening,
    before: Membership | None,
    shared: ReviewCache,
) -> tuple[Ranked, Selected]:
    candidates, fast = screening.eligible, np.array([], np.int64)
    if method.selection.fast_entry_rank is not None and "seasoning" not in screening.waived:
        without = shared.screen(method, market, dates, (*screening.waived, "seasoning")).eligible
        fast = np.intersect1d(without, screening.failing("seasoning"))
        candidates = np.union1d(candidates, fast)
    ranked = shared.rank(method, market, candidates, dates.cutoff)
    by_size = np.intersect1d(ranked.order[: method.selection.fast_entry_rank or 0], fast)
    if len(by_size) < len(fast):  # who does not enter by its size counts in no rank
        left = np.setdiff1d(candidates, np.setdiff1d(fast, by_size))
        ranked = replace(shared.rank(method, market, left, dates.cutoff), looked_at=candidates)
    incumbents = before.members if before is not None else None
    return ranked, select(method, ranked.order, incumbents, frozenset(by_size.tolist()))


def _require_prices(method: Methodology, market: MarketData, securities: list[int], dates: ReviewDates) -> None:
    price_date = market.sessions[dates.price_date]
    late = np.flatnonzero(market.panel.first_session[securities] > dates.price_date)
    if len(late):
        unpriced = [market.securities.codes[securities[at]] for at in late]
        effective = market.sessions[dates.effective]
        raise ReviewError(
            f"{method.name}: the review effective {effective} has constituents without a price on its price date",
            [Problem(code, f"eligible on the cut-off date, and no price by {price_date}") for code in unpriced],
        )
