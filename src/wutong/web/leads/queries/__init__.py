"""What the pages of leads read: lists, their rows, firms chosen elsewhere, what came of the lists, who carries how much."""
