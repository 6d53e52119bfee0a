"""Contestants of a row: they show that they agree before any is timed, and are then timed in turns."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks.rows import NAME, ROWS

TURNS = 3
SECONDS_A_TURN = 0.5
SECONDS_A_QUICK_TURN = 0.1
SLOW = 4  # seconds from which a contestant has one turn, of two rounds
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
        ],
    )


@dataclass
class Contest:
    """The contestants of a row on a world.

    `agree(one, other, contestant)` tells whether two results are the same; `contestant` is the one of the two that
    counts in floats, where there is one. `run` is what the options of the run are.
    """

    row: str
    world: object
    contestants: list
    agree: object
    run: object
    works: dict = field(default_factory=dict)
    seconds: dict = field(default_factory=dict)

    def __post_init__(self):
        """Prepare every contestant and run it once: the first that there is is what the others must agree with."""
        reference = None
        for contestant in self.contestants:
            if contestant.missing:
                self.run.notes[contestant.name] = f"not installed: {', '.join(contestant.missing)}"
            elif self.run.plain and not self._in_a_plain_run(contestant):
                self.run.notes[contestant.name] = "not in a quick run"
            else:
                reference = self._admit(contestant, reference)
        gc.collect()

    def _in_a_plain_run(self, contestant):
        """Ours, and numpy and pandas where a ratio beside them is wanted."""
        judged = {NAME, *(target.rival for target in ROWS[self.row].targets)}
        return contestant.rival in judged and not set(contestant.needs) - PLAIN

    def _admit(self, contestant, reference):
        """Run a contestant; give the reference, which is (contestant, result), or None while there is none."""
        work = contestant.prepare(self.world)
        result = self._timed_once(contestant, work)
        if reference is not None:
            judge = contestant if reference[0].exact else reference[0]
            if not self.agree(reference[1], result, judge):
                self.run.notes[contestant.name] = "DISAGREES with the others"
                return reference
        self.works[contestant.name] = work
        return reference or (contestant, result)

    def _timed_once(self, contestant, work):
        gc.collect()
        begin = time.perf_counter()
        result = work()
        self.seconds[contestant.name] = time.perf_counter() - begin
        return result

    def time(self, contestant, turn, benchmark):
        """Time a contestant for a turn: as many rounds as fit into it, three at least, or one in a quick run."""
        if contestant.name not in self.works:
            pytest.skip(self.run.notes[contestant.name])
        work = self.works[contestant.name]
        if turn == 1 and not contestant.once:
            self._timed_once(contestant, work)  # the run before may have compiled
        seconds = self.seconds[contestant.name]
        if turn > 1 and seconds > SLOW:
            pytest.skip("slow: it had its turn")
        if turn > TURNS and self.run.quick:
            pytest.skip("three turns in a quick run")
        parts = len(self.world.variants) // len(self.world.sample) if contestant.parts else 1
        benchmark.group = self.row
        benchmark.extra_info.update(
            rival=contestant.rival, contestant=contestant.name, turn=turn, parts=parts, does=contestant.does
        )
        benchmark.pedantic(work, rounds=self._rounds(contestant, seconds))

    def _rounds(self, contestant, seconds):
        if contestant.once:
            return 1
        turn, least = (SECONDS_A_QUICK_TURN, 1) if self.run.quick else (SECONDS_A_TURN, 3)
        return 2 if seconds > SLOW else int(np.clip(turn / seconds, least, MOST_ROUNDS))


def same_numbers(one, other, contestant):
    """Tell whether two arrays are equal, or close where one of them was calculated in floats."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    if contestant.exact:
        return bool(np.array_equal(one, other))
    return bool(np.allclose(one, other, rtol=contestant.within, atol=0))
