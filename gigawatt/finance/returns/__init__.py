"""Internal rates of return: every one of a stream, and the proof that there are no others."""
