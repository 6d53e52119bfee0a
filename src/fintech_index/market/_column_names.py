"""The names that people's tables have for the columns of the contract (docs/data-contract.md has them as a table)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fintech_index.market._contract import Table

_DATES = (
    "date",
    "trade_date",
    "trading_date",
    "datetime",
    "time",
    "timestamp",
    "day",
    "日期",
    "日期date",
    "交易日期",
    "交易日",
    "时间",
)
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "date": _DATES,
    "effective": (*_DATES, "effective_date", "生效日期"),
    "ex_date": ("exdate", "ex_dividend_date", "除权除息日", "除权日", "除息日"),
    "security": (
        "ts_code",
        "code",
        "codes",
        "symbol",
        "ticker",
        "instrument",
        "asset",
        "con_code",
        "wind_code",
        "windcode",
        "order_book_id",
        "sid",
        "代码",
        "证券代码",
        "股票代码",
        "成份券代码",
        "成份券代码constituent code",
        "成分券代码",
        "成分券代码constituent code",
        "样本代码",
    ),
    "close": ("close_price", "收盘", "收盘价"),
    "open": ("open_price", "开盘", "开盘价"),
    "high": ("high_price", "最高", "最高价"),
    "low": ("low_price", "最低", "最低价"),
    "pre_close": ("preclose", "prev_close", "previous_close", "pre_close_price", "前收盘", "前收盘价", "昨收"),
    "volume": ("vol", "成交量"),
    "amount": ("money", "turnover", "成交额", "成交金额"),
    "total": ("total_shares", "total_share", "总股本"),
    "float": ("float_shares", "float_share", "流通股本"),
    "free_float": ("free_float_shares", "free_share", "自由流通股本"),
    "name": ("sec_name", "con_name", "名称", "证券简称", "股票名称"),
    "weight": ("i_weight", "权重", "权重(%)", "权重(%)weight", "权重（%）"),
    "index_shares": ("shares", "样本股数"),
    "record_date": ("股权登记日",),
    "pay_date": ("派息日",),
    "currency": ("货币", "币种"),
    "rate": ("汇率",),
}


def contract_names(
    found: Iterable[str], contract: Table, given: Mapping[str, str], problems: list[Problem]
) -> dict[str, str]:
    """Give which columns of a table are which of the contract: by `given`, by their own name, by other names.

    Parameters
    ----------
    found : iterable of str
        The names of a table's columns.
    contract : Table
    given : mapping of str to str
        Names of the user's own to those of the contract.
    problems : list of Problem
        Takes what two columns would both be.

    Returns
    -------
    dict of str to str
        From names of the table to those of the contract; columns of other names are not in it.
    """
    texts = [str(each) for each in found]
    plain = {text: text.strip().lstrip("$").lower() for text in texts}
    of_target: dict[str, list[str]] = {}
    for target in contract.column_names:
        ways = (
            [text for text in texts if given.get(text) == target],
            [text for text in texts if plain[text] == target and text not in given],
            [text for text in texts if plain[text] in OTHER_NAMES.get(target, ()) and text not in given],
        )
        of_target[target] = next((way for way in ways if way), [])
    for target, own in of_target.items():
        if len(own) > 1:
            both = " and ".join(map(repr, own))
            problems.append(Problem(contract.name, f"the columns {both} are both {target}: say which by `names`"))
    return {own[0]: target for target, own in of_target.items() if own}
