"""Benchmarks: what gigawatt takes, beside what it may take."""
