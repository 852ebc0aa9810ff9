"""Reads of the journal, shaped for pages: one module a subject."""
