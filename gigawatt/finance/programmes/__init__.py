"""Programmes of compute: what they need, who pays, what is missing, what it takes."""
