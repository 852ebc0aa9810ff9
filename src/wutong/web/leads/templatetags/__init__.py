"""How rows of target lists are written on pages."""
