"""Template tags of the room firms."""
