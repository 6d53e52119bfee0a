from __future__ import annotations

import pytest
from click.testing import CliRunner

from fintech_index.cli import main


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in an empty folder; give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        return result.exit_code, result.stdout, result.stderr

    return call
