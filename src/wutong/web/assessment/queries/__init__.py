"""Reads of assessment: rules with their faults, facts out of the office's records, runs as pages show them."""
