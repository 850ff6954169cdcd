"""Build-out: orders, scarce items, construction, and when power comes up."""
