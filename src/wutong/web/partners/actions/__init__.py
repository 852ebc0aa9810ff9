"""Every write about partners, people known, what firms seek and who logs in for them, with its audit entry."""
