"""A set of files takes its place as a whole or not at all, beside files of others."""

from __future__ import annotations

import os

import pytest

import fintech_index as fi
from fintech_index.errors import WriteError
from fintech_index.files import _staging, _writing, is_half_written, write_file, write_files, writing
from fintech_index.files._names import aside_name
from fintech_index.market.importers import import_tushare
from safety.kill_points import DAYS, vendor

OLD, NEW = {"a.csv": b"old", "b.csv": b"old"}, {"a.csv": b"new", "b.csv": b"new"}


@pytest.fixture
def out(tmp_path):
    """An earlier set, with files of somebody else beside it."""
    folder = tmp_path / "place" / "out"
    write_files(folder, OLD)
    (folder / "mine.txt").write_text("mine")
    (folder / "notes").mkdir()
    (folder / "notes" / "deep.txt").write_text("deep")
    (folder / "link").symlink_to("mine.txt")
    return folder


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def others(folder):
    paths = [folder / "mine.txt", folder / "notes" / "deep.txt"]
    return [(path.stat().st_ino, path.read_text()) for path in paths] + [(folder / "link").readlink()]


OTHERS = {"mine.txt": b"mine", "notes/deep.txt": b"deep", "link": b"mine"}


@pytest.fixture(params=["at once", "one by one"])
def road(request, monkeypatch):
    if request.param == "one by one":
        monkeypatch.setattr(_writing, "exchange", lambda *_: False)
    return request.param


@pytest.mark.usefixtures("road")
def test_a_set_takes_its_place(out):
    before = others(out)
    written = write_files(out, NEW)
    assert contents(out) == NEW | OTHERS
    assert others(out) == before
    assert written == [out / "a.csv", out / "b.csv"]
    assert [path.name for path in out.parent.iterdir()] == ["out"]  # nothing is left aside


@pytest.mark.usefixtures("road")
def test_what_the_set_no_longer_has_goes(out):
    with writing(out) as target:
        target.replace({"a.csv": b"new", "c.csv": b"new"}, ["a.csv", "b.csv", "never.csv"])
    assert contents(out) == {"a.csv": b"new", "c.csv": b"new"} | OTHERS


@pytest.mark.usefixtures("road")
def test_nothing_of_a_set_is_there_where_one_file_fails(out):
    def fail(path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match=r"cannot write to .*out: No space left on device"):  # noqa: SIM117
        with writing(out) as target:
            target.replace(NEW | {"c.csv": fail})
    assert contents(out) == OLD | OTHERS
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.usefixtures("road")
def test_modes_are_kept_and_new_ones_are_of_the_umask(out):
    out.chmod(0o750)
    (out / "a.csv").chmod(0o600)
    before = os.umask(0o027)
    try:
        write_files(out, NEW | {"c.csv": b"new"})
    finally:
        os.umask(before)
    modes = {name: (out / name).stat().st_mode & 0o777 for name in ("a.csv", "c.csv", "")}
    assert modes == {"a.csv": 0o600, "c.csv": 0o640, "": 0o750}


@pytest.mark.usefixtures("road")
@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="Linux has attributes of files")
def test_attributes_are_kept(out):
    """Access lists are such attributes too."""
    places = [out, out / "a.csv", out / "notes"]
    try:
        for path in places:
            os.setxattr(path, "user.note", b"mine")
    except OSError:
        pytest.skip("the file system has no attributes")
    write_files(out, NEW)
    assert [os.getxattr(path, "user.note") for path in places] == [b"mine"] * 3


def test_what_another_user_left_aside_stops_nobody(out, monkeypatch):
    staged(out, NEW, committed=False)
    monkeypatch.setattr(_staging, "discard", failing(_staging.discard, 1, PermissionError()))
    with writing(out):
        pass
    assert {name: (out / name).read_bytes() for name in OLD} == OLD


def test_a_new_folder_and_the_ones_around_it(tmp_path):
    write_files(tmp_path / "x" / "y", NEW)
    assert contents(tmp_path) == {f"x/y/{name}": content for name, content in NEW.items()}
    with pytest.raises(WriteError, match="it is a folder"):
        write_files(tmp_path / "x", {"y": b"", "z": b""})
    with pytest.raises(WriteError, match="cannot write to"):
        write_files(tmp_path / "x" / "y" / "a.csv" / "z", NEW)
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "p" / "q"):
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["x"]  # folders made for nothing are gone


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_no_file_may_take_the_place_of(out, kind):
    (out / "a.csv").unlink()
    if kind == "link":
        (out / "a.csv").symlink_to(out / "mine.txt")
    elif kind == "folder":
        (out / "a.csv").mkdir()
    else:
        os.mkfifo(out / "a.csv")
    with pytest.raises(WriteError, match=f"a.csv: it is a {kind}"):
        write_files(out, NEW)
    assert (out / "b.csv").read_bytes() == b"old"
    assert (out / "mine.txt").read_text() == "mine"


