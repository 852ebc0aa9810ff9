"""Chains as JSON, a module a noun, the same queries as pages and commands; `chains` holds what all answers share."""
