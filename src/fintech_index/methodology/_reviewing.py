"""The rules of a review: who may enter, in which order, how many, with which free float, and when."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, Strict, model_validator

from fintech_index.methodology._fields import Month, Number, Rule, StrictModel, Texts, Whole, Yes

Months = Annotated[int, Strict(), Field(ge=0, le=1200)]
LookBackMonths = Annotated[int, Strict(), Field(ge=0, le=60)]
Key = Literal["total_cap", "free_float_cap", "turnover"]
_MOST_NAMES = 100_000


def _count(value: object) -> object:
    if value == "all" or (type(value) is int and 1 <= value <= _MOST_NAMES):
        return value
    shown = value if isinstance(value, Decimal) else repr(value)
    message = f'{shown} is neither "all" nor a whole number from 1 to {_MOST_NAMES:,}'
    raise ValueError(message)


def _keys(value: object) -> object:
    weighed = isinstance(value, dict) and all(key in get_args(Key) for key in value)
    if value in get_args(Key) if isinstance(value, str) else weighed and bool(value):
        return value
    message = f"ranking is by {', '.join(get_args(Key))}, or by a table of weights of these, not by {value!r}"
    raise ValueError(message)


Count = Annotated[Literal["all"] | int, BeforeValidator(_count)]
RankedBy = Annotated[Key | dict[Key, Annotated[Number, Field(gt=0)]], BeforeValidator(_keys)]


class Scope(Rule):
    """Which of the universe an index is about: by columns of `securities`. A key that is not there asks nothing."""

    exchanges: Texts | None = None
    boards: Texts | None = None
    cities: Texts | None = None
    categories: Texts | None = None
    cni_fields: Texts | None = None


class Seasoning(Rule):
    """How long a security has been listed: `listed` plus so many calendar months falls before the cut-off date."""

    months: Months = 0
    months_by_board: dict[str, Months] = Field(default_factory=dict)

    def months_for(self, board: str) -> int:
        """Give the months for a board of the `securities` table."""
        return {name.lower(): months for name, months in self.months_by_board.items()}.get(board, self.months)


class Conduct(Rule):
    """Which kinds of the `status` table keep a security out: on the cut-off date, or within so many months up to it."""

    exclude: tuple[str, ...] = ()
    lookback_months: LookBackMonths = 0

    @property
    def in_words(self) -> str:
        """The kinds and the look-back in words."""
        back = f" within {self.lookback_months} months" if self.lookback_months else ""
        return f"{', '.join(self.exclude)}{back}"


class Status(Conduct):
    """Which kinds of status keep a security out, at the reviews, or also in each month between them.

    ``monthly``: a constituent whose status began in a month leaves, and one whose status ended comes back, on the
    session after the second Friday of the following month (CNI, ChiNext Composite, from 2025-07-25).
    """

    when: Literal["review", "monthly"] = "review"


class Price(Rule):
    """The least close on the cut-off date, in index currency."""

    at_least: Number | None = Field(default=None, gt=0)


class FloatScreen(Rule):
    """The least free float on the cut-off date: its value in index currency, and its part of all shares."""

    cap_at_least: Number | None = Field(default=None, gt=0)
    ratio_at_least: Number | None = Field(default=None, gt=0, le=1)


class Turnover(Rule):
    """The average daily amount over a look-back up to the cut-off date, sessions without trade left out.

    `at_least` is in index currency. `drop_bottom` leaves out that part of those who pass every other rule, those with
    the least; the number is rounded down.
    """

    at_least: Number | None = Field(default=None, gt=0)
    drop_bottom: Number | None = Field(default=None, gt=0, lt=1)
    lookback_months: Annotated[LookBackMonths, Field(ge=1)] = 6


class Eligibility(StrictModel):
    """Who may enter. A price on or before the cut-off date is always asked for."""

    scope: Scope = Scope()
    seasoning: Seasoning = Seasoning()
    status: Status = Status()
    conduct: Conduct = Conduct()
    price: Price = Price()
    float: FloatScreen = FloatScreen()
    turnover: Turnover = Turnover()


class Ranking(Rule):
    """In which order securities enter: by averages over a look-back up to the cut-off date, the largest first.

    `by` is a key, or weights of keys whose ranks are added up, the least sum first. Equal names are ordered by the
    key `ties`, the larger first, or the earlier listed, and in the end by code.
    """

    by: RankedBy = "total_cap"
    lookback_months: LookBackMonths = 6
    ties: Key | Literal["listed", "security"] = "security"


class Buffer(StrictModel):
    """Ranks within which a newcomer does not enter and an incumbent stays.

    A newcomer enters up to rank `enter`; an incumbent stays up to rank `stay`, or leaves from rank `leave` on. Whole
    numbers are ranks, others are parts of the count, rounded down.
    """

    enter: Number = Field(gt=0)
    stay: Number | None = Field(default=None, gt=0)
    leave: Number | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.stay is None) == (self.leave is None):
            raise ValueError("a buffer has either stay or leave")
        return self

    def ranks(self, count: int) -> tuple[int, int]:
        """Give the last rank at which a newcomer enters, and the last at which an incumbent stays."""
        if self.stay is not None:
            return _rank(self.enter, count), _rank(self.stay, count)
        return _rank(self.enter, count), _rank(self.leave or Decimal(0), count) - 1


def _rank(value: Decimal, count: int) -> int:
    whole = value == int(value) and value.as_tuple().exponent == 0
    return int(value if whole else value * count)


class Selection(Rule):
    """How many of the eligible enter, and how much a review may change.

    `at_least`: with fewer eligible names the index does not start, and a later review keeps the basket.
    `turnover_limit`: the part of the count that a review may change, rounded down; incumbents that are no longer
    eligible leave all the same. `fast_entry_rank`: a security that only its seasoning keeps out enters from this rank
    on, outside the limit. `reserve`: so many of the next ones, or a part of the count, stand ready for those who leave
    between reviews. `relax`: rules of eligibility that are dropped, in this order, while too few are eligible.
    """

    count: Count = "all"
    at_least: Whole = Field(default=1, ge=1, le=100_000)
    buffer: Buffer | None = None
    turnover_limit: Number | None = Field(default=None, gt=0, le=1)
    fast_entry_rank: Whole | None = Field(default=None, ge=1)
    reserve: Number | None = Field(default=None, gt=0)
    relax: tuple[Literal["seasoning", "status", "conduct", "price", "float", "turnover"], ...] = ()

    def buffer_ranks(self, count: int) -> tuple[int, int]:
        """Give the last rank at which a newcomer enters and the last at which an incumbent stays."""
        return (count, count) if self.buffer is None else self.buffer.ranks(count)

    def reserve_size(self, count: int) -> int:
        """Give how many names are held ready."""
        return 0 if self.reserve is None else _rank(self.reserve, count)

    @model_validator(mode="after")
    def _relaxes_each_once(self) -> Self:
        if len(set(self.relax)) < len(self.relax):
            raise ValueError("relax names a rule twice")
        return self

    @model_validator(mode="after")
    def _fits_the_count(self) -> Self:
        if isinstance(self.count, int):
            enter, stay = self.buffer_ranks(self.count)
            if not 1 <= enter <= self.count <= stay:
                message = (
                    f"buffer: newcomers to rank {enter}, incumbents to rank {stay}, around a count of {self.count}"
                )
                raise ValueError(message)
            return self
        ranked = [name for name in ("buffer", "turnover_limit", "fast_entry_rank", "reserve") if getattr(self, name)]
        if ranked:
            message = f"{', '.join(ranked)}: for a count that is a number; all that are eligible enter here"
            raise ValueError(message)
        return self


class FreeFloat(Rule):
    """How the free float of a security is counted: as it is, or by the bands of a provider.

    ``csi``: bands of the ratio, those of before March 2015 up to then. ``ftse``: rounded up to a whole percent, and
    changed at a review only when it moves by more than 3 points. ``msci``: to 5 % from 15 % on, below to 1 %.
    """

    by: Literal["exact", "csi", "ftse", "msci"] = "exact"


class Weekday(StrEnum):
    """A day of the trading week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"

    @property
    def number(self) -> int:
        """Monday is 0, as in `datetime`."""
        return list(Weekday).index(self)


