"""Every kind of action under every treatment, slowly and obviously: one open after another, in fractions.

It shares nothing with the package but the rules (docs/corporate-actions.md), and takes the markets of `happenings`:
one currency, no suspension but that of who has left or has not come yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from happenings import BASE_BASKET, CHILD_TRADES, COMING_BASKET, EFFECTIVE, PRICE_DATE, SESSIONS
from oracle import half_up, round18
from terms_oracle import VARIANTS, ZERO, Held, effect, price_weighted, reference, step_growth

TICK = Fraction(1, 100)
ORDER = ("split", "consolidation", "bonus", "cash_dividend", "special_dividend", "rights", "restructuring", "spin_off")


@dataclass(frozen=True)
class Row:
    """A constituent: shares at the last count, what one has become, and the same of its free float."""

    count: Fraction
    ratio: Fraction = Fraction(1)
    free_float: Fraction | None = None
    float_ratio: Fraction = Fraction(1)
    factor: Fraction | None = None
    counted: int = 0
    total: Fraction | None = None
    leaving: Fraction = ZERO
    parent: str = ""


def published(amount):
    """A finite decimal as it is, anything else to 18 places."""
    rest = amount.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return amount if rest == 1 else Fraction(half_up(amount, 18), 10**18)


@dataclass
class Index:
    by: str
    rules: dict
    closes: dict
    actions: list
    decimals: int
    amounts: dict = field(default_factory=dict)

    def close(self, who, at):
        return self.closes.get((SESSIONS[at], who), ZERO)

    def shares(self, row):
        return Fraction(half_up(row.count * row.ratio, self.decimals), 10**self.decimals)

    def rounded(self, shares):
        return Fraction(half_up(shares, self.decimals), 10**self.decimals)

    def value(self, rows, at):
        return sum((self.shares(row) * self.close(who, at) for who, row in rows.items()), ZERO)

    def on(self, at, *kinds):
        return [row for row in self.actions if row["at"] == at and row["kind"] in kinds]

    def add(self, at, who, cause, price, gross, net):
        for variant, amount in zip(VARIANTS, (price, gross, net), strict=True):
            key = (at, who, cause, variant)
            self.amounts[key] = self.amounts.get(key, ZERO) + amount

    # What is done to a basket at cum prices. `said` tells whether its amounts count.

    def compose(self, rows, at, prices, said):
        freed = ZERO

        def tell(who, cause, amount):
            if said:
                self.add(at, who, cause, amount, amount, amount)

        def worth(who, shares):
            return shares * prices.get(who, self.close(who, at - 1))

        def recount(who, cause, row):
            before = self.shares(rows[who])
            rows[who] = row
            moved = worth(who, self.shares(row) - before)
            tell(who, cause, moved)
            return moved

        for action in sorted(self.on(at, "delisting", "merger"), key=lambda row: row["security"]):
            who = action["security"]
            if who not in rows:
                continue
            target = rows.pop(who)
            value = worth(who, self.shares(target))
            tell(who, action["kind"], -value)
            acquirer = action.get("acquirer")
            if acquirer in rows:
                row = self.taken_over(rows[acquirer], target, action, value, worth(acquirer, Fraction(1)))
                value -= recount(acquirer, "merger", row) if row else 0
            if self.rules["actions.replacement"] == "newcomer" and value > 0:
                self.admit(rows, action["newcomer"], at, value, worth, recount, tell)
            else:
                freed += value
        if freed > 0 and self.rules["actions.replacement"] == "pro_rata" and rows:
            self.spread(rows, freed, worth, tell)
        self.share_changes(rows, at, recount)
        self.children_leave(rows, at, worth, tell)

    def taken_over(self, row, target, action, value, price):
        how = self.rules["actions.acquirer"]
        if how == "unchanged" or (how == "terms" and not action["ratio"]):
            return None
        floats = row.free_float
        if how == "takes_value":
            gained = value / price
            floats = None if floats is None else Fraction(half_up(floats * row.float_ratio))
        elif row.factor is None or target.free_float is None:
            gained = action["ratio"] * self.shares(target)
            floats = None if floats is None else Fraction(half_up(floats * row.float_ratio))
        else:
            brought = action["ratio"] * target.free_float * target.float_ratio
            gained = brought * row.factor
            floats = Fraction(half_up(floats * row.float_ratio + brought))
        count = self.rounded(row.count * row.ratio + gained)
        if how == "terms" and self.plain(row):
            count = self.rounded(floats * row.factor)
        total = None if row.total is None else Fraction(half_up(row.total * row.float_ratio))
        one = Fraction(1)
        return replace(
            row,
            count=count,
            ratio=one,
            free_float=floats,
            float_ratio=one,
            total=total,
            leaving=row.leaving * row.ratio,
        )

    def plain(self, row):
        """Nothing but free float x factor."""
        known = row.free_float is not None and row.factor is not None
        return known and row.ratio == row.float_ratio and row.count == self.rounded(row.free_float * row.factor)

    def admit(self, rows, who, at, value, worth, recount, tell):
        shares = Fraction(1) if self.by == "price" else self.rounded(value / worth(who, Fraction(1)))
        if who in rows:
            row = rows[who]
            more = replace(row, count=self.shares(row) + shares, ratio=Fraction(1), leaving=row.leaving * row.ratio)
            recount(who, "replacement", more)
            return
        row = Row(shares, free_float=Fraction(1000), counted=at - 1, total=Fraction(2000))
        if self.by == "free_float_cap":
            factor = Fraction(half_up(shares / 1000, 12), 10**12)
            count = self.rounded(1000 * factor)
            row = replace(row, count=count, factor=factor) if count else row
        rows[who] = row
        tell(who, "replacement", worth(who, self.shares(row)))

    def spread(self, rows, freed, worth, tell):
        rest = sum((worth(who, self.shares(row)) for who, row in rows.items()), ZERO)
        if not rest:
            return
        moved = ZERO
        for who, row in rows.items():
            rows[who] = replace(row, ratio=row.ratio * (1 + freed / rest))
            moved += worth(who, self.shares(rows[who]) - self.shares(row))
        tell("", "replacement", moved)

    def share_changes(self, rows, at, recount):
        how = self.rules["actions.share_changes"]
        if how == "at_review":
            return
        for action in sorted(self.actions, key=lambda row: row["security"]):
            applied = action["at"] + (2 if how == "csi" else 0)
            who = action["security"]
            if action["kind"] not in ("issuance", "cancellation") or applied != at or who not in rows:
                continue
            row = rows[who]
            if action["at"] <= row.counted:
                continue
            total = row.total * row.float_ratio
            since = Fraction(1)
            for day in range(action["at"] + 1, at):
                since *= self.issued(who, day)
            if action["at"] == at:
                since /= self.issued(who, at)
            if how == "csi" and abs(action["total"] * since / total - 1) < Fraction(5, 100):
                continue
            new = replace(
                row,
                ratio=since,
                free_float=Fraction(action["free_float"]),
                float_ratio=since,
                counted=action["at"],
                total=Fraction(action["total"]),
            )
            if self.plain(row):
                count = self.rounded(new.free_float * row.factor)
            else:
                count = self.rounded(row.count * row.ratio * new.free_float / (row.free_float * row.float_ratio))
            recount(who, action["kind"], replace(new, count=count))

    def issued(self, who, at):
        """What a company's shares become on a day."""
        day = self.day(who, at)
        if not day:
            return Fraction(1)
        close, grown = self.close(who, at - 1), Fraction(1)
        for step in self.steps(day):
            grown *= step_growth(step, close)
            close = reference(step, close)
        return grown

    def children_leave(self, rows, at, worth, tell):
        first_close = max(CHILD_TRADES, min((row["at"] for row in self.on_any("spin_off")), default=99))
        who = "K.SH"
        if at != first_close + 1 or who not in rows or not rows[who].leaving:
            return
        row = rows[who]
        leaving = min(self.shares(row), self.rounded(row.leaving * row.ratio))
        value = worth(who, leaving)
        tell(who, "spin_off", -value)
        if leaving == self.shares(row):
            del rows[who]
        else:
            rows[who] = replace(row, count=self.shares(row) - leaving, ratio=Fraction(1), leaving=ZERO)
        parent = rows.get(row.parent)
        held = worth(row.parent, self.shares(parent)) if parent else ZERO
        if held:
            rows[row.parent] = replace(parent, ratio=parent.ratio * (1 + value / held))
            tell(row.parent, "spin_off", worth(row.parent, self.shares(rows[row.parent]) - self.shares(parent)))

    def on_any(self, kind):
        return [row for row in self.actions if row["kind"] == kind]

    # What the actions of a day do to who holds the share.

    def day(self, who, at):
        found = [row for row in self.on(at, *ORDER) if row["security"] == who]
        return sorted(found, key=lambda row: ORDER.index(row["kind"]))

    def steps(self, day):
        return [day] if self.rules["actions.basis"] == "pre" else [[action] for action in day]

    def act(self, rows, at, said):
        for who in sorted(rows):
            day = self.day(who, at)
            if day:
                self.act_on(rows, who, at, day, said)

    def act_on(self, rows, who, at, day, said):
        close, exact_shares = self.close(who, at - 1), self.shares(rows[who])
        above = dict.fromkeys(VARIANTS, ZERO)
        for step in self.steps(day):
            row = rows[who]
            shares, ref = self.shares(row), reference(step, close)
            held = Held(shares, close, self.close(who, at))
            effects = [(action, *effect(self.rules, action, step, held)) for action in step]
            issued = step_growth(step, close) - 1
            if self.by == "price":
                effects = price_weighted(effects, close * shares, above)
            new = sum((effect[1] for effect in effects), ZERO)
            rows[who] = replace(row, ratio=row.ratio * (1 + new), float_ratio=row.float_ratio * (1 + issued))
            exact_shares *= 1 + new
            for action, _, price, gross, net in effects:
                if said:
                    self.add(at, who, action["kind"], price, gross, net)
                if action["kind"] == "spin_off":
                    self.bring_child(rows, row, who, action, shares, at)
            for place, variant in enumerate(VARIANTS):
                moved = sum((effect[2 + place] for effect in effects), ZERO)
                above[variant] += close * shares + moved - ref * shares * (1 + new)
            close = ref
        alone = all(action["kind"] != "restructuring" for action in day)
        if said and alone and self.rules["actions.reference_price"] == "exchange":
            residue = exact_shares * (half_up(close / TICK) * TICK - close)
            self.add(at, who, "reference_price", residue, residue, residue)

    def bring_child(self, rows, parent, who, action, shares, at):
        units = self.rounded(action["ratio"] * shares)
        how = self.rules["actions.spin_off"]
        floats = (
            None
            if parent.free_float is None
            else Fraction(half_up(parent.free_float * parent.float_ratio * action["ratio"]))
        )
        held = rows.get("K.SH")
        row = Row(units, free_float=floats, factor=parent.factor, counted=at)
        if held:
            row = replace(held, count=self.shares(held) + units, ratio=Fraction(1))
        leaving = units if how != "stays" else ZERO
        rows["K.SH"] = replace(row, leaving=leaving, parent=who if how == "to_parent" else "")


