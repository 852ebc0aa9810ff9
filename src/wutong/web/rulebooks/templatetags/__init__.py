"""How rules are written in templates."""
