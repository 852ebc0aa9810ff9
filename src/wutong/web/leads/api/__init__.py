"""What other systems ask of the room leads: target lists with rows and knocks (`lists`), leads with what waits for a decision (`leads`)."""
