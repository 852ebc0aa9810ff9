"""What the pages of partners read: partners, people known, home ties, what firms seek and who fits, the own page of a firm."""
