"""Where compiled kernels are kept."""

from __future__ import annotations

import os

import numba
import pytest
from numba.core import caching

from fintech_index._kernels._caching import compiled, private_folder


def half(number):
    return number / 2


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_private_folder_serves_where_no_other_can_be_written(temporary, monkeypatch):
    only_where_told = [each for each in caching.CacheImpl._locator_classes if "UserProvided" in each.__name__]
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", only_where_told)
    kernel = compiled()(half)
    assert kernel(3.0) == 1.5
    assert os.environ.get("NUMBA_CACHE_DIR", "") == numba.config.CACHE_DIR
    kept = list(private_folder().rglob("*.nbc"))
    assert kept
    assert all(path.is_relative_to(temporary) for path in kept)
    again = compiled()(half)
    assert again(3.0) == 1.5
    assert sum(again.stats.cache_hits.values()) == 1


def test_without_any_folder_it_compiles_all_the_same(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    assert compiled()(half)(3.0) == 1.5


def test_a_folder_that_others_can_write_to_is_not_used():
    folder = private_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert private_folder() is None


def test_a_link_is_not_followed(temporary):
    folder = private_folder()
    folder.rmdir()
    (temporary / "elsewhere").mkdir()
    folder.symlink_to(temporary / "elsewhere")
    assert private_folder() is None
