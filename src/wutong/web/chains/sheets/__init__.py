"""Columns of the Excel files, a module a list; `notes` holds what all of them say on their second sheet."""
