"""Every write about target lists, their rows and knocks, with its audit entry: lists, rows, knocks, who leaves, answers that are noted."""
