"""Benchmarks. Each prints ratios to a baseline that is measured in the same run, on databases that are dropped at the end."""
