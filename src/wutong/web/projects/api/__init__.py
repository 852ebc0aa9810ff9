"""What other systems ask of the room projects: projects as they stand (`projects`), and their monthly progress (`progress`)."""
