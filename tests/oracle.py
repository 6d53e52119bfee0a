"""The index, slowly and obviously: one session after another, in fractions, from plain rows.

It shares nothing with the package but the rules. Where the package has a closed form, a table of segments or
integers, this has a loop.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

ONE = Fraction(1)
VARIANTS = ("price", "gross", "net")


@dataclass
class Terms:
    """All actions of one security on one ex-date, per share held before them."""

    cash: Fraction = Fraction(0)
    bonus: Fraction = Fraction(0)
    rights_ratio: Fraction = Fraction(0)
    rights_price: Fraction = Fraction(0)
    split: Fraction = ONE
    special: Fraction = Fraction(0)

    @property
    def all_cash(self):
        return self.cash + self.special

    @property
    def unpaid(self):
        """What one share becomes without payment."""
        return self.split + self.bonus

    def taken(self, close):
        """The rights ratio, if the rights are worth something."""
        worth = self.rights_ratio and self.rights_price < (close - self.all_cash) / self.unpaid
        return self.rights_ratio if worth else Fraction(0)

    def factor(self, close):
        return self.unpaid + self.taken(close)

    def reference(self, close):
        return (close - self.all_cash + self.rights_price * self.taken(close)) / self.factor(close)


@dataclass(repr=False)
class World:
    """Rows of a market. Prices and rates are fractions; a missing price is a suspension."""

    sessions: list[dt.date]
    prices: dict[tuple[str, dt.date], Fraction]
    free_float: dict[str, list[tuple[dt.date, int]]]
    actions: dict[str, dict[dt.date, Terms]]
    currency: dict[str, str]
    rates: dict[tuple[str, dt.date], Fraction] = field(default_factory=dict)
    tick: Fraction = Fraction(1, 100)

    def rate(self, security, date):
        return ONE if self.currency[security] == "CNY" else self.rates[self.currency[security], date]

    def terms_at(self, security, at):
        """The ex-dates that apply at the open of a session: those after the session before, up to it."""
        before = self.sessions[at - 1] if at else dt.date.min
        found = sorted(self.actions.get(security, {}).items())
        return [terms for date, terms in found if before < date <= self.sessions[at]]

    def carried(self, security):
        """The close of each session; while suspended the last one, from an ex-date on its reference price at the tick."""
        closes, last = [], None
        for at, date in enumerate(self.sessions):
            traded = self.prices.get((security, date))
            if traded is not None:
                last = traded
            elif last is not None:
                for terms in self.terms_at(security, at):
                    last = half_up(terms.reference(last) / self.tick) * self.tick
            closes.append(last)
        return closes


@dataclass
class Rules:
    base: dt.date
    cap: Fraction | None = None
    months: tuple[int, ...] = (6, 12)
    tax: Fraction = Fraction(1, 10)
    base_value: int = 1000
    special: str = "none"


def half_up(value, decimals=0):
    scaled = value * 10**decimals
    whole = scaled.numerator // scaled.denominator
    return whole + (1 if scaled - whole >= Fraction(1, 2) else 0)


def round18(value):
    exponent = 0
    while value >= 10**18:
        value, exponent = value / 10, exponent + 1
    while value < 10**17:
        value, exponent = value * 10, exponent - 1
    return Fraction(half_up(value)) * Fraction(10) ** exponent


def capping_factors(values, cap):
    """Cap, hand the excess to the others pro rata, look again, until nobody is above the cap."""
    values = [Fraction(value) for value in values]
    total = sum(values)
    weights = [value / total for value in values]
    if cap is None:
        return [ONE] * len(values)
    capped = set()
    while over := {at for at, weight in enumerate(weights) if weight > cap}:
        capped |= over
        rest = sum(values[at] for at in range(len(values)) if at not in capped)
        left = 1 - cap * len(capped)
        weights = [cap if at in capped else value / rest * left for at, value in enumerate(values)]
    if len(capped) == len(values):
        return [min(values) / value for value in values]
    slack = next(at for at in range(len(values)) if at not in capped)
    scale = weights[slack] / values[slack]
    return [cap / (scale * value) if at in capped else ONE for at, value in enumerate(values)]


def review_sessions(world, rules):
    """(cut-off, price date, effective) of the base and each review, as places in `sessions`."""
    base = world.sessions.index(rules.base)
    found = [(base, base, base)]
    for at in range(base + 1, len(world.sessions)):
        date, before = world.sessions[at], world.sessions[at - 1]
        for month in rules.months:
            fridays = [
                dt.date(date.year, month, day)
                for day in range(1, 32 - (month == 6))
                if dt.date(date.year, month, day).weekday() == 4
            ]
            if before <= fridays[1] < date:
                cutoff = max(
                    i for i, day in enumerate(world.sessions) if (day.year, day.month) == (date.year, month - 2)
                )
                found.append((cutoff, at - 5, at))
    return found


def baskets(world, rules):
    """(price date, effective, {security: index shares}) of each review."""
    made = []
    for cutoff, priced, effective in review_sessions(world, rules):
        closes = {who: world.carried(who) for who in sorted(world.currency)}
        names = [who for who in closes if closes[who][cutoff] is not None]
        date = world.sessions[priced]
        floats = [[n for since, n in world.free_float[who] if since <= date][-1] for who in names]
        values = [closes[who][priced] * count * world.rate(who, date) for who, count in zip(names, floats, strict=True)]
        factors = [Fraction(half_up(factor, 12), 10**12) for factor in capping_factors(values, rules.cap)]
        shares = {who: half_up(n * f) for who, n, f in zip(names, floats, factors, strict=True)}
        made.append((priced, effective, shares))
    return made


class Position:
    """A basket with what a share of each of its names has become since its price date."""

    def __init__(self, world, closes, shares):
        self.world, self.closes, self.shares = world, closes, shares
        self.ratios = dict.fromkeys(shares, ONE)

    def held(self):
        return {who: half_up(n * self.ratios[who]) for who, n in self.shares.items()}

    def value(self, at):
        rates = {who: self.world.rate(who, self.world.sessions[at]) for who in self.shares}
        return sum((self.closes[who][at] * n * rates[who] for who, n in self.held().items()), Fraction(0))

    def grow(self, who, at):
        """Multiply a ratio for the ex-dates of one session; give each one's terms, close and index shares before."""
        close, steps = self.closes[who][at - 1], []
        for terms in self.world.terms_at(who, at):
            steps.append((terms, close, half_up(self.shares[who] * self.ratios[who])))
            self.ratios[who] *= terms.factor(close)
            close = half_up(terms.reference(close) / self.world.tick) * self.world.tick
        return steps


