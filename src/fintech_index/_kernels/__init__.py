"""Array kernels: each a numpy function, and its numba twin in `_compiled`, which gives the same bits.

This package imports numpy and numba and nothing else; only `_compiled` imports numba, which takes half a second.
"""
