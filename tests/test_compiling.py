"""Where compiled kernels are kept, and that neither a damaged cache nor the lack of one is noticed in a result."""

from __future__ import annotations

import errno
import functools
import os
import pickle
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import caching

from fintech_index import compiling
from fintech_index.compiling import compiled, private_folder


def half(number):
    return number / 2


def third(number):
    return number / 3


def from_the_cache(numbers=(3.0,)):
    """How many kinds of numbers `half` takes from the cache, as a process that starts now would."""
    kernel = compiled()(half)
    assert [kernel(each) for each in numbers] == [each / 2 for each in numbers]
    return sum(kernel.stats.cache_hits.values())


def failing(number=errno.EIO):
    """A call on a path that the disk does not do."""

    def fail(path="", *_, **__):
        raise OSError(number, os.strerror(number), str(path))

    return fail


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(compiling, "notices", [])
    return tmp_path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A cache folder that is named as by NUMBA_CACHE_DIR."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def kept(folder):
    """The file of `half` for a float."""
    assert from_the_cache() == 0
    (path,) = files(folder)
    return path


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    """Somebody without HOME and without an account."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def read_only(monkeypatch):
    """A module beside which nothing can be written."""
    classes = [each for each in caching.CacheImpl._locator_classes if "InTree" not in each.__name__]
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", classes)


def noticed(*words):
    (notice,) = compiling.notices
    return all(word in notice for word in ("are not kept", "NUMBA_CACHE_DIR", *words))


def test_what_is_kept_is_loaded_by_kind_of_arguments(kept):
    assert from_the_cache() == 1
    assert files(kept.parent) == [kept]
    assert from_the_cache((3.0, 3, np.float32(3))) == 1
    assert from_the_cache((3.0, 3, np.float32(3))) == 3
    assert len(files(kept.parent)) == 3
    assert not compiling.notices


def test_no_byte_that_was_flipped_is_believed(kept, monkeypatch):
    numbers = (3.0, 3)
    assert from_the_cache(numbers) == 1
    read = []
    monkeypatch.setattr(pickle, "loads", lambda content, loads=pickle.loads: read.append(content) or loads(content))
    paths, random = files(kept.parent), np.random.default_rng(20)
    for turn in range(72):
        path = paths[turn % 2]
        content = bytearray(path.read_bytes())
        at = turn if turn < compiling.DIGEST else random.integers(len(content))  # each byte of a checksum, then any
        content[at] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        read.clear()
        assert from_the_cache(numbers) == 1  # the other file
        assert len(read) == 1
    assert from_the_cache(numbers) == 2  # written again
    assert not compiling.notices


SOMETHING_ELSE = [b"\0" * 5000, b"#!/bin/sh\n", pickle.dumps({}), pickle.dumps("0.61.0") + pickle.dumps((b"", {}))]
WITH_A_CHECKSUM = [b"", pickle.dumps({}), pickle.dumps(((b"", b"", ()), ())), pickle.dumps(half)[:-9]]


@pytest.mark.parametrize(
    ("length", "content"),
    [
        *((length, b"") for length in (0, 1, 31, 32, 33, 1000, -1)),
        *((0, content) for content in SOMETHING_ELSE),
        *((0, compiling._checksum(content) + content) for content in WITH_A_CHECKSUM),
    ],
)
def test_a_file_cut_short_or_of_something_else_is_compiled_anew(kept, length, content):
    kept.write_bytes(kept.read_bytes()[:length] + content)
    assert from_the_cache() == 0
    assert from_the_cache() == 1


def test_code_for_other_arguments_or_of_another_function_is_not_taken(kept):
    assert from_the_cache((3.0, 3)) == 1
    (other,) = (path for path in files(kept.parent) if path != kept)
    shutil.copy(other, kept)
    assert from_the_cache((3.0,)) == 0
    compiled()(third)(3.0)
    (other,) = (path for path in files(kept.parent) if "third" in path.name)
    shutil.copy(other, kept)
    assert from_the_cache((3.0,)) == 0


def test_code_of_another_source_or_version_is_replaced(kept, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(caching.InTreeCacheLocator, "get_source_stamp", lambda _: b"edited")
        patch.setattr(caching.UserProvidedCacheLocator, "get_source_stamp", lambda _: b"edited")
        assert from_the_cache() == 0
        assert from_the_cache() == 1
    assert from_the_cache() == 0
    monkeypatch.setattr(numba, "__version__", "0.0")
    assert from_the_cache() == 0
    assert from_the_cache() == 1
    code = caching.Cache._index_key
    monkeypatch.setattr(caching.Cache, "_index_key", lambda *of: (*code(*of)[:-1], "edited"))
    assert from_the_cache() == 0
    assert from_the_cache() == 1
    assert files(kept.parent) == [kept]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EACCES])
@pytest.mark.parametrize("calls", [["write_bytes"], ["replace"], ["replace", "unlink"]], ids="+".join)
def test_a_disk_that_fails_is_done_without(folder, monkeypatch, calls, number):
    for call in calls:
        monkeypatch.setattr(Path, call, failing(number))
    assert from_the_cache((3.0, 3)) == 0
    assert noticed(os.strerror(number), f"in {folder}")
    assert [".tmp." in path.name for path in files(folder)] == [True, True] * ("unlink" in calls)


def test_half_a_file_is_not_left(folder, monkeypatch):
    def fill_up(path, content, write=Path.write_bytes):
        write(path, content[:100])
        failing(errno.ENOSPC)(path)

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    assert from_the_cache() == 0
    assert not files(folder)


def test_a_file_that_cannot_be_read_is_done_without(kept, monkeypatch):
    monkeypatch.setattr(Path, "read_bytes", failing())
    assert from_the_cache() == 0
    assert noticed("Input/output error", kept.name)


def test_a_folder_in_the_place_of_a_file_is_done_without(kept):
    kept.unlink()
    (kept / "full").mkdir(parents=True)
    assert from_the_cache() == 0
    assert noticed("Is a directory")


def test_a_folder_that_vanishes_while_we_compile_is_made_again(folder):
    kernel = compiled()(half)
    shutil.rmtree(folder)
    assert kernel(3.0) == 1.5
    assert from_the_cache() == 1
    kernel = compiled()(half)
    shutil.rmtree(folder)
    folder.touch()
    assert kernel(3) == 1.5
    kernel.recompile()
    assert noticed(str(folder))


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("place", ["nowhere", "file", "file/cache", "full", "n" * 300])
def test_where_the_user_says_is_no_folder_another_serves(tmp_path, monkeypatch, place):
    def make(*_, dir, make_one=tempfile.TemporaryFile, **__):  # noqa: A002 - its name in tempfile
        return make_one(dir=dir) if "full" not in dir else failing(errno.ENOSPC)(dir)

    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "TemporaryFile", make)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / place))
    assert from_the_cache() == 0
    assert from_the_cache() == 1
    (path,) = (path for path in files(tmp_path) if path.suffix == ".nbc")
    assert path.is_relative_to(tmp_path / ("nowhere" if place == "nowhere" else "home"))


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("told", ["", "cache", "file"])
def test_without_home_and_account_no_code_is_looked_for_where_it_started(tmp_path, monkeypatch, nobody, told):
    (tmp_path / "file").touch()
    monkeypatch.setattr(numba.config, "CACHE_DIR", told and str(tmp_path / told))
    assert from_the_cache() == 0
    assert from_the_cache() == 1
    assert not list(nobody.iterdir())
    (path,) = (path for path in files(tmp_path) if path.suffix == ".nbc")
    assert path.is_relative_to(tmp_path / "cache" if told == "cache" else private_folder())
    assert not compiling.notices


@pytest.mark.usefixtures("read_only")
def test_without_home_and_temporary_files_it_compiles_all_the_same(monkeypatch, nobody):
    monkeypatch.setattr(tempfile, "TemporaryFile", failing(errno.ENOSPC))
    assert from_the_cache() == 0
    monkeypatch.setattr("tempfile.tempdir", "/dev/null")
    assert from_the_cache() == 0
    monkeypatch.setattr("tempfile.gettempdir", functools.partial(failing(errno.ENOENT), "none of them"))
    assert private_folder() is None
    assert from_the_cache() == 0
    assert noticed("there is no folder")
    assert not list(nobody.iterdir())


def test_a_private_folder_serves_where_no_other_can_be_written(temporary, monkeypatch):
    only_where_told = [each for each in caching.CacheImpl._locator_classes if "UserProvided" in each.__name__]
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", only_where_told)
    assert from_the_cache() == 0
    assert os.environ.get("NUMBA_CACHE_DIR", "") == numba.config.CACHE_DIR
    (kept,) = private_folder().rglob("*.nbc")
    assert kept.is_relative_to(temporary)
    assert from_the_cache() == 1


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


@pytest.mark.parametrize(
    "name",
    ["FunctionCache", "IndexDataCacheFile", "Cache._save_overload", "Cache._load_overload", "CacheImpl.filename_base"],
)
def test_a_numba_that_is_built_otherwise_is_done_without_a_cache(folder, monkeypatch, name):
    monkeypatch.delattr(f"numba.core.caching.{name}")
    assert from_the_cache() == 0
    assert compiling.notices
    assert len(files(folder)) == (name == "Cache._load_overload")


def test_numba_is_left_no_files_of_its_own_where_ours_find_no_place(folder, monkeypatch):
    monkeypatch.setattr(caching, "IndexDataCacheFile", lambda **_: object())
    assert compiled()(half)(3.0) == 1.5
    assert noticed("AttributeError")
    compiling.notices.clear()
    monkeypatch.setattr(numba, "njit", lambda **_: functools.partial(functools.partial))
    assert compiled()(half)(3.0) == 1.5
    assert noticed("numba has its cache elsewhere")
    assert not files(folder)


def test_without_compiling_there_is_no_cache_and_no_word_of_it(folder, monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert compiled()(half) is half
    assert not compiling.notices
    assert not folder.exists()


def test_what_killed_processes_left_is_removed_after_a_day(kept):
    young, old, other = (kept.with_name(name) for name in ("a.1.nbc.tmp.1", "b.nbi.tmp.2", "c.pyc.tmp.3"))
    for path, age in ((young, 80_000), (old, 90_000), (other, 90_000)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    assert from_the_cache((3,)) == 0
    assert young.exists()
    assert not old.exists()
    assert other.exists()


def test_compiling_again_leaves_nothing_of_what_was(kept):
    assert from_the_cache((3,)) == 0
    compiled()(third)(3.0)
    kernel = compiled()(half)
    assert kernel(3.0) == 1.5
    kernel.recompile()
    assert len(files(kept.parent)) == 2  # a file of each function
    assert from_the_cache() == 1


SCRIPT = """
import os
from fintech_index import compiling
def half(number):
    return number / 2
{before}
kernel = compiling.compiled()(half)
results = [kernel(float(n)) for n in (3, 4)] + [kernel(3)]
print(results, sum(kernel.stats.cache_hits.values()), len(compiling.notices), *compiling.notices, sep=";")
"""


@pytest.fixture
def script(monkeypatch):
    """What starts a script in a folder that everybody can read, beside its cache; pytest's own are for root alone."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        monkeypatch.setenv("NUMBA_CACHE_DIR", f"{name}/cache")

        def start(before="", limit=""):
            Path(name, "script.py").write_text(SCRIPT.format(before=before), encoding="utf-8")
            arguments = ["sh", "-c", f'{limit} exec "$@"', "sh", sys.executable, "-B", "script.py"]
            return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=name)

        yield start


