"""Wutong (梧桐): the working system of a local investment-promotion bureau (招商局)."""
