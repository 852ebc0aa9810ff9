"""Reads of the firm registry for pages: where somebody stands (region, radius, day), the search, the profile, followed firms."""
