from __future__ import annotations

import shutil

import pytest

from fintech_index.methodology import shipped


@pytest.fixture
def folder(tmp_path):
    """A copy of the embedded data, to be spoilt."""
    shutil.copytree(shipped("constituents", "market"), tmp_path / "market")
    return tmp_path / "market"