def removal_prices(index, at):
    found = {}
    for action in index.on(at, "delisting", "merger"):
        close = index.close(action["security"], at - 1)
        stated = action.get("price") if action["kind"] == "delisting" else None
        found[action["security"]] = close if stated is None else stated
    return found


def basket_rows(rows, by, counted):
    if by == "price":
        return {who: Row(Fraction(n), counted=counted, total=Fraction(2000)) for who, n in rows.items()}
    half = Fraction(1, 2)
    return {
        who: Row(Fraction(n), free_float=Fraction(2 * n), factor=half, counted=counted, total=Fraction(2000))
        for who, n in rows.items()
    }


def calculate(by, rules, closes, actions):
    """(divisors, market values, amounts) by session, from the first close on."""
    exact_closes = {key: Fraction(str(close)) for key, close in closes.items()}
    terms = [
        {
            name: Fraction(str(value)) if isinstance(value, float | int) and value is not None else value
            for name, value in row.items()
            if name != "ex_date"
        }
        | {"at": SESSIONS.index(row["ex_date"])}
        for row in actions
    ]
    index = Index(by, rules, exact_closes, terms, 6 if by == "price" else 0)
    current = basket_rows(BASE_BASKET[by], by, 0)
    coming = basket_rows(COMING_BASKET[by], by, PRICE_DATE)
    worth = index.value(current, 0)
    divisors = [dict.fromkeys(VARIANTS, round18(worth / 1000))]
    values = [worth]
    for at in range(1, len(SESSIONS)):
        closing, prices = index.value(current, at - 1), removal_prices(index, at)
        for who, price in prices.items():
            if who in current:
                moved = (price - index.close(who, at - 1)) * index.shares(current[who])
                index.add(at, who, "revaluation", moved, moved, moved)
        revalued = sum(
            (
                n
                for (day, _, cause, each), n in index.amounts.items()
                if (day, cause, each) == (at, "revaluation", "price")
            ),
            ZERO,
        )
        if at == EFFECTIVE:
            current = coming
            opened = sum(
                (index.shares(row) * prices.get(who, index.close(who, at - 1)) for who, row in current.items()), ZERO
            )
            moved = opened - closing - revalued
            index.add(at, "", "review", moved, moved, moved)
        index.compose(current, at, prices, said=True)
        index.act(current, at, said=True)
        if PRICE_DATE < at < EFFECTIVE:
            index.compose(coming, at, prices, said=False)
            index.act(coming, at, said=False)
        values.append(index.value(current, at))
        if rules["returns.dividends"] == "points":
            as_points(index, at, closing, values[-1])
        divisors.append(chained(index, at, divisors[-1], closing, revalued))
    shown = {key: published(n) for key, n in index.amounts.items() if published(n)}
    return divisors, values, shown


def as_points(index, at, closing, value):
    """TR_t = TR_{t-1} x (PI_t + ID_t) / PI_{t-1}, told as what it takes out of the opening value."""
    own = [key for key in index.amounts if key[0] == at]
    opening = closing + sum((index.amounts[key] for key in own if key[3] == "price"), ZERO)
    for variant in ("gross", "net"):
        keys = [key for key in own if key[3] == variant]
        points = {key: index.amounts[(*key[:3], "price")] - index.amounts[key] for key in keys}
        share = opening / (value + sum(points.values()))
        for key in keys:
            index.amounts[key] = index.amounts[(*key[:3], "price")] - points[key] * share


def chained(index, at, before, closing, revalued):
    made = {}
    for variant in VARIANTS:
        own = [published(n) for (day, _, _, each), n in index.amounts.items() if (day, each) == (at, variant)]
        moves = any(own)
        opening = closing + sum(own, ZERO)
        made[variant] = round18(before[variant] * opening / (closing + revalued)) if moves else before[variant]
    return made
