"""Imports of a vendor's tables, and tables with a bonus in them."""

from __future__ import annotations

import pandas as pd

from fintech_index.market.importers import import_tushare

DAYS = [day.strftime("%Y%m%d") for day in pd.bdate_range("2020-06-01", periods=8)]
ISO = [day.strftime("%Y-%m-%d") for day in pd.bdate_range("2020-06-01", periods=8)]
A = "600000.SH"


def imported(folder, out, **options):
    done = import_tushare(folder, out, **options)
    report = pd.read_csv(out / "import-report.csv", dtype=str, keep_default_na=False)
    return done, report


def rows_of(report, **wanted):
    for column, value in wanted.items():
        report = report[report[column] == value]
    return report[["date", "security", "column", "vendor", "written", "reason"]].to_dict("records")


def with_a_gap(plain):
    """Closes of A that a bonus of 0.3 on DAYS[2] fits: 13, then 10, as the exchange has them too."""
    for row in plain["daily"]:
        if row["ts_code"] == A:
            row["close"] = 13.0 if row["trade_date"] < DAYS[2] else 10.0
            row["pre_close"] = 13.0 if row["trade_date"] < DAYS[2] else 10.0
    return plain


def with_late_bonus(plain, *, moves_on, suspended=()):
    """A bonus of 0.3 of A on DAYS[2]; the vendor's free float moves on DAYS[moves_on]."""
    plain["daily"] = [row for row in plain["daily"] if row["ts_code"] == A]
    with_a_gap(plain)
    plain["daily"] = [row for at, row in enumerate(plain["daily"]) if at not in suspended]
    plain["daily_basic"] = [
        {
            "ts_code": A,
            "trade_date": row["trade_date"],
            "close": row["close"],
            "total_share": 390.0,
            "float_share": 260.0,
        }
        | {"free_share": 100.0 if row["trade_date"] < DAYS[moves_on] else 131.0}
        for row in plain["daily"]
    ]
    return plain


ACTIONS = f"ex_date,security,kind,cash,ratio,price,note\n{ISO[2]},{A},bonus,,0.3,,derived\n"
