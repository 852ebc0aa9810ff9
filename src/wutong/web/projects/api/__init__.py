"""What other systems ask of the room: projects (`projects`), monthly progress (`progress`), the opportunity library (`opportunities`)."""
