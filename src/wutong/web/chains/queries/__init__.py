"""Reads about chains for pages, a module a noun: maps, makers, targets, supply, sources, comparison, catalogues; `drawings` draws."""
