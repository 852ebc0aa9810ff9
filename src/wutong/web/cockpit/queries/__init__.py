"""Reads across rooms: the one search, home, the leaders' page."""
