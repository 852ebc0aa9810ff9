"""Words and numbers on the pages of assessment."""
