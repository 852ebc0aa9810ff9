"""What other systems ask of the room: projects, papers, files, money in place, monthly progress, the opportunity library, dispatch."""
