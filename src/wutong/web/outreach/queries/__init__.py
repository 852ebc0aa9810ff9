"""Questions about trips, by noun."""
