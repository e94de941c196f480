"""Benchmarks that compare candidates side by side; `python -m benchmarks` runs them all."""
