"""How the pages of chains write lists of words and names."""