def said(process):
    """What a script says of its cache: hits, notices, and the first of them."""
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0, text
    results, found, notices, *notice = text.split(";")
    assert results == "[1.5, 2.0, 1.5]", text
    return int(found), int(notices), "".join(notice)


@pytest.mark.processes
def test_processes_that_compile_at_once_do_not_disturb_each_other(script):
    for process in [script() for _ in range(4)]:
        assert said(process)[1] == 0
    assert said(script())[:2] == (2, 0)


@pytest.mark.processes
def test_under_a_limit_of_file_size_nothing_is_kept(script):
    for _ in range(2):
        found, notices, notice = said(script(limit="ulimit -f 1;"))
        assert (found, notices) == (0, 1)
        assert "File too large" in notice


@pytest.mark.processes
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody without an account")
@pytest.mark.parametrize("temporary_files", ["/tmp", "/nowhere"])  # noqa: S108 - the folder itself is meant
def test_somebody_without_account_and_home_compiles_all_the_same(script, temporary_files):
    lines = [
        "compiling.compiled()(lambda number: number)(1.0)  # numba imports the rest of itself, which may be for root alone",
        "os.setgroups([]), os.setgid(54321), os.setuid(54321), os.environ.pop('HOME', None)",
        f"compiling.tempfile.tempdir = {temporary_files!r}",
    ]
    found, notices, notice = said(script(before="\n".join(lines)))
    assert found == 0
    assert notices == (temporary_files == "/nowhere"), notice
    shutil.rmtree("/tmp/fintech-index-kernels-54321", ignore_errors=True)  # noqa: S108 - the same
