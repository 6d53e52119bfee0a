from __future__ import annotations

import pytest

import fintech_index as fi
from fintech_index.errors import RequestError
from fintech_index.methodology import template
from fintech_index.methodology._loading import parse


def test_ten_lines_that_run_on_the_embedded_data(market):
    text = template("my-index")
    assert len(text.splitlines()) == 10
    assert all("#" in line for line in text.splitlines() if "securities" in line or "weighting" in line)
    method = parse(text, where="template")
    history = fi.calculate(method, market)
    assert len(history.levels) == 243
    assert set(history.constituents("2020-12-31").index) == set(method.universe.securities)


@pytest.mark.parametrize("name", ["../x", "X", "a/b", ""])
def test_names_that_cannot_be_files(name):
    with pytest.raises(RequestError, match="cannot name an index"):
        template(name)
