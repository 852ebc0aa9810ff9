"""Reads about chains for pages: `maps` (summary, map, segment), `makers` (the firms behind a figure), `targets` (ranking, explanation)."""
