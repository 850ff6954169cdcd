"""Serving: what the installed chips can do in a week once failures, power and leases are counted."""
