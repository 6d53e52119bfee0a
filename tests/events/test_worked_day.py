from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd

import fintech_index as fi

PAGE = Path(__file__).parent.parent.parent / "docs" / "corporate-actions.md"


def test_the_day_that_has_everything(make_method, make_market):
    """The worked day of docs/corporate-actions.md, row by row."""
    text = PAGE.read_text(encoding="utf-8")
    day, before = "2020-01-07", "2020-01-06"
    closes = {"A.SH": [10.0], "B.SH": [24.0, 8.0], "C.SH": [5.0, 5.0], "D.SH": [10.0, 8.0], "E.SH": [20.0, 19.5]}
    closes |= {"F.SH": [16.0, 15.0], "K.SH": [None, 4.0]}
    of_b = [("split", 2.0, None), ("bonus", 0.5, None), ("rights", 0.5, 3.2)]
    actions = [{"security": "B.SH", "kind": kind, "ratio": ratio, "price": price} for kind, ratio, price in of_b]
    actions += [
        {"security": who, "kind": "cash_dividend", "cash": cash}
        for who, cash in (("B.SH", 1.0), ("E.SH", 0.5), ("F.SH", 1.0))
    ]
    actions += [
        {"security": "B.SH", "kind": "special_dividend", "cash": 0.6},
        {"security": "A.SH", "kind": "delisting", "price": 4.0},
        {"security": "C.SH", "kind": "issuance", "total": 1200, "free_float": 600},
        {"security": "D.SH", "kind": "spin_off", "child": "K.SH", "ratio": 0.5},
    ]
    old = {"A.SH": 100, "B.SH": 100, "C.SH": 200, "D.SH": 100, "F.SH": 100}
    new = {"A.SH": 100, "B.SH": 100, "C.SH": 200, "D.SH": 100, "E.SH": 100}
    rows = [(date, before, who, n, 2 * n, 0.5) for date, own in ((before, old), (day, new)) for who, n in own.items()]
    names = ["effective", "price_date", "security", "index_shares", "free_float", "capping_factor"]
    method = make_method('actions = { special_dividend = "gross", share_changes = "at_once" }')
    market = make_market(closes, [action | {"ex_date": day} for action in actions])
    history = fi.calculate(method, market, fi.Baskets.from_frame(pd.DataFrame(rows, columns=names)))
    causes = [line for line in text.splitlines() if line.startswith(("| 2 |", "| 3 |", "| 4 |"))]
    told = {}
    for line in causes:
        _, _, what, *amounts, _ = (cell.strip() for cell in line.split("|"))
        cause = what.split("`")[1]
        who = "" if cause == "review" else what.split("` ")[-1][0] + ".SH"
        for variant, amount in zip(("price", "gross", "net"), amounts, strict=True):
            if amount:
                told[who, cause, variant] = Decimal(amount)
    found = history.divisor_changes
    assert told == {(row.security, row.cause, row.variant): row.amount for row in found.itertuples()}
    for variant, opening in (("price", 7000), ("gross", 6850), ("net", 6871)):
        assert f"**{opening}**" in text
        assert 7000 + sum(amount for (_, _, each), amount in told.items() if each == variant) == opening
        assert f"{history.divisors.loc[day, variant].normalize():f} ({variant})" in text
        assert f"{history.levels.loc[day, variant]:.4f}" in text
