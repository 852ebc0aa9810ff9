"""What people type in the room leads, as typed values: lists, rows and knocks; leads; claims with shares, disputes, transfers."""
