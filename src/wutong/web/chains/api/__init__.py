"""Chains as JSON, the same queries as the pages and commands: `chains` (library, gaps), `targets` (ranking, explanation)."""
