"""Decisions of leads, without Django: target lists, rows and knocks; leads and information; first claims, disputes, transfers."""
