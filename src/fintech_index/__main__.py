"""`python -m fintech_index`: the command line."""

from __future__ import annotations

from fintech_index.cli import main

main(prog_name="fintech-index")
