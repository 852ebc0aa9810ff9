"""How projects are written in pages."""
