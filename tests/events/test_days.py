"""A day of a small index, worked out by hand: one answer file a kind or a setting, under `answers/days`.

Cells are lists with ``|`` between: closes (``A 10 9``, ``-`` for none, from session 0 on), shares of one's own basket at
session 0 (``A 100 ff=200 c=0.5``: free float and capping factor), actions (session, security, kind, terms), the rows of
`divisor_changes` (session, security, cause, variant, amount; ``*`` for the whole basket and for all three variants),
index shares and the three levels at the last close.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import fintech_index as fi
from answers_csv import answers

SESSIONS = [day.date() for day in pd.bdate_range("2020-01-06", periods=8)]
VARIANTS = ("price", "gross", "net")
TEXTS = ("child", "acquirer", "newcomer", "new_security", "source")
FILES = sorted(path.stem for path in (Path(__file__).parent.parent / "answers" / "days").glob("*.csv"))


def parts(cell):
    return [part.split() for part in cell.split("|") if part.strip()]


def code(letter):
    return f"{letter}.SH"


def action_row(session, security, kind, *terms):
    row = {"ex_date": SESSIONS[int(session)], "security": code(security), "kind": kind}
    for term in terms:
        name, value = term.split("=")
        if name == "original_ex_date":
            row[name] = SESSIONS[int(value)]
        else:
            row[name] = (
                code(value) if name in TEXTS and name != "source" else value if name == "source" else float(value)
            )
    return row


def basket(cell):
    rows = []
    for who, shares, *terms in parts(cell):
        given = dict(term.split("=") for term in terms)
        row = {"effective": SESSIONS[0], "security": code(who), "index_shares": int(shares)}
        rows.append(row | {"free_float": int(given.get("ff", -1)), "capping_factor": given.get("c")})
    frame = pd.DataFrame(rows)
    frame["free_float"] = frame["free_float"].astype("Int64").mask(frame["free_float"] < 0)
    frame["capping_factor"] = frame["capping_factor"].astype(float)
    if frame["free_float"].isna().all():
        frame = frame.drop(columns=["free_float", "capping_factor"])
    return fi.Baskets.from_frame(frame)


def expected_changes(cell):
    rows = []
    for session, security, cause, variant, amount in parts(cell):
        for each in sorted(VARIANTS) if variant == "*" else [variant]:
            who = "" if security == "*" else code(security)
            rows.append((str(SESSIONS[int(session)]), who, cause, each, Decimal(amount)))
    return rows


@pytest.mark.parametrize(
    "row",
    [row for file in FILES for row in answers(f"days/{file}")],
    ids=[f"{file}-{row['worked'][:50]}" for file in FILES for row in answers(f"days/{file}")],
)
def test_a_day(row, make_method, make_market):
    closes = {
        code(who): [None if close == "-" else float(close) for close in own] for who, *own in parts(row["closes"])
    }
    actions = [action_row(*part) for part in parts(row["actions"])]
    method = make_method(row["rules"].replace("; ", "\n"))
    counts = {who: 1000 for who, own in closes.items() if own[0] is not None}
    for order in (actions, actions[::-1]):
        history = fi.calculate(method, make_market(closes, order, counts), basket(row["shares"]))
        last = history.sessions[-1]
        changes = [
            (str(each.date.date()), each.security, each.cause, each.variant, each.amount)
            for each in history.divisor_changes.itertuples()
        ]
        assert sorted(changes) == sorted(expected_changes(row["changes"]))
        held = history.constituents(last)["index_shares"]
        assert {who: Decimal(str(n)) for who, n in held.items()} == {
            code(who): Decimal(n) for who, n in parts(row["held"])
        }
        levels = [f"{history.levels.loc[str(last), each]:.4f}" for each in VARIANTS]
        assert levels == [f"{Decimal(level):.4f}" for level in row["levels"].split()]
