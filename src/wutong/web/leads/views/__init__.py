"""Pages of target lists: lists, firms chosen for them, rows, knocks, and what came of them."""
