"""Reads of batches, and of the files that belong to them."""
