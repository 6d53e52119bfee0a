"""`fintech-index review`."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from fintech_index.cli._check_outcomes import check_published
from fintech_index.cli._options import DATE, PATH, data_option, format_option, in_common, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, table
from fintech_index.errors import RequestError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.publication import ReviewReport
    from fintech_index.reviews import Baskets, Outcome

_SHOWN = 15


@click.command(epilog="Example: fintech-index review composite --effective 2020-06-15")
@click.argument("index", required=False)
@click.option("--effective", type=DATE, metavar="DATE", help="The review that takes effect on a date; by default all.")
@click.option("--check", is_flag=True, help="Say whether recomputing gives what was published; write nothing.")
@click.option("--why", metavar="SECURITY", help="Say why a security (a code or a name) is in or not; write nothing.")
@click.option("--waterfall", is_flag=True, help="Show every security with its rule, rank and weight; write nothing.")
@click.option(
    "--fund-size",
    type=click.FloatRange(min=0, min_open=True, max=1e18),
    default=1e9,
    show_default=True,
    metavar="AMOUNT",
    help="In index currency, for the days that the changes take to trade.",
)
@click.option(
    "--out",
    type=PATH,
    metavar="DIR",
    help="Where outcomes are, one folder an index; by default constituents. --check looks at those that come with the "
    "package where there is no such folder.",
)
@data_option
@format_option
def review(  # noqa: PLR0913 - its options
    index: str | None,
    effective: dt.datetime | None,
    why: str | None,
    fund_size: float,
    out: Path | None,
    data: Path | None,
    form: str,
    *,
    check: bool,
    waterfall: bool,
) -> None:
    """Carry out reviews of INDEX: write each outcome to DIR/INDEX/DATE.csv, and report what it changes.

    A review whose price date has passed can be carried out before it takes effect: that is its pro forma. An outcome
    that is there is never replaced.
    """
    from fintech_index.market import MarketData
    from fintech_index.publication import FOLDER, reviews_up_to

    date = effective.date() if effective is not None else None
    if index is None and not check:
        raise RequestError("name an index; only --check goes through all of them")
    asked = [name for name, given in (("--check", check), ("--why", why), ("--waterfall", waterfall)) if given]
    if len(asked) > 1:
        raise RequestError(f"{' and '.join(asked)}: one of them at a time")
    if not isfinite(fund_size):
        raise RequestError(f"--fund-size {fund_size} is no amount")
    market = MarketData.open(data)
    if check:
        check_published(index, date, market, out, form)
        return
    method, baskets = reviews_up_to(str(index), market, date)
    outcomes = baskets.outcomes if date is None else (baskets.outcome(date),)
    if why is not None:
        _show_why(outcomes, why, form)
    elif waterfall:
        _show_waterfall(outcomes, form)
    else:
        _publish(method, market, baskets, outcomes, out or FOLDER, fund_size, form)
    notice(*in_common([*method.notices(), *baskets.notices]))


def _publish(
    method: Methodology,
    market: MarketData,
    baskets: Baskets,
    outcomes: tuple[Outcome, ...],
    out: Path,
    fund_size: float,
    form: str,
) -> None:
    from fintech_index.publication import publish, report
    from fintech_index.rounding import exact

    reports = [report(method, market, baskets, outcome, exact(fund_size)) for outcome in outcomes]
    files = publish(method, outcomes, out)
    if form == "table":
        for each in reports:
            _show_report(each, fund_size)
    elif form == "json":
        emit(_as_json(reports), form)
    else:
        changes = [{"index": method.name, "effective": each.outcome.effective} for each in reports]
        emit(
            encode(
                _joined([(head, columns_of(each.changes)) for head, each in zip(changes, reports, strict=True)]), form
            ),
            form,
        )
    for path, is_new in files.items():
        notice(f"{'wrote' if is_new else 'is there already'}: {path}")


def _as_json(reports: list[ReviewReport]) -> bytes:
    import json

    def rows(columns: Columns) -> list[dict[str, Any]]:
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    whole = [
        {
            **each.summary,
            "changes": rows(columns_of(each.changes)),
            "waterfall": rows(columns_of(each.outcome.waterfall)),
        }
        for each in reports
    ]
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _joined(parts: list[tuple[dict[str, Any], Columns]]) -> Columns:
    """Put tables below one another, each with its own leading columns."""
    joined: Columns = {}
    for head, columns in parts:
        length = len(next(iter(columns.values())))
        for name, values in {**{key: [value] * length for key, value in head.items()}, **columns}.items():
            joined.setdefault(name, []).extend(values)
    return joined


def _show_report(report: ReviewReport, fund_size: float) -> None:
    from fintech_index.publication import names_of

    summary, changes = report.summary, report.changes
    caps = ", ".join(summary["caps_binding"])
    facts = [
        ("constituents", str(summary["constituents"])),
        ("cut-off", summary["cutoff"]),
        ("price date", summary["price_date"]),
        *([("announcement", summary["announcement"])] if summary["announcement"] else []),
        ("additions", names_of(summary["additions"])),
        ("deletions", names_of(summary["deletions"])),
        *([("reserve", names_of(summary["reserve"]))] if summary["reserve"] else []),
        ("one-way turnover", f"{summary['one_way_turnover']:.2%}"),
        *([("caps", f"{caps}; they move {summary['weight_moved_by_caps']:.2%}")] if caps else []),
        *([("relaxed", ", ".join(summary["relaxed"]))] if summary["relaxed"] else []),
        ("not eligible", ", ".join(f"{rule} {count}" for rule, count in summary["failed"].items()) or "none"),
    ]
    table(f"{summary['index']}  effective {summary['effective']}", [("", "left"), ("", "left")], facts)
    rows = [
        (
            row.security,
            row.name,
            row.decision,
            f"{row.before:.4%}",
            f"{row.after:.4%}",
            f"{row.change:+.4%}",
            "" if row.days != row.days else f"{row.days:.3f}",
        )
        for row in changes.head(_SHOWN).itertuples(index=False)
    ]
    left = [(heading, "left") for heading in ("security", "name", "decision")]
    right = [(heading, "right") for heading in ("before", "after", "change", "days to trade")]
    more = len(changes) - _SHOWN
    caption = f"days to trade: a fund of {fund_size:,.0f}, all of the average amount of 20 sessions"
    caption += f"; {more} smaller changes: --format csv" if more > 0 else ""
    table("changes of weight, the largest first", [*left, *right], rows, caption)


def _show_waterfall(outcomes: tuple[Outcome, ...], form: str) -> None:
    heads = [{"index": each.method.name, "effective": each.effective} for each in outcomes]
    if form != "table":
        parts = [(head, columns_of(each.waterfall)) for head, each in zip(heads, outcomes, strict=True)]
        emit(encode(_joined(parts), form), form)
        return
    for outcome in outcomes:
        rows = [_waterfall_row(row) for row in outcome.waterfall.itertuples(index=False)]
        headings = [(heading, "left") for heading in ("security", "name", "decision", "rule", "why")]
        title = f"{outcome.method.name}  effective {outcome.effective}  {len(rows)} securities"
        table(title, [*headings, ("rank", "right"), ("weight", "right")], rows)


def _waterfall_row(row: Any) -> tuple[str, ...]:
    rank = "" if str(row.rank) == "<NA>" else str(row.rank)
    weight = f"{row.weight:.4%}" if row.weight == row.weight else ""
    return row.security, row.name, row.decision, row.rule, row.why, rank, weight


def _show_why(outcomes: tuple[Outcome, ...], security: str, form: str) -> None:
    from fintech_index.errors import did_you_mean

    parts = []
    for outcome in outcomes:
        frame = outcome.waterfall
        known = frame["security"].tolist()
        called = dict(zip(known, frame["name"].tolist(), strict=True))
        wanted = [code for code in known if security in (code, code.split(".")[0], called[code])]
        if not wanted:
            is_code = any(letter.isdigit() for letter in security)  # digits that are alike are other companies
            near = "" if is_code else did_you_mean(security, [*called.values()])
            raise RequestError(
                f"{outcome.method.name}: {security!r} is not in the universe of the review effective "
                f"{outcome.effective}, which has {len(known)} securities{f': {near}' if near else ''}; --waterfall "
                "lists them"
            )
        parts.append((outcome, frame[frame["security"].isin(wanted)]))
    if form != "table":
        heads = [{"index": each.method.name, "effective": each.effective} for each, _ in parts]
        emit(
            encode(_joined([(head, columns_of(rows)) for head, (_, rows) in zip(heads, parts, strict=True)]), form),
            form,
        )
        return
    rows = [
        (str(each.effective), *_waterfall_row(row)) for each, found in parts for row in found.itertuples(index=False)
    ]
    headings = [(heading, "left") for heading in ("effective", "security", "name", "decision", "rule", "why")]
    table(f"{outcomes[0].method.name}  {security}", [*headings, ("rank", "right"), ("weight", "right")], rows)