class WeekdayOfMonth(StrictModel):
    """The nth such weekday of a month."""

    weekday: Weekday
    nth: Whole = Field(ge=1, le=4)


class DateRule(StrictModel):
    """A date of a review, by one of three rules, moved by so many sessions.

    `sessions_before` the effective date; or in the month of the review, or `months_before` it: the nth `session` (-1
    the last), or the `nth` such `weekday`, where a holiday moves it to the `next` or the `previous` session. Then
    `move` sessions later, or earlier where it is negative.
    """

    sessions_before: Whole | None = Field(default=None, ge=0, le=250)
    months_before: Whole = Field(default=0, ge=0, le=12)
    session: Whole | None = Field(default=None, ge=-31, le=31)
    weekday: Weekday | None = None
    nth: Whole | None = Field(default=None, ge=1, le=4)
    holiday: Literal["next", "previous"] = "next"
    move: Whole = Field(default=0, ge=-60, le=60)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        ways = [self.sessions_before is not None, self.session is not None, self.weekday is not None]
        given = self.model_fields_set
        if sum(ways) != 1 or (self.weekday is None) != (self.nth is None) or self.session == 0:
            raise ValueError("a date is one of sessions_before = N, session = N (not 0), or weekday = DAY with nth = N")
        if self.sessions_before is not None and given - {"sessions_before"}:
            raise ValueError("sessions_before has no other keys beside it")
        if self.weekday is None and "holiday" in given:
            raise ValueError("holiday is for a weekday")
        return self


class Review(Rule):
    """When the basket is made anew: effective on the session after a weekday, or by a rule of dates. No months: never.

    `sessions`: dates count the sessions of the index, or those on which `all` of its markets trade. `share_freeze`:
    share changes between price date and effective date wait for the next review.
    """

    months: tuple[Month, ...] = ()
    effective_after: WeekdayOfMonth = WeekdayOfMonth(weekday=Weekday.FRIDAY, nth=2)
    effective_on: DateRule | None = None
    cutoff: DateRule = DateRule(months_before=2, session=-1)
    price_date: DateRule = DateRule(sessions_before=5)
    announcement: DateRule | None = None
    sessions: Literal["index", "all"] = "index"
    share_freeze: Yes = False

    @model_validator(mode="after")
    def _months_ascend(self) -> Self:
        if list(self.months) != sorted(set(self.months)):
            message = f"months must ascend, each once, and not be {list(self.months)}"
            raise ValueError(message)
        if self.effective_on is not None and "effective_after" in self.model_fields_set:
            raise ValueError("a review has either effective_after or effective_on")
        if self.effective_on is not None and self.effective_on.sessions_before is not None:
            raise ValueError("effective_on cannot count from the effective date")
        return self
