"""Project finance: a plan of assets, contracts and debt becomes lines, period by period, and answers."""
