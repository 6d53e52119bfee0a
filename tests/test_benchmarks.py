"""The table of rows, and the report of a run that is made up. Nothing is timed here."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks import __main__, report
from benchmarks.__main__ import arguments
from benchmarks.rows import NAME, ROWS, Row, Target
from benchmarks.suite import Contest, Contestant, same_numbers

FOLDER = Path(__file__).parent.parent / "benchmarks"
ROW = Row(
    "counting",
    "test_counting",
    "Counting",
    "to ten",
    (Target("fingers", 10, floor=5), Target("abacus", 1.5, at_most=True, floor=2), Target("bt", 1000)),
)


def turn(rival, seconds, turn=1, form="", parts=1):
    name = f"{rival}, {form}" if form else rival
    return {
        "rival": rival,
        "contestant": name,
        "turn": turn,
        "parts": parts,
        "does": "It counts.",
        "min": seconds,
        "median": seconds,
    }


def result(*timings, **facts):
    return {"timings": list(timings), "notes": {}, "peak_mb": 100, "peak_mb_of_children": 0} | facts


def verdicts(*timings, row=ROW, **facts):
    return {each.target.rival: (each.ratio, each.status) for each in report.judged(row, result(*timings, **facts))}


def test_every_row_has_its_test():
    for row in ROWS.values():
        file, name = row.node.split("::")
        functions = [
            each.name
            for each in ast.parse((FOLDER / file).read_text(encoding="utf-8")).body
            if isinstance(each, ast.FunctionDef)
        ]
        assert name in functions


def test_floors_leave_room_below_what_is_wanted():
    for target in (target for row in ROWS.values() for target in row.targets):
        if target.floor is not None:
            assert target.met(target.wanted, target.floor)
            assert not target.met(target.floor)


def test_a_ratio_is_that_of_the_best_turns():
    found = verdicts(turn(NAME, 2.0), turn(NAME, 1.0, 2), turn("fingers", 30.0), turn("fingers", 12.0, 2))
    assert found["fingers"] == (12.0, "met")


def test_the_fastest_form_of_a_rival_counts():
    found = verdicts(turn(NAME, 1.0), turn("fingers", 9.0, form="both hands"), turn("fingers", 20.0, form="one hand"))
    assert found["fingers"] == (9.0, "MISSED")


def test_at_most_is_ours_over_the_rivals():
    assert verdicts(turn(NAME, 3.0), turn("abacus", 2.0))["abacus"] == (1.5, "met")
    assert verdicts(turn(NAME, 3.1), turn("abacus", 2.0))["abacus"][1] == "MISSED"


def test_a_part_of_the_work_is_extrapolated():
    assert verdicts(turn(NAME, 1.0), turn("fingers", 1.0, parts=40))["fingers"] == (40.0, "met")


def test_pairs_are_compared_one_by_one():
    row = Row("started", "test_startup", "Started", "the process", (Target("abacus", 1.5, at_most=True),), paired=True)
    pairs = [(1.0, 1.0), (1.2, 1.0), (9.0, 1.0)]
    timings = [
        turn(who, pair[at], number) for at, who in enumerate((NAME, "abacus")) for number, pair in enumerate(pairs)
    ]
    assert verdicts(*timings, row=row)["abacus"] == (1.2, "met")


def test_what_is_not_there_is_named():
    found = verdicts(turn(NAME, 1.0), notes={"bt": "not installed: bt"})
    assert found["bt"] == (None, "not installed: bt")
    assert found["fingers"] == (None, "not measured")


@pytest.mark.parametrize(
    ("seconds", "quick", "runs"),
    [([4.0, 12.0], True, 2), ([6.0], True, 1), ([4.0], False, 1)],  # beside 1 of ours: the floor is 5 x
)
def test_a_floor_that_is_missed_is_measured_again(monkeypatch, seconds, quick, runs):
    measurements = [result(turn(NAME, 1.0), turn("fingers", each)) for each in seconds]
    given = []
    monkeypatch.setattr(__main__, "measured", lambda row, _: given.append(row) or measurements[len(given) - 1])
    assert __main__.measured_again_if_under(ROW, [], quick=quick) is measurements[-1]
    assert len(given) == runs


def test_disagreement_and_failure_are_wrong_whatever_the_ratio():
    assert report.wrong(ROW, result()) == []
    assert report.wrong(ROW, result(notes={"fingers": "DISAGREES with the others"})) == [
        "counting: fingers DISAGREES with the others"
    ]
    assert report.wrong(ROW, result(error="no fingers")) == ["counting: no fingers"]


@pytest.mark.parametrize(("quick", "said"), [(False, "MISSED"), (True, "floor held")])
def test_a_quick_run_is_judged_by_floors(quick, said):
    (verdict, *_) = report.judged(ROW, result(turn(NAME, 1.0), turn("fingers", 6.0)))
    assert verdict.said(quick=quick) == said
    assert not verdict.under_the_floor


def test_the_report():
    run = {"quick": False, "machine": {"processor": "one"}, "versions": {"numpy": "2"}}
    run["results"] = {"counting": result(turn(NAME, 0.001), turn("fingers", 0.012), notes={"bt": "not installed: bt"})}
    text = report.markdown([ROW], run)
    assert "| `counting` | fingers | at least 10 x | 12 x | met |" in text
    assert "| `counting` | bt | at least 1000 x |  | not installed: bt |" in text
    assert "| fingers | 12.00 ms | 12.00 ms | 12 | It counts. |" in text
    assert "Peak memory: 100 MB." in text


def test_who_disagrees_or_is_missing_is_not_timed():
    def contestant(form, counts, **options):
        return Contestant("numpy dense", form, lambda _: lambda: np.array(counts), **options)

    several = [
        contestant("exact", [3, 4], exact=True),
        contestant("floats", [3.0, 4.0 + 1e-13]),
        contestant("wrong", [3, 5], exact=True),
        contestant("off", [3.0, 4.0 + 1e-10]),
        contestant("absent", [3, 4], needs=("no_such_module",)),
    ]
    run = SimpleNamespace(quick=True, plain=False, notes={})
    contest = Contest("kernel", None, several, same_numbers, run)
    assert list(contest.works) == ["numpy dense, exact", "numpy dense, floats"]
    assert run.notes == {
        "numpy dense, wrong": "DISAGREES with the others",
        "numpy dense, off": "DISAGREES with the others",
        "numpy dense, absent": "not installed: no_such_module",
    }


def test_an_unknown_row_is_named(capsys):
    with pytest.raises(SystemExit) as stopped:
        arguments(["--quick", "kernal"])
    assert stopped.value.code == 2
    assert "no row kernal; there are kernel" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["kernels", "ours", "scaling", "stages", "whole_market", "contestants.real"])
def test_what_no_quick_run_takes_can_be_imported(name):
    """They use the package from within: a name that is moved there breaks them, and nothing else would say so."""
    assert import_module(f"benchmarks.{name}").__doc__
