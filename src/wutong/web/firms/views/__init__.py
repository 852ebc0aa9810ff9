"""Pages of the room firms: search, profile, notes, tags; mergers."""
