"""Market: users, demand for tokens, prices, and who wins whom."""
