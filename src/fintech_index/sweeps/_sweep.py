"""`sweep`: many variants over one market."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from fintech_index.conventions import SWEEP_BYTES
from fintech_index.errors import CalculationError, Problem, RequestError, require_kind, shown
from fintech_index.levels import VARIANTS
from fintech_index.market import MarketData
from fintech_index.methodology import Methodology
from fintech_index.sweeps._batch import Batch, calculate_batch, calculate_stored
from fintech_index.sweeps._grouping import grouped
from fintech_index.sweeps._progress import progress_of
from fintech_index.sweeps._summary import summary_of
from fintech_index.sweeps.nested import is_nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# So many variants make a task of 50 ms at least: a nested family does 10,000 variants in about a second, the others are
# calculated one after another, in 5 ms or more each.
_NESTED, _ONE_BY_ONE = 2_000, 10


class Future(Protocol):
    """What an executor gives for a task."""

    def result(self) -> Batch:
        """Wait for the outcome."""


class Executor(Protocol):
    """Where tasks run: a pool of `concurrent.futures`, or `dask.distributed.Client(...).get_executor()`.

    A pool of processes must not fork, since forking does not go together with threads: give it
    ``mp_context=multiprocessing.get_context("forkserver")``.
    """

    def submit(self, task: Callable[..., Batch], /, *given: object) -> Future:
        """Begin a task."""


@dataclass(frozen=True)
class Sweep:
    """What `sweep` gives.

    Attributes
    ----------
    variants : dict of str to Methodology
    levels : DataFrame
        Published levels: index date, one column a variant, in their order. NaN before a variant's base.
    refused : dict of str to str
        Variants that cannot be calculated, and why; they have no column.
    returns : str
        The return variant of the levels: price, gross or net.
    """

    variants: dict[str, Methodology]
    levels: pd.DataFrame
    refused: dict[str, str]
    returns: str

    @property
    def summary(self) -> pd.DataFrame:
        """One row a variant: first, last, level (the last), period_return, yearly_return, volatility, drawdown.

        The last four are fractions.
        """
        return summary_of(self.levels)

    def __repr__(self) -> str:
        refused = f", {len(self.refused)} refused" if self.refused else ""
        return f"<Sweep: {self.levels.shape[1]} variants{refused}, {len(self.levels)} sessions, {self.returns}>"


def sweep(
    variants: Mapping[str, Methodology],
    market: MarketData,
    *,
    returns: str = "price",
    executor: Executor | None = None,
    progress: bool | None = None,
) -> Sweep:
    """Calculate many variants of indices over one market.

    Every level is the one that `calculate` gives for the variant alone, in every digit, whatever runs it.

    Parameters
    ----------
    variants : mapping of str to Methodology
        Such as `fi.variants` gives.
    market : MarketData
    returns : str
        price, gross or net.
    executor : Executor, optional
        Where to calculate; by default in this process. Elsewhere the market is opened again, so that it must come from
        `MarketData.open` of a folder that every worker sees under the same path.
    progress : bool, optional
        Whether to show a bar on standard error; by default where that is a terminal.

    Raises
    ------
    RequestError
        No variants, no such return variant, a market that other processes cannot open.
    CalculationError
        A worker sees other tables under the path.
    """
    require_kind(variants, Mapping, "variants")
    require_kind(market, MarketData, "market")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise RequestError(f"executor must have a method `submit`, as a pool of processes has, not {shown(executor)}")
    _require(variants, returns)
    SWEEP_BYTES.require(
        8 * len(variants) * len(market.sessions),
        f"the levels of {len(variants):,} variants on {len(market.sessions):,} sessions",
        RequestError,
    )
    with progress_of(len(variants), shown=progress) as advance:
        if executor is None:
            batch = calculate_batch(variants, market, returns, advance)
        else:
            batch = _elsewhere(variants, market, returns, executor, advance)
    return Sweep(dict(variants), _in_one_frame(list(variants), batch), batch.refused, returns)


def _require(variants: Mapping[str, Methodology], returns: str) -> None:
    if not variants:
        raise RequestError("there are no variants to sweep")
    if returns not in VARIANTS:
        raise RequestError(f"returns are {', '.join(VARIANTS)}, not {returns!r:.40}")
    strange = [
        Problem(str(name), f"is a {type(each).__name__}")
        for name, each in variants.items()
        if not isinstance(each, Methodology)
    ]
    if strange:
        raise RequestError("variants are a mapping of names to methodologies", strange)


def _elsewhere(
    variants: Mapping[str, Methodology],
    market: MarketData,
    returns: str,
    executor: Executor,
    advance: Callable[[int], None],
) -> Batch:
    if market.source is None or market.content_hash is None:
        raise RequestError("other processes open the market themselves: take one of `MarketData.open`, without as_of")
    whole = Batch()
    tasks = list(_tasks(variants, market))
    path = market.source.resolve()
    futures = [executor.submit(calculate_stored, task, path, market.content_hash, returns) for task in tasks]
    for task, future in zip(tasks, futures, strict=True):  # in their order, whoever is done first
        try:
            batch = future.result()
        except BrokenExecutor as error:
            raise CalculationError(
                f"a worker of the sweep died ({error}). A pool that forks cannot use threads: make it with "
                'mp_context=multiprocessing.get_context("forkserver")'
            ) from error
        whole.parts += batch.parts
        whole.refused |= batch.refused
        advance(len(task))
    return whole


def _tasks(variants: Mapping[str, Methodology], market: MarketData) -> Iterator[dict[str, Methodology]]:
    """Cut variants into tasks, none of them so small that handing it over takes longer than doing it."""
    for family in grouped(variants):
        names = list(family)
        size = _NESTED if is_nested(family[names[0]], market) else _ONE_BY_ONE
        for begin in range(0, len(names), size):
            yield {name: family[name] for name in names[begin : begin + size]}


def _in_one_frame(names: list[str], batch: Batch) -> pd.DataFrame:
    """Put the levels of all variants side by side, in the order of the variants."""
    place = {name: at for at, name in enumerate(name for name in names if name not in batch.refused)}
    every = {id(sessions): sessions for _, sessions, _ in batch.parts}.values()
    dates = np.unique(np.concatenate(list(every))) if batch.parts else np.array([], "datetime64[D]")
    if len(batch.parts) == 1 and batch.parts[0][0] == list(place):
        levels = batch.parts[0][2]
    else:
        levels = np.full((len(place), len(dates)), np.nan)
        for own, sessions, values in batch.parts:
            begin = int(np.searchsorted(dates, sessions[0]))
            rows = np.array([place[name] for name in own])
            if len(sessions) == len(dates) - begin:
                levels[rows, begin:] = values
            else:
                levels[np.ix_(rows, np.searchsorted(dates, sessions))] = values
    index = pd.DatetimeIndex(dates.astype("datetime64[s]"), name="date")
    return pd.DataFrame(levels.T, index=index, columns=pd.Index(list(place), name="variant", dtype=object), copy=False)
