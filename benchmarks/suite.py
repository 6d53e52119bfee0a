"""Contestants of a row: they show that they agree before any is timed, and are then timed in turns."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
import pytest

TURNS = 3
SECONDS_A_TURN = 0.5
MOST_ROUNDS = 100
PLAIN = {"numpy", "pandas"}  # what a rival may need in `--quick`


@dataclass(frozen=True, eq=False)
class Contestant:
    """One form of a rival, or ours.

    Attributes
    ----------
    rival : str
        Whose form it is; targets go by it.
    form : str
        How it does the work, in a few words.
    prepare : callable
        Takes the world, lays out its inputs as the form likes them best, and gives the work: a function of nothing,
        which alone is timed.
    needs : tuple of str
        Modules beyond numpy and pandas.
    exact : bool
        It counts in integers, and agrees in every digit; otherwise within `within`, relatively.
    slow : bool
        It is timed in one turn only, and once.
    once : bool
        It is timed once a turn.
    parts : bool
        It does a sample of the work, `world.sample` of `world.variants`; its time is extrapolated, and said to be.
    """

    rival: str
    form: str
    prepare: object
    needs: tuple[str, ...] = ()
    exact: bool = False
    within: float = 1e-12
    slow: bool = False
    once: bool = False
    parts: bool = False

    @property
    def name(self):
        return f"{self.rival}, {self.form}" if self.form else self.rival

    @property
    def missing(self):
        """The modules that it needs and that are not installed."""
        return [module for module in self.needs if find_spec(module) is None]

    @property
    def does(self):
        """The first paragraph of what its docstring says that it does."""
        return " ".join((self.prepare.__doc__ or "").split("\n\n")[0].split())


class Contestants(list):
    """A list of contestants that functions add themselves to."""

    def add(self, rival, form="", **options):
        def register(prepare):
            self.append(Contestant(rival, form, prepare, **options))
            return prepare

        return register


def in_turns(contestants, turns=TURNS):
    """Parametrize a test by contestant and turn, so that each turn has all of them one after another."""
    return pytest.mark.parametrize(
        ("contestant", "turn"),
        [
            pytest.param(contestant, turn, id=f"{contestant.name}-{turn}")
            for turn in range(1, turns + 1)
            for contestant in contestants
            if turn == 1 or not contestant.slow
        ],
    )


@dataclass
class Contest:
    """The contestants of a row on a world. `agree(one, other, contestant)` tells whether two results are the same."""

    row: str
    world: object
    contestants: list
    agree: object
    notes: dict
    plain: bool = False
    works: dict = field(default_factory=dict)
    seconds: dict = field(default_factory=dict)

    def __post_init__(self):
        """Prepare every contestant and run it once: the first that there is is what the others must agree with."""
        reference = None
        for contestant in self.contestants:
            if contestant.missing:
                self._leave_out(contestant, f"not installed: {', '.join(contestant.missing)}")
            elif self.plain and set(contestant.needs) - PLAIN:
                self._leave_out(contestant, "not in a quick run")
            else:
                reference = self._admit(contestant, reference)
        gc.collect()

    def _admit(self, contestant, reference):
        try:
            work = contestant.prepare(self.world)
            result = self._timed_once(contestant, work)
        except NotImplementedError as error:
            self._leave_out(contestant, f"not there yet: {error}")
            return reference
        if reference is not None and not self.agree(reference, result, contestant):
            self._leave_out(contestant, "DISAGREES with the others")
            return reference
        self.works[contestant.name] = work
        return result if reference is None else reference

    def _timed_once(self, contestant, work):
        begin = time.perf_counter()
        result = work()
        self.seconds[contestant.name] = time.perf_counter() - begin
        return result

    def _leave_out(self, contestant, why):
        self.notes[contestant.name] = why

    def time(self, contestant, turn, benchmark):
        """Time a contestant for a turn: as many rounds as half a second holds, three at least, one where it is slow."""
        if contestant.name not in self.works:
            pytest.skip(self.notes[contestant.name])
        work, seconds = self.works[contestant.name], self.seconds[contestant.name]
        once = contestant.slow or contestant.once
        if not once and seconds < 10 * SECONDS_A_TURN:  # the first run may have compiled
            self._timed_once(contestant, work)
            seconds = min(seconds, self.seconds[contestant.name])
        benchmark.group = self.row
        parts = len(self.world.variants) // len(self.world.sample) if contestant.parts else 1
        benchmark.extra_info.update(
            rival=contestant.rival, contestant=contestant.name, turn=turn, parts=parts, does=contestant.does
        )
        rounds = 1 if once else int(np.clip(SECONDS_A_TURN / seconds, 3, MOST_ROUNDS))
        benchmark.pedantic(work, rounds=rounds)


def same_numbers(one, other, contestant):
    """Tell whether two arrays are equal, or close where one of them was calculated in floats."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    if contestant.exact:
        return bool(np.array_equal(one, other))
    return bool(np.allclose(one, other, rtol=contestant.within, atol=0))
