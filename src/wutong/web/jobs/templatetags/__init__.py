"""How templates of every room show jobs and messages."""
