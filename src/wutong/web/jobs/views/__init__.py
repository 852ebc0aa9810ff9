"""Pages of the room, a module a noun: jobs, messages (one's own), outbox (of the administrator), robots."""
