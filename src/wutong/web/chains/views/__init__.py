"""Pages of the chains: `maps` (summary, map, segment), `makers` (the firms behind a figure), `targets` (ranking, explanation)."""
