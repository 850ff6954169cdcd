"""Companies: three statements by quarter, debt, cover, stress."""
