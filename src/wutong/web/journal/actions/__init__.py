"""Every write of the journal: one module a subject."""
