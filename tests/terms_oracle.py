"""What terms make of one holding, slowly and obviously: the part of `events_oracle` that looks at a single share."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

VARIANTS = ("price", "gross", "net")
TAX = Fraction(1, 10)
ZERO = Fraction(0)
SPLITS = ("split", "consolidation")


class Held(NamedTuple):
    """Shares, the close that terms go by, and the close of the ex-date itself."""

    shares: Fraction
    close: Fraction
    ex_close: Fraction


def unpaid(step):
    """What a share becomes without payment."""
    split, bonus = Fraction(1), ZERO
    for action in step:
        split *= action["ratio"] if action["kind"] in SPLITS else 1
        bonus += action["ratio"] if action["kind"] == "bonus" else 0
    return split + bonus


def cash_of(step):
    return sum((action["cash"] for action in step if action["kind"] in ("cash_dividend", "special_dividend")), ZERO)


def taken(step, close):
    """The rights of a step, if they are in the money."""
    worth = (close - cash_of(step)) / unpaid(step)
    return [action for action in step if action["kind"] == "rights" and action["price"] < worth]


def step_growth(step, close):
    return unpaid(step) + sum((action["ratio"] for action in taken(step, close)), ZERO)


def reference(step, close):
    for action in step:
        if action["kind"] == "restructuring":
            return action["price"]
    paid = sum((action["ratio"] * action["price"] for action in taken(step, close)), ZERO)
    return (close - cash_of(step) + paid) / step_growth(step, close)


def effect(rules, action, step, held):
    """New shares a share, and the change of each variant's opening value."""
    kind = action["kind"]
    if kind in ("cash_dividend", "special_dividend"):
        return paid_out(rules, action, step, held)
    if kind == "rights":
        return rights(rules, action, step, held)
    moved = ZERO
    if kind == "restructuring" and rules["actions.restructuring"] == "absorbed":
        moved = (action["price"] - held.close) * held.shares
    return free_shares(action, step), moved, moved, moved


def free_shares(action, step):
    if action["kind"] == "bonus":
        return action["ratio"]
    if action["kind"] not in SPLITS:
        return ZERO
    before = Fraction(1)
    for other in step[: step.index(action)]:
        before *= other["ratio"] if other["kind"] in SPLITS else 1
    return before * (action["ratio"] - 1)


def paid_out(rules, action, step, held):
    paid = action["cash"] * held.shares
    how = rules["actions.special_dividend"] if action["kind"] == "special_dividend" else "none"
    if how == "weight_neutral":
        return action["cash"] / reference(step, held.close), ZERO, ZERO, paid * TAX
    out = {"none": ZERO, "gross": paid, "net": paid * (1 - TAX)}[how]
    return ZERO, -out, -paid, -paid * (1 - TAX)


def rights(rules, action, step, held):
    if not taken(step, held.close):
        return ZERO, ZERO, ZERO, ZERO
    ratio, price, how = action["ratio"], action["price"], rules["actions.rights"]
    if how == "subscribe":
        paid = ratio * price * held.shares
        return ratio, paid, paid, paid
    before = unpaid(step)
    if how == "weight_neutral":
        cum = (held.close - cash_of(step)) / before
        new = before * cum / ((cum * before + ratio * price) / (before + ratio))
    else:
        new = max((held.ex_close * (before + ratio) - ratio * price) / held.ex_close, ZERO)
    return new - before, ZERO, ZERO, ZERO


def price_weighted(effects, cum, above):
    """Shares stay, and a holder's value counts by what his shares have become."""
    grown = 1 + sum(new for _, new, *_ in effects)
    turned = []
    for action, new, *moved in effects:
        diluted = [(cum + above[each]) * new / grown for each in VARIANTS]
        turned.append((action, ZERO, *(each / grown - less for each, less in zip(moved, diluted, strict=True))))
    return turned
