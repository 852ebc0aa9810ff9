"""Every change of units, people, postings and what belongs to them, a file a noun."""
