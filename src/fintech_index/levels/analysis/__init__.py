"""What explains levels: each of these takes a `Calculation`, and `History` shows them as tables."""
