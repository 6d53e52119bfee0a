"""Rivals of the rows `calculate`: from closes and baskets to a rounded frame of price, gross and net levels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.suite import Contestants
from benchmarks.worlds import TAX

CALCULATE = Contestants()
DIVIDENDS = Contestants()


def framed(world, price, gross=None, net=None):
    """Make the frame; without dividends one level is all three."""
    gross, net = (price if each is None else each for each in (gross, net))
    index = pd.DatetimeIndex(world.panel.dates)
    return pd.DataFrame({"price": price, "gross": gross, "net": net}, index=index).round(world.decimals)


def chained(world, closing, opening):
    """Chain levels on the baskets' values: `closing` at every session, `opening` at the close before it."""
    growth = np.empty_like(closing)
    growth[0] = world.base_value
    np.divide(closing[1:], opening[1:], out=growth[1:])
    return np.cumprod(growth)


def pandas_values(world, values_of):
    """Closing values at every session, and each at the close before: a basket at a time."""
    closing, opening = np.empty(world.panel.shape[1]), np.ones(world.panel.shape[1])
    for number, basket in enumerate(world.baskets):
        values = values_of(number, basket)
        own = values[-(basket.stop - basket.start) :]
        closing[basket.start : basket.stop] = own
        opening[basket.stop - len(values) + 1 : basket.stop] = values[:-1]
    return closing, opening


def closes_and_shares(world):
    closes = world.panel.frame()
    held = [pd.Series(basket.shares.astype(float), closes.columns[basket.members]) for basket in world.baskets]
    return closes, held


@CALCULATE.add("pandas", "dot of members")
def dot_of_members(world):
    """A wide frame; a basket takes its sessions and members by place, and `dot` with its shares; chained."""
    closes, held = closes_and_shares(world)

    def values(number, basket):
        return closes.iloc[basket.chained, basket.members].dot(held[number]).to_numpy()

    return lambda: framed(world, chained(world, *pandas_values(world, values)))


def members_with_an_array(world):
    """Values of a basket by `take` of its members and `dot` with an array, which pandas need not align."""
    closes, _ = closes_and_shares(world)
    shares = [basket.shares.astype(float) for basket in world.baskets]

    def values(number, basket):
        return closes.iloc[basket.chained].take(basket.members, axis=1).dot(shares[number]).to_numpy()

    return values


@CALCULATE.add("pandas", "dot of members with an array")
def dot_with_an_array(world):
    """A wide frame; a basket takes its sessions, then its members, and `dot` with a bare array; chained."""
    values = members_with_an_array(world)
    return lambda: framed(world, chained(world, *pandas_values(world, values)))


@CALCULATE.add("pandas", "dot of all")
def dot_of_all(world):
    """A wide frame; a basket takes its sessions of all securities, and `dot` with shares that are 0 for who is out."""
    closes, _ = closes_and_shares(world)
    held = [pd.Series(row, closes.columns) for row in world.dense_shares]

    def values(number, basket):
        return closes.iloc[basket.chained].dot(held[number]).to_numpy()

    return lambda: framed(world, chained(world, *pandas_values(world, values)))


@CALCULATE.add("pandas", "members by name")
def members_by_name(world):
    """A wide frame; `loc` of a basket's members, times shares, summed over columns; chained."""
    closes, held = closes_and_shares(world)

    def values(number, basket):
        return closes.iloc[basket.chained][held[number].index].mul(held[number], axis=1).sum(axis=1).to_numpy()

    return lambda: framed(world, chained(world, *pandas_values(world, values)))


@CALCULATE.add("pandas", "mul and sum")
def mul_and_sum(world):
    """A wide frame of closes times one of shares, and the closes before times the shares: two sums over columns."""
    closes, _ = closes_and_shares(world)
    lengths = [basket.stop - basket.start for basket in world.baskets]
    shares = pd.DataFrame(np.repeat(world.dense_shares, lengths, axis=0), closes.index, closes.columns)

    def work():
        closing = closes.mul(shares).sum(axis=1)
        opening = closes.shift().mul(shares).sum(axis=1)
        return framed(world, chained(world, closing.to_numpy(copy=True), opening.to_numpy()))

    return work


