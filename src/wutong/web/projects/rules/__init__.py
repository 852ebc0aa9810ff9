"""Decisions about projects: stages and gates, money in place, the three rates."""
