"""The rivals, a module a row. Each takes a world, lays out its inputs as it likes them best, and gives its work."""