def test_a_folder_that_is_named_by_a_link(out, tmp_path):
    (tmp_path / "link").symlink_to(out)
    write_files(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert contents(out) == NEW | OTHERS


def test_the_working_directory_stays_the_same_folder(out, monkeypatch):
    monkeypatch.chdir(out)
    inode = out.stat().st_ino
    write_files(out, NEW)
    assert out.stat().st_ino == inode
    assert contents(out) == NEW | OTHERS


def test_a_parent_that_cannot_be_written_to(out, monkeypatch):
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(out.parent) and allowed(path, mode))
    inode = out.stat().st_ino
    write_files(out, NEW)
    assert out.stat().st_ino == inode
    assert contents(out) == NEW | OTHERS


def test_what_others_write_meanwhile_is_kept(out, monkeypatch):
    """Between the links and the exchange: a file that is new, and one that takes the place of another."""
    exchange = _writing.exchange

    def interrupted(new, folder):
        (folder / "late.txt").write_text("late")
        (folder / "notes" / "late.txt").write_text("late")
        (folder / "mine.new").write_text("changed")
        (folder / "mine.new").replace(folder / "mine.txt")
        os.utime(folder / "mine.txt", ns=(2 * 10**18, 2 * 10**18))
        return exchange(new, folder)

    monkeypatch.setattr(_writing, "exchange", interrupted)
    write_files(out, NEW)
    changed = {"late.txt": b"late", "notes/late.txt": b"late", "mine.txt": b"changed", "link": b"changed"}
    assert contents(out) == NEW | OTHERS | changed
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def staged(folder, files, *, committed):
    aside = folder / aside_name("set")
    _staging.write_all(_staging.begin(aside, files, []), files, folder)
    if committed:
        _staging.commit(aside)
    return aside


def test_what_was_decided_is_finished_and_what_was_not_is_removed(out):
    staged(out, {"a.csv": b"never"}, committed=False)
    aside = staged(out, NEW, committed=True)
    (aside / "new" / "b.csv").replace(out / "b.csv")  # as far as the killed run came
    assert is_half_written(out)
    with writing(out):
        assert contents(out) == NEW | OTHERS
    assert not is_half_written(out)


def failing(function, times, error=None):
    """Let a function fail the first times that it is called."""
    left = [times]

    def call(*given, **named):
        if left[0]:
            left[0] -= 1
            raise error or OSError(28, "No space left on device")
        return function(*given, **named)

    return call


def test_a_note_that_does_not_come_to_the_disk_decides_nothing(out, monkeypatch):
    monkeypatch.setattr(_writing, "exchange", lambda *_: False)
    begun = _staging.commit

    def commit(aside):
        monkeypatch.setattr(_staging, "sync", failing(_staging.sync, 1))
        begun(aside)

    monkeypatch.setattr(_staging, "commit", commit)
    with pytest.raises(WriteError, match="No space left on device"):
        write_files(out, NEW)
    assert contents(out) == OLD | OTHERS


@pytest.mark.parametrize("times", [1, 2])
def test_one_failure_while_files_take_their_places_is_met(out, monkeypatch, times):
    """After a second one the set is finished by whoever comes next."""
    monkeypatch.setattr(_writing, "exchange", lambda *_: False)
    begun = _staging.commit

    def commit(aside):
        begun(aside)
        monkeypatch.setattr(_staging, "sync", failing(_staging.sync, times))

    monkeypatch.setattr(_staging, "commit", commit)
    if times == 1:
        write_files(out, NEW)
    else:
        with pytest.raises(WriteError, match="No space left on device"):
            write_files(out, NEW)
        assert is_half_written(out)
        with writing(out):
            pass
    assert contents(out) == NEW | OTHERS


def test_a_market_that_is_half_written_is_finished_when_it_is_opened(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    import_tushare(vendor(tmp_path / "first", DAYS[:4]), old)
    import_tushare(vendor(tmp_path / "second", DAYS), new)
    aside = staged(old, {path.name: path.read_bytes() for path in new.iterdir()}, committed=True)
    (aside / "new" / "prices.parquet").replace(old / "prices.parquet")
    assert len(fi.MarketData.open(old).sessions) == len(DAYS)
    assert contents(old) == contents(new)


def test_what_others_put_into_the_old_folder_comes_back(out):
    """A run was killed after the exchange: its folder aside is the old one."""
    aside = out.parent / aside_name("out")
    new = _staging.begin(aside, NEW, [])
    _staging.write_all(new, NEW, out)
    _writing.exchange(new, out)
    (aside / "new" / "late.txt").write_text("late")
    with writing(out):
        pass
    assert contents(out) == NEW | OTHERS | {"late.txt": b"late"}
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("marker", ["", "{}", '{"files": ["../x"], "removed": [], "inode": 1}'])
def test_a_folder_without_a_marker_of_ours_is_left_alone(out, marker):
    folder = out.parent / aside_name("out")
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "precious").write_text("mine")
    if marker:
        (folder / _staging.MARKER).write_text(marker)
    write_files(out, NEW)
    assert (folder / "new" / "precious").read_text() == "mine"


def test_devices_are_written_to_as_they_are(tmp_path):
    write_file(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"
    write_file(type(tmp_path)("/dev/null"), b"content")
    assert os.path.exists("/dev/null")  # noqa: PTH110 - and still is one
    with pytest.raises(WriteError, match="No space left on device"):
        write_file(type(tmp_path)("/dev/full"), b"content")
