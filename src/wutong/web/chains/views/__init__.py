"""Pages of the chains, a module a noun: maps, makers, targets, supply, sources, comparison, catalogues; `standing` is shared."""
