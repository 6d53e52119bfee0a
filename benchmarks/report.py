"""From what a run measured to Markdown: wanted, measured, met or MISSED, row by row, and every contestant's time."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from benchmarks.rows import NAME as OURS

DISAGREES = "DISAGREES"
METHOD = """\
Every row runs in a process of its own. Inputs are made and laid out before the time starts, as each contestant
likes them best. Contestants show that they agree before any is timed: integers in every digit, floats to {within}.
They are timed in turns, and a time is the best of all rounds and turns. A ratio is the rival's time over ours in
the same run, the fastest of a rival's forms counting; where "at most" is wanted, it is ours over the rival's.
Ratios of whole processes are medians of runs in pairs. Rivals without a wanted ratio are there for information.
Memory is the peak of the row's process, with the made inputs and the results of all its contestants."""


@dataclass(frozen=True)
class Timing:
    """One contestant over all its turns, in seconds of the whole work."""

    rival: str
    name: str
    does: str
    best: float
    median: float
    by_turn: tuple[float, ...]
    parts: int


@dataclass(frozen=True)
class Verdict:
    """What became of one target: the ratio, and whether it is as wanted, or why there is none."""

    target: object
    ratio: float | None
    status: str

    @property
    def wanted(self):
        return f"at {'most' if self.target.at_most else 'least'} {self.target.wanted:g} x"

    @property
    def measured(self):
        return "" if self.ratio is None else f"{self.ratio:.{2 if self.ratio < 10 else 0}f} x"

    @property
    def under_the_floor(self):
        floor = self.target.floor
        return self.ratio is not None and floor is not None and not self.target.met(self.ratio, floor)

    def said(self, *, quick):
        """Say what became of it: a quick run is judged by its floor alone."""
        if not quick or self.ratio is None:
            return self.status
        if self.target.floor is None:
            return "no floor"
        return "UNDER THE FLOOR" if self.under_the_floor else "floor held"


def timings(result):
    """Put the turns of each contestant together, in the order in which they were timed."""
    turns = {}
    for each in result["timings"]:
        turns.setdefault(each["contestant"], []).append(each)
    return [
        Timing(
            rival=first["rival"],
            name=name,
            does=first["does"],
            best=min(turn["min"] for turn in all_turns) * first["parts"],
            median=statistics.median(turn["median"] for turn in all_turns) * first["parts"],
            by_turn=tuple(turn["min"] * first["parts"] for turn in all_turns),
            parts=first["parts"],
        )
        for name, all_turns in turns.items()
        for first in all_turns[:1]
    ]


def judged(row, result):
    """Give a verdict on every target of a row."""
    timed = timings(result)
    ours = next((each for each in timed if each.rival == OURS), None)
    return [_verdict(row, target, ours, timed, result) for target in row.targets]


def _verdict(row, target, ours, timed, result):
    rivals = [each for each in timed if each.rival == target.rival]
    if ours is None or not rivals:
        return Verdict(target, None, _why_not(target, ours, result))
    rival = min(rivals, key=lambda each: each.best)
    ratio = _ratio(ours, rival, paired=row.paired)
    ratio = ratio if target.at_most else 1 / ratio
    return Verdict(target, ratio, "met" if target.met(ratio) else "MISSED")


def _ratio(ours, rival, *, paired):
    if paired:
        return statistics.median(one / other for one, other in zip(ours.by_turn, rival.by_turn, strict=True))
    return ours.best / rival.best


def _why_not(target, ours, result):
    if result.get("error"):
        return "FAILED"
    whose = OURS if ours is None else target.rival
    return next((why for name, why in result["notes"].items() if name.startswith(whose)), "not measured")


def wrong(row, result):
    """Say what is wrong with a row whatever its ratios: it failed, or contestants disagree."""
    problems = [f"{row.id}: {name} {why}" for name, why in result["notes"].items() if why.startswith(DISAGREES)]
    return [*problems, *([f"{row.id}: {result['error']}"] if result.get("error") else [])]


def markdown(rows, run):
    """Make the report of a run: `run` has machine, versions, quick, and results by row."""
    lines = ["# Performance", "", *_heading(run), "", "## Ratios", ""]
    lines += table(
        ["row", "beside", "wanted", *(["floor"] if run["quick"] else []), "measured", ""], _summary(rows, run)
    )
    for row in rows:
        lines += ["", f"## {row.id}", "", *_details(row, run["results"][row.id])]
    return "\n".join(lines) + "\n"


def _heading(run):
    command = f"python -m benchmarks{' --quick' if run['quick'] else ''}"
    yield f"Written by `{command}`{': small sizes, to be judged by the floors alone' if run['quick'] else ''}."
    yield ""
    yield METHOD.format(within="1e-12, simulators of portfolios to 1e-9").replace("\n", " ")
    yield ""
    yield from table(["machine", ""], run["machine"].items())
    yield ""
    yield from table(["version", ""], run["versions"].items())


def _summary(rows, run):
    for row in rows:
        result = run["results"][row.id]
        for verdict in judged(row, result):
            floor = [] if not run["quick"] else ["" if verdict.target.floor is None else f"{verdict.target.floor:g} x"]
            status = verdict.said(quick=run["quick"])
            yield [f"`{row.id}`", verdict.target.rival, verdict.wanted, *floor, verdict.measured, status]
        if not row.targets:
            yield [f"`{row.id}`", "", "for information", *([""] if run["quick"] else []), "", result.get("error") or ""]


def _details(row, result):
    yield f"{row.title}. Timed: {row.timed}."
    yield ""
    if result.get("error"):
        yield f"FAILED: {result['error']}"
        yield ""
    timed = timings(result)
    ours = next((each for each in timed if each.rival == OURS), None)
    yield from table(
        ["contestant", "best", "median", "x ours", "what it does"],
        [
            [
                each.name,
                shown(each.best) + ("" if each.parts == 1 else f", extrapolated from 1/{each.parts} of the work"),
                shown(each.median),
                "" if ours is None else f"{each.best / ours.best:.3g}",
                each.does,
            ]
            for each in sorted(timed, key=lambda each: (each.rival != OURS, each.best))
        ],
    )
    if result["notes"]:
        yield ""
        yield from (f"- {name}: {why}" for name, why in result["notes"].items())
    yield ""
    children = result.get("peak_mb_of_children", 0)
    yield f"Peak memory: {result.get('peak_mb', 0):,} MB." + (
        f" Of one process timed: {children:,} MB." if row.paired else ""
    )


def shown(seconds):
    """Give a time in the unit that suits it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:,.2f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def table(heads, rows):
    """Give the lines of a Markdown table."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows)
