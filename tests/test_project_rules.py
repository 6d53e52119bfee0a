"""Rules of the project: who may import what, how large a room may be, and that the project stands alone."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "fintech_index"
FLOORS = [
    "compiling",
    "errors",
    "travelling",
    "conventions",
    "files",
    "rounding",
    "_spans",
    "methodology",
    "market",
    "calendar",
    "capping",
    "index_view",
    "reviews",
    "events",
    "levels",
    "sweeps",
    "intraday",
    "publication",
    "cli",
]
MODULES = sorted(SOURCE.rglob("*.py"))


OLD_WORDS = (
    *("ladder", "rung", "Rungs", "Shortfalls", "happenings", "Stretches", "Grown", "Moments", "UnlikeError"),
    *("Lines", "Counts", "Positions", "going_on", "also_opening_of", "besides_lone_dividends", "lone_dividends"),
    *(
        "as_seen_by",
        "Standing",
        "Weighted",
        "next_in_line",
        "open_on",
        "gap_table",
        "unresolved",
        "Bill",
        "who",
        "said",
    ),
)
"""Names that a reader needed a dictionary for: the words of the field stand in their places now."""


@cache
def parsed(path):
    """The syntax tree of a file, which many rules look at."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path):
    """(module, where it stands) of every import of a file; `TYPE_CHECKING` blocks count as well."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            if node.module == "fintech_index":
                yield from (f"fintech_index.{name.name}" for name in node.names if not name.name.startswith("__"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_from_the_user_of_a_thing_to_the_thing(path):
    floor = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if floor in ("__init__", "__main__", "_kernels"):
        return
    for module in imports_of(path):
        if module.startswith("fintech_index."):
            imported = module.split(".")[1]
            if imported != "_kernels":
                assert FLOORS.index(imported) <= FLOORS.index(floor), f"{path.name} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_private_is_imported_across_rooms(path):
    room = path.relative_to(SOURCE).parts[0]
    for module in imports_of(path):
        own = module.split(".")[1:2] == [room.removesuffix(".py")]
        inside = [part for part in module.split(".")[2:] if part.startswith("_")]
        assert own or not inside or not module.startswith("fintech_index."), f"{path.name} imports {module}"


def test_no_import_goes_in_a_circle():
    """Types included, and imports within functions: a file can be read when those below it have been."""
    below = {path: set(files_imported_by(path)) - {path} for path in MODULES}
    left = dict(below)
    while ready := [path for path, needed in left.items() if not needed & left.keys()]:
        for path in ready:
            del left[path]
    assert [str(path.relative_to(SOURCE)) for path in left] == []


def files_imported_by(path):
    """The files that a file names in its imports; of a name in a package, the file of that name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            named = [name.name.split(".")[1:] for name in node.names if name.name.startswith("fintech_index.")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "fintech_index":
            named = [[*node.module.split(".")[1:], name.name] for name in node.names]
        else:
            continue
        for parts in named:
            whole, parent = SOURCE.joinpath(*parts), SOURCE.joinpath(*parts[:-1])
            candidates = (
                whole.with_suffix(".py"),
                whole / "__init__.py",
                parent.with_suffix(".py"),
                parent / "__init__.py",
            )
            yield next(file for file in candidates if file.is_file())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_word_of_the_old_language_is_left(path):
    names = set()
    for node in ast.walk(parsed(path)):
        names |= {
            getattr(node, key) for key in ("id", "attr", "arg", "name") if isinstance(getattr(node, key, None), str)
        }
    assert not names & set(OLD_WORDS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_numba_is_imported_under_kernels_alone(path):
    names = {module.split(".")[0] for module in imports_of(path)}
    if path.parent.name == "_kernels":
        allowed = {"__future__", "typing", "collections", "numpy", "numba", "fintech_index"}
        if path.name == "dispatch.py":  # it looks whether the compiled kernels are there
            allowed |= {"sys"}
        assert names <= allowed
        own = {module for module in imports_of(path) if module.startswith("fintech_index")}
        assert all(module.startswith(("fintech_index._kernels", "fintech_index.compiling")) for module in own)
    else:
        if path.name != "compiling.py":  # it gives kernels their cache, and checks what is loaded from it
            assert not names & {"numba", "pickle", "marshal", "shelve"}
        chosen_elsewhere = [module for module in imports_of(path) if "_kernels._compiled" in module]
        assert not chosen_elsewhere, "`_kernels/dispatch.py` is the one place that chooses a kernel"


TESTS = sorted((ROOT / "tests").rglob("*.py"))
LINES_OF_A_MODULE, LINES_OF_A_FUNCTION = 400, 60  # a function without its docstring: a screen


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_OF_A_MODULE
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            documented = ast.get_docstring(node) is not None
            first = node.body[1] if documented and len(node.body) > 1 else node.body[0]
            assert node.end_lineno - first.lineno < LINES_OF_A_FUNCTION, node.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_of_a_file_is_run(path):
    assert not re.search(r"\b(eval|exec)\(", path.read_text(encoding="utf-8"))


def test_the_project_stands_alone():
    for folder in ("src", "tests", "docs", "methodology", "benchmarks"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".md", ".toml") and path != Path(__file__):
                assert f"..{'/'}shared" not in path.read_text(encoding="utf-8"), path
