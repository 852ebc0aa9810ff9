"""How templates show duties and files."""
