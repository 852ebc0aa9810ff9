"""Page-shaped reads of projects, by noun."""
