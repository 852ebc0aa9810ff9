"""Page-shaped reads of rule documents, and which rules are in force."""
