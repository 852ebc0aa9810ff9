"""Pages of the organisation: units, people, postings, stand-ins, officers, and what belongs to oneself."""
