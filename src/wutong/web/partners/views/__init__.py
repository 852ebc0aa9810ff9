"""Pages of partners, people known and home ties, of what firms seek, and the own pages of a local firm."""
