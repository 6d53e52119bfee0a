"""Benchmarks: how fast this is, as ratios beside rivals that agree with it. ``python -m benchmarks --help``."""
