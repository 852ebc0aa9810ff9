"""What other systems ask of the room: `runs` with objections, `rewards`, `goals`, `inspections`, `bulletins`, `ratings`."""
