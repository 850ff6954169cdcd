"""Allocation: who gets compute when it is short, what is turned away, and what the next chip would be worth."""
