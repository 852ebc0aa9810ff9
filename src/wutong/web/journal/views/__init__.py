"""The pages of the journal: one module a subject."""
