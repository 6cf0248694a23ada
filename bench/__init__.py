"""Benchmarks: each prints ratios against a yardstick measured in the same run, on databases that are thrown away."""