@CALCULATE.add("numpy", "members only")
def numpy_members(world):
    """Security-major float64, a basket gathers its members' closes, one matmul; a frame at the end."""
    shares = [basket.shares.astype(float) for basket in world.baskets]
    closes = world.panel.closes

    def values(number, basket):
        return shares[number] @ closes[basket.members, basket.chained]

    return lambda: framed(world, chained(world, *pandas_values(world, values)))


@CALCULATE.add("bt", "", needs=("bt",), within=1e-9)
def bt_backtest(world):
    """`RunOnDate`, `WeighTarget`, `Rebalance` at the close before each basket; fractional positions, no statistics."""
    import bt

    closes, _ = closes_and_shares(world)
    weights = target_weights(world, closes)
    rebalanced = [day.to_pydatetime() for day in weights.index]

    def work():
        algos = [bt.algos.RunOnDate(*rebalanced), bt.algos.WeighTarget(weights), bt.algos.Rebalance()]
        test = bt.Backtest(bt.Strategy("index", algos), closes, integer_positions=False, progress_bar=False)
        test.run()
        values = test.strategy.prices.reindex(closes.index).to_numpy()
        return framed(world, values / values[0] * world.base_value)

    return work


@CALCULATE.add("vectorbt", "", needs=("vectorbt",), within=1e-9)
def vectorbt_orders(world):
    """`Portfolio.from_orders` by target percent with shared cash at the close before each basket; compiled before."""
    import vectorbt as vbt

    closes, _ = closes_and_shares(world)
    weights = target_weights(world, closes).reindex(closes.index)

    def work():
        portfolio = vbt.Portfolio.from_orders(
            closes,
            size=weights,
            size_type="targetpercent",
            group_by=True,
            cash_sharing=True,
            call_seq="auto",
            init_cash=1e9,
        )
        values = portfolio.value().to_numpy()
        return framed(world, values / values[0] * world.base_value)

    return work


def target_weights(world, closes):
    """Weights of every basket at the close before it takes effect; of the first at its own close, which is the base."""
    at = [max(basket.start - 1, 0) for basket in world.baskets]
    values = world.dense_shares * world.panel.closes[:, at].T
    return pd.DataFrame(values / values.sum(axis=1, keepdims=True), closes.index[at], closes.columns)


def reinvested(world, closing, opening, paid):
    """Chain the three variants: a dividend leaves the value that the next session opens with, after tax for net."""
    return framed(
        world,
        chained(world, closing, opening),
        chained(world, closing, opening - paid),
        chained(world, closing, opening - (1 - TAX) * paid),
    )


@DIVIDENDS.add("pandas", "dot, dividends merged")
def dividends_merged(world):
    """Values as `dot of members with an array`; dividends as a long frame, merged with holdings, summed by session."""
    values = members_with_an_array(world)
    basket_of = np.repeat(np.arange(len(world.baskets)), [each.stop - each.start for each in world.baskets])
    paid = world.dividends
    dividends = pd.DataFrame(
        {"session": paid.session, "basket": basket_of[paid.session], "security": paid.security, "cash": paid.cash}
    )
    holdings = pd.concat(
        pd.DataFrame({"basket": number, "security": basket.members, "shares": basket.shares})
        for number, basket in enumerate(world.baskets)
    )

    def work():
        due = dividends.merge(holdings, on=["basket", "security"])
        money = (due["cash"] * due["shares"]).groupby(due["session"]).sum()
        by_session = money.reindex(range(world.panel.shape[1]), fill_value=0.0).to_numpy()
        return reinvested(world, *pandas_values(world, values), by_session)

    return work


@DIVIDENDS.add("pandas", "dot of closes and of cash")
def dividends_wide(world):
    """Values as `dot of members with an array`; dividends as a wide frame, `dot` in the same way."""
    values = members_with_an_array(world)
    closes, _ = closes_and_shares(world)
    held = [basket.shares.astype(float) for basket in world.baskets]
    wide = np.zeros(world.panel.shape)
    wide[world.dividends.security, world.dividends.session] = world.dividends.cash
    cash = pd.DataFrame(wide.T, index=closes.index, columns=closes.columns, copy=False)

    def work():
        paid = np.concatenate(
            [
                cash.iloc[basket.start : basket.stop].take(basket.members, axis=1).dot(shares).to_numpy()
                for basket, shares in zip(world.baskets, held, strict=True)
            ]
        )
        return reinvested(world, *pandas_values(world, values), paid)

    return work
