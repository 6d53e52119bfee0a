"""Divisors as they are published: a number of decimal digits from a session on, until the next one."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.rounding import decimal_of

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DivisorSteps:
    """The divisors of one variant, ``significands * 10**exponents``, each from a session on.

    Attributes
    ----------
    sessions, significands, exponents : lists of int
        One entry a step, ordered by session.
    """

    sessions: list[int]
    significands: list[int]
    exponents: list[int]

    @classmethod
    def begin(cls, session: int, divisor: Decimal) -> DivisorSteps:
        """Begin with a divisor as it is published."""
        _, digits, exponent = divisor.as_tuple()
        return cls([session], [int("".join(map(str, digits)))], [int(exponent)])

    def add(self, session: int, significand: int, exponent: int) -> None:
        """Set the divisor from a later session on."""
        self.sessions.append(session)
        self.significands.append(significand)
        self.exponents.append(exponent)

    def __len__(self) -> int:
        return len(self.sessions)

    def value(self, step: int) -> Decimal:
        """Give the divisor of a step as it is published."""
        return decimal_of(self.significands[step], self.exponents[step])

    def ratio(self, step: int) -> tuple[int, int]:
        """Give the divisor of a step as numerator and denominator."""
        exponent = self.exponents[step]
        if exponent > 0:
            return self.significands[step] * 10**exponent, 1
        return self.significands[step], 10**-exponent

    def floats(self) -> NDArray[np.float64]:
        """Give the divisor of each step as the nearest float."""
        ratios = (self.ratio(step) for step in range(len(self)))
        return np.array([above / below for above, below in ratios])


@dataclass(frozen=True, slots=True)
class Divisors:
    """The divisors of each variant; variants that have the same ones share their steps."""

    steps: dict[str, DivisorSteps]

    def at(self, variant: str, session: int) -> Decimal:
        """Give the divisor of a session."""
        steps = self.steps[variant]
        return steps.value(bisect_right(steps.sessions, session) - 1)

    def series(self, variant: str, first: int, last: int) -> NDArray[np.object_]:
        """Give the divisors of the sessions from `first` up to `last`, as Decimals."""
        steps = self.steps[variant]
        values = np.empty(len(steps), object)
        values[:] = [steps.value(step) for step in range(len(steps))]
        repeated: NDArray[np.object_] = np.repeat(values, self._sessions_each(variant, first, last))
        return repeated

    def floats(self, variant: str, first: int, last: int) -> NDArray[np.float64]:
        """Give the same as the nearest floats."""
        return np.repeat(self.steps[variant].floats(), self._sessions_each(variant, first, last))

    def _sessions_each(self, variant: str, first: int, last: int) -> NDArray[np.int64]:
        return np.diff(np.clip([*self.steps[variant].sessions, last], first, last))
