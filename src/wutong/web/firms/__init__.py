"""Firms (企业): search over the firm registry (企业库), the profile of a firm, and the firms we work with (关注企业: followed firms)."""
