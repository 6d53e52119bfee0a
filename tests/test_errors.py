from __future__ import annotations

from fintech_index.errors import FintechIndexError, Problem, did_you_mean


def test_an_error_shows_twenty_problems_and_counts_the_rest():
    error = FintechIndexError("it failed", [Problem(f"row {n}", "is wrong", "mend it") for n in range(23)])
    lines = str(error).splitlines()
    assert lines[0] == "it failed"
    assert lines[1] == "  row 0: is wrong (mend it)"
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "  ... and 3 more"


def test_did_you_mean_names_the_nearest_or_all():
    assert did_you_mean("xiangmihi", ["xiangmihu", "composite"]) == "did you mean 'xiangmihu'?"
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", []) == ""
