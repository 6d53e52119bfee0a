from __future__ import annotations

import datetime as dt
import os

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

import fintech_index as fi
from fintech_index.methodology._loading import parse

COMMON = {
    "deadline": None,
    "max_examples": 40,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("search", **COMMON)  # other examples each time: it finds what nobody thought of
settings.register_profile(
    "repeat", **COMMON, derandomize=True
)  # the same each time: a change passes or fails by itself
settings.register_profile("tenfold", **COMMON | {"max_examples": 400})  # by hand: --hypothesis-profile tenfold
settings.load_profile("repeat" if os.environ.get("CI") else "search")


def pytest_addoption(parser):
    parser.addoption(
        "--whole", action="store_true", help="the tests of tests/safety in full, which takes an hour or so"
    )


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked as a part of the whole, unless the whole is asked for."""
    if config.getoption("--whole"):
        return
    left_out = [item for item in items if item.get_closest_marker("whole")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("whole")]


@pytest.fixture(scope="session")
def whole(request):
    """Whether the tests of safety run in full, rather than with a few fixed seeds."""
    return request.config.getoption("--whole")


@pytest.fixture(scope="session")
def market():
    """The embedded data."""
    return fi.MarketData.open()


@pytest.fixture(scope="session")
def xiangmihu():
    return fi.Methodology.load("xiangmihu")


@pytest.fixture(scope="session")
def history(xiangmihu, market):
    return fi.calculate(xiangmihu, market)


@pytest.fixture
def make_method():
    """A methodology of one line a rule: base on the first session of `make_market`, never reviewed."""

    def make(text="", *, base="2020-01-06", name="small"):
        return parse(f'name = "{name}"\nbase = {{ date = {base}, value = 1000 }}\n{text}', where="test")

    return make


@pytest.fixture
def make_market():
    """A market of a few sessions from 2020-01-06: closes by security, None for a suspended day."""

    def make(closes, actions=(), free_float=None, **tables):
        length = max(len(each) for each in closes.values())
        sessions = [day.date() for day in pd.bdate_range("2020-01-06", periods=length)]
        prices = [
            {"date": date, "security": who, "close": close}
            for who, own in closes.items()
            for date, close in zip(sessions, own, strict=False)
            if close is not None
        ]
        counts = free_float or dict.fromkeys(closes, 1000)
        shares = [
            {"effective": dt.date(2020, 1, 1), "security": who, "total": n, "float": n, "free_float": n}
            for who, n in counts.items()
        ]
        columns = list(dict.fromkeys(["ex_date", "security", "kind", *(name for row in actions for name in row)]))
        frame = pd.DataFrame(list(actions), columns=columns)
        tables = {"calendar": "XSHG"} | tables  # whose codes are letters
        return fi.MarketData.from_tables(
            pd.DataFrame(prices), pd.DataFrame(shares), frame, sessions=pd.DataFrame({"date": sessions}), **tables
        )

    return make
