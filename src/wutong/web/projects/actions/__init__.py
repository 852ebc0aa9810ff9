"""Every write of projects: one verb a function, by noun."""
