"""What a review changes: who comes and goes, by how much weights move, and how long that takes to trade."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index.levels import calculate
from fintech_index.market import traded_days

if TYPE_CHECKING:
    import pandas as pd

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.reviews import Baskets, Outcome

TRADED_SESSIONS = 20
_HUNDRED = 100


@dataclass(frozen=True)
class ReviewReport:
    """A review beside the index as it stood at the close of its price date.

    Attributes
    ----------
    outcome : Outcome
    fund_size : Fraction
        In index currency, for `days` of `changes`.
    before : dict of int to Fraction
        Weights before, at the close of the price date; empty at the first review.
    """

    outcome: Outcome
    fund_size: Fraction
    before: dict[int, Fraction]

    @property
    def turnover(self) -> Fraction:
        """One-way turnover: half of the sum of absolute changes of weight; 1 at the first review."""
        if not self.before:
            return Fraction(1)
        return sum((abs(change) for change in self._changes.values()), Fraction(0)) / 2

    @property
    def changes(self) -> pd.DataFrame:
        """Every security that is in before or after.

        Columns: security, name, decision, before, after, change, amount, days. Weights are fractions. `amount` is the
        average daily amount over the last 20 sessions up to the price date, in index currency, suspended sessions left
        out; `days` is change x fund size / amount: the days that a fund of that size trades, taking all of the amount.
        Both are empty where the data has no amounts.
        """
        import pandas as pd

        outcome, after = self.outcome, self._after
        codes, names = outcome.market.securities.codes, outcome.market.securities.table.column("name").to_pylist()
        amounts = self._amounts()
        rows = []
        for security, change in sorted(self._changes.items(), key=lambda each: (-abs(each[1]), each[0])):
            amount = amounts.get(security)
            days = float(abs(change) * self.fund_size / amount) if amount else None
            decision = outcome.decision(security) if security in after else "leaves"
            rows.append(
                (
                    codes[security],
                    names[security],
                    decision,
                    float(self.before.get(security, 0)),
                    float(after.get(security, 0)),
                    float(change),
                    None if amount is None else float(amount),
                    days,
                )
            )
        columns = ["security", "name", "decision", "before", "after", "change", "amount", "days"]
        return pd.DataFrame(rows, columns=columns).astype({"amount": "float64", "days": "float64"})

    @property
    def summary(self) -> dict[str, Any]:
        """The review in numbers: dates, counts, turnover, what caps do, and how many failed which rule."""
        outcome, sessions = self.outcome, self.outcome.market.sessions
        codes, dates, caps = outcome.market.securities.codes, outcome.dates, outcome.weighted.caps
        failed, counts = np.unique(outcome.screening.failed.astype(str), return_counts=True)
        return {
            "index": outcome.method.name,
            "effective": str(outcome.effective),
            "announcement": None if dates.announcement is None else str(sessions[dates.announcement]),
            "price_date": str(sessions[dates.price_date]),
            "cutoff": str(sessions[dates.cutoff]),
            "constituents": len(outcome.securities),
            "additions": [codes[security] for security in outcome.additions],
            "deletions": [codes[security] for security in outcome.deletions],
            "reserve": [codes[security] for security in outcome.after.reserve],
            "one_way_turnover": float(self.turnover),
            "caps_binding": [] if caps is None else list(caps.binding),
            "weight_moved_by_caps": 0.0 if caps is None else float(caps.moved),
            "relaxed": list(outcome.relaxed),
            "failed": {rule: int(count) for rule, count in zip(failed, counts, strict=True) if rule},
        }

    @property
    def _after(self) -> dict[int, Fraction]:
        return dict(zip(self.outcome.securities, self.outcome.weighted.weights, strict=True))

    @property
    def _changes(self) -> dict[int, Fraction]:
        after = self._after
        return {
            security: after.get(security, Fraction(0)) - self.before.get(security, Fraction(0))
            for security in {*after, *self.before}
        }

    def _amounts(self) -> dict[int, Fraction]:
        market, stop = self.outcome.market, self.outcome.dates.price_date + 1
        if not market.trading.known:
            return {}
        security = np.array(sorted(self._changes), np.int64)
        start = max(stop - TRADED_SESSIONS, 0)
        sums, days = (
            market.trading.amounts(market.panel, security, start, stop),
            traded_days(market.panel, start, stop)[security],
        )
        home, day = self.outcome.method.currency, market.sessions[stop - 1]
        return {
            each: Fraction(int(amount), _HUNDRED * int(count))
            * market.fx.rate(market.securities.currency[each], home, day)
            for each, amount, count in zip(security.tolist(), sums, days, strict=True)
            if count and amount
        }


def report(
    method: Methodology, market: MarketData, baskets: Baskets, outcome: Outcome, fund_size: Fraction | int = 10**8
) -> ReviewReport:
    """Set an outcome beside the index as its earlier baskets have made it by the close of the price date."""
    price_date = outcome.market.sessions[outcome.dates.price_date]
    earlier = baskets.until(price_date)
    before: dict[int, Fraction] = {}
    if outcome.before is not None and len(earlier.effective):
        history = calculate(method, market.until(price_date), baskets=earlier)
        index = outcome.market.securities.index
        before = {
            index[code]: Fraction(weight) for code, weight in history.weights(history.sessions[-1].item()).items()
        }
    return ReviewReport(outcome, Fraction(fund_size), before)
