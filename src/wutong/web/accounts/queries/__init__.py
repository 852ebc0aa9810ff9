"""Reads of accounts: the office (units, people, officers), and how people log in."""