def open_session(position, at, rules):
    """Apply a session's actions; give what they change in the opening value of each variant."""
    moved = dict.fromkeys(VARIANTS, Fraction(0))
    for who in position.shares:
        rate = position.world.rate(who, position.world.sessions[at - 1])
        for terms, close, shares in position.grow(who, at):
            paid, special = terms.all_cash * shares * rate, terms.special * shares * rate
            in_price = {"none": 0, "gross": special, "net": special * (1 - rules.tax)}[rules.special]
            subscribed = terms.rights_price * terms.taken(close) * shares * rate
            moved["price"] += subscribed - in_price
            moved["gross"] += subscribed - paid
            moved["net"] += subscribed - paid * (1 - rules.tax)
    return moved


def calculate(world, rules, made=None):
    """Levels, divisors and market values by session, from the base on, each {variant: number}."""
    made = baskets(world, rules) if made is None else made
    closes = {who: world.carried(who) for who in world.currency}
    first = made[0][1]
    position, divisors, history = None, {}, {}
    for at in range(first, len(world.sessions)):
        closing = position.value(at - 1) if at > first else None
        own_day = True
        for priced, effective, shares in made:
            if effective == at:
                position = Position(world, closes, shares)
                for day in range(priced + 1, effective):
                    for who in shares:
                        position.grow(who, day)
                own_day = effective > priced  # the base's own day is in its shares
        opening = position.value(at - 1) if at > first else None
        moved = open_session(position, at, rules) if own_day else dict.fromkeys(VARIANTS, Fraction(0))
        worth = position.value(at)
        if at == first:
            divisors = dict.fromkeys(VARIANTS, round18(worth / rules.base_value))
        for each, change in moved.items():
            if at > first and opening + change != closing:
                divisors[each] = round18(divisors[each] * (opening + change) / closing)
        levels = {each: Decimal(half_up(worth / divisor, 4)).scaleb(-4) for each, divisor in divisors.items()}
        history[world.sessions[at]] = (levels, dict(divisors), worth)
    return history
